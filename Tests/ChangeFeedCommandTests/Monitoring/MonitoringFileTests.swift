import ChangeFeedMetrics
import ChangeFeedTesting
import Foundation
import Testing

/// The dashboard and the alerts name only what the service has.
@Suite("docs/monitoring")
struct MonitoringFileTests {
    /// Prometheus gives these to every series of a target (docs/metrics.md).
    private static let ofTargets: Set = ["job", "instance", "database"]

    private static func labels(of metric: String) -> Set<String>? {
        if metric == "up" { return ofTargets }
        if let known = Metric.all.first(where: { $0.name == metric && $0.kind != .histogram }) {
            return ofTargets.union(known.labels)
        }
        let base = Metric.all.first { known in
            known.kind == .histogram && ["_bucket", "_sum", "_count"].contains { known.name + $0 == metric }
        }
        return base.map { ofTargets.union($0.labels).union(metric.hasSuffix("_bucket") ? ["le"] : []) }
    }

    /// What a query names and the catalogue does not have.
    private static func unknown(_ query: String, legend: String = "") -> [String] {
        let query = PrometheusQuery(text: query)
        var problems: [String] = []
        var present: Set<String> = []
        if query.selectors.isEmpty { problems.append("no metric in \(query.text)") }
        for (metric, labels) in query.selectors {
            guard let known = Self.labels(of: metric) else {
                problems.append("\(metric) in \(query.text)")
                continue
            }
            present.formUnion(known)
            problems += labels.filter { !known.contains($0) }.map { "\(metric){\($0)} in \(query.text)" }
        }
        let shown = legend.matches(of: #/\{\{(\w+)\}\}/#).map { String($0.output.1) }
        problems += (query.groupings + shown).filter { !present.contains($0) }.map { "label \($0) of \(query.text)" }
        return problems
    }

    private static func dashboard() throws -> [String: Any] {
        let data = Data(try AlertFile.text("grafana.json").utf8)
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    /// Every query of the dashboard with its legend.
    private static func targets() throws -> [(query: String, legend: String)] {
        let panels = try #require(try dashboard()["panels"] as? [[String: Any]])
        return panels.flatMap { $0["targets"] as? [[String: Any]] ?? [] }.map {
            ($0["expr"] as? String ?? "", $0["legendFormat"] as? String ?? "")
        }
    }

    @Test("the check of names notices a metric and a label that do not exist")
    func notices() {
        #expect(Self.unknown(#"sum by (route) (rate(changefeed_http_requests_total{status=~"5.."}[5m]))"#).isEmpty)
        #expect(Self.unknown("changefeed_readiness == 0").count == 1)
        #expect(Self.unknown(#"changefeed_ready{state="a"}"#).count == 1)
        #expect(Self.unknown("sum by (route) (changefeed_ready)").count == 1)
        #expect(Self.unknown("changefeed_http_request_duration_seconds").count == 1)
        #expect(Self.unknown("changefeed_ready", legend: "{{route}}").count == 1)
        #expect(Self.unknown("vector(1)").count == 1)
    }

    @Test("every query of the dashboard names metrics and labels of the catalogue")
    func queries() throws {
        let targets = try Self.targets()
        #expect(targets.count > 50)
        for target in targets {
            let problems = Self.unknown(target.query, legend: target.legend)
            #expect(problems.isEmpty, "\(problems)")
        }
    }

    @Test("the dashboard fits any Grafana: no fixed data source, no id, variables for job, database and replica")
    func portable() throws {
        let dashboard = try Self.dashboard()
        #expect(dashboard["id"] is NSNull && dashboard["uid"] == nil)
        let templating = try #require(dashboard["templating"] as? [String: Any])
        let variables = try #require(templating["list"] as? [[String: Any]])
        #expect(variables.compactMap { $0["name"] as? String } == ["datasource", "job", "database", "instance"])
        let text = try AlertFile.text("grafana.json")
        let sources = text.matches(of: #/"uid": "([^"]*)"/#).map { String($0.output.1) }
        #expect(sources.count > 50 && Set(sources) == ["${datasource}"])
        let panels = try #require(dashboard["panels"] as? [[String: Any]])
        #expect(Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
        for panel in panels where panel["type"] as? String != "row" {
            let title = panel["title"] as? String ?? "?"
            #expect((panel["description"] as? String)?.isEmpty == false, "\(title)")
            let field = (panel["fieldConfig"] as? [String: Any])?["defaults"] as? [String: Any]
            #expect(field?["unit"] is String && field?["thresholds"] is [String: Any], "\(title)")
        }
        for target in try Self.targets() {
            for label in ["job", "database", "instance"] {
                #expect(target.query.contains("\(label)=~\"$\(label)\""), "\(target.query)")
            }
        }
    }

    @Test("no panel lies over another one, or beside the page")
    func places() throws {
        let panels = try #require(try Self.dashboard()["panels"] as? [[String: Any]])
        var taken: Set<[Int]> = []
        for panel in panels {
            let place = try #require(panel["gridPos"] as? [String: Int])
            let (x, y) = (try #require(place["x"]), try #require(place["y"]))
            let (width, height) = (try #require(place["w"]), try #require(place["h"]))
            #expect(x >= 0 && x + width <= 24)
            for column in x..<(x + width) {
                for line in y..<(y + height) {
                    #expect(taken.insert([column, line]).inserted, "\(panel["title"] ?? "?")")
                }
            }
        }
    }

    @Test("every expression of an alert names metrics and labels of the catalogue")
    func expressions() throws {
        for alert in try AlertFile.alerts() {
            let problems = Self.unknown(alert.expression)
            #expect(problems.isEmpty, "\(alert.name): \(problems)")
        }
    }

    @Test("docs/metrics.md lists the alerts with their severities, and each has a case in the unit test")
    func listed() throws {
        let alerts = try AlertFile.alerts()
        #expect(alerts.count >= 15 && Set(alerts.map(\.name)).count == alerts.count)
        let page = try String(contentsOfFile: AlertFile.folder + "/../metrics.md", encoding: .utf8)
        let rows = page.split(separator: "\n").compactMap { $0.firstMatch(of: #/^\| `(\w+)` \| (\w+) \|/#) }
            .filter { $0.output.1.hasPrefix("Changefeed") }.map { "\($0.output.1) \($0.output.2)" }
        #expect(rows == alerts.map { "\($0.name) \($0.severity)" })
        let cases = try AlertFile.text("alerts_test.yml")
        for alert in alerts {
            #expect(cases.contains("- name: \"\(alert.name): "), "\(alert.name)")
            #expect(cases.contains(#"ALERTS{alertname="\#(alert.name)",alertstate="firing""#), "\(alert.name)")
        }
        // Every case has a time at which nothing, or nothing but another alert, fires.
        #expect(cases.components(separatedBy: "exp_samples: []").count > alerts.count)
    }

    @Test("Prometheus reads the alerts, and each fires and does not fire as alerts_test.yml has it")
    func rules() async throws {
        guard let promtool = AlertFile.promtool() else { return }
        let answer = try await BuiltBinary.shell(
            """
            cd '\(AlertFile.folder)'
            \(promtool) check rules --lint=all --lint-fatal alerts.yml 2>&1; echo status $?
            \(promtool) test rules alerts_test.yml 2>&1; echo status $?
            """)
        #expect(answer.components(separatedBy: "status 0\n").count == 3, "\(answer)")
    }

    @Test("Prometheus reads every query of the dashboard")
    func parsed() async throws {
        guard let promtool = AlertFile.promtool() else { return }
        let rules = try Self.targets().enumerated().map { number, target in
            let query = target.query.replacingOccurrences(of: "$__rate_interval", with: "5m")
            let quoted = query.replacingOccurrences(of: "'", with: "''")
            return "      - {record: 'panel:\(number)', expr: '\(quoted)'}"
        }
        let file = NSTemporaryDirectory() + "changefeed-panels-" + UUID().uuidString + ".yml"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try ("groups:\n  - name: panels\n    rules:\n" + rules.joined(separator: "\n") + "\n")
            .write(toFile: file, atomically: false, encoding: .utf8)
        let answer = try await BuiltBinary.shell("\(promtool) check rules '\(file)' 2>&1; echo status $?")
        #expect(answer.hasSuffix("status 0\n"), "\(answer)")
    }
}
