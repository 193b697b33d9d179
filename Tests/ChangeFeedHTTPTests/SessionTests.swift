@testable import ChangeFeedHTTP
import ChangeFeed
import ChangeFeedTesting
import Foundation
import HTTPTypes
import Postgres
import Testing

@Suite("A session", .timeLimit(.minutes(10)))
struct SessionTests {
    private static let path = "/api/v1/webhook/events"

    /// A database with one change, and session files.
    private func byFiles(allowPortal: Bool = false) async throws -> (TestDatabase, SessionFolder, Service) {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql("UPDATE res_partner SET phone = '1' WHERE id = 3", user: "odoo")
        let folder = try SessionFolder()
        let files = SessionFiles(dataDirectory: folder.path, lifetime: .zero)
        return (
            database, folder,
            try Service(database, authentication: .init(sessionChecks: [files], allowPortalUsers: allowPortal))
        )
    }

    private func byOdoo(timeout: Duration = .seconds(20)) async throws -> (StubOdoo, Service) {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let odoo = try await StubOdoo()
        var configuration = OdooSessions.Configuration(url: odoo.url)
        configuration.timeout = timeout
        configuration.pauses = [.milliseconds(1), .milliseconds(2)]
        return (odoo, try Service(database, authentication: .init(sessionChecks: [OdooSessions(configuration)])))
    }

