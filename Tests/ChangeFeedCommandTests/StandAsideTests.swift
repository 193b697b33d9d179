import ChangeFeedTesting
import Foundation
import Postgres
import Testing

/// Odoo's database manager (odoo/service/db.py) beside a running service: it ends the sessions that it may end, and then
/// copies, renames or drops the database as its owner.
@Suite("The service disconnects for Odoo's database manager", .timeLimit(.minutes(10)))
struct StandAsideTests {
    private static let releases: [Int?] = [nil] + [13, 18].filter { ServerPrograms.fetched($0) != nil }.map { $0 }

    private static func cluster(_ release: Int?) async throws -> (PrivateCluster, TestDatabase) {
        let cluster = try await PrivateCluster.make(server: release.flatMap { ServerPrograms.fetched($0) })
        let database = try await cluster.createDatabase(.installed)
        try await database.psql("ALTER ROLE odoo CREATEDB; ALTER DATABASE \(database.name) OWNER TO odoo")
        return (cluster, database)
    }

    private static func manager(_ cluster: PrivateCluster, _ database: TestDatabase, _ command: String) async throws {
        let postgres = cluster.database(named: "postgres")
        // Odoo swallows the error: its role is no member of the service's.
        _ = try? await postgres.psql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(database.name)' AND pid <> pg_backend_pid()",
            user: "odoo")
        try await postgres.psql(command, user: "odoo")
    }

    @Test(
        "duplicate, rename and drop succeed as Odoo's role, and the service reconnects automatically",
        arguments: releases)
    func manager(_ release: Int?) async throws {
        let (cluster, database) = try await Self.cluster(release)
        let service = try RunningService(database.conninfo(user: "changefeed_login"))
        try await service.ready()
        #expect(try await service.events(TestKeys.admin).status == 200)

        // The service has no right that would let this role end its sessions, and Odoo's has none on them.
        #expect(
            try await database.psql(
                "SELECT pg_has_role('odoo', 'changefeed_login', 'MEMBER') OR pg_has_role('odoo', 'pg_signal_backend', 'MEMBER')"
            ) == "f")
        try await Self.manager(
            cluster, database, "CREATE DATABASE staging ENCODING 'unicode' TEMPLATE \(database.name)")
        #expect(
            try await cluster.database(named: "staging").psql("SELECT reasons FROM changefeed.delivery_state()")
                == "{copy}")
        try await eventually("it is served again: \(service.process.errors)") {
            try await service.events(TestKeys.admin).status == 200
        }
        try await service.ready()
        // It follows as before: nothing that was written meanwhile is lost.
        try await database.psql("UPDATE res_partner SET phone = '2' WHERE id = 2", user: "odoo")
        try await eventually("the event came") {
            try await service.events(TestKeys.admin).body.contains(#""record_id":2,"#)
        }

        try await Self.manager(cluster, database, "ALTER DATABASE \(database.name) RENAME TO elsewhere")
        try await eventually("it says why: \(service.process.errors)") {
            let answer = try await Curl.get(service.url + "/readyz")
            return answer.status == 503 && answer.body.contains("does not exist")
        }
        let answer = try await service.events(TestKeys.admin)
        #expect(answer.status == 503 && answer.body.contains(#""code":"database_unavailable""#), "\(answer)")
        #expect(try await Curl.get(service.url + "/healthz").status == 200)
        try await cluster.database(named: "postgres").psql(
            "ALTER DATABASE elsewhere RENAME TO \(database.name)", user: "odoo")
        try await eventually("it is back: \(service.process.errors)") {
            try await service.events(TestKeys.admin).status == 200
        }
        try await service.ready()

        try await Self.manager(cluster, database, "DROP DATABASE \(database.name)")
        #expect(
            try await cluster.database(named: "postgres").psql(
                "SELECT count(*) FROM pg_database WHERE datname = '\(database.name)'") == "0")
        let said = service.process.errors
        #expect(
            said.contains("the database is being copied, renamed or dropped")
                && said.contains("the database may be used again"), "\(said)")
        service.process.terminate()
        #expect(try await service.process.waitForExit() == 0, "\(service.process.errors)")
        await cluster.remove()
    }

    @Test("a running statement is cancelled, so that the manager does not wait for a long one")
    func longStatement() async throws {
        let (cluster, database) = try await Self.cluster(nil)
        let pool = ConnectionPool(try database.configuration(user: "changefeed_login"), maximumConnections: 4)
        let running = Task { try await pool.query(Query("SELECT pg_sleep(600)")) }
        try await eventually("it runs") {
            try await cluster.database(named: "postgres").psql(
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'") == "1"
        }
        await pool.standAside()
        await #expect(throws: PostgresError.self) { try await pool.query(Query("SELECT 1")) }
        try await eventually("all are back") { pool.endLent() == 0 }
        await #expect(throws: PostgresError.self) { try await running.value }
        #expect(pool.statistics.open == 0)
        try await database.psql("DROP DATABASE \(database.name)", user: "odoo", in: "postgres")
        await cluster.remove()
    }

    @Test("who connects, a comment, rights or settings of the database are no reason to go; another database neither")
    func noReason() async throws {
        let (cluster, database) = try await Self.cluster(nil)
        let service = try await database.connect(user: "changefeed_login")
        let wanted = "SELECT changefeed.is_wanted()"
        let other = try await database.connect()
        for statement in [
            "COMMENT ON DATABASE \(database.name) IS 'x'", "ALTER DATABASE \(database.name) SET work_mem = '8MB'",
            "GRANT CONNECT ON DATABASE \(database.name) TO odoo", "LOCK TABLE res_partner IN ACCESS EXCLUSIVE MODE",
            "ANALYZE res_partner",
        ] {
            try await other.execute(script: "BEGIN; \(statement)")
            #expect(try await service.value(wanted) == "f", "\(statement)")
            try await other.execute(script: "ROLLBACK")
        }
        // Another database's lock, for as long as this one's session lasts.
        let third = try await cluster.createDatabase(.empty)
        let busy = try await third.connect()
        let dropping = Task { try? await third.psql("DROP DATABASE \(third.name)", in: "postgres") }
        try await eventually("it waits") {
            try await database.psql(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'object' AND mode = 'AccessExclusiveLock' AND classid = 1262"
            ) == "1"
        }
        #expect(try await service.value(wanted) == "f")
        await busy.close()
        _ = await dropping.value
        await cluster.remove()
    }
}
