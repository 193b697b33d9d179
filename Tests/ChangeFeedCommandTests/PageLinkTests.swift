import Foundation
import Testing

/// The links between the pages: README and its neighbours, and everything under `docs/`.
@Suite("The pages' links")
struct PageLinkTests {
    private static let checkout = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Paths from the checkout.
    private static func pages() throws -> [String] {
        let files = FileManager.default
        let top = try files.contentsOfDirectory(atPath: checkout.path)
        let docs = try files.subpathsOfDirectory(atPath: checkout.path + "/docs").map { "docs/" + $0 }
        return (top + docs).filter { $0.hasSuffix(".md") }
    }

    /// The text of a page without what stands in fenced blocks.
    private static func prose(_ page: String) throws -> String {
        try String(contentsOf: checkout.appendingPathComponent(page), encoding: .utf8)
            .replacing(#/(?s)```.*?```/#, with: "")
    }

    /// What a heading is called behind a `#`, as GitHub makes it.
    static func anchor(_ heading: Substring) -> String {
        let text = heading.replacing(#/\[([^\]]*)\]\([^)]*\)/#) { $0.output.1 }
        return text.trimmingCharacters(in: .whitespaces).lowercased()
            .filter { $0.isLetter || $0.isNumber || "-_ ".contains($0) }.replacing(" ", with: "-")
    }

    private static func anchors(_ page: String) throws -> Set<String> {
        Set(try prose(page).matches(of: #/(?m)^#+ (.*)$/#).map { anchor($0.output.1) })
    }

    @Test(
        "a heading's anchor is made as GitHub makes it",
        arguments: [
            ("Odoo's configuration file", "odoos-configuration-file"), ("Version 2: the loop", "version-2-the-loop"),
            ("5. Behind nginx, on Odoo's own host", "5-behind-nginx-on-odoos-own-host"),
            ("`pull` of [a](b.md)", "pull-of-a"),
        ])
    func naming(heading: String, anchor: String) {
        #expect(Self.anchor(heading[...]) == anchor)
    }

    @Test("every link to a file of the repository leads to one, and to a heading that it has")
    func links() throws {
        let pages = try Self.pages()
        var count = 0
        for page in pages {
            let text = try Self.prose(page).replacing(#/`[^`\n]*`/#, with: "")
            let targets = text.matches(of: #/\]\(([^)\s]+)\)/#).map(\.output.1)
            for target in targets where target.firstMatch(of: #/^[a-z]+:/#) == nil {
                count += 1
                let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
                let folder = (page as NSString).deletingLastPathComponent as NSString
                let path = parts[0].isEmpty ? page : folder.appendingPathComponent(String(parts[0]))
                let exists = FileManager.default.fileExists(atPath: Self.checkout.path + "/" + path)
                #expect(exists, "\(page): \(target)")
                guard exists, parts.count == 2, path.hasSuffix(".md") else { continue }
                #expect(try Self.anchors(path).contains(String(parts[1])), "\(page): \(target)")
            }
        }
        #expect(pages.contains("README.md") && pages.contains("docs/settings.md") && count > 100)
    }

    @Test("every file that CONTRIBUTING and SECURITY name exists, but for those that a recipe makes")
    func files() throws {
        var count = 0
        for page in ["CONTRIBUTING.md", "SECURITY.md"] {
            for match in try Self.prose(page).matches(of: #/`((?:Sources|sql|Tests|scripts|docs)\/[^` ]+)[^`]*`/#) {
                let path = String(match.output.1)
                // Names of files to be made: capitals stand for a part of one, and 20 is the next release of Odoo.
                if path.contains(#/NAME|NNNN|FOLDER|20\.sql$/#) { continue }
                count += 1
                #expect(FileManager.default.fileExists(atPath: Self.checkout.path + "/" + path), "\(page): \(path)")
            }
        }
        #expect(count > 40)
    }
}
