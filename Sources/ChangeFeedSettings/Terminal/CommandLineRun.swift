package import ArgumentParser
internal import ChangeFeed
internal import Foundation
internal import Postgres

extension AsyncParsableCommand {
    /// Runs the command that the process's arguments name. Where it fails, says why on standard error and ends the process by `ExitStatus`.
    package static func runAsProcess() async {
        var running: any ParsableCommand.Type = Self.self
        do {
            var command = try parseAsRoot()
            running = type(of: command)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(for: error, of: running)
        }
    }

    private static func end(for error: any Error, of command: any ParsableCommand.Type) -> Never {
        switch error {
        case let error as ValidationError:
            // Found while the command ran: ArgumentParser would show the usage of the root.
            Terminal.error("Error: \(error.message)\nUsage: \(usageString(for: command))")
            Foundation.exit(ExitStatus.usage.rawValue)
        case let code as ExitCode: Foundation.exit(code.rawValue)
        case let error as PostgresError where error.sqlState?.hasPrefix("28") == true:
            // On a machine with PostgreSQL's peer method, root is the login that a first try takes.
            Terminal.error(
                "changefeed: \(error). Give another login with --database or DATABASE_URL, or run the command as the "
                    + "system user of its name: sudo -u changefeed changefeed …")
            Foundation.exit(ExitStatus(error).rawValue)
        case is ChangeFeedError, is SettingProblems, is PostgresError:
            Terminal.error("changefeed: \(error)")
            Foundation.exit(ExitStatus(error).rawValue)
        case is CancellationError:
            Foundation.exit(0)
        default:
            // Help, version and usage errors, with ArgumentParser's text.
            exit(withError: error)
        }
    }
}
