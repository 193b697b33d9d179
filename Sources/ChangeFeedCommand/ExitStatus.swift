import ArgumentParser
import ChangeFeed
import Foundation
import Postgres

/// The exit codes of every command, after sysexits.h where it has one.
enum ExitStatus: Int32 {
    case failed = 1
    case problemsFound = 2
    case usage = 64
    case unavailable = 69
    case notPermitted = 77
    case configuration = 78

    /// The code that says best what went wrong.
    init(_ error: any Error) {
        switch error {
        case let error as ChangeFeedError where error.code == .invalidSetting: self = .configuration
        case let error as ChangeFeedError where error.code == .notPermitted: self = .notPermitted
        case is SettingProblems: self = .configuration
        case let error as PostgresError:
            switch error.code {
            case .invalidConfiguration: self = .configuration
            case .connectionFailed, .connectionLost, .timeout, .poolExhausted: self = .unavailable
            default: self = error.sqlState == "42501" ? .notPermitted : .failed
            }
        default: self = .failed
        }
    }

    /// Says what went wrong on standard error and ends the process.
    static func exit(for error: any Error) -> Never {
        switch error {
        case let code as ExitCode: Foundation.exit(code.rawValue)
        case is ChangeFeedError, is SettingProblems, is PostgresError:
            Terminal.error("changefeed: \(error)")
            Foundation.exit(ExitStatus(error).rawValue)
        case is CancellationError:
            Foundation.exit(0)
        default:
            // Help, version and usage errors, as ArgumentParser words them.
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
