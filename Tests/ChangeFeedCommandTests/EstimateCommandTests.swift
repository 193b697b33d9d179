import ArgumentParser
import ChangeFeed
import ChangeFeedTesting
import Foundation
import Testing

@testable import ChangeFeedCommand
@testable import ChangeFeedSettings

@Suite("changefeed estimate", .timeLimit(.minutes(10)))
struct EstimateCommandTests {
    @Test("prints a page to sign, as text and in Markdown, and a document")
    func forms() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.odoo)
        let arguments = ["estimate", "--database", database.conninfo()]
        let text = try await BuiltBinary.run(arguments)
        #expect(text.status == 0, "\(text.errors)")
        for words in [
            "What is written", "What the installation locks", "res.partner", "Signature", "nothing is missing",
        ] {
            #expect(text.output.contains(words), "\(words) in\n\(text.output)")
        }
        let markdown = try await BuiltBinary.run(arguments + ["--markdown"])
        #expect(markdown.status == 0 && markdown.output.hasPrefix("# Estimate for database"), "\(markdown)")
        #expect(markdown.output.contains("| --- |"))
        let json = try await BuiltBinary.run(arguments + ["--json", "--model", "res.country", "--days", "30"])
        let document = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        #expect(json.status == 0 && (document?["models"] as? [Any])?.count == 12, "\(json)")
        #expect(((document?["period"] as? [String: Any])?["basis"] as? String) == "days")
    }

    @Test("the dry run of the installation refers to it")
    func dryRun() async throws {
        #expect(try await BuiltBinary.run(["install", "--dry-run"]).output.contains("changefeed estimate"))
    }

    @Test(
        "refuses what makes no sense",
        arguments: [
            ["--json", "--markdown"], ["--days", "1", "--sample", "1"], ["--days", "0"], ["--sample", "0"],
            ["--model", "a b"],
        ])
    func refusals(arguments: [String]) {
        #expect(throws: (any Error).self) { try EstimateCommand.parse(arguments) }
    }

    @Test("names in the database cannot write Markdown")
    func escapes() {
        var page = Page(title: "a|b")
        page.sections = [Page.Section(title: "t", table: [["x"], ["*b* | <i>"]], list: ["[a](b)"])]
        let lines = page.markdown
        #expect(lines.contains(#"| \*b\* \| \<i\> |"#) && lines.contains(#"- \[a\](b)"#), "\(lines)")
    }

    @Test("its figures stand in docs/benchmarks.md")
    func constants() throws {
        let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: checkout.appendingPathComponent("docs/benchmarks.md"), encoding: .utf8)
        for constant in EstimateConstant.all {
            let row = "| `\(constant.name)` | \(HumanText.decimal(constant.value)) \(constant.unit) |"
            #expect(page.contains(row), "\(row)")
        }
    }
}
