import ChangeFeedMetrics
import Foundation
import Testing

@Suite("The catalogue of metrics")
struct CatalogueTests {
    private var documented: [String] {
        get throws {
            let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            let page = try String(contentsOf: checkout.appendingPathComponent("docs/metrics.md"), encoding: .utf8)
            let catalogue = page.components(separatedBy: "\n## ")[0]
            return catalogue.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
        }
    }

    @Test("docs/metrics.md lists the same metrics, with type, labels and meaning, in the same order")
    func documentation() throws {
        let rows = Metric.all.map { metric in
            let labels = metric.labels.map { "`\($0)`" }.joined(separator: ", ")
            return "| `\(metric.name)` | \(metric.kind.rawValue) | \(labels.isEmpty ? "-" : labels) | \(metric.help) |"
        }
        #expect(try documented == rows, "docs/metrics.md should hold:\n\(rows.joined(separator: "\n"))")
    }

    @Test("names are unique and end as their type wants")
    func names() {
        #expect(Set(Metric.all.map(\.name)).count == Metric.all.count)
        for metric in Metric.all {
            #expect(metric.name.hasSuffix("_total") == (metric.kind == .counter), "\(metric.name)")
            #expect(metric.kind != .histogram || metric.name.hasSuffix("_seconds"), "\(metric.name)")
        }
    }

    @Test("what every process has is named as all libraries name it, the rest changefeed_")
    func prefixes() {
        let process: Set = [
            "process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes",
            "process_open_fds", "process_max_fds", "process_start_time_seconds",
        ]
        #expect(Set(Metric.all.map(\.name).filter { !$0.hasPrefix("changefeed_") }) == process)
    }

    @Test("no label names a user, a device, a record or a path as sent")
    func labels() {
        let allowed: Set = [
            "endpoint", "route", "method", "status", "result", "limit", "trigger_state", "version", "state", "level",
        ]
        #expect(Set(Metric.all.flatMap(\.labels)).isSubset(of: allowed))
    }
}
