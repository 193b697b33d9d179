import ArgumentParser
@testable import ChangeFeedCommand
@testable import ChangeFeedSettings
import Foundation
import Testing

@Suite("README")
struct DocumentationTests {
    private var readme: String {
        get throws {
            let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            return try String(contentsOf: checkout.appendingPathComponent("README.md"), encoding: .utf8)
        }
    }

    @Test("every setting is in the table", arguments: Setting.all.map(\.variable))
    func settings(variable: String) throws {
        #expect(try readme.contains("| `\(variable)` |"))
    }

    @Test("every command is in the table", arguments: Changefeed.configuration.subcommands.map { $0._commandName })
    func commands(name: String) throws {
        #expect(try readme.contains("`changefeed \(name)") || readme.contains("`\(name)`"))
    }
}
