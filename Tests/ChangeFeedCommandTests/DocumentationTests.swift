import ArgumentParser
@testable import ChangeFeedCommand
@testable import ChangeFeedSettings
import Foundation
import Testing

@Suite("docs/settings.md and docs/commands.md")
struct DocumentationTests {
    private static func lines(_ page: String) throws -> [String] {
        let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: checkout.appendingPathComponent("docs/" + page), encoding: .utf8)
            .split(separator: "\n").map(String.init)
    }

    @Test("docs/settings.md ends with the table that changefeed config --describe prints")
    func settings() throws {
        let table = SettingReference.lines
        #expect(table.count == Setting.all.count + 2)
        let documented = try Self.lines("settings.md").filter { $0.hasPrefix("|") }
        #expect(documented == table, "docs/settings.md should end with:\n\(table.joined(separator: "\n"))")
    }

    @Test("each setting is one row of the table: no name comes twice, and no text breaks its cell")
    func cells() {
        #expect(Set(Setting.all.map(\.variable)).count == Setting.all.count)
        for setting in Setting.all {
            let texts = [setting.defaultValue ?? "", setting.expected, setting.meaning]
            #expect(texts.allSatisfy { !$0.contains("|") && !$0.contains("\n") }, "\(setting.variable)")
            #expect(setting.meaning.hasSuffix("."), "\(setting.variable)")
        }
    }

    @Test("--describe goes with no other form of the output", arguments: ["--check", "--json"])
    func describes(other: String) throws {
        #expect(try Config.parse(["--describe"]).describe)
        #expect(throws: (any Error).self) { try Config.parse(["--describe", other]) }
    }

    @Test("every command is in the table", arguments: Changefeed.configuration.subcommands.map { $0._commandName })
    func commands(name: String) throws {
        let rows = try Self.lines("commands.md").filter { $0.hasPrefix("| `") }
        #expect(rows.contains { $0.hasPrefix("| `changefeed \(name)") || $0.contains("`\(name)`") }, "\(name)")
    }
}
