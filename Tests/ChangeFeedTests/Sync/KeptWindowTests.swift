import ChangeFeedTesting
import Foundation
import Postgres
import Testing

/// A device that is far behind: its window is grouped once, and read by page after page.
@Suite("Windows that are kept", .timeLimit(.minutes(10)))
struct KeptWindowTests {
    private struct Page {
        let ids: [Int64]
        let token: String
        let hasMore: Bool
    }

    private struct Event: Decodable { let id: Int64 }

    /// The same entries, once as they are kept and once from the log; null where nothing is open.
    private static let comparison = """
        SELECT k = w, cardinality(w.ids) FROM changefeed.device d, changefeed.device_window(d, 0) k, changefeed.sync_window(d, 0) w
        WHERE d.window_to IS NOT NULL
        """

    private let database: TestDatabase
    private let service: Connection
    private let superuser: Connection

    /// A device, and behind it a statement that wrote 1,500 records, one that deleted 300 of them, and single ones.
    init() async throws {
        database = try await PrivateCluster.shared().createDatabase(.installed)
        service = try await database.connect(user: "changefeed_login")
        superuser = try await database.connect()
        _ = try await pull(start: "now")
        try await database.psql(
            """
            INSERT INTO res_partner (name) SELECT 'partner ' || i FROM generate_series(1, 1500) i;
            UPDATE res_partner SET name = 'again' WHERE id > 20 AND id % 3 = 0;
            DELETE FROM res_partner WHERE id > 20 AND id % 5 = 0;
            DO $$ BEGIN FOR i IN 21..60 LOOP UPDATE res_partner SET name = 'single' WHERE id = i; END LOOP; END $$
            """, user: "odoo")
    }

    private func pull(_ token: String? = nil, limit: Int = 100, start: String = "earliest") async throws -> Page {
        let rows = try await service.query(
            """
            SELECT problem, events, next_sync_token, has_more
            FROM changefeed.pull(2, 'phone', 'all', ARRAY['res.partner'], $1, $2, false, start => $3)
            """, [token.map { .text($0) } ?? .null, .int(limit), .text(start)])
        let row = try #require(rows.first)
        #expect(row["problem"].isNull)
        let events = try JSONDecoder().decode([Event].self, from: Data(try row["events"].string().utf8))
        return Page(
            ids: events.map(\.id), token: try row["next_sync_token"].string(), hasMore: try row["has_more"].bool())
    }

    private func acknowledge(_ page: Page) async throws {
        let rows = try await service.query(
            "SELECT acknowledged FROM changefeed.acknowledge(2, 'phone', NULL, $1)", [.text(page.token)])
        #expect(try rows.first?["acknowledged"].int() == Int64(page.ids.count))
    }

    private func kept() async throws -> String? {
        try await superuser.value("SELECT count(*) FROM changefeed.kept_window")
    }

    private func drain() async throws -> [Int64] {
        var ids: [Int64] = []
        var page = try await pull()
        while !page.ids.isEmpty {
            #expect(try await superuser.lines(Self.comparison).allSatisfy { $0.hasPrefix("t|") })
            ids += page.ids
            try await acknowledge(page)
            #expect(try await superuser.lines(Self.comparison).allSatisfy { $0.hasPrefix("t|") })
            page = try await pull(page.token)
        }
        return ids
    }

    @Test("pages and acknowledgements find the entries of the log, and the end of the window takes its row away")
    func pages() async throws {
        let first = try await pull()
        #expect(first.hasMore)
        #expect(try await kept() == "1")
        #expect(try await superuser.lines(Self.comparison) == ["t|1200"])
        #expect(try await superuser.value("SELECT window_is_kept FROM changefeed.device") == "t")
        let ids = try await drain()
        #expect(ids == ids.sorted() && Set(ids).count == 1200)
        #expect(try await kept() == "0")
    }

