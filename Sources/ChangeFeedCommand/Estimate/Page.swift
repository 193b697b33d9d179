import ChangeFeedSettings

/// A page of headed sections, for a terminal or in Markdown.
struct Page {
    struct Section {
        let title: String
        var paragraphs: [String] = []
        /// The first row has the names of the columns.
        var table: [[String]] = []
        var list: [String] = []
    }

    let title: String
    var summary: [String] = []
    var sections: [Section] = []

    var text: [String] {
        var lines = [title, String(repeating: "=", count: title.count)] + summary.map(\.plainLine)
        for section in sections {
            lines += ["", section.title, String(repeating: "-", count: section.title.count)]
            lines += section.paragraphs.map(\.plainLine)
            lines += TextTable.align(section.table.map { $0.map(\.plainLine) }).map { "  " + $0 }
            lines += section.list.map { "  - " + $0.plainLine }
        }
        return lines
    }

    var markdown: [String] {
        var lines = ["# \(Self.safe(title))", ""] + summary.map { "- " + Self.safe($0) }
        for section in sections {
            lines += ["", "## \(Self.safe(section.title))"]
            for paragraph in section.paragraphs { lines += ["", Self.safe(paragraph)] }
            if let names = section.table.first {
                lines += ["", Self.row(names), Self.row(names.map { _ in "---" })]
                lines += section.table.dropFirst().map { Self.row($0.map(Self.safe)) }
            }
            if !section.list.isEmpty { lines += [""] + section.list.map { "- " + Self.safe($0) } }
        }
        return lines
    }

    private static func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

    /// Names from the database, on one line, without effect in Markdown.
    private static func safe(_ text: String) -> String {
        text.plainLine.map { "\\`*_|<>[]#".contains($0) ? "\\\($0)" : String($0) }.joined()
    }
}
