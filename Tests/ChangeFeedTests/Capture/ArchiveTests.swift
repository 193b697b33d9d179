import ChangeFeedTesting
import Postgres
import Testing

@Suite("The archive")
struct ArchiveTests {
    private static let shown =
        "SELECT e.model, e.record_id, e.event FROM changefeed.v1_events('{res.partner,sale.order}', NULL, NULL, NULL, 100, 0) e ORDER BY 1, 2, 3"
    private static let live =
        "SELECT model, record_id, event FROM changefeed.v1_event WHERE NOT archived ORDER BY 1, 2, 3"
    private static let counted = "SELECT model, events FROM changefeed.v1_summary('{res.partner,sale.order}', NULL)"
    private static let archive = "SELECT changefeed.archive_before(now(), 'test')"

    @Test("takes events from the first API, counts them, and leaves the log as it is")
    func archives() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let service = try await database.connect(user: "changefeed_login")
        try await database.psql(
            "UPDATE res_partner SET phone = '1' WHERE id <= 3; UPDATE res_partner SET phone = '2' WHERE id = 1;",
            user: "odoo")
        #expect(try await service.value(Self.archive) == "3")
        #expect(try await service.lines(Self.shown) == [])
        #expect(try await service.lines(Self.counted) == [])
        #expect(try await service.value("SELECT sum(cardinality(ids)) FROM changefeed.event") == "4")
        #expect(
            try await service.lines(
                "SELECT record_id FROM changefeed.v1_event WHERE archived AND archived_at IS NOT NULL ORDER BY 1") == [
                    "1", "2", "3",
                ])
        #expect(try await service.value(Self.archive) == "0")
        try await database.psql("UPDATE res_partner SET phone = '3' WHERE id = 2", user: "odoo")
        for sql in [Self.shown, Self.live] { #expect(try await service.lines(sql) == ["res.partner|2|write"]) }
        #expect(try await service.lines(Self.counted) == ["res.partner|1"])
    }

    @Test("what a running transaction holds back is not archived unseen")
    func running() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let service = try await database.connect(user: "changefeed_login")
        let slow = try await database.connect(user: "odoo")
        try await slow.execute(script: "BEGIN; UPDATE res_partner SET phone = '1' WHERE id = 1")
        try await database.psql("UPDATE res_partner SET phone = '1' WHERE id = 2", user: "odoo")
        #expect(try await service.value(Self.archive) == "1")
        try await database.psql("UPDATE res_partner SET phone = '1' WHERE id = 3", user: "odoo")
        try await slow.execute(script: "COMMIT")
        for sql in [Self.shown, Self.live] {
            #expect(try await service.lines(sql) == ["res.partner|1|write", "res.partner|3|write"])
        }
        #expect(try await service.lines(Self.counted) == ["res.partner|2"])
        #expect(try await service.value(Self.archive) == "2")
        #expect(try await service.lines(Self.shown) == [])
    }

    @Test("an archived create no longer hides the writes that follow")
    func creates() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let service = try await database.connect(user: "changefeed_login")
        try await database.psql(
            "INSERT INTO sale_order (name, partner_id) VALUES ('S9', 1); UPDATE sale_order SET state = 'sale' WHERE name = 'S9'",
            user: "odoo")
        #expect(try await service.lines(Self.shown) == ["sale.order|6|create"])
        #expect(try await service.value(Self.archive) == "1")
        try await database.psql("UPDATE sale_order SET state = 'done' WHERE name = 'S9'", user: "odoo")
        for sql in [Self.shown, Self.live] { #expect(try await service.lines(sql) == ["sale.order|6|write"]) }
    }

    @Test("a time in the future means now, one before everything archives nothing, and watermarks do not pile up")
    func times() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let service = try await database.connect(user: "changefeed_login")
        try await database.psql("UPDATE res_partner SET phone = '1' WHERE id = 1", user: "odoo")
        #expect(try await service.value("SELECT changefeed.archive_before('-infinity', 'test')") == "0")
        #expect(try await service.value("SELECT changefeed.archive_before('2000-01-01', 'test')") == "0")
        #expect(try await service.value("SELECT changefeed.archive_before('infinity', 'test')") == "1")
        for round in 0..<5 {
            try await database.psql("UPDATE res_partner SET phone = 'x\(round)' WHERE id = 1", user: "odoo")
            #expect(try await service.lines(Self.shown) == ["res.partner|1|write"])
            #expect(try await service.value("SELECT changefeed.archive_before('infinity', 'test')") == "1")
        }
        #expect(try await service.value("SELECT count(*) FROM changefeed.archived") == "1")
    }

    @Test("after a restore into another cluster what was not archived is still shown")
    func restored() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let service = try await database.connect(user: "changefeed_login")
        try await database.psql(
            """
            INSERT INTO changefeed.event (id, xid, occurred_at, epoch, slot, model, event, ids) VALUES
                (1, '5000000', now() - interval '3 hours', 1, 0, 'res.partner', 'write', '{1}'),
                (2, '5000001', now() - interval '3 hours', 1, 0, 'res.partner', 'write', '{2}'),
                (3, '5000002', now() - interval '1 hour', 1, 0, 'res.partner', 'write', '{3}');
            INSERT INTO changefeed.archived (before, seen, from_log_id, events, archived_by)
                VALUES (now() - interval '2 hours', '5000001:5000002:5000001', 3, 1, 'test');
            UPDATE changefeed.identity SET system_identifier = system_identifier + 1;
            SELECT changefeed.check_identity();
            """)
        #expect(try await service.lines(Self.shown) == ["res.partner|2|write", "res.partner|3|write"])
        #expect(try await service.lines(Self.live) == ["res.partner|2|write", "res.partner|3|write"])
        #expect(try await service.lines(Self.counted) == ["res.partner|2"])
    }

    @Test("a clock that was set back hides nothing")
    func clock() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let service = try await database.connect(user: "changefeed_login")
        try await database.psql(
            """
            INSERT INTO changefeed.event (id, xid, occurred_at, epoch, slot, model, event, ids)
            SELECT n, '3', CASE WHEN n <= 50 THEN now() - interval '30 minutes' ELSE now() - interval '1 hour' + n * interval '1 second' END,
                   1, 0, 'res.partner', 'write', ARRAY[n] FROM generate_series(1, 100) n
            """)
        #expect(
            try await service.value("SELECT changefeed.archive_before(now() - interval '40 minutes', 'test')") == "50")
        #expect(try await service.lines(Self.counted) == ["res.partner|50"])
    }

    @Test(
        "the summary counts what the events show, whatever since is",
        arguments: ["NULL", "'2000-01-01'", "'2999-01-01'"])
    func summary(since: String) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let service = try await database.connect(user: "changefeed_login")
        try await database.psql(
            """
            UPDATE res_partner SET phone = '1' WHERE id <= 5; UPDATE res_partner SET phone = '2' WHERE id = 3;
            INSERT INTO sale_order (name, partner_id) VALUES ('S9', 1); UPDATE sale_order SET state = 'sale'; DELETE FROM sale_order WHERE name = 'S9';
            """, user: "odoo")
        let models = "'{res.partner,sale.order}'"
        let shown = try await service.lines(
            "SELECT e.model, count(*), max(e.occurred_at) FROM changefeed.v1_events(\(models), NULL, NULL, \(since), 1000, 0) e GROUP BY 1 ORDER BY 1"
        )
        #expect(try await service.lines("SELECT * FROM changefeed.v1_summary(\(models), \(since))") == shown)
        #expect(shown.isEmpty == (since == "'2999-01-01'"))
    }
}
