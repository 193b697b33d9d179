internal import ChangeFeed
internal import Postgres

/// The exit codes of every command, following sysexits.h where it has one.
///
/// `unavailable` means that the database was unreachable or went away. If a reachable database refuses, ends or
/// does not do something, the code is `failed`.
package enum ExitStatus: Int32 {
    case failed = 1
    case problemsFound = 2
    case usage = 64
    case unavailable = 69
    case notPermitted = 77
    case configuration = 78

    /// The code that best describes the failure.
    package init(_ error: any Error) {
        switch error {
        case let error as ChangeFeedError where error.code == .invalidSetting: self = .configuration
        case let error as ChangeFeedError where error.code == .notPermitted: self = .notPermitted
        case let error as ChangeFeedError where [.trialPullFailed, .noOdoo].contains(error.code): self = .problemsFound
        case let error as ChangeFeedError where error.code == .odooUnreachable: self = .unavailable
        case is SettingProblems: self = .configuration
        case let error as PostgresError: self.init(error)
        default: self = .failed
        }
    }

    private init(_ error: PostgresError) {
        switch (error.code, error.sqlState ?? "") {
        case (.invalidConfiguration, _): self = .configuration
        // It was reached, but refuses this role.
        case (_, let state) where state.hasPrefix("28"): self = .notPermitted
        case (.connectionFailed, _), (.connectionLost, _), (.silent, _), (.poolExhausted, _): self = .unavailable
        // Connection trouble; shutting down or starting up; no free connection. Other 57 and 53 come from a working
        // server.
        case (_, let state) where state.hasPrefix("08") || state.hasPrefix("57P") || state == "53300":
            self = .unavailable
        case (_, "42501"): self = .notPermitted
        case (.server, _), (.timeout, _), (.cancelled, _), (.invalidParameter, _), (.decoding, _),
            (.pipelineAborted, _),
            (.closed, _), (.standby, _), (.stoodAside, _):
            self = .failed
        }
    }
}
