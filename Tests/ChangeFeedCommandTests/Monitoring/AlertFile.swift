import Foundation

/// docs/monitoring, as the tests read it.
enum AlertFile {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("docs/monitoring").path

    static func text(_ name: String) throws -> String {
        try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
    }

    struct Alert: Sendable {
        let name: String
        let expression: String
        let severity: String
    }

    /// The alerts of alerts.yml. An expression stands behind `expr:`, or folded in the lines below it.
    static func alerts() throws -> [Alert] {
        let parts = try text("alerts.yml").components(separatedBy: "- alert: ").dropFirst()
        return parts.map { part in
            let lines = part.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            let first = lines.firstIndex { $0.hasPrefix("expr: ") } ?? 0
            var expression = lines[first].dropFirst("expr: ".count)[...]
            if expression == ">-" {
                let folded = lines[(first + 1)...].prefix { $0.firstMatch(of: #/^[a-z]+:/#) == nil }
                expression = folded.joined(separator: " ")[...]
            }
            let severity = lines.compactMap { $0.firstMatch(of: #/severity: (\w+)/#)?.output.1 }.first ?? ""
            return Alert(name: lines[0], expression: String(expression), severity: String(severity))
        }
    }

    /// - Returns: promtool's path, or nil after saying what is skipped.
    static func promtool() -> String? {
        let path = "/usr/bin/promtool"
        if FileManager.default.isExecutableFile(atPath: path) { return path }
        print("promtool is not installed (package prometheus): what Prometheus makes of docs/monitoring is skipped")
        return nil
    }
}

/// A query of Prometheus: which metrics and labels it names.
struct PrometheusQuery {
    let text: String

    /// Names of metrics with the labels in the braces behind them.
    var selectors: [(metric: String, labels: [String])] {
        text.matches(of: #/\b((?:changefeed|process)_\w+|up)\b\s*(?:\{([^}]*)\})?/#).map { match in
            let matchers = (match.output.2 ?? "").matches(of: #/(\w+)\s*(?:=~|!~|!=|=)/#)
            return (String(match.output.1), matchers.map { String($0.output.1) })
        }
    }

    /// The labels of by, on and without.
    var groupings: [String] {
        text.matches(of: #/\b(?:by|on|without|group_left|ignoring)\s*\(([^)]*)\)/#).flatMap { match in
            match.output.1.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }
}
