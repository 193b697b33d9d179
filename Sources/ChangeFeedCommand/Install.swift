import ArgumentParser
import ChangeFeed
import Postgres

/// `changefeed install`: the same files and steps as `psql -f sql/install.sql`.
struct Install: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Install or upgrade schema changefeed and its triggers (may be run again at any time).")

    @OptionGroup var common: CommonOptions

    @Flag(help: "Print the SQL and the locks it takes; touch nothing.")
    var dryRun = false

    func run() async throws {
        try await ScriptRun.run(.install, common: common, dryRun: dryRun)
    }
}

/// `changefeed uninstall`: leaves nothing behind in the database.
struct Uninstall: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remove triggers, schema, grants and roles; the event log is lost.")

    @OptionGroup var common: CommonOptions

    @Flag(help: "Print the SQL and the locks it takes; touch nothing.")
    var dryRun = false

    func run() async throws {
        try await ScriptRun.run(.uninstall, common: common, dryRun: dryRun)
    }
}

private enum ScriptRun {
    static func run(_ script: Installer.Script, common: CommonOptions, dryRun: Bool) async throws {
        let installer = Installer()
        if dryRun { return Terminal.line(try installer.plan(script)) }
        var configuration = try common.settings().database
        configuration.applicationName = "changefeed \(script == .install ? "install" : "uninstall")"
        // The scripts find everything by themselves, and say how.
        configuration.pinned = .standard
        try await withConnection(to: configuration) { connection in
            guard !connection.isPooled else {
                throw ChangeFeedError(
                    .poolerBetween, "A pooler stands before PostgreSQL, and the script needs a session of its own.",
                    hint: "Name a direct connection by --database; where the pooler is in session mode, CHANGEFEED_POOLER=none says so.")
            }
            try await installer.run(script, on: connection) { Terminal.error($0) }
        }
    }
}
