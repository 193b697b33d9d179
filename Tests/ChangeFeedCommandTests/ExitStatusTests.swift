@testable import ChangeFeedCommand
@testable import ChangeFeedSettings
import ChangeFeed
import ChangeFeedTesting
import Postgres
import Testing

@Suite("Exit codes")
struct ExitStatusTests {
    @Test(
        "69 is for a database that was not reached or went away, 77 for one that forbids, 1 for what it ends or refuses",
        arguments: [
            (PostgresError(.connectionFailed, "no server"), ChangeFeedSettings.ExitStatus.unavailable),
            (PostgresError(.connectionFailed, "too many clients", sqlState: "53300"), .unavailable),
            (PostgresError(.connectionLost, "lost"), .unavailable),
            (PostgresError(.poolExhausted, "none free"), .unavailable),
            (PostgresError(.server, "shutting down", sqlState: "57P01"), .unavailable),
            (PostgresError(.server, "starting up", sqlState: "57P03"), .unavailable),
            (PostgresError(.server, "no connection to spare", sqlState: "53300"), .unavailable),
            (PostgresError(.server, "connection failure", sqlState: "08006"), .unavailable),
            (PostgresError(.server, "permission denied", sqlState: "42501"), .notPermitted),
            (PostgresError(.timeout, "statement timeout", sqlState: "57014"), .failed),
            (PostgresError(.cancelled, "cancelled", sqlState: "57014"), .failed),
            (PostgresError(.server, "lock timeout", sqlState: "55P03"), .failed),
            (PostgresError(.server, "disk full", sqlState: "53100"), .failed),
            (PostgresError(.server, "read-only", sqlState: "25006"), .failed),
            (PostgresError(.server, "no state"), .failed), (PostgresError(.standby, "standby"), .failed),
            (PostgresError(.decoding, "shape"), .failed),
            (PostgresError(.invalidConfiguration, "unreadable"), .configuration),
        ])
    func mapping(error: PostgresError, status: ChangeFeedSettings.ExitStatus) {
        #expect(ChangeFeedSettings.ExitStatus(error) == status)
    }

    @Test(
        "a command that a statement timeout ends was not unreachable",
        arguments: [["verify"], ["status"], ["field", "list"], ["archive"]])
    func timeout(command: [String]) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        // The connection string's own limit, which stays; a lock makes it be reached.
        let holder = try await database.connect()
        try await holder.execute(
            script:
                "BEGIN; LOCK TABLE changefeed.tracked_model, changefeed.control, changefeed.retention IN ACCESS EXCLUSIVE MODE"
        )
        let result = try await BuiltBinary.run(
            command + [
                "--database", database.conninfo(user: "changefeed_login") + " options='-c statement_timeout=300ms'",
            ])
        #expect(result.status == 1, "\(result)")
        #expect(result.errors.contains("57014"), "\(result)")
        await holder.close()
    }

    @Test("a limit of the database's own does not end verify")
    func databaseTimeout() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql("ALTER DATABASE \(database.name) SET statement_timeout = '1ms'")
        let result = try await BuiltBinary.run(["verify", "--database", database.conninfo(user: "changefeed_login")])
        #expect(result.status == 0, "\(result)")
    }
}
