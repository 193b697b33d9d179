/// Writes metrics in the text exposition format 0.0.4.
enum Exposition {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// A metric without series is omitted.
    static func write(_ metric: Metric, _ series: [(labels: [String], value: Series.Value)], to output: inout String) {
        guard !series.isEmpty else { return }
        output += "# HELP \(metric.name) \(escape(metric.help, quotes: false))\n"
        output += "# TYPE \(metric.name) \(metric.kind.rawValue)\n"
        for (values, value) in series {
            let labels = Array(zip(metric.labels, values))
            switch value {
            case .number(let number): line(metric.name, labels, number, to: &output)
            case .histogram(let counts, let sum):
                var cumulated: UInt64 = 0
                for (index, count) in counts.enumerated() {
                    cumulated += count
                    let bound = index < Series.buckets.count ? text(Series.buckets[index]) : "+Inf"
                    line(metric.name + "_bucket", labels + [("le", bound)], Double(cumulated), to: &output)
                }
                line(metric.name + "_sum", labels, sum, to: &output)
                line(metric.name + "_count", labels, Double(cumulated), to: &output)
            }
        }
    }

    private static func line(_ name: String, _ labels: [(String, String)], _ value: Double, to output: inout String) {
        output += name
        if !labels.isEmpty {
            output += "{" + labels.map { "\($0)=\"\(escape($1, quotes: true))\"" }.joined(separator: ",") + "}"
        }
        output += " \(text(value))\n"
    }

    /// Backslash and line feed are escaped everywhere, the double quote in label values.
    static func escape(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map(String.init) ?? String(value)
    }
}
