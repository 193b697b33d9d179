@testable import ChangeFeedConsole
import ChangeFeed
import Foundation
import HTTPTypes
import NIOCore
import Testing

@Suite("Files of the console's page")
struct AssetTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources/ChangeFeedConsole/Web")

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
    }

    private static func paths() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.contains(".") }.sorted()
    }

    private func request(_ path: String, _ headers: HTTPFields = [:]) -> ConsoleRequest {
        ConsoleRequest(method: .get, path: path, headers: headers)
    }

    @Test("the binary carries each file of Web/ unchanged, and no other")
    func whole() throws {
        let assets = ConsoleAssets()
        for path in try Self.paths() {
            let asset = assets.all[path == "index.html" ? "" : "assets/" + path]
            let file = try Data(contentsOf: Self.folder.appendingPathComponent(path))
            #expect(asset.map { Data($0.bytes.readableBytesView) } == file, "\(path): run scripts/embed-console.sh")
        }
        #expect(try assets.all.count == Self.paths().count)
    }

    @Test("all together are small")
    func budget() {
        let sizes = ConsoleAssets().all.values.map(\.bytes.readableBytes)
        #expect(sizes.reduce(0, +) <= ConsoleAssets.budget && sizes.allSatisfy { $0 > 0 })
    }

    @Test("are served with their type and a tag, and not again to a browser that has them")
    func served() throws {
        let assets = ConsoleAssets()
        for (path, type) in [
            ("/console", "text/html; charset=utf-8"), ("/console/", "text/html; charset=utf-8"),
            ("/console/assets/style.css", "text/css; charset=utf-8"),
            ("/console/assets/pages/events.js", "text/javascript; charset=utf-8"),
            ("/console/assets/icon.svg", "image/svg+xml"),
        ] {
            let answer = try #require(assets.answer(request(path)), "\(path)")
            #expect(answer.status == .ok && answer.headers[.contentType] == type)
            let tag = try #require(answer.headers[.eTag])
            let again = assets.answer(request(path, [.ifNoneMatch: "\"x\", " + tag]))
            #expect(again?.status == .notModified && again?.body.readableBytes == 0)
        }
        for path in [
            "/console/index.html", "/console/assets", "/console/assets/../style.css", "/console/x", "/consoles",
        ] {
            #expect(assets.answer(request(path)) == nil, "\(path)")
        }
    }

    @Test("the page needs nothing inline and nothing from elsewhere, and makes no markup of text")
    func strict() throws {
        let page = try Self.text("index.html")
        #expect(page.firstMatch(of: #/<style|\sstyle=|\son[a-z]+=|<script(?![^>]*src=)/#) == nil)
        for path in try Self.paths() {
            let text = try Self.text(path).replacing("http://www.w3.org/2000/svg", with: "")
            #expect(!text.contains("http://") && !text.contains("https://"), "\(path)")
            for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"] {
                #expect(!text.contains(word), "\(path): \(word)")
            }
            for match in text.matches(of: #/(?:src|href)="(\/[^"]*)"/#) {
                #expect(match.output.1.hasPrefix("/console/"), "\(path): \(match.output.1)")
            }
        }
    }

    @Test("each language has the same texts, with the same names to fill in", arguments: ["fr", "ar"])
    func languages(name: String) throws {
        func texts(_ language: String) throws -> [String: String] {
            let pairs = try Self.text("texts/\(language).js").matches(of: #/  "([^"]+)": "((?:[^"\\]|\\.)*)",/#)
                .map { (String($0.output.1), String($0.output.2)) }
            return Dictionary(pairs) { first, _ in first }
        }
        func names(_ text: String) -> [String] { text.matches(of: #/\{\w+\}/#).map { String($0.output) }.sorted() }
        let english = try texts("en")
        let other = try texts(name)
        #expect(english.count > 300 && Set(english.keys) == Set(other.keys))
        for (key, text) in english { #expect(names(text) == names(other[key] ?? ""), "\(key)") }
    }

    @Test("each text that the page asks for by its whole key is there")
    func keys() throws {
        let english = try Self.text("texts/en.js")
        var count = 0
        for path in try Self.paths() where path.hasSuffix(".js") && !path.hasPrefix("texts/") {
            for match in try Self.text(path).matches(of: #/\bt\(\s*"([^"]+)"/#) {
                #expect(english.contains("\"\(match.output.1)\":"), "\(path): \(match.output.1)")
                count += 1
            }
        }
        #expect(count > 250)
    }
}
