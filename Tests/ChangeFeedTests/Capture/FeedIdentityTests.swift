import ChangeFeedTesting
import Postgres
import Testing

@Suite("The identity of the feed in the database")
struct FeedIdentityTests {
    static let check = "SELECT epoch, changed, reason FROM changefeed.check_identity()"

    @Test("a copy of a database is another feed, once")
    func copy() async throws {
        // Every clone of the template is such a copy.
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect(user: "changefeed_login")
        #expect(try await connection.lines(Self.check) == ["2|t|another database"])
        #expect(try await connection.lines(Self.check) == ["2|f|"])
    }

    @Test("another database.uuid raises the epoch, and new events carry it")
    func anotherUUID() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        _ = try await connection.query(Self.check)
        try await connection.execute(
            script: "UPDATE ir_config_parameter SET value = 'another' WHERE key = 'database.uuid'")
        #expect(try await connection.lines(Self.check) == ["3|t|another database.uuid"])
        try await connection.execute(script: "UPDATE res_partner SET phone = '1' WHERE id = 1")
        #expect(try await connection.value("SELECT epoch FROM changefeed.event") == "3")
    }

    @Test("checks at the same time raise it once")
    func atOnce() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let changes = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let connection = try await database.connect(user: "changefeed_login")
                    return try await connection.value("SELECT changed FROM changefeed.check_identity()")
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(changes.filter { $0 == "t" }.count == 1)
    }

    @Test(
        "a crash and recovery of the server is no new identity, and committed events survive it",
        .timeLimit(.minutes(10)))
    func crash() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.installed)
        try await database.psql("SELECT changefeed.check_identity()")
        try await database.psql("UPDATE res_partner SET phone = '1' WHERE id = 1", user: "odoo")
        try await cluster.restart(immediate: true)
        #expect(try await database.psql("SELECT changed FROM changefeed.check_identity()") == "f")
        #expect(try await database.psql("SELECT count(*) FROM changefeed.event") == "1")
        await cluster.remove()
    }
}
