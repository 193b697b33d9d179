@testable import ChangeFeed
import ChangeFeedTesting
import Crypto
import Foundation
import Postgres
import Testing

/// Sessions and keys as each release makes them, on the small databases and, where they are, on the real ones.
@Suite("Odoo 16 to 19 let in", .timeLimit(.minutes(10)))
struct ReleaseIdentityTests {
    struct Place: Sendable, CustomTestStringConvertible {
        let release: Int
        let isReal: Bool
        var fixture: Fixture {
            isReal ? .releaseInstalled(release) : release == 18 ? .installed : .shapeInstalled(release)
        }
        /// 16 and 17 take a hash, the others random bytes (http.py `generate_key`).
        var session: String {
            release < 18
                ? "0123456789abcdef0123456789abcdef01234567"
                : "AZaz09-_AZaz09-_AZaz09-_AZaz09-_AZaz09-_AZaz09-_AZaz09-_AZaz09-_AZaz09-_AZaz09-_AZaz"
        }
        var testDescription: String { "\(release)\(isReal ? ", the real one" : "")" }
    }

    static let places =
        [16, 17, 18, 19].map { Place(release: $0, isReal: false) }
        + Fixture.releases.map { Place(release: $0, isReal: true) }

    /// Only the names and values that these databases have, none of which needs an escape.
    private static func python(_ text: String?) -> String { text.map { "'\($0)'" } ?? "None" }

