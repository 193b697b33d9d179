/// An error of the change feed: what failed, and what to do next.
///
/// `code` is stable and never reused; `docs/errors.md` lists every code. Values that users sent are
/// never part of `message` or `hint`.
public struct ChangeFeedError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Stable identifiers of what can go wrong in the domain.
    public enum Code: String, Sendable, CaseIterable {
        /// Schema `changefeed` is not in the database.
        case notInstalled = "not_installed"
        /// The schema in the database is of another version than this binary carries.
        case schemaVersionMismatch = "schema_version_mismatch"
        /// The server is a standby: a cursor minted there would lose changes.
        case standby = "standby"
        /// A pooler stands where a session of one's own is needed.
        case poolerBetween = "pooler_between"
        /// A script in `sql/` holds a line that only psql understands.
        case scriptUnsupported = "script_unsupported"
        /// An answer of the database did not have the shape that this version expects.
        case unexpectedAnswer = "unexpected_answer"
        /// The tailer rang itself and did not hear it; it reconnects by itself.
        case bellDeaf = "bell_deaf"
        /// A setting has a value that cannot be used.
        case invalidSetting = "invalid_setting"
        /// The machine does not have, or does not yet have, the address to listen on.
        case addressUnavailable = "address_unavailable"
        /// The database that the schema was installed into holds no Odoo.
        case noOdoo = "no_odoo"
        /// A benchmark needs a program that is not here, or it failed.
        case programMissing = "program_missing"
        /// Odoo has no such model here, or no stored field of it.
        case modelUnknown = "model_unknown"
        /// The model is not among those that are tracked.
        case modelNotTracked = "model_not_tracked"
        /// Odoo has no active record rule for reading with this id.
        case ruleUnknown = "rule_unknown"
        /// Odoo has no user with this login.
        case userUnknown = "user_unknown"
        /// A domain cannot be turned into SQL.
        case domainInvalid = "domain_invalid"
        /// The role may not do what the command does.
        case notPermitted = "not_permitted"
        /// Everything is installed, and yet a pull with data fails.
        case trialPullFailed = "trial_pull_failed"
        /// Odoo's external API does not answer.
        case odooUnreachable = "odoo_unreachable"
    }

    public let code: Code
    public let message: String
    /// What the reader can do about it, where there is something to do.
    public let hint: String?

    public init(_ code: Code, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    public var description: String {
        hint.map { "\(message) \($0)" } ?? message
    }
}
