internal import ChangeFeed
internal import Foundation

/// A `.env` file: `NAME=value` lines, `#` comments, values in quotes or bare, as Docker Compose reads them.
package enum EnvironmentFile {
    /// The names and values; empty if there is no such file.
    /// - Throws: `ChangeFeedError.invalidSetting` that names file and line, never the line's text.
    package static func read(_ path: String) throws -> [String: String] {
        guard FileManager.default.fileExists(atPath: path) else { return [:] }
        guard let data = FileManager.default.contents(atPath: path), let text = String(data: data, encoding: .utf8)
        else {
            throw ChangeFeedError(.invalidSetting, "The file \(path) cannot be read.")
        }
        return try parse(text, path: path)
    }

    package static func parse(_ text: String, path: String) throws -> [String: String] {
        var values: [String: String] = [:]
        for (index, raw) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            var line = raw.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix("#") { continue }
            if line.hasPrefix("export ") { line = String(line.dropFirst("export ".count)) }
            guard let equals = line.firstIndex(of: "="), equals != line.startIndex else {
                throw ChangeFeedError(.invalidSetting, "\(path):\(index + 1): expected NAME=value.")
            }
            let name = line[..<equals].trimmingCharacters(in: .whitespaces)
            values[name] = unquoted(line[line.index(after: equals)...].trimmingCharacters(in: .whitespaces))
        }
        return values
    }

    private static func unquoted(_ value: String) -> String {
        guard value.count >= 2, let first = value.first, first == value.last, first == "\"" || first == "'" else {
            return value
        }
        return String(value.dropFirst().dropLast())
    }
}
