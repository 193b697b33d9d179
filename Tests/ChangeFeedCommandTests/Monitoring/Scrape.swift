import ChangeFeedTesting
import Foundation

/// One scrape of a service as Prometheus makes it: the samples, and whether there was an answer.
struct Scrape: Sendable {
    let isUp: Bool
    /// Seconds since 1970.
    let at: Double
    /// By series, with its labels as they were written.
    let samples: [String: Double]

    static func of(_ address: String) async throws -> Scrape {
        let answer = try await Curl.get(address + "/metrics", patience: 10)
        let at = Date().timeIntervalSince1970
        guard answer.status == 200 else { return Scrape(isUp: false, at: at, samples: [:]) }
        var samples: [String: Double] = [:]
        for line in answer.body.split(separator: "\n") where !line.hasPrefix("#") {
            guard let blank = line.lastIndex(of: " ") else { continue }
            samples[String(line[..<blank])] = Double(line[line.index(after: blank)...]) ?? .nan
        }
        return Scrape(isUp: true, at: at, samples: samples)
    }

    /// The value of a series; nil if it is not there.
    subscript(series: String) -> Double? { samples["changefeed_" + series] }
}

/// Two scrapes of a replica, the second of which was made while a fault lasted, for Prometheus's own evaluator: the first
/// is repeated for half an hour, the second for the two and a half hours that follow.
struct ScrapedHistory {
    let before: Scrape
    let during: Scrape

    private static let minutes = (before: 30, during: 150)
    private static let target = #"job="changefeed",instance="127.0.0.1:8001",database="odoo""#

    /// What promtool has to find: that no alert fires before the fault, and this one during it.
    func test(of alert: String) -> String {
        """
        rule_files: ['\(AlertFile.folder)/alerts.yml']
        evaluation_interval: 1m
        tests:
          - interval: 1m
            input_series:
        \(series.map { "      - {series: '\(Self.quoted($0.name))', values: '\($0.values)'}" }.joined(separator: "\n"))
            promql_expr_test:
              - {expr: 'ALERTS{alertstate="firing"}', eval_time: \(Self.minutes.before - 1)m, exp_samples: []}
              - expr: '\(firing(alert))'
                eval_time: \(Self.minutes.before + Self.minutes.during - 1)m
                exp_samples: [{labels: '{}', value: 1}]

        """
    }

    private func firing(_ alert: String) -> String {
        #"count(max_over_time(ALERTS{alertname="\#(alert)",alertstate="firing"}[\#(Self.minutes.during)m])) > bool 0"#
    }

    /// The series with their values in promtool's notation. Buckets are in no alert.
    private var series: [(name: String, values: String)] {
        let names = Set(before.samples.keys).union(during.samples.keys).filter { !$0.contains("_bucket{") }.sorted()
        let up = (
            "up{\(Self.target)}", Self.values(before.isUp ? 1 : 0, during.isUp ? 1 : 0)
        )
        return [up]
            + names.map { name in
                let value = { (scrape: Scrape, minute: Int) -> Double? in
                    guard let value = scrape.samples[name] else { return nil }
                    // promtool's clock begins at 0.
                    let isTime = name.contains("_timestamp_seconds") || name.contains("_start_time_seconds")
                    return isTime ? value - scrape.at + Double(minute * 60) : value
                }
                return (Self.labelled(name), Self.values(value(before, 0), value(during, Self.minutes.before)))
            }
    }

    private static func labelled(_ series: String) -> String {
        guard let brace = series.firstIndex(of: "{") else { return series + "{\(target)}" }
        return series[...brace] + target + "," + series[series.index(after: brace)...]
    }

    private static func values(_ first: Double?, _ second: Double?) -> String {
        // A series that goes away is stale at once, as after a scrape without it.
        let end = second.map { "\(number($0))x\(minutes.during)" } ?? "stale _x\(minutes.during)"
        return (first.map { "\(number($0))x\(minutes.before - 1)" } ?? "_x\(minutes.before)") + " " + end
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map(String.init) ?? String(format: "%.6f", value)
    }

    /// In YAML's single quotes.
    private static func quoted(_ text: String) -> String { text.replacingOccurrences(of: "'", with: "''") }
}
