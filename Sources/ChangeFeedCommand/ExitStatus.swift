import ArgumentParser
import ChangeFeed
import Foundation
import Postgres

/// The exit codes of every command, following sysexits.h where it has one.
///
/// `unavailable` means that the database was unreachable or went away. If a reachable database refuses, ends or
/// does not do something, the code is `failed`.
enum ExitStatus: Int32 {
    case failed = 1
    case problemsFound = 2
    case usage = 64
    case unavailable = 69
    case notPermitted = 77
    case configuration = 78

    /// The code that best describes the failure.
    init(_ error: any Error) {
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
        case (_, let state) where state.hasPrefix("08") || state.hasPrefix("57P") || state == "53300": self = .unavailable
        case (_, "42501"): self = .notPermitted
        case (.server, _), (.timeout, _), (.cancelled, _), (.invalidParameter, _), (.decoding, _), (.pipelineAborted, _),
            (.closed, _), (.standby, _), (.stoodAside, _):
            self = .failed
        }
    }

    /// Prints the failure on standard error and ends the process.
    static func exit(for error: any Error, of command: any ParsableCommand.Type) -> Never {
        switch error {
        case let error as ValidationError:
            // Found while the command ran: ArgumentParser would show the usage of `changefeed` itself.
            Terminal.error("Error: \(error.message)\nUsage: \(Changefeed.usageString(for: command))")
            Foundation.exit(ExitStatus.usage.rawValue)
        case let code as ExitCode: Foundation.exit(code.rawValue)
        case is ChangeFeedError, is SettingProblems, is PostgresError:
            Terminal.error("changefeed: \(error)")
            Foundation.exit(ExitStatus(error).rawValue)
        case is CancellationError:
            Foundation.exit(0)
        default:
            // Help, version and usage errors, with ArgumentParser's text.
            Changefeed.exit(withError: error)
        }
    }
}

/// Lines for people on standard output and standard error.
enum Terminal {
    static func line(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }

    static func lines(_ lines: [String]) {
        line(lines.joined(separator: "\n"))
    }

    static func error(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}
