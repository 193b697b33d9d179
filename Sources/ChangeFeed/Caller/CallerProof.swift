package import Postgres

/// The evidence for the database that identifies the caller: the parameters of `changefeed.odoo_caller`, which every
/// statement on behalf of a client checks again. Its description never shows the secret part.
public struct CallerProof: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// How a client was identified, as metrics name it.
    public enum Method: String, Sendable, CaseIterable {
        case apiKey = "key"
        case files
        case sessionDatabase = "session_db"
        case odoo = "http"
        /// The service itself, on behalf of an endpoint's user.
        case endpoint
    }

    public let method: Method
    /// The row of the API key, or the user of the session.
    let subject: Int64
    /// The hash that the row must have, or the session's token.
    let proof: String?
    let session: String?
    /// When Odoo last used the session.
    let usedAt: Timestamp?
    /// The database that the client or the session names.
    var database: String?
    /// Until when the session store's answer is trusted; nil if the database checks it itself.
    var believedUntil: ContinuousClock.Instant?
    /// Set-Cookie lines in Odoo's answer about the session.
    public var cookies: [String] = []

    /// The user of an endpoint: while the endpoint is active and has this revision, its API key exists and the database
    /// may push.
    package static func endpoint(_ id: Int64, revision: Int64) -> CallerProof {
        CallerProof(method: .endpoint, subject: id, proof: String(revision), session: nil, usedAt: nil)
    }

    /// The row of the API key, if that is what identifies the caller.
    package var apiKey: Int64? { method == .apiKey ? subject : nil }

    /// For `$1` to `$7` of a statement that begins with `CallerProof.sql`.
    package func parameters(allowPortal: Bool, now: Timestamp = .now) -> [Parameter] {
        [
            .text(sqlMethod), .int(subject), .optional(proof), .optional(session),
            usedAt.map { .double(Double(max(0, now.microseconds - $0.microseconds)) / 1e6) } ?? .null,
            .optional(database), .bool(allowPortal),
        ]
    }

    /// The caller, as a table expression with columns user_id and refused.
    package static let sql =
        "changefeed.odoo_caller($1::text, $2::int, $3::text, $4::text, $5::double precision, $6::text, $7::boolean)"

    /// For `changefeed.odoo_idle_caller`.
    var idleParameters: [Parameter] { [.text(sqlMethod), .int(subject)] }

    /// Whether it shows the same as an earlier one, used since then or not.
    func isSame(as other: CallerProof) -> Bool {
        method == other.method && subject == other.subject && proof == other.proof && session == other.session
            && database == other.database
            && (usedAt?.microseconds ?? 0) >= (other.usedAt?.microseconds ?? 0)
    }

    private var sqlMethod: String {
        switch method {
        case .apiKey: "api_key"
        case .files, .sessionDatabase: "session"
        case .odoo: "confirmed"
        case .endpoint: "endpoint"
        }
    }

    public var description: String { "CallerProof(\(method.rawValue))" }
    public var debugDescription: String { description }
}
