import ChangeFeedTesting
import Postgres
import Testing

@Suite("The doorbell in the triggers", .timeLimit(.minutes(10)))
struct BellTests {
    static let statements = [
        ("INSERT INTO res_partner (name) VALUES ('x')", true),
        ("UPDATE res_partner SET phone = '1' WHERE id = 1", true),
        ("DELETE FROM res_partner WHERE id = 20", true), ("TRUNCATE account_move", true),
        ("UPDATE res_partner SET phone = '1' WHERE false", false), ("DELETE FROM res_partner WHERE false", false),
        ("BEGIN; UPDATE res_partner SET phone = '1' WHERE id = 1; ROLLBACK", false),
    ]

    @Test("while the tailer sleeps, a change rings and a statement without rows does not", arguments: statements)
    func asleep(_ sql: String, _ rings: Bool) async throws {
        #expect(try await firstNotification(asleep: true, sql) == (rings ? "" : "nothing else"))
    }

    @Test("while the tailer is awake, nothing rings", arguments: statements.filter(\.1).map(\.0))
    func awake(_ sql: String) async throws {
        #expect(try await firstNotification(asleep: false, sql) == "nothing else")
    }

    @Test("a transaction of many statements rings once")
    func once() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let listener = try await database.connect()
        try await listener.listen("changefeed_bell")
        _ = try await listener.query("SELECT pg_advisory_lock(changefeed.bell_key())")
        let writer = try await database.connect()
        try await writer.execute(
            script: """
                BEGIN;
                UPDATE res_partner SET phone = '1' WHERE id = 1;
                UPDATE sale_order SET state = 'sale' WHERE id = 1;
                UPDATE res_partner SET phone = '2' WHERE id = 1;
                COMMIT;
                NOTIFY changefeed_bell, 'nothing else';
                """)
        var notifications = listener.notifications.makeAsyncIterator()
        #expect(await notifications.next()?.payload == "")
        #expect(await notifications.next()?.payload == "nothing else")
    }

    @Test("the bell is heard after the commit, when the event can be read")
    func afterCommit() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let listener = try await database.connect()
        try await listener.listen("changefeed_bell")
        _ = try await listener.query("SELECT pg_advisory_lock(changefeed.bell_key())")
        let seen = try await listener.snapshot()
        let writer = try await database.connect(user: "odoo")
        try await writer.execute(script: "UPDATE res_partner SET phone = '1' WHERE id = 1")
        var notifications = listener.notifications.makeAsyncIterator()
        #expect(await notifications.next()?.payload == "")
        #expect(try await listener.value("SELECT count(*) FROM changefeed.tail($1)", [.text(seen)]) == "1")
    }

    @Test("the tailer cannot fall asleep while a transaction that saw it awake is running")
    func keepsAwake() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let writer = try await database.connect(user: "odoo")
        let tailer = try await database.connect()
        let fallAsleep = "SELECT pg_try_advisory_lock(changefeed.bell_key())"
        try await writer.execute(script: "BEGIN; UPDATE res_partner SET phone = '1' WHERE id = 1")
        #expect(try await tailer.value(fallAsleep) == "f")
        try await writer.execute(script: "COMMIT")
        #expect(try await tailer.value(fallAsleep) == "t")
    }

    @Test("ring() takes the same path and says whether somebody sleeps")
    func ring() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let service = try await database.connect(user: "changefeed_login")
        #expect(try await service.value("SELECT changefeed.ring()") == "f")
        let listener = try await database.connect(user: "changefeed_login")
        try await listener.listen("changefeed_bell")
        _ = try await listener.query("SELECT pg_advisory_lock(changefeed.bell_key())")
        #expect(try await service.value("SELECT changefeed.ring()") == "t")
        var notifications = listener.notifications.makeAsyncIterator()
        #expect(await notifications.next()?.payload == "")
    }

    /// What is heard first when the statement has run and somebody then says "nothing else".
    private func firstNotification(asleep: Bool, _ sql: String) async throws -> String? {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let listener = try await database.connect()
        try await listener.listen("changefeed_bell")
        if asleep { _ = try await listener.query("SELECT pg_advisory_lock(changefeed.bell_key())") }
        let writer = try await database.connect(user: "odoo")
        try await writer.execute(script: sql)
        try await writer.execute(script: "NOTIFY changefeed_bell, 'nothing else'")
        var notifications = listener.notifications.makeAsyncIterator()
        return await notifications.next()?.payload
    }
}
