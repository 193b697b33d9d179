internal import ChangeFeed
internal import HTTPTypes
internal import Hummingbird

/// A request's credentials: `Authorization: Bearer KEY` (RFC 6750; the scheme's case does not matter, RFC
/// 9110 11.1), else a session id in a header, in the cookie `session_id`, or, if allowed, in the query.
struct Credentials: Sendable {
    let credential: Credential
    /// The browser sent it automatically, so another site may have caused the request.
    let isCookie: Bool
    /// The database that the client names (`X-Odoo-Database`).
    let database: String?

    /// The query parameter, and the cookie.
    static let sessionParameter = "session_id"

    /// - Throws: `Problem`: text that has the form of neither a key nor a session id is not looked up.
    init(_ request: Request, allowSessionInQuery: Bool) throws(Problem) {
        database = try Self.database(request.headers)
        if let header = request.headers[client: .authorization] {
            credential = .apiKey(try Self.apiKey(header))
            isCookie = false
            return
        }
        if let text = ClientHeader.sessions.lazy.compactMap({ request.headers[client: $0] }).first {
            credential = .session(try Self.session(text))
            isCookie = false
            return
        }
        if let text = Self.queryValue(request.uri.query) {
            guard allowSessionInQuery else {
                throw Problem(
                    .sessionInQuery, "A session id in the query string is not accepted: it would appear in logs.",
                    hint: "Send it in the header session_id, session-id or X-Session-Id, or as cookie session_id.",
                    parameter: Self.sessionParameter)
            }
            credential = .session(try Self.session(text))
            isCookie = false
            return
        }
        if let text = request.cookies[Self.sessionParameter]?.value {
            credential = .session(try Self.session(text))
            isCookie = true
            return
        }
        throw Problem(
            .credentialsMissing, "This path requires an Odoo session or an Odoo API key.",
            hint: "Send the header session_id, or `Authorization: Bearer KEY` (Odoo: Preferences, Account Security).")
    }

    private static func apiKey(_ header: String) throws(Problem) -> ApiKey {
        let parts = header.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer", let key = ApiKey(parts[1]) else {
            throw Problem(
                .apiKeyMalformed, "The Authorization header does not hold an Odoo API key.",
                hint: "Send `Authorization: Bearer KEY`; a key is 40 characters of 0-9 and a-f.")
        }
        return key
    }

    private static func session(_ text: String) throws(Problem) -> SessionID {
        guard let session = SessionID(text) else {
            throw Problem(
                .sessionMalformed, "This is not an Odoo session id.",
                hint: "It is the value of Odoo's cookie session_id: 40 to 128 characters of A-Z a-z 0-9 _ and -.")
        }
        return session
    }

    private static func database(_ headers: HTTPFields) throws(Problem) -> String? {
        guard let value = headers[client: .database] else { return nil }
        guard (1...63).contains(value.utf8.count), !value.utf8.contains(0) else {
            throw Problem(.requestInvalid, "X-Odoo-Database must be the name of a database, 1 to 63 bytes long.")
        }
        return value
    }

    private static func queryValue(_ query: String?) -> String? {
        guard let query else { return nil }
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.first.map(String.init) == sessionParameter { return parts.count == 2 ? String(parts[1]) : "" }
        }
        return nil
    }
}
