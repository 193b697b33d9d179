import Foundation
import Testing

@testable import ChangeFeedCommand
@testable import ChangeFeedSettings

@Suite("The version stands in one place")
struct VersionTests {
    private static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.checkout.appendingPathComponent(path), encoding: .utf8)
    }

    @Test("docs/openapi.json and the newest entry of CHANGELOG.md are of this version")
    func sameEverywhere() throws {
        let document =
            try JSONSerialization.jsonObject(with: Data(try text("docs/openapi.json").utf8)) as? [String: Any]
        #expect((document?["info"] as? [String: Any])?["version"] as? String == Version.text)
        let newest = try text("CHANGELOG.md").split(separator: "\n").first { $0.hasPrefix("## ") }
        #expect(newest?.hasPrefix("## \(Version.text) ") == true || newest == "## \(Version.text)")
    }
}
