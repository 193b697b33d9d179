import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Postgres

/// `changefeed install`: the same files and steps as `psql -f sql/install.sql`.
struct Install: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Install or upgrade schema changefeed and its triggers (may be run again at any time).",
        discussion:
            "At the end it runs a trial pull with data and rolls it back; exit 2 when the pull fails or the database has no Odoo."
    )

    @OptionGroup var common: CommonOptions

    @Flag(help: "Print the SQL and the locks it takes; change nothing.")
    var dryRun = false

    @Option(help: "Only create the roles, and let ROLE install; for a role that may create roles, where ROLE may not.")
    var rolesFor: String?

    func validate() throws {
        if dryRun && rolesFor != nil {
            throw ValidationError("--dry-run shows the whole installation; it cannot be combined with --roles-for.")
        }
    }

    func run() async throws {
        guard let rolesFor else {
            return try await ScriptRun.run(.install, common: common, dryRun: dryRun) { connection in
                try await Self.checkOdoo(on: connection)
                // The script has run one without the record rules that were not compiled yet, and has reported it.
                guard let failure = try await TrialPull.prepare(on: connection).failure(on: connection) else { return }
                throw ChangeFeedError(
                    .trialPullFailed, "Everything is in place, but it does not work here: \(failure.detail.plainLine)",
                    hint: failure.remediation.plainLine)
            }
        }
        try await ScriptRun.connected(as: "install", common: common) {
            try await Installer().makeRoles(for: rolesFor, on: $0) { Terminal.error($0) }
        }
    }
}

extension Install {
    /// The script only reports this in a notice, because it may be intended.
    private static func checkOdoo(on connection: Connection) async throws {
        guard let name = try await Installer.databaseWithoutOdoo(on: connection) else { return }
        throw ChangeFeedError(
            .noOdoo,
            "Schema changefeed is in place in database \(name.plainLine), which has no Odoo (table public.ir_model is missing): no model is tracked.",
            hint:
                "Run it again when Odoo is there. If you meant another database: `changefeed uninstall`, then give the right one with --database."
        )
    }
}

/// `changefeed uninstall`: leaves nothing behind in the database.
struct Uninstall: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remove triggers, schema, grants and roles; the event log is lost.")

    @OptionGroup var common: CommonOptions

    @Flag(help: "Print the SQL and the locks it takes; change nothing.")
    var dryRun = false

    func run() async throws {
        try await ScriptRun.run(.uninstall, common: common, dryRun: dryRun)
    }
}

private enum ScriptRun {
    static func run(
        _ script: Installer.Script, common: CommonOptions, dryRun: Bool,
        after: nonisolated(nonsending) (Connection) async throws -> Void = { _ in }
    ) async throws {
        let installer = Installer()
        if dryRun { return Terminal.line(try installer.plan(script)) }
        try await connected(as: script == .install ? "install" : "uninstall", common: common) {
            try await installer.run(script, on: $0) { Terminal.error($0) }
            try await after($0)
        }
    }

    /// Also shows the detail of a refusal: it lists the missing rights, each with the statement that grants it.
    static func connected(
        as command: String, common: CommonOptions, _ body: nonisolated(nonsending) (Connection) async throws -> Void
    ) async throws {
        var configuration = try common.settings().database
        configuration.applicationName = "changefeed \(command)"
        // The scripts continue where they stopped, and say so.
        configuration.pinned = .standard
        do {
            try await withConnection(to: configuration, needsSchema: false) { connection in
                guard !connection.isPooled else {
                    throw ChangeFeedError(
                        .poolerBetween, "PostgreSQL is behind a pooler, and the script needs a session of its own.",
                        hint:
                            "Give a direct connection with --database; if the pooler is in session mode, set CHANGEFEED_POOLER=none."
                    )
                }
                try await body(connection)
            }
        } catch let error as PostgresError where error.sqlState == "42501" {
            if let detail = error.detail { Terminal.error(detail) }
            throw error
        }
    }
}
