import Foundation
import Testing

/// What `docs/architecture.md` says of files, symbols, tests and imports, held against the checkout.
@Suite("docs/architecture.md")
struct ArchitectureTests {
    private static let checkout = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    private static func text(_ path: String) throws -> String {
        try String(contentsOfFile: checkout + "/" + path, encoding: .utf8)
    }

    /// The words between backticks.
    private static func words(_ text: String) -> [String] {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
    }

    /// The rows of the tables under a heading, as cells without the outer bars.
    private static func rows(under heading: String) throws -> [[String]] {
        let parts = try text("docs/architecture.md").components(separatedBy: "\n## \(heading)\n")
        let section = try #require(parts.dropFirst().first).components(separatedBy: "\n## ")[0]
        return section.split(separator: "\n").filter { $0.hasPrefix("|") }.dropFirst(2).map { row in
            row.components(separatedBy: "|").dropFirst().dropLast().map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    private static func isPath(_ word: String) -> Bool {
        ["Sources/", "sql/", "Tests/", "scripts/", "docs/"].contains { word.hasPrefix($0) && word != $0 }
    }

    @Test("every file and folder that it names or links to exists")
    func files() throws {
        let text = try Self.text("docs/architecture.md")
        // A command's first word is its script.
        let named = Self.words(text).map { String($0.prefix { $0 != " " }) }.filter(Self.isPath)
        let linked = text.matches(of: #/\]\(([^)#]+)(#[^)]*)?\)/#).map { String($0.output.1) }
        #expect(named.count > 20 && linked.count > 5)
        for path in named + linked.map({ "docs/" + $0 }) {
            #expect(FileManager.default.fileExists(atPath: Self.checkout + "/" + path), "\(path)")
        }
    }

    @Test(
        "each step's symbols stand in a file of the same step",
        arguments: ["From UPDATE to phone", "A pull, from socket to JSON"])
    func steps(heading: String) throws {
        let rows = try Self.rows(under: heading)
        #expect(rows.count >= 10)
        for row in rows {
            let words = Self.words(row[2])
            let paths = words.filter(Self.isPath)
            #expect(!paths.isEmpty, "step \(row[0])")
            let texts = try paths.map(Self.text).joined()
            for symbol in words where !Self.isPath(symbol) {
                #expect(texts.contains(symbol), "step \(row[0]): \(symbol)")
            }
        }
    }

    @Test("each of the seven has tests, and each test that is named exists")
    func tests() throws {
        let rows = try Self.rows(under: "What must never happen")
        #expect(rows.map { $0[0] } == (1...7).map(String.init))
        let all = try Self.swiftFiles(in: "Tests")
        for row in rows {
            let names = Self.words(row[3])
            #expect(!names.isEmpty, "\(row[1])")
            for name in names {
                let parts = name.split(separator: "/").map(String.init)
                let source = try all.first { $0.hasSuffix("/\(parts[0]).swift") }.map(Self.text) ?? ""
                #expect(parts.count == 2 && source.contains("func \(parts[1])("), "\(name)")
            }
        }
    }

    // MARK: modules

    private static func swiftFiles(in folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: checkout + "/" + folder).filter { $0.hasSuffix(".swift") }
            .map { folder + "/" + $0 }
    }

    /// What the files of a module import.
    private static func imports(of module: String) throws -> Set<String> {
        let lines = try swiftFiles(in: "Sources/" + module).flatMap { try text($0).split(separator: "\n") }
        return Set(lines.compactMap(imported))
    }

    private static let accessLevels = ["public", "package", "internal", "private", "fileprivate"]
    private static let kinds = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]

    /// The module that a line imports: attributes and an access level may stand before `import`, the kind of a single
    /// symbol behind it.
    static func imported(by line: Substring) -> String? {
        var words = line.split(separator: " ").drop { $0.hasPrefix("@") }
        if let first = words.first, accessLevels.contains(String(first)) { words = words.dropFirst() }
        guard words.first == "import" else { return nil }
        words = words.dropFirst()
        if let first = words.first, kinds.contains(String(first)) { words = words.dropFirst() }
        return words.first.map { String($0.prefix { $0 != "." }) }
    }

    @Test(
        "lines that import are read whatever stands around the name",
        arguments: [
            ("import Postgres", "Postgres"), ("internal import NIOCore", "NIOCore"),
            ("@testable import ChangeFeed", "ChangeFeed"), ("    public import struct Foundation.URL", "Foundation"),
            ("@preconcurrency package import Crypto // why", "Crypto"),
            ("let text = \"import Glibc\"", nil), ("// import Glibc", nil), ("important()", nil),
        ] as [(String, String?)])
    func reading(line: String, name: String?) {
        #expect(Self.imported(by: line[...]) == name)
    }

    @Test("a module imports what its row lists, no more and no less, and of ours only what stands above it")
    func modules() throws {
        let rows = try Self.rows(under: "Modules")
        let ours = try FileManager.default.contentsOfDirectory(atPath: Self.checkout + "/Sources")
        let named = rows.map { Self.words($0[0]).joined() }
        #expect(named.sorted() == ours.sorted(), "the table has each folder of Sources/ once")
        var above: Set<String> = []
        for (module, row) in zip(named, rows) {
            let lower = Set(Self.words(row[2]))
            let listed = lower.union(Self.words(row[3]))
            let found = try Self.imports(of: module)
            #expect(found.subtracting(listed) == [], "\(module) imports what docs/architecture.md does not list")
            #expect(listed.subtracting(found) == [], "docs/architecture.md lists what \(module) does not import")
            #expect(lower.subtracting(above) == [], "\(module) imports what stands below it")
            #expect(lower == listed.intersection(ours), "\(module): ours and libraries are in their columns")
            above.insert(module)
        }
    }

    /// Each `withLock` of such a mutex adds two thunks to the closure. A service that notified its listeners for a quarter of an hour had
    /// fifty thousand, and was about to exhaust its stacks. For such a task-local value an optimised program has no type, and crashes.
    @Test("no mutex and no task-local value holds a closure by itself: it stands in a struct")
    func closures() throws {
        let folder = Self.checkout + "/Sources"
        let files = try #require(FileManager.default.enumerator(atPath: folder)).compactMap { $0 as? String }
            .filter { $0.hasSuffix(".swift") }
        #expect(files.count > 100)
        for file in files {
            let text = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
            #expect(!text.contains(#/Mutex<[^\[>=\n]*->/#), "\(file)")
            #expect(!text.contains(#/@TaskLocal [^=\n]*->/#), "\(file)")
        }
    }
}
