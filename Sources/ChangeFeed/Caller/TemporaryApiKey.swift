public import Postgres

/// An API key created temporarily in a throw-away database, in the form in which Odoo stores them
/// (res_users_apikeys of Odoo's addon `base`: first eight characters in clear, the rest as PBKDF2-HMAC-SHA512).
public struct TemporaryApiKey: Sendable {
    /// The key that a client sends. It has the rights of its user.
    public let text: String
    /// Login of its user.
    public let login: String
    /// Number of its user in `res_users`.
    public let userID: Int64
    private let id: Int64

    private static let name = "changefeed demo"

    /// Creates a key for the administrator (the active user with the lowest id above Odoo's own superuser). Keys that
    /// an earlier demo left are removed.
    /// - Throws: `ChangeFeedError.unexpectedAnswer` where there is no such user, or `PostgresError`.
    public static func make(on connection: Connection) async throws -> TemporaryApiKey {
        let text = hex(20)
        let salt = ApiKeyHash.encode((0..<16).map { _ in UInt8.random(in: .min ... .max) })
        guard let key = ApiKey(text), let hash = ApiKeyHash.derive(key, rounds: 6_000, salt: salt) else {
            throw ChangeFeedError(.unexpectedAnswer, "No API key could be created.")
        }
        _ = try await connection.query("DELETE FROM res_users_apikeys WHERE name = $1", [.text(name)])
        let rows = try await connection.query(
            """
            WITH administrator AS (SELECT id, login FROM res_users WHERE active AND id > 1 ORDER BY id LIMIT 1),
                 made AS (INSERT INTO res_users_apikeys (name, user_id, scope, index, key)
                          SELECT $1::text, id, 'rpc', $2::text, $3::text FROM administrator RETURNING id)
            SELECT made.id, administrator.login, administrator.id AS user_id FROM made, administrator
            """, [.text(name), .text(key.prefix), .text(hash)])
        guard let row = rows.first else {
            throw ChangeFeedError(.unexpectedAnswer, "The database holds no active user.")
        }
        return TemporaryApiKey(
            text: text, login: try row["login"].string(), userID: try row["user_id"].int(), id: try row["id"].int())
    }

    public func remove(on connection: Connection) async throws {
        _ = try await connection.query("DELETE FROM res_users_apikeys WHERE id = $1", [.int(id)])
    }

    private static func hex(_ count: Int) -> String {
        (0..<count).map { _ in
            let digits = String(UInt8.random(in: .min ... .max), radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
