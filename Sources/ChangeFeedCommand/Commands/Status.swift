import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Foundation

/// `changefeed status`: the state of the feed, as a table or as JSON.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show schema, tracked models, log size, leader and oldest transaction.")

    @OptionGroup var common: CommonOptions

    @Flag(help: "The JSON document of changefeed.status().")
    var json = false

    func run() async throws {
        let text = try await withConnection(to: common.settings().database) { try await FeedStatus.json(on: $0) }
        if json { return Terminal.line(text) }
        let document = try JSONSerialization.jsonObject(with: Data(text.utf8))
        Terminal.line(StatusTable.lines(document).joined(separator: "\n"))
    }
}

/// Formats a JSON document for people: scalars as `name  value`, lists of objects as aligned columns.
enum StatusTable {
    static func lines(_ document: Any) -> [String] {
        guard let object = document as? [String: Any] else { return [] }
        var scalars: [[String]] = []
        var tables: [String] = []
        for key in object.keys.sorted() {
            let title = key.replacingOccurrences(of: "_", with: " ")
            if let rows = object[key] as? [[String: Any]] {
                tables.append("")
                tables.append(title)
                tables += table(rows).map { "  " + $0 }
            } else if let nested = object[key] as? [String: Any] {
                scalars += nested.keys.sorted().map {
                    ["\(title) \($0.replacingOccurrences(of: "_", with: " "))", text(nested[$0])]
                }
            } else {
                scalars.append([title, text(object[key])])
            }
        }
        return TextTable.align(scalars) + tables
    }

    private static func table(_ rows: [[String: Any]]) -> [String] {
        guard !rows.isEmpty else { return ["(none)"] }
        let columns = Set(rows.flatMap(\.keys)).sorted()
        return TextTable.align([columns] + rows.map { row in columns.map { text(row[$0]) } })
    }

    private static func text(_ value: Any?) -> String {
        switch value {
        case nil, is NSNull: "-"
        case let number as NSNumber where CFBooleanText.isBoolean(number): number.boolValue ? "yes" : "no"
        case let list as [Any]: list.map { text($0) }.joined(separator: ", ")
        case let object as [String: Any]:
            object.keys.sorted().map { "\($0) \(text(object[$0]))" }.joined(separator: ", ")
        case .some(let other): "\(other)"
        }
    }
}

private enum CFBooleanText {
    /// Foundation keeps JSON's true and false as numbers of C type `char`.
    static func isBoolean(_ number: NSNumber) -> Bool {
        String(cString: number.objCType) == "c"
    }
}
