@testable import ChangeFeed
@testable import ChangeFeedHTTP
import ChangeFeedTesting
import Foundation
import Glibc
import HTTPTypes
import Postgres
import Testing

/// A pull with nothing new is answered from memory, and by the database as soon as anything could make it another answer.
@Suite("Answers without news from memory", .timeLimit(.minutes(10)))
struct IdleAnswersTests {
    private static func installed(_ sql: String = "") async throws -> TestDatabase {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        if !sql.isEmpty { try await database.psql(sql) }
        return database
    }

    @Test("a pull with nothing new, its HEAD and a pull that waits run no statement")
    func silent() async throws {
        let here = try IdleReplica(try await Self.installed())
        let pull = try await here.settled()
        let asked = try await here.send(pull)
        try await eventually("HEAD is answered from memory") {
            try await here.send(IdleReplica.pull, method: .head).isRemembered
        }
        // On a busy machine the tailer may be late now and then, and the database is asked.
        try await eventually("twenty pulls and one that waits run no statement") {
            let before = try await here.statements()
            for _ in 0..<20 {
                let answer = try await here.send(pull).answer
                #expect(answer.status == 200 && answer.object["has_update"] as? Bool == false)
                #expect(answer.text == asked.answer.text)
                _ = try await here.send(IdleReplica.pull, method: .head)
            }
            #expect(try await here.send(pull + "&wait=1").answer.text == asked.answer.text)
            return try await here.statements() == before
        }
        // The database says the same, but for members that a client does not look at.
        let fresh = try await Service(here.database).send(pull, key: TestKeys.admin)
        #expect(NSDictionary(dictionary: fresh.object) == NSDictionary(dictionary: asked.answer.object))
    }

    @Test(
        "every part of the question and of who asks it is another question",
        arguments: [
            "&limit=7", "&max_bytes=1000", "&data=false", "&hashes=true", "&fields[res.partner]=name",
            "&models=res.partner", "&app_type=sales",
            "&allowed_company_ids=1", "&device_id=tablet", "",
        ])
    func questions(more: String) async throws {
        let here = try IdleReplica(try await Self.installed())
        let pull = try await here.settled()
        let other =
            more.contains("device_id") ? pull.replacing("device_id=phone", with: "device_id=tablet") : pull + more
        if more.isEmpty {
            try await here.remembers(other)
        } else {
            #expect(try await here.send(other).isRemembered == false)
        }
        #expect(try await here.send(pull, key: TestKeys.sales).isRemembered == false)
        #expect(try await here.send(pull, key: nil).answer.status == 401)
        #expect(try await here.send(pull, key: TestKeys.unknown).answer.status == 401)
        #expect(try await here.send(pull.replacing("sync_token=cf1_", with: "sync_token=cf1-")).isRemembered == false)
        #expect(try await here.send(IdleReplica.pull).isRemembered == false)
        #expect(try await here.send(pull + "&user_id=6").answer.code == "user_mismatch")
    }

    @Test("requests are counted, by user and device, as others are")
    func limits() async throws {
        let here = try IdleReplica(try await Self.installed()) { $0.rateLimits.syncPerDevice = 100_000 }
        let pull = try await here.settled()
        let first = try await here.remembers(pull)
        #expect(first.headers.contains { $0.name.rawName.lowercased() == "ratelimit" })
        #expect(here.service.log.text.contains("\"user_id\": 2"))
    }

    @Test("the next pull sends an event of one of its models; events of other models do not matter")
    func events() async throws {
        let here = try IdleReplica(try await Self.installed())
        let pull = try await here.settled(IdleReplica.pull + "&models=res.partner")
        try await here.database.psql("UPDATE sale_order SET state = 'a' WHERE id = 1", user: "odoo")
        try await Task.sleep(for: .milliseconds(500))
        try await here.remembers(pull)
        for write in ["UPDATE res_partner SET phone = '1' WHERE id = 1", "TRUNCATE res_partner CASCADE"] {
            let pull = try await here.settled(IdleReplica.pull + "&models=res.partner")
            try await here.database.psql(write)
            let answer = try #require(try await here.noticed(pull))
            #expect(answer.object["has_update"] as? Bool == true || answer.status == 410)
        }
    }

    @Test("a transaction that began before is sent when it commits")
    func lateCommit() async throws {
        let here = try IdleReplica(try await Self.installed())
        let writer = try await here.database.connect(user: "odoo")
        try await writer.execute(script: "BEGIN; UPDATE res_partner SET phone = '1' WHERE id = 1")
        let pull = try await here.settled()
        try await Task.sleep(for: .seconds(1))
        try await here.remembers(pull)
        try await writer.execute(script: "COMMIT")
        #expect(try #require(try await here.noticed(pull)).object["has_update"] as? Bool == true)
    }

