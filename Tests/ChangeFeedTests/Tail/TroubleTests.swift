@testable import ChangeFeed
import ChangeFeedTesting
import Foundation
import Glibc
import Postgres
import Synchronization
import Testing

@Suite("What troubles are called", .timeLimit(.minutes(10)))
struct TroubleTests {
    private final class Said: Sendable {
        private let all = Mutex<[FeedObservation]>([])
        var observations: [FeedObservation] { all.withLock { $0 } }
        var kinds: [Trouble.Kind] {
            observations.compactMap { if case .troubled(_, let trouble) = $0 { trouble.kind } else { nil } }
        }
        func add(_ observation: FeedObservation) { all.withLock { $0.append(observation) } }
    }

    private func trouble(_ body: () async throws -> Void) async -> Trouble? {
        do {
            try await body()
            return nil
        } catch {
            return Trouble(error)
        }
    }

    @Test("database errors are distinguished")
    func database() async throws {
        let cluster = try await PrivateCluster.shared()
        let database = try await cluster.createDatabase(.installed)
        let connection = try await database.connect(user: "changefeed_login")
        #expect(await trouble { _ = try await connection.query("SELECT * FROM res_partner") }?.kind == .permission)
        #expect(await trouble { _ = try await connection.query("SELECT * FROM public.nowhere") }?.kind == .missing)
        #expect(
            await trouble {
                _ = try await connection.query("SET statement_timeout = 1; ");
                _ = try await connection.query("SELECT pg_sleep(9)")
            }?.kind == .timeout)
        #expect(
            await trouble { _ = try await connection.query("SELECT 'secret'::int") }?.reason.contains("secret") == false
        )
        #expect(
            await trouble {
                _ = try await Connection.connect(ConnectionConfiguration("host=/nonexistent dbname=none"))
            }?.kind == .connection)
        #expect(
            await trouble { _ = try await Connection.connect(database.configuration(user: "nobody_there")) }?.kind
                == .permission)
        let proxy = try await cluster.proxy()
        let tls = try ConnectionConfiguration(
            "host=127.0.0.1 port=\(proxy.port) user=postgres dbname=\(database.name) sslmode=require")
        #expect(await trouble { _ = try await Connection.connect(tls) }?.kind == .tls)
        await proxy.stop()
    }

    @Test("unreadable, missing and failing files are distinguished")
    func files() {
        #expect(Trouble(errno: EACCES, "/x").kind == .permission)
        #expect(Trouble(errno: ENOENT, "/x").kind == .missing)
        #expect(Trouble(errno: EIO, "/x").kind == .connection)
    }

    @Test("each kind is said once, and again when it comes back after it was over")
    func once() {
        let said = Said()
        let troubles = Troubles("x") { said.add($0) }
        for _ in 0..<100 {
            troubles.note(Trouble(.timeout, "slow"))
            troubles.note(Trouble(.permission, "denied"))
            // Success in between is no recovery yet.
            troubles.noteSuccess()
        }
        #expect(said.kinds == [.timeout, .permission])
        #expect(said.observations.count == 2)
    }

    @Test("session files say why, once per kind, and never which session")
    func sessionFiles() async throws {
        let said = Said()
        let folder = NSTemporaryDirectory() + "cf-trouble-\(UInt64.random(in: 0 ... .max))"
        let session = try #require(SessionID(String(repeating: "a", count: 84)))
        let files = SessionFiles(dataDirectory: folder, troubles: Troubles("session files") { said.add($0) })
        for _ in 0..<3 { await #expect(throws: AuthenticationError.odooUnreachable) { try await files.find(session) } }
        #expect(said.kinds == [.missing])
        let shelf = folder + "/sessions/aa"
        try FileManager.default.createDirectory(atPath: shelf, withIntermediateDirectories: true)
        try Data("neither JSON nor a pickle".utf8).write(to: URL(fileURLWithPath: shelf + "/" + session.text))
        #expect(try await files.find(session) == nil)
        #expect(said.kinds == [.missing, .decoding])
        #expect(!"\(said.observations)".contains(session.text))
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test("a missing grant on session_db's table is said as one")
    func sessionTable() async throws {
        let said = Said()
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            "CREATE TABLE http_sessions (sid varchar PRIMARY KEY, write_date timestamp NOT NULL, payload text NOT NULL)",
            user: "odoo")
        let pool = ConnectionPool(try database.configuration(user: "changefeed_login"), maximumConnections: 1)
        let table = SessionTable(pool: pool, troubles: Troubles("session_db") { said.add($0) })
        let session = try #require(SessionID(String(repeating: "a", count: 84)))
        for _ in 0..<3 { await #expect(throws: AuthenticationError.odooUnreachable) { try await table.find(session) } }
        #expect(said.kinds == [.permission])
        #expect("\(said.observations)".contains("http_sessions"))
        await pool.close()
    }

    @Test("an absent Odoo, a hanging one, and another program are distinguished")
    func odoo() async throws {
        let said = Said()
        let troubles = Troubles("Odoo") { said.add($0) }
        let session = try #require(SessionID(String(repeating: "a", count: 84)))
        func ask(_ url: String) async {
            var configuration = OdooSessions.Configuration(url: url)
            (configuration.timeout, configuration.pauses) = (.milliseconds(500), [])
            let sessions = OdooSessions(configuration, troubles: troubles)
            await #expect(throws: AuthenticationError.odooUnreachable) { try await sessions.find(session) }
            await sessions.shutdown()
        }
        await ask("http://127.0.0.1:1")
        let stub = try await StubOdoo()
        stub.behave(.hangs)
        await ask(stub.url)
        stub.behave(.says(status: 200, body: "<html>a login page of something else</html>"))
        await ask(stub.url)
        #expect(said.kinds == [.connection, .timeout, .decoding])
        stub.behave(.answers)
        await ask(stub.url.replacingOccurrences(of: "http:", with: "https:"))
        #expect(said.kinds.last == .tls)
        await stub.stop()
    }
}
