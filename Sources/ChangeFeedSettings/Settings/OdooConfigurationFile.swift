internal import ChangeFeed
internal import Foundation

/// Odoo's configuration file, read as Odoo reads it: with Python's `RawConfigParser` (docs.python.org, configparser,
/// "Supported INI File Structure"; Odoo, odoo/tools/config.py).
///
/// `key = value` or `key: value`, keys without case, `#` and `;` begin a comment only at the start of a line, no
/// interpolation, and a line indented deeper than its key continues the value.
package struct OdooConfigurationFile: Sendable {
    /// A value and the line where it begins, counted from 1.
    package struct Entry: Sendable, Equatable {
        var value: String
        let line: Int
    }

    package let path: String
    private var sections: [String: [String: Entry]] = [:]

    /// - Throws: `ChangeFeedError.invalidSetting` that names file and line, never the line's text: it may be a password.
    package init(path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ChangeFeedError(.invalidSetting, "ODOO_RC names \(path), which cannot be read.")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw ChangeFeedError(.invalidSetting, "\(path), which ODOO_RC names, is not UTF-8.")
        }
        try self.init(text, path: path)
    }

    /// - Throws: as `init(path:)`.
    package init(_ text: String, path: String) throws {
        self.path = path
        var section: String?
        var key: String?
        var indent = 0
        for (index, raw) in Self.lines(text).enumerated() {
            let line = raw.trimmingCharacters(in: .whitespacesAndNewlines)
            func malformed(_ problem: String) -> ChangeFeedError {
                ChangeFeedError(.invalidSetting, "\(path):\(index + 1): \(problem).")
            }
            if line.hasPrefix("#") || line.hasPrefix(";") { continue }
            if line.isEmpty {
                if let section, let key { sections[section]?[key]?.value += "\n" }
                continue
            }
            let depth = raw.prefix { $0.isWhitespace }.count
            if let section, let key, depth > indent {
                sections[section]?[key]?.value += "\n" + line
                continue
            }
            indent = depth
            if line.hasPrefix("["), let end = line.lastIndex(of: "]"), line.index(after: line.startIndex) < end {
                section = String(line[line.index(after: line.startIndex)..<end])
                key = nil
                continue
            }
            guard let section else { throw malformed("a line before the first [section]") }
            guard let delimiter = line.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
                throw malformed("expected key = value")
            }
            let name = line[..<delimiter].trimmingCharacters(in: .whitespaces).lowercased()
            guard !name.isEmpty else { throw malformed("expected key = value") }
            guard sections[section]?[name] == nil else { throw malformed("the key occurs twice in [\(section)]") }
            let value = line[line.index(after: delimiter)...].trimmingCharacters(in: .whitespaces)
            sections[section, default: [:]][name] = Entry(value: value, line: index + 1)
            key = name
        }
    }

    /// The value of a key; nil where Odoo treats it as not set: absent, empty, `False` or `None`.
    package func value(_ key: String, in section: String) -> Entry? {
        guard var entry = sections[section]?[key] ?? sections["DEFAULT"]?[key] else { return nil }
        entry.value = entry.value.trimmingCharacters(in: .whitespacesAndNewlines)
        return ["", "False", "false", "None"].contains(entry.value) ? nil : entry
    }

    /// The keys of a section, in the order of their lines.
    package func keys(in section: String) -> [(key: String, line: Int)] {
        (sections[section] ?? [:]).map { (key: $0.key, line: $0.value.line) }.sorted { $0.line < $1.line }
    }

    private static func lines(_ text: String) -> [String] {
        text.replacingOccurrences(of: "\r\n", with: "\n").replacingOccurrences(of: "\r", with: "\n")
            .components(separatedBy: "\n")
    }
}