    /// A change that every answer depends on, and the defence that notices it.
    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let sql: String
        let function: String
        let text: String
        let other: String
        /// Of the next answer.
        var status: Int?

        static let version = (
            "odoo_access_version", "concat_ws(':', mark, count(*), max(c.id), sum(hashint8extended(c.id, 0)))", "mark"
        )

        init(_ name: String, _ sql: String, _ defence: (String, String, String) = version, status: Int? = nil) {
            (testDescription, self.sql, function, text, other) = (name, sql, defence.0, defence.1, defence.2)
            self.status = status
        }
    }

    static let changes = [
        Change("a revoked key", "DELETE FROM res_users_apikeys WHERE user_id = 6", status: 401),
        Change(
            "a key that was made to expire",
            "UPDATE res_users_apikeys SET expiration_date = '2020-01-01' WHERE user_id = 6", status: 401),
        Change("an archived user", "UPDATE res_users SET active = false WHERE id = 6", status: 401),
        Change("a user who became a portal user", "UPDATE res_users SET share = true WHERE id = 6", status: 403),
        Change("a group", "DELETE FROM res_groups_users_rel WHERE uid = 6"),
        Change(
            "a right on a model",
            "DELETE FROM ir_model_access WHERE model_id = (SELECT id FROM ir_model WHERE model = 'sale.order')"),
        Change(
            "a rule",
            "INSERT INTO ir_rule (name, model_id, domain_force, global) SELECT 'own', id, '[(''id'', ''>'', 2)]', true FROM ir_model WHERE model = 'sale.order'"
        ),
        Change(
            "a company",
            "INSERT INTO res_company_users_rel (cid, user_id) SELECT c.id, 6 FROM res_company c ON CONFLICT DO NOTHING; DELETE FROM res_company_users_rel WHERE user_id = 6"
        ),
        Change("an app type", "UPDATE changefeed.app_type SET models = '{sale.order}' WHERE name = 'all'"),
        Change("which models are tracked, and how", "UPDATE changefeed.tracked_model SET model = model"),
        Change(
            "the database's secret", "UPDATE ir_config_parameter SET value = 'other' WHERE key = 'database.secret'",
            ("odoo_session_mark", "concat_ws(':', pg_postmaster_start_time(), mark, passkeys)", "''")),
        Change(
            "another epoch", "UPDATE changefeed.control SET epoch = epoch + 1",
            ("idle_state", "(SELECT c::text FROM changefeed.control c WHERE NOT c.paused)", "''"), status: 410),
        Change(
            "another identity", "UPDATE changefeed.identity SET feed = gen_random_uuid()",
            ("idle_state", "(SELECT i::text FROM changefeed.identity i)", "''"), status: 422),
        Change(
            "a gap", "INSERT INTO changefeed.gap (model, epoch, reason, from_log_id) SELECT 'sale.order', 1, 'test', 0",
            ("idle_state", "md5(string_agg(g::text, ' ' ORDER BY g.id))", "count(*) * 0")),
        Change(
            "an emptied slot",
            "UPDATE changefeed.slot SET emptied_at = now(), emptied_below = '99', emptied_snapshot = pg_current_snapshot() WHERE slot = 9",
            (
                "idle_state",
                "md5(string_agg(concat_ws(' ', s.slot, s.emptied_below, s.emptied_snapshot), ',' ORDER BY s.slot))",
                "count(*) * 0"
            )),
        Change(
            "the user's language",
            "UPDATE res_partner SET lang = 'fr_FR' WHERE id = (SELECT partner_id FROM res_users WHERE id = 6)",
            ("odoo_idle_caller", "WHERE p.id IS NOT NULL", "WHERE false")),
        Change(
            "a device that begins anew", "SELECT changefeed.reset_device(6, 'phone', 'earliest')",
            ("note_device_change", "CASE WHEN TG_LEVEL = 'ROW' THEN OLD.device_id END", "'nobody'")),
        Change(
            "a device that was removed", "DELETE FROM changefeed.device",
            ("note_device_change", "CASE WHEN TG_LEVEL = 'ROW' THEN OLD.device_id END", "'nobody'"), status: 410),
        Change(
            "a device that was retired", "UPDATE changefeed.device SET retired_at = now()",
            ("note_device_change", "CASE WHEN TG_LEVEL = 'ROW' THEN OLD.device_id END", "'nobody'"), status: 410),
        Change(
            "all devices removed", "TRUNCATE changefeed.device CASCADE",
            ("note_device_change", "CASE WHEN TG_LEVEL = 'ROW' THEN OLD.device_id END", "'nobody'"), status: 410),
    ]

    @Test("what answers depend on is noticed within a second", arguments: changes, [false, true])
    func noticed(change: Change, isSpoiled: Bool) async throws {
        let database = try await Self.installed(
            "UPDATE res_users SET partner_id = 3 WHERE id = 6")
        if isSpoiled { try await database.spoil(change.function, change.text, by: change.other) }
        let here = try IdleReplica(database)
        let pull = try await here.settled(IdleReplica.pull + "&models=sale.order", key: TestKeys.sales)
        try await database.psql(change.sql)
        #expect(try await here.dropped() != isSpoiled)
        if isSpoiled { return }
        let next = try await here.send(pull, key: TestKeys.sales)
        #expect(!next.isRemembered)
        if let status = change.status { #expect(next.answer.status == status) }
    }

    @Test(
        "where a trigger is missing by which changes are noticed, nothing is answered from memory",
        arguments: [
            "DROP TRIGGER changefeed_access ON res_users_apikeys",
            "ALTER TABLE ir_rule DISABLE TRIGGER changefeed_access",
            "DROP TRIGGER device_changed ON changefeed.device",
            "ALTER TABLE changefeed.device DISABLE TRIGGER device_removed",
            "SELECT changefeed.untrack('res.partner')", "SELECT changefeed.pause('test')",
        ])
    func missing(loss: String) async throws {
        let here = try IdleReplica(try await Self.installed())
        let pull = try await here.settled(IdleReplica.pull + "&models=sale.order")
        try await here.database.psql(loss)
        #expect(try await here.noticed(pull) != nil)
        for _ in 0..<20 {
            #expect(try await here.send(pull).isRemembered == false)
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    @Test(
        "what is done to a device at another replica is noticed here",
        arguments: [
            SyncTests.reset, "&models=res.partner", "&allowed_company_ids=1", "acknowledge",
        ], [false, true])
    func replicas(what: String, isSpoiled: Bool) async throws {
        let database = try await Self.installed()
        if isSpoiled {
            try await database.spoil(
                "note_device_change", "CASE WHEN TG_LEVEL = 'ROW' THEN OLD.device_id END", by: "'nobody'")
        }
        let (here, there) = (try IdleReplica(database), try IdleReplica(database, name: "two"))
        let pull = try await here.settled()
        switch what {
        case SyncTests.reset:
            let answer = try await there.service.send(
                what + "?device_id=phone&to=earliest", key: TestKeys.admin, headers: [.contentType: "application/json"],
                method: .post)
            #expect(answer.status == 200)
        case "acknowledge":
            // An acknowledgement follows events, which are noticed by themselves.
            try await database.psql("UPDATE res_partner SET phone = '1' WHERE id = 1", user: "odoo")
            let token = try #require(try await there.send(pull).answer.object["next_sync_token"] as? String)
            let settled = try await there.service.send(
                SyncTests.acknowledge, key: TestKeys.admin, method: .post,
                body: #"{"device_id":"phone","sync_token":"\#(token)"}"#)
            #expect(settled.object["acknowledged"] as? Int == 1)
            #expect(try await here.noticed(pull) != nil)
            return
        default:
            #expect(try await there.send(IdleReplica.pull + what).answer.status == 200)
        }
        #expect(try await here.dropped() != isSpoiled)
        if !isSpoiled { #expect(try await here.send(pull).isRemembered == false) }
    }

    @Test("what is done to a device at this replica counts from the next request on")
    func here() async throws {
        let here = try IdleReplica(try await Self.installed())
        for path in [
            SyncTests.reset + "?device_id=phone", IdleReplica.pull + "&models=res.partner",
            SyncTests.snapshot + "?device_id=phone&model=res.partner",
        ] {
            let pull = try await here.settled()
            let isReset = path.contains("reset")
            _ = try await here.service.send(
                path, key: TestKeys.admin, headers: isReset ? [.contentType: "application/json"] : [:],
                method: isReset ? .post : .get)
            #expect(try await here.send(pull).isRemembered == false, "\(path)")
        }
    }

    @Test("a session is looked for as often as ever, and its end is noticed")
    func sessions() async throws {
        let database = try await Self.installed()
        let folder = try SessionFolder()
        let files = SessionFiles(dataDirectory: folder.path, lifetime: .milliseconds(300))
        try folder.write(.sales, database: database.name)
        let here = try IdleReplica(database, authentication: .init(sessionChecks: [files]))
        let pull = try await here.settled(session: .sales)
        // Looked for again, without the database.
        try await eventually("it runs no statement") {
            let before = try await here.statements()
            try await Task.sleep(for: .milliseconds(400))
            let isRemembered = try await here.send(pull, session: .sales).isRemembered
            return try await isRemembered && here.statements() == before
        }
        try folder.remove(.sales)
        try await Task.sleep(for: .milliseconds(400))
        let gone = try await here.send(pull, session: .sales)
        #expect(gone.answer.status == 401 && !gone.isRemembered)
        // Back, of somebody else; and with another token.
        try folder.write(
            TestSession(id: TestSession.sales.id, user: 2, token: TestSession.sales.token), database: database.name)
        try await Task.sleep(for: .milliseconds(2_500))
        #expect(try await here.send(pull, session: .sales).answer.status == 401)
    }

    @Test("a session that was idle for too long is refused", arguments: [false, true])
    func inactivity(isSpoiled: Bool) async throws {
        let database = try await Self.installed(
            "INSERT INTO ir_config_parameter (key, value) VALUES ('sessions.max_inactivity_seconds', '8')")
        if isSpoiled {
            try await database.spoil("odoo_idle_caller", "THEN v.longest::bigint ELSE", by: "THEN 604800 ELSE")
        }
        let folder = try SessionFolder()
        let files = SessionFiles(dataDirectory: folder.path, lifetime: .seconds(60))
        try folder.write(.sales, database: database.name)
        let here = try IdleReplica(database, authentication: .init(sessionChecks: [files]))
        let pull = try await here.settled(session: .sales)
        try await Task.sleep(for: .seconds(8))
        #expect(try await here.send(pull, session: .sales).answer.status == (isSpoiled ? 200 : 401))
    }

    @Test("a key is not believed beyond its end", arguments: [false, true])
    func expiry(isSpoiled: Bool) async throws {
        let database = try await Self.installed(
            "UPDATE res_users_apikeys SET expiration_date = now() AT TIME ZONE 'UTC' + interval '15 seconds' WHERE user_id = 6"
        )
        if isSpoiled {
            try await database.spoil(
                "odoo_idle_caller", "clock_timestamp() AT TIME ZONE 'UTC'", by: "'1999-01-01'::timestamp")
        }
        let here = try IdleReplica(database)
        let pull = try await here.settled(key: TestKeys.sales)
        try await Task.sleep(for: .seconds(15))
        #expect(try await here.send(pull, key: TestKeys.sales).answer.status == (isSpoiled ? 200 : 401))
    }

    @Test(
        "without a tailer, and with one that does not come through, the database is asked",
        arguments: ["stopped", "ended", "frozen", "aside"])
    func tailer(state: String) async throws {
        let here = try IdleReplica(try await Self.installed())
        let pull = try await here.settled()
        switch state {
        case "stopped": await here.stop()
        case "ended": try await here.database.psql("SELECT pg_terminate_backend(\(here.listener))")
        case "frozen": kill(here.listener, SIGSTOP)
        default: await here.tailer.standAside()
        }
        defer { kill(here.listener, SIGCONT) }
        try await here.database.psql("UPDATE res_partner SET phone = '1' WHERE id = 1", user: "odoo")
        #expect(try #require(try await here.noticed(pull)).object["has_update"] as? Bool == true)
        if state == "stopped" || state == "frozen" || state == "aside" {
            #expect(try await here.send(pull).isRemembered == false)
        }
    }

    @Test("a listener that hears nothing is late by less than a second")
    func deaf() async throws {
        let here = try IdleReplica(try await Self.installed())
        try await here.database.spoil("ring", "pg_notify('changefeed_bell', '')", by: "1")
        try await here.database.spoil("capture_update", "pg_notify('changefeed_bell', '')", by: "1")
        try await here.database.spoil("capture_access", "pg_notify('changefeed_bell', '')", by: "1")
        for change in ["UPDATE res_partner SET phone = '1' WHERE id = 1", "UPDATE res_users SET login = login"] {
            let pull = try await here.settled()
            try await Task.sleep(for: .milliseconds(200))
            try await here.database.psql(change)
            #expect(try await here.noticed(pull) != nil, "\(change)")
        }
    }

    @Test("the memory is bounded")
    func bounded() async throws {
        let here = try IdleReplica(try await Self.installed(), capacity: 10)
        _ = try await here.settled()
        for number in 0..<30 {
            let uri = SyncTests.pull + "?device_id=other-\(number)"
            let token = try #require(try await here.send(uri).answer.object["next_sync_token"] as? String)
            _ = try await here.send(uri + "&sync_token=" + token)
            #expect(here.memory.count <= 10)
        }
        _ = try await here.settled()
    }

    @Test("a waiting pull gets a change, whenever it comes")
    func waiting() async throws {
        let here = try IdleReplica(try await Self.installed())
        for delay in [0, 1, 5, 300] {
            let pull = try await here.settled()
            async let waiting = here.send(pull + "&wait=30")
            try await Task.sleep(for: .milliseconds(delay))
            try await here.database.psql("UPDATE res_partner SET phone = '\(delay)' WHERE id = 1", user: "odoo")
            let began = ContinuousClock.now
            #expect(try await waiting.answer.object["has_update"] as? Bool == true)
            #expect(ContinuousClock.now - began < .seconds(10))
        }
    }
}
