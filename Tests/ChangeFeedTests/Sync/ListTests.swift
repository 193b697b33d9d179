import ChangeFeedTesting
import Postgres
import Testing

/// Lists of all records of a model: their cursors, and several at once.
@Suite("Lists of records", .timeLimit(.minutes(10)))
struct ListTests {
    private static func database() async throws -> TestDatabase {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            "INSERT INTO res_partner (name) SELECT 'partner ' || i FROM generate_series(1, 20) i", user: "odoo")
        return database
    }

    /// A cursor as `snapshot_page()` writes it, of these parts.
    private static func cursor(_ parts: String, model: String = "res.partner") -> String {
        """
        SELECT concat_ws(' ', r.snapshot_id, r.device, r.last_id, r.from_id, r.to_id)
        FROM changefeed.read_list_cursor('cs1_' || translate(encode(convert_to(
            '\(parts).' || left(md5('\(parts)' || '\(model)'), 8), 'UTF8'), 'base64'), E'+/=\\n', '-_'), 'res.partner') r
        """
    }

    @Test(
        "a cursor is read as it was written, or not at all",
        arguments: [
            ("0123456789ab.1.100..", "0123456789ab 1 100"),
            ("0123456789ab.123456789012345678.-5.-10.99", "0123456789ab 123456789012345678 -5 -10 99"),
            ("0123456789ab.1.123456789012345678..", "0123456789ab 1 123456789012345678"),
            ("0123456789ab.1.0..7", "0123456789ab 1 0 7"),
            // Each of them with the right digest.
            ("0123456789ag.1.100..", ""), ("0123456789a.1.100..", ""), ("0123456789ab..100..", ""),
            ("0123456789ab.-1.100..", ""), ("0123456789ab.1234567890123456789.100..", ""),
            ("0123456789ab.1...", ""), ("0123456789ab.1.-..", ""), ("0123456789ab.1.--1..", ""),
            ("0123456789ab.1.1-1..", ""), ("0123456789ab.1.1234567890123456789..", ""), ("0123456789ab.1.1.x.", ""),
            ("0123456789ab.1.1..1234567890123456789", ""), ("0123456789ab.1.1.", ""), ("0123456789ab.1.1...", ""),
            ("0123456789ab.1. 1..", ""), ("0123456789ab.1.1.-.", ""), ("", ""), ("....", ""),
            ("0123456789ab.1.é..", ""),
        ])
    func parts(written: String, read: String) async throws {
        let connection = try await Self.database().connect()
        #expect(try await connection.value(Self.cursor(written)) == read)
        #expect(try await connection.value(Self.cursor(written, model: "sale.order")) == "")
    }

    @Test("a cursor with a character changed, added or taken away is none")
    func damaged() async throws {
        let connection = try await Self.database().connect()
        let found = try await connection.value(
            """
            WITH page AS (SELECT p.next_cursor AS c FROM changefeed.snapshot_page(2, 'phone', 'res.partner', NULL, 5) p),
            damaged AS (
                SELECT overlay(c PLACING d.other FROM n FOR 1) AS c
                FROM page, generate_series(1, length(c)) n, (VALUES ('A'), ('-'), ('.'), (' '), ('é'), ('')) d (other)
                UNION ALL SELECT concat(c, a.other) FROM page, (VALUES ('A'), ('AA'), ('A A'), (E'\\n'), ('=')) a (other)
                UNION ALL SELECT repeat('A', n) FROM generate_series(0, 300) n
                UNION ALL SELECT 'cs1_' || repeat('A', n) FROM generate_series(0, 300) n)
            SELECT concat_ws(' ', count(*) > 800, count(r.snapshot_id) FILTER (WHERE d.c NOT IN (SELECT c FROM page)),
                             (SELECT count(*) FROM page, changefeed.read_list_cursor(page.c, 'res.partner') r
                              WHERE r.snapshot_id IS NOT NULL AND r.last_id = 5))
            FROM damaged d CROSS JOIN LATERAL changefeed.read_list_cursor(d.c, 'res.partner') r
            """)
        #expect(found == "t 0 1")
    }

    @Test("a device starts over while another of its user is registered")
    func resets() async throws {
        let database = try await Self.database()
        let (one, other) = (
            try await database.connect(user: "changefeed_login"), try await database.connect(user: "changefeed_login")
        )
        let reset = "SELECT concat_ws(' ', problem, device > 0) FROM changefeed.reset_device(2, 'tablet')"
        #expect(try await other.value(reset) == "t")
        try await one.execute(script: "BEGIN; SELECT changefeed.reset_device(2, 'phone')")
        try await other.execute(script: "SET lock_timeout = '2s'")
        #expect(try await other.value(reset) == "t")
        // One that is not there waits: the bound of devices must hold.
        await #expect(throws: PostgresError.self) {
            try await other.execute(script: "SELECT changefeed.reset_device(2, 'kiosk')")
        }
    }

    @Test("pages of a user's devices do not wait for one another")
    func atOnce() async throws {
        let database = try await Self.database()
        let (one, other) = (
            try await database.connect(user: "changefeed_login"), try await database.connect(user: "changefeed_login")
        )
        func page(_ device: String, cursor: String) -> String {
            "SELECT concat_ws(' ', problem, entries, next_cursor) FROM changefeed.snapshot_page(2, '\(device)', 'res.partner', \(cursor), 5)"
        }
        let first = try await one.value(page("phone", cursor: "NULL"))
        let second = try await one.value(page("tablet", cursor: "NULL"))
        #expect(first.hasPrefix("5 cs1_") && second.hasPrefix("5 cs1_"))
        try await other.execute(script: "SET lock_timeout = '2s'")
        for cursor in ["'\(second.dropFirst(2))'", "NULL"] {
            try await one.execute(script: "BEGIN")
            #expect(try await one.value(page("phone", cursor: "'\(first.dropFirst(2))'")).hasPrefix("5 cs1_"))
            #expect(try await other.value(page("tablet", cursor: cursor)).hasPrefix("5 cs1_"))
            try await one.execute(script: "COMMIT")
        }
    }
}