    /// What `res.users._compute_session_token` of the release gives (res_users.py, `_session_token_hash_compute`).
    private func session(_ place: Place, user: Int, on connection: Connection) async throws -> TestSession {
        let row = try #require(
            try await connection.query(
                "SELECT to_jsonb(u) ->> 'totp_secret' AS totp, to_jsonb(u) ? 'totp_secret' AS has_totp, u.login::text, u.password::text, (SELECT value FROM ir_config_parameter WHERE key = 'database.secret')::text AS secret FROM res_users u WHERE u.id = $1",
                [.int(user)]
            ).first)
        let secret = ("database_secret", Self.python(row["secret"].text))
        var values = [
            ("active", "True"), ("id", "\(user)"), ("login", Self.python(row["login"].text)),
            ("password", Self.python(row["password"].text)),
        ]
        if try row["has_totp"].bool() { values.append(("totp_secret", Self.python(row["totp"].text))) }
        let key =
            switch place.release {
            case 16, 17: (values + [secret]).map(\.1).joined(separator: ", ")
            case 18: ([secret] + values).map(\.1).joined(separator: ", ")
            default:
                ([secret] + values).filter { $0.1 != "None" }.map { "('\($0.0)', \($0.1))" }.joined(separator: ", ")
            }
        let code = HMAC<SHA256>.authenticationCode(
            for: Data(place.session.utf8), using: SymmetricKey(data: Data("(\(key))".utf8)))
        return TestSession(
            id: place.session, user: user,
            token: code.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined())
    }

    private func file(_ session: TestSession, _ place: Place, _ database: TestDatabase) -> [UInt8] {
        place.release < 18
            ? session.pickle(database: database.name, protocol: place.release == 16 ? 4 : 5)
            : Array(session.json(database: database.name).utf8)
    }

    /// The user behind a credential, by the whole path; nil when it opens nothing.
    private func user(
        _ credential: Credential, checks: [any SessionCheck] = [], _ database: TestDatabase, allowPortal: Bool = true
    ) async throws -> Int64? {
        let pool = ConnectionPool(try database.configuration(user: "changefeed_login"), maximumConnections: 1)
        let door = Authenticator(pool: pool, configuration: .init(sessionChecks: checks, allowPortalUsers: allowPortal))
        do {
            var callers = door.callers(of: credential, client: "here")
            while true {
                let caller = try await callers.next()
                if caller.isRefused { continue }
                let rows = try await pool.query(
                    Query(
                        "SELECT user_id FROM \(CallerProof.sql)", caller.proof.parameters(allowPortal: allowPortal),
                        name: "caller"))
                if let user = try rows.first?["user_id"].int() { return user }
            }
        } catch AuthenticationError.sessionInvalid, AuthenticationError.apiKeyInvalid {
            return nil
        }
    }

    @Test(
        "whose session file is the one that the release writes, until password, file or token change", arguments: places
    )
    func files(place: Place) async throws {
        let database = try await PrivateCluster.shared().createDatabase(place.fixture)
        let connection = try await database.connect()
        let folder = try SessionFolder()
        let files = SessionFiles(dataDirectory: folder.path, lifetime: .zero)
        let credential = Credential.session(try #require(SessionID(place.session)))
        for user in [2, place.isReal && place.release == 19 ? 5 : 6] {
            let session = try await session(place, user: user, on: connection)
            try folder.write(file(session, place, database), as: session.id)
            #expect(try await self.user(credential, checks: [files], database) == Int64(user))
            try folder.write(file(session, place, database), as: session.id, age: 700_000)
            #expect(try await self.user(credential, checks: [files], database) == nil)
            let forged = TestSession(id: session.id, user: 2, token: String(session.token.reversed()))
            try folder.write(file(forged, place, database), as: session.id)
            #expect(try await self.user(credential, checks: [files], database) == nil)
        }
        let session = try await session(place, user: 2, on: connection)
        try folder.write(file(session, place, database), as: session.id)
        #expect(try await user(credential, checks: [files], database) == 2)
        _ = try await connection.query("UPDATE res_users SET password = 'another' WHERE id = 2")
        #expect(try await user(credential, checks: [files], database) == nil)
    }

    @Test("whose session is stored in session_db", arguments: places)
    func table(place: Place) async throws {
        let database = try await PrivateCluster.shared().createDatabase(place.fixture)
        let connection = try await database.connect()
        let session = try await session(place, user: 2, on: connection)
        try await database.psql(
            """
            CREATE TABLE http_sessions (sid varchar PRIMARY KEY, write_date timestamp NOT NULL, payload text NOT NULL);
            INSERT INTO http_sessions VALUES ('\(session.id)', now() AT TIME ZONE 'UTC', $$\(session.json(database: database.name))$$);
            """)
        let table = SessionTable(
            pool: ConnectionPool(try database.configuration(), maximumConnections: 1), lifetime: .zero)
        let credential = Credential.session(try #require(SessionID(session.id)))
        #expect(try await user(credential, checks: [table], database) == 2)
        try await database.psql("UPDATE http_sessions SET payload = replace(payload, '\"uid\": 2', '\"uid\": 6')")
        #expect(try await user(credential, checks: [table], database) == nil)
    }

    @Test("whose session Odoo confirms, and not who has a dead one", arguments: places.filter { !$0.isReal })
    func http(place: Place) async throws {
        let database = try await PrivateCluster.shared().createDatabase(place.fixture)
        let odoo = try await StubOdoo()
        let check = OdooSessions(.init(url: odoo.url))
        let credential = Credential.session(try #require(SessionID(place.session)))
        #expect(try await user(credential, checks: [check], database) == nil)
        odoo.know(place.session, user: 6)
        #expect(try await user(credential, checks: [check], database) == 6)
        await check.shutdown()
        await odoo.stop()
    }

    @Test("who has an API key of the release", arguments: places)
    func keys(place: Place) async throws {
        let database = try await PrivateCluster.shared().createDatabase(place.fixture)
        func owner(_ key: String) async throws -> Int64? { try await user(.apiKey(#require(ApiKey(key))), database) }
        if place.isReal {
            let answers = try await OdooAnswers.read(release: place.release)
            #expect(answers.apiKeys.count > 3)
            for (login, key) in answers.apiKeys {
                let expected = try await database.psql("SELECT id FROM res_users WHERE login = '\(login)'")
                #expect(try await owner(key).map { "\($0)" } == expected, "\(login)")
            }
        } else {
            #expect(try await owner(TestKeys.admin) == 2)
            // Of scope null, as 16's own wizard makes them.
            #expect(try await owner(TestKeys.portal) == 8)
            #expect(try await owner(TestKeys.inactive) == nil)
            #expect(try await owner(TestKeys.unknown) == nil)
            // 16 and 17 do not know an end.
            #expect(try await owner(TestKeys.expired) == (place.release < 18 ? 2 : nil))
            try await database.psql("UPDATE res_users_apikeys SET scope = 'another' WHERE user_id = 2")
            #expect(try await owner(TestKeys.admin) == nil)
        }
    }
}
