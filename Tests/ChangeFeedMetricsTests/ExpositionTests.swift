@testable import ChangeFeedMetrics
import ChangeFeed
import CoreMetrics
import Foundation
import Testing

@Suite("The text that Prometheus scrapes")
struct ExpositionTests {
    @Test("a counter has HELP, TYPE and its labels, escaped")
    func counter() {
        let registry = MetricsRegistry()
        Counter(
            label: "changefeed_rate_limited_requests_total", dimensions: [("limit", "a\"b\\c\nd")], factory: registry
        ).increment(by: 2)
        let text = registry.exposition()
        #expect(text.contains("# TYPE changefeed_rate_limited_requests_total counter\n"))
        #expect(text.contains("# HELP changefeed_rate_limited_requests_total Requests that"))
        #expect(text.contains(#"changefeed_rate_limited_requests_total{limit="a\"b\\c\nd"} 2"# + "\n"))
    }

    @Test("a timer is a histogram of seconds whose buckets cumulate")
    func histogram() {
        let registry = MetricsRegistry()
        let timer = Timer(
            label: "changefeed_http_request_duration_seconds", dimensions: [("route", "/")], factory: registry)
        for milliseconds in [1, 4, 20_000] { timer.recordMilliseconds(milliseconds) }
        let text = registry.exposition()
        for line in [
            #"_bucket{route="/",le="0.001"} 1"#, #"_bucket{route="/",le="0.0025"} 1"#,
            #"_bucket{route="/",le="0.005"} 2"#,
            #"_bucket{route="/",le="10"} 2"#, #"_bucket{route="/",le="+Inf"} 3"#, #"_sum{route="/"} 20.005"#,
            #"_count{route="/"} 3"#,
        ] { #expect(text.contains("changefeed_http_request_duration_seconds" + line + "\n"), "\(line)") }
    }

    @Test("a metric that the catalogue does not know is not kept")
    func unknown() {
        let registry = MetricsRegistry()
        Counter(label: "library.internal", dimensions: [("path", "/secret")], factory: registry).increment()
        #expect(!registry.exposition().contains("library") && !registry.exposition().contains("secret"))
    }

    @Test("more series than the limit go into one whose labels are other")
    func bounded() {
        let registry = MetricsRegistry(seriesLimit: 3)
        for number in 0..<10 {
            Counter(
                label: "changefeed_rate_limited_requests_total", dimensions: [("limit", "l\(number)")],
                factory: registry
            )
            .increment()
        }
        let lines = registry.exposition().split(separator: "\n").filter { $0.hasPrefix("changefeed_rate_limited") }
        #expect(lines.count == 4)
        #expect(lines.contains(#"changefeed_rate_limited_requests_total{limit="other"} 7"#))
    }

    @Test("series that are replaced go away, and a gauge without a value is left out")
    func replaced() {
        let registry = MetricsRegistry()
        #expect(!registry.exposition().contains("changefeed_lag_seconds"))
        registry.replace(.trackedModels, [(["missing"], 2)])
        registry.replace(.trackedModels, [(["enabled"], 11)])
        #expect(registry.exposition().contains(#"changefeed_tracked_models{trigger_state="enabled"} 11"#))
        #expect(!registry.exposition().contains("missing"))
    }

    @Test(
        "numbers are written as Go reads them",
        arguments: [
            (0.0, "0"), (1.5, "1.5"), (1e15, "1000000000000000"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
            (.nan, "NaN"),
        ])
    func numbers(value: Double, text: String) {
        #expect(Exposition.text(value) == text)
    }

    @Test("the process's own figures are there, and fit the process")
    func process() throws {
        let registry = MetricsRegistry()
        ProcessMetrics.record(in: registry)
        let lines = registry.exposition().split(separator: "\n").filter { $0.hasPrefix("process_") }
        let values = Dictionary(
            uniqueKeysWithValues: lines.map { line in
                let words = line.split(separator: " ")
                return (String(words[0]), Double(words[1]) ?? .nan)
            })
        let names = Metric.all.map(\.name).filter { $0.hasPrefix("process_") }
        #expect(values.keys.sorted() == names.sorted())
        let resident = try #require(values[Metric.residentBytes.name])
        #expect(resident > 1e6 && resident <= values[Metric.virtualBytes.name] ?? 0)
        let files = try #require(values[Metric.openFiles.name])
        #expect(files >= 3 && files <= values[Metric.maximumFiles.name] ?? 0)
        // A process that has run for less than a day, by clocks that may differ a little.
        let started = try #require(values[Metric.startTime.name])
        let age = Date().timeIntervalSince1970 - started
        #expect(age > -5 && age < 86_400)
        #expect(try #require(values[Metric.cpuSeconds.name]) > 0)
    }
}