    @Test(
        "opens the feed by each of its headers and by the cookie",
        arguments: ["session_id", "session-id", "X-Session-Id", "Cookie"])
    func headers(name: String) async throws {
        let (database, folder, service) = try await byFiles()
        try folder.write(.admin, database: database.name)
        let value = name == "Cookie" ? "frontend_lang=en_US; session_id=\(TestSession.admin.id)" : TestSession.admin.id
        let answer = try await service.send(Self.path, headers: [try #require(HTTPField.Name(name)): value])
        #expect(answer.status == 200)
        #expect(answer.array?.count == 1)
        #expect(!service.log.text.contains(TestSession.admin.id))
        #expect(service.log.text.contains("\"user_id\": 2"))
    }

    @Test("ends immediately for a user who is deactivated, and when the file is gone")
    func ended() async throws {
        let (database, folder, service) = try await byFiles()
        try folder.write(.sales, database: database.name)
        #expect(try await service.send(Self.path, session: .sales).status == 200)
        try await database.psql("UPDATE res_users SET active = false WHERE id = 6", user: "odoo")
        #expect(try await service.send(Self.path, session: .sales).code == "session_invalid")
        try await database.psql("UPDATE res_users SET active = true WHERE id = 6", user: "odoo")
        let (other, files, second) = try await byFiles()
        try files.write(.sales, database: other.name)
        #expect(try await second.send(Self.path, session: .sales).status == 200)
        try files.remove(.sales)
        #expect(try await second.send(Self.path, session: .sales).status == 401)
    }

    @Test("is refused when it is forged, old, of another database or the superuser's")
    func refused() async throws {
        let (database, folder, service) = try await byFiles()
        func status(_ session: TestSession, _ write: () throws -> Void) async throws -> Int {
            try write()
            return try await service.send(Self.path, session: session).status
        }
        let forged = TestSession(id: TestSession.sales.id, user: 2, token: TestSession.sales.token)
        #expect(try await status(forged) { try folder.write(forged, database: database.name) } == 401)
        #expect(try await status(.admin) { try folder.write(.admin, database: database.name, age: 700_000) } == 401)
        #expect(try await status(.newerAdmin) { try folder.write(.newerAdmin, database: "another") } == 401)
        try await database.psql("UPDATE res_users SET active = true WHERE id = 1", user: "odoo")
        #expect(try await status(.superuser) { try folder.write(.superuser, database: database.name) } == 401)
        #expect(try await status(.inactive) { try folder.write(.inactive, database: database.name) } == 401)
    }

    @Test("a client that names another database is refused, with session and key, known or not")
    func database() async throws {
        let (database, folder, service) = try await byFiles()
        try folder.write(.admin, database: database.name)
        let name = try #require(HTTPField.Name("X-Odoo-Database"))
        for _ in 0..<2 {
            #expect(try await service.send(Self.path, headers: [name: database.name], session: .admin).status == 200)
            #expect(try await service.send(Self.path, headers: [name: "another"], session: .admin).status == 401)
            #expect(
                try await service.send(Self.path, key: TestKeys.admin, headers: [name: database.name]).status == 200)
            #expect(try await service.send(Self.path, key: TestKeys.admin, headers: [name: "another"]).status == 401)
        }
    }

    @Test("a client that names a wrong database does not lock its key out")
    func wrongDatabase() async throws {
        let (_, _, service) = try await byFiles()
        #expect(try await service.send(Self.path, key: TestKeys.admin).status == 200)
        let name = try #require(HTTPField.Name("X-Odoo-Database"))
        for _ in 0..<15 {
            #expect(try await service.send(Self.path, key: TestKeys.admin, headers: [name: "other"]).status == 401)
        }
        #expect(try await service.send(Self.path, key: TestKeys.admin).status == 200)
    }

    @Test("a session whose id Odoo has replaced ends when Odoo says so")
    func rotated() async throws {
        let (database, folder, service) = try await byFiles()
        let json = TestSession.admin.json(database: database.name)
        let now = Date().timeIntervalSince1970
        try folder.write(
            json.replacingOccurrences(of: "{\"db\"", with: "{\"deletion_time\": \(now + 1_000), \"db\""),
            as: TestSession.admin.id)
        #expect(try await service.send(Self.path, session: .admin).status == 200)
        try folder.write(
            json.replacingOccurrences(of: "{\"db\"", with: "{\"deletion_time\": \(now - 1), \"db\""),
            as: TestSession.admin.id)
        #expect(try await service.send(Self.path, session: .admin).status == 401)
    }

    @Test("in the query it is refused with a message, unless the operator allows it")
    func query() async throws {
        let (database, folder, service) = try await byFiles()
        try folder.write(.admin, database: database.name)
        let answer = try await service.send("\(Self.path)?session_id=\(TestSession.admin.id)&limit=1")
        #expect(answer.status == 422 && answer.code == "session_in_query")
        #expect(!answer.text.contains(TestSession.admin.id))
        let files = SessionFiles(dataDirectory: folder.path)
        let open = try Service(database, authentication: .init(sessionChecks: [files])) {
            $0.allowSessionInQuery = true
        }
        #expect(try await open.send("\(Self.path)?session_id=\(TestSession.admin.id)&limit=1").status == 200)
        #expect(!open.log.text.contains(TestSession.admin.id))
    }

    @Test(
        "malformed ones are refused without a look at the disk",
        arguments: ["x", "../../../../etc/passwd", "a b", String(repeating: "a", count: 2_000)])
    func malformed(text: String) async throws {
        let answer = try await Service().send(Self.path, headers: [try #require(HTTPField.Name("X-Session-Id")): text])
        #expect(answer.status == 401 && answer.code == "session_malformed")
    }

    @Test("portal users are let in only where the operator allows them, by session and by key")
    func portal() async throws {
        for allowed in [false, true] {
            let (database, folder, service) = try await byFiles(allowPortal: allowed)
            try folder.write(.portal, database: database.name)
            for _ in 0..<2 {
                let bySession = try await service.send(Self.path, session: .portal)
                let byKey = try await service.send(Self.path, key: TestKeys.portal)
                for answer in [bySession, byKey] {
                    #expect(answer.status == (allowed ? 200 : 403))
                    #expect(answer.code == (allowed ? nil : "portal_not_allowed"))
                }
            }
        }
    }

    @Test("a user who becomes a portal user is refused in the next request")
    func becomesPortal() async throws {
        let (database, _, service) = try await byFiles()
        #expect(try await service.send(Self.path, key: TestKeys.sales).status == 200)
        try await database.psql("UPDATE res_users SET share = true WHERE id = 6", user: "odoo")
        #expect(try await service.send(Self.path, key: TestKeys.sales).status == 403)
    }

    @Test("without a way to check it, the answer says so")
    func notConfigured() async throws {
        let answer = try await Service().send(Self.path, session: .admin)
        #expect(answer.status == 401 && answer.code == "sessions_not_configured")
    }

    @Test("Odoo is asked in the way that does not prolong it, once for a while, and its Set-Cookie is handed on")
    func odoo() async throws {
        let (odoo, service) = try await byOdoo()
        odoo.know(TestSession.admin.id, user: 2)
        odoo.set(cookie: "session_id=rotated; Path=/; HttpOnly")
        let first = try await service.send(Self.path, session: .admin)
        #expect(first.status == 200)
        #expect(first.headers[.setCookie] == "session_id=rotated; Path=/; HttpOnly")
        let second = try await service.send(Self.path, session: .admin)
        #expect(second.status == 200 && second.headers[.setCookie] == nil)
        #expect(odoo.questions.count == 1)
        let question = try #require(odoo.questions.first)
        #expect(question.hasPrefix("POST /web/dataset/call_kw ") && question.contains(#""method":"context_get""#))
        #expect(try await service.send(Self.path, session: .sales).code == "session_invalid")
        #expect(try await service.send(Self.path, session: .sales).code == "session_invalid")
        #expect(odoo.questions.count == 2)
        await odoo.stop()
    }

    @Test("a user whom Odoo confirms is still checked against the database", arguments: [1, 7, 4711])
    func confirmed(user: Int) async throws {
        let (odoo, service) = try await byOdoo()
        odoo.know(TestSession.admin.id, user: user)
        #expect(try await service.send(Self.path, session: .admin).status == 401)
        await odoo.stop()
    }

    @Test(
        "while Odoo does not answer, it gets 502, and keys keep working",
        arguments: [
            StubOdoo.Behaviour.hangs, .stalls, .says(status: 500, body: "{}"), .says(status: 200, body: "<html>"),
            .says(status: 303, body: ""),
            .says(status: 200, body: #"{"error":{"code":200,"message":"Odoo Server Error"}}"#), .drops(times: 3),
        ])
    func unreachable(behaviour: StubOdoo.Behaviour) async throws {
        var patience: Duration = .seconds(20)
        if case .stalls = behaviour { patience = .milliseconds(300) }
        if case .hangs = behaviour { patience = .milliseconds(300) }
        let (odoo, service) = try await byOdoo(timeout: patience)
        odoo.know(TestSession.admin.id, user: 2)
        odoo.behave(behaviour)
        let answer = try await service.send(Self.path, session: .admin)
        #expect(answer.status == 502 && answer.code == "odoo_unreachable")
        #expect(answer.headers[.retryAfter] != nil)
        #expect(try await service.send(Self.path, key: TestKeys.admin).status == 200)
        odoo.behave(.answers)
        try await eventually("it works again") { try await service.send(Self.path, session: .admin).status == 200 }
        await odoo.stop()
    }

    @Test("connection errors are tried again")
    func retries() async throws {
        let (odoo, service) = try await byOdoo()
        odoo.know(TestSession.admin.id, user: 2)
        odoo.behave(.drops(times: 2))
        #expect(try await service.send(Self.path, session: .admin).status == 200)
        await odoo.stop()
    }

    @Test("OCA's session_db is read from its table")
    func sessionTable() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            "CREATE TABLE http_sessions (sid varchar PRIMARY KEY, write_date timestamp NOT NULL, payload text NOT NULL)",
            user: "odoo")
        try await database.psql(
            "INSERT INTO http_sessions VALUES ('\(TestSession.admin.id)', now() AT TIME ZONE 'UTC', $$\(TestSession.admin.json(database: database.name))$$)",
            user: "odoo")
        let table = SessionTable(
            pool: ConnectionPool(try database.configuration(user: "odoo"), maximumConnections: 1), lifetime: .zero)
        let service = try Service(database, authentication: .init(sessionChecks: [table]))
        #expect(try await service.send(Self.path, session: .admin).status == 200)
        #expect(try await service.send(Self.path, session: .sales).status == 401)
        try await database.psql("UPDATE http_sessions SET write_date = write_date - interval '8 days'", user: "odoo")
        #expect(try await service.send(Self.path, session: .admin).status == 401)
        try await database.psql("DROP TABLE http_sessions", user: "odoo")
        #expect(try await service.send(Self.path, session: .portal).status == 502)
    }

    @Test("ways to check it are tried in their order, and one that fails does not hide one that knows")
    func order() async throws {
        let (database, folder, _) = try await byFiles()
        try folder.write(.admin, database: database.name)
        let nowhere = SessionFiles(dataDirectory: folder.path + "/nowhere")
        let files = SessionFiles(dataDirectory: folder.path)
        let service = try Service(database, authentication: .init(sessionChecks: [nowhere, files]))
        #expect(try await service.send(Self.path, session: .admin).status == 200)
        #expect(try await service.send(Self.path, session: .sales).status == 502)
    }
}
