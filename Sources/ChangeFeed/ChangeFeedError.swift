/// An error of the change feed: what failed, and what to do next.
///
/// `code` is stable and never reused; `docs/errors.md` lists every code. Values that users sent are
/// never part of `message` or `hint`.
public struct ChangeFeedError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Stable identifiers of the domain's errors.
    public enum Code: String, Sendable, CaseIterable {
        /// Schema `changefeed` is not in the database.
        case notInstalled = "not_installed"
        /// The schema in the database has another version than this binary needs.
        case schemaVersionMismatch = "schema_version_mismatch"
        /// The server is a standby: a cursor minted there would lose changes.
        case standby = "standby"
        /// A pooler is in the way where a separate session is needed.
        case poolerBetween = "pooler_between"
        /// A script in `sql/` has a line that only psql understands.
        case scriptUnsupported = "script_unsupported"
        /// A result of the database did not have the shape that this version expects.
        case unexpectedAnswer = "unexpected_answer"
        /// The tailer rang its own bell and did not hear it; it reconnects.
        case bellDeaf = "bell_deaf"
        /// A setting has an unusable value.
        case invalidSetting = "invalid_setting"
        /// The machine does not have, or does not yet have, the address to listen on.
        case addressUnavailable = "address_unavailable"
        /// The database into which the schema was installed has no Odoo.
        case noOdoo = "no_odoo"
        /// A benchmark needs a program that is not installed, or that failed.
        case programMissing = "program_missing"
        /// Odoo has no such model, or the model has no stored field.
        case modelUnknown = "model_unknown"
        /// The model is not tracked.
        case modelNotTracked = "model_not_tracked"
        /// Odoo has no active read rule with this id.
        case ruleUnknown = "rule_unknown"
        /// Odoo has no user with this login.
        case userUnknown = "user_unknown"
        /// A domain cannot be compiled.
        case domainInvalid = "domain_invalid"
        /// The role lacks a right that the command needs.
        case notPermitted = "not_permitted"
        /// Everything is installed, but a pull with data fails.
        case trialPullFailed = "trial_pull_failed"
        /// There is no endpoint with this name.
        case endpointUnknown = "endpoint_unknown"
        /// An endpoint cannot be added, or changed, as asked.
        case endpointRefused = "endpoint_refused"
        /// Odoo's external API does not answer.
        case odooUnreachable = "odoo_unreachable"
    }

    public let code: Code
    public let message: String
    /// What the reader can do about it, if anything.
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
