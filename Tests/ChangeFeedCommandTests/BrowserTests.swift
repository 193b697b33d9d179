import ChangeFeedTesting
import Foundation
import Testing

/// The console in Debian's Chromium, against the built binary. Where there is no chromium, this does not run, and says so.
@Suite("The console in a browser", .timeLimit(.minutes(15)))
struct BrowserTests {
    private static let chromium = "/usr/bin/chromium"
    private static var hasChromium: Bool { FileManager.default.isExecutableFile(atPath: chromium) }

    @Test(
        "signs in, shows each page in three languages without a violation of its policy, follows changes, explains, examines, pauses, resumes, retries a dead letter, and refuses another group",
        .enabled(if: hasChromium, "there is no /usr/bin/chromium: apt-get install -y chromium"))
    func whole() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            """
            SELECT changefeed.endpoint_add('orders', 'https://example.com/hook', 2, models => '{sale.order}');
            SELECT changefeed.endpoint_set_state('orders', 'paused', 'a test');
            INSERT INTO changefeed.endpoint_queue (endpoint, model, record_id, event_id, kind, occurred_at, is_dead)
            SELECT id, 'sale.order', 1, 4096, 'write', now(), true FROM changefeed.endpoint;
            """)
        try await database.psql(
            """
            UPDATE sale_order SET state = 'sale';
            INSERT INTO ir_rule (id, name, model_id, domain_force)
            SELECT r.id, r.name, m.id, r.domain FROM ir_model m, (VALUES
                (903, 'Not the second', '[(''id'', ''!='', 2)]'), (904, 'All', '[(1, ''='', 1)]')) r (id, name, domain)
            WHERE m.model = 'res.partner';
            """, user: "odoo")
        let admin = try FreePort.find()
        let service = try RunningService(
            database.conninfo(user: "changefeed_login"), environment: ["CHANGEFEED_ADMIN_PORT": "\(admin)"])
        try await service.ready()
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("scripts/console/check.py").path
        let said = try await BuiltBinary.shell(
            """
            PYTHONDONTWRITEBYTECODE=1 python3 '\(script)' 'http://127.0.0.1:\(admin)' \(TestKeys.admin) \(TestKeys.sales) \
            '\(database.conninfo())'
            """)
        #expect(said.contains("ok: the audit has it all"), "\(said)")
    }
}
