import ChangeFeedTesting
import Foundation
import Testing

/// Each alert of docs/monitoring/alerts.yml, with the scrapes of a service to which its fault happens. Prometheus's own
/// evaluator decides whether it fires; without it, the tests see that the scrapes show the fault.
@Suite("Alerts", .timeLimit(.minutes(20)))
struct AlertTests {
    @Test("there is a fault for each alert")
    func complete() throws {
        #expect(Set(AlertFault.all.map(\.alert)) == Set(try AlertFile.alerts().map(\.name)))
    }

    @Test("fire for their fault, and none fires before it", arguments: AlertFault.all)
    func fires(fault: AlertFault) async throws {
        let cluster = fault.ownCluster ? try await PrivateCluster.make() : try await PrivateCluster.shared()
        let rig = try await AlertRig(on: cluster, settings: fault.settings)
        try await fault.prepare(rig)
        try rig.start()
        let before = try await rig.scrape("it is ready, leads and was verified") { scrape in
            scrape["ready"] == 1 && scrape["leader"] == 1 && scrape["database_up"] == 1
                && scrape["delivery_allowed"] == 1 && scrape["verify_last_run_timestamp_seconds"] != nil
        }
        #expect(!fault.shows(before, rig))
        try await fault.make(rig)
        let during = try await rig.scrape("the fault shows") { fault.shows($0, rig) }
        if let promtool = AlertFile.promtool() {
            try await Self.judge(ScrapedHistory(before: before, during: during).test(of: fault.alert), by: promtool)
        }
        try await rig.end()
        if fault.ownCluster { await cluster.remove() }
    }

    private static func judge(_ test: String, by promtool: String) async throws {
        let file = NSTemporaryDirectory() + "changefeed-alert-" + UUID().uuidString + ".yml"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try test.write(toFile: file, atomically: false, encoding: .utf8)
        let verdict = try await BuiltBinary.shell("\(promtool) test rules '\(file)' 2>&1; echo status $?")
        #expect(verdict.hasSuffix("status 0\n"), "\(verdict)\(test)")
    }
}