    @Test("entries settled out of order, and the pages after them")
    func outOfOrder() async throws {
        let page = try await pull()
        let settled = Array(page.ids[10..<60])
        _ = try await service.query(
            "SELECT acknowledged FROM changefeed.acknowledge(2, 'phone', $1::bigint[])", [.intArray(settled)])
        #expect(try await superuser.lines(Self.comparison) == ["t|1200"])
        let next = try await pull(page.token)
        #expect(Array(next.ids.prefix(50)) == Array(page.ids[..<10] + page.ids[60...]).prefix(50).map { $0 })
        #expect(Set(next.ids).isDisjoint(with: settled))
        let rest = try await drain()
        #expect(Set(rest + settled).count == 1200 && rest.count == 1150)
    }

    @Test(
        "without the row, or with another window's, the log is read",
        arguments: [
            "TRUNCATE changefeed.kept_window", "UPDATE changefeed.kept_window SET until = now()",
            "UPDATE changefeed.kept_window SET question = '', ids = ids[2:]",
            "UPDATE changefeed.kept_window SET device = 0, ids = ids[2:]",
        ])
    func without(script: String) async throws {
        let page = try await pull()
        try await superuser.execute(script: script)
        #expect(try await superuser.lines(Self.comparison) == ["t|1200"])
        try await acknowledge(page)
        #expect(Set(page.ids + (try await drain())).count == 1200)
    }

    @Test("the row is what is read where it is that of the window")
    func isRead() async throws {
        _ = try await pull()
        try await superuser.execute(
            script: "UPDATE changefeed.kept_window SET events = ARRAY['write']")
        #expect(try await superuser.lines(Self.comparison) == ["f|1200"])
    }

    @Test("a window is not kept for a device that began a list while it was read")
    func list() async throws {
        let other = try await database.connect(user: "changefeed_login")
        try await other.execute(
            script: "BEGIN; SELECT * FROM changefeed.snapshot_page(2, 'phone', 'res.partner', NULL, 100)")
        // Created and deleted in the window, and in the list that the device takes.
        try await database.psql("DELETE FROM res_partner WHERE id = 101", user: "odoo")
        async let page = pull()
        try await eventually("the pull waits for the list") {
            try await superuser.value(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
                == "1"
        }
        try await other.execute(script: "COMMIT")
        #expect(try await page.hasMore)
        #expect(try await kept() == "1")
        let compared = try await superuser.lines(Self.comparison)
        #expect(compared == ["t|1500"])
        #expect(
            try await superuser.value(
                "SELECT count(*) FROM changefeed.kept_window k, unnest(k.record_ids, k.events) r (id, event) WHERE r.id = 101 AND r.event = 'unlink'"
            ) == "1")
    }

    @Test("small windows, and those that are handed out whole, are not kept")
    func small() async throws {
        #expect(try await pull(limit: 1200).hasMore == false)
        #expect(try await kept() == "0")
        _ = try await drain()
        try await database.psql("UPDATE res_partner SET name = 'few' WHERE id <= 20", user: "odoo")
        try await database.psql("UPDATE res_partner SET name = 'more' WHERE id BETWEEN 21 AND 450", user: "odoo")
        #expect(try await pull(limit: 10).hasMore)
        #expect(try await kept() == "0")
    }

    @Test("beyond 128 MB no more is kept, and what is over goes, then and with each run of retention")
    func bound() async throws {
        let rows = { (count: Int) in
            """
            INSERT INTO changefeed.kept_window
            SELECT i, '', now(), 1, 1, false, ARRAY(SELECT g FROM generate_series(1::bigint, 400000) g), '{}', '{}', '{}', '{}', '{}'
            FROM generate_series(1, \(count)) i
            """
        }
        try await superuser.execute(script: rows(42))
        _ = try await pull()
        #expect(try await superuser.value("SELECT window_is_kept FROM changefeed.device") == "f")
        #expect(try await kept() == "0")
        try await superuser.execute(script: rows(1))
        _ = try await superuser.query("SELECT * FROM changefeed.archive(dry_run => false, only_step => 'count')")
        #expect(try await kept() == "0")
    }
}
