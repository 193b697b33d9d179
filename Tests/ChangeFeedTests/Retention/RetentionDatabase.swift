import ChangeFeedTesting
import Postgres
import Synchronization
import Testing

/// What is old goes: out of the first API, then out of the log. One test at a time: transactions of other
/// databases of the cluster would hold back snapshots.
@Suite("Retention", .serialized, .timeLimit(.minutes(10)))
enum Retention {}

/// A database in which time is moved.
struct RetentionDatabase {
    let database: TestDatabase
    let service: Connection
    private let odoo: Connection
    private let administrator: Connection

    static let shown =
        "SELECT e.model, e.record_id, e.event FROM changefeed.v1_events('{res.partner,sale.order}', NULL, NULL, NULL, 100, 0) e ORDER BY 1, 2, 3"
    static let live = "SELECT model, record_id, event FROM changefeed.v1_event WHERE NOT archived ORDER BY 1, 2, 3"
    static let counted = "SELECT sum(events) FROM changefeed.v1_summary('{res.partner,sale.order}', NULL)"

    private static let sharedCluster = Mutex<Task<PrivateCluster, any Error>?>(nil)

    /// Runs the body with a database of its own.
    static func with(_ body: (RetentionDatabase) async throws -> Void) async throws {
        let task = sharedCluster.withLock { task in
            let running = task ?? Task { try await PrivateCluster.make() }
            task = running
            return running
        }
        let cluster = try await task.value
        let database = try await cluster.createDatabase(.installed)
        let service = try await database.connect(user: "changefeed_login")
        // A clone of the template is another database; and records are looked for, which the feed reads where it may.
        try await database.psql(
            """
            SELECT changefeed.check_identity();
            GRANT SELECT (id) ON res_partner, sale_order, hr_expense TO changefeed_definer;
            """)
        try await body(
            RetentionDatabase(
                database: database, service: service, odoo: try await database.connect(user: "odoo"),
                administrator: try await database.connect()))
    }

    /// Writes to partners, as Odoo does.
    func write(_ partners: String) async throws {
        try await odoo.execute(
            script: "UPDATE res_partner SET phone = coalesce(phone, '') || '1' WHERE id IN (\(partners))")
    }

    /// Makes everything that the feed has noted as much older.
    func age(_ interval: String) async throws {
        try await administrator.execute(
            script: """
                UPDATE changefeed.event SET occurred_at = occurred_at - interval '\(interval)';
                UPDATE changefeed.slot SET opened_at = opened_at - interval '\(interval)', closed_at = closed_at - interval '\(interval)';
                UPDATE changefeed.control SET slot_opened_at = slot_opened_at - interval '\(interval)';
                UPDATE changefeed.archived SET before = before - interval '\(interval)', archived_at = archived_at - interval '\(interval)';
                """)
    }

    /// `step|object|events|state` of what archive() says.
    func archive(_ step: String? = nil, dryRun: Bool = false) async throws -> [String] {
        try await service.lines(
            "SELECT step, object, events, state FROM changefeed.archive($1, $2)", [.bool(dryRun), .optional(step)])
    }

    /// `problem|code|entries` of a pull of user 2.
    func pull(_ device: String) async throws -> String {
        try await service.lines(
            "SELECT problem, resync ->> 'code', entries FROM changefeed.pull(2, $1, with_data => false)",
            [.text(device)]
        ).joined()
    }

    /// Takes everything and acknowledges it.
    func follow(_ device: String) async throws {
        var entries = "1"
        while entries != "0" {
            let row = try await service.lines(
                "SELECT entries, next_sync_token FROM changefeed.pull(2, $1, max_entries => 500, with_data => false)",
                [.text(device)])
            let parts = (row.first ?? "").split(separator: "|").map(String.init)
            entries = parts.first ?? "0"
            if entries != "0" {
                _ = try await service.query(
                    "SELECT * FROM changefeed.acknowledge(2, $1, NULL, $2)", [.text(device), .text(parts[1])])
            }
        }
    }

    func expectSame(_ lines: [String]) async throws -> Bool {
        let shown = try await service.lines(Self.shown)
        let live = try await service.lines(Self.live)
        let counted = try await service.value(Self.counted)
        return shown == lines && live == lines && counted == (lines.isEmpty ? "" : "\(lines.count)")
    }
}
