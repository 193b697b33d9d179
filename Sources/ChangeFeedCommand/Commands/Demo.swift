import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Postgres
import ServiceLifecycle

/// `changefeed demo`: the whole feed on a throw-away copy of an Odoo database, with visible changes.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Install, serve and keep changing partners on a throw-away Odoo database; prints what to curl, and the console's address.",
        discussion: """
            Never run it on production: it writes to partners and creates an API key for the administrator, which it \
            removes when it ends. Needs a superuser of the database.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "Port to listen on; overrides CHANGEFEED_PORT.")
    var port: String?

    @Option(help: "Changes per second.")
    var rate = 2

    func validate() throws {
        guard (1...10_000).contains(rate) else { throw ValidationError("--rate takes 1 to 10000.") }
    }

    func run() async throws {
        let settings = try common.settings(["CHANGEFEED_PORT": port])
        try await withTaskExecutorPreference(EventLoop.shared) {
            var configuration = settings.withSearchPath().database
            configuration.applicationName = "demo"
            let connection = try await Connection.connect(configuration)
            if case .missing = try await InstalledSchema.read(on: connection) {
                try await Installer().run(.install, on: connection) { Terminal.error($0) }
            }
            let key = try await TemporaryApiKey.make(on: connection)
            let writer = Writer(connection: connection, rate: rate)
            Terminal.lines(introduction(key, settings) + (try await console(key, settings, on: connection)))
            Terminal.line("Ctrl-C ends it.")
            do {
                // With the rights of the service, not of the demo's user.
                try await Serve.serve(settings.with(role: "changefeed_service"), beside: [writer])
            } catch {
                try? await key.remove(on: connection)
                await connection.close()
                throw error
            }
            try await key.remove(on: connection)
            await connection.close()
        }
    }

    private func introduction(_ key: TemporaryApiKey, _ settings: Settings) -> [String] {
        let base = Self.address(settings.host, settings.port)
        let header = "-H 'Authorization: Bearer \(key.text)'"
        return [
            "The feed is running, and partners keep changing. API key of user \(key.login): \(key.text)",
            "Try:",
            "  curl -s \(base)/",
            "  curl -s \(header) '\(base)/api/v1/webhook/events?limit=5'",
            "  curl -s \(header) '\(base)/api/v1/webhook/events?model=res.partner&event=write&limit=3'",
            "  curl -s \(header) '\(base)/api/v2/sync/pull?device_id=demo&models=res.partner&limit=2'",
            "  curl -sN \(header) '\(base)/api/v2/sync/stream?device_id=demo'",
            "  changefeed tail --database '\(settings.database)'",
        ]
    }

    /// Where the console is and who may sign in; nothing if no listener serves it.
    private func console(
        _ key: TemporaryApiKey, _ settings: Settings, on connection: Connection
    ) async throws -> [String] {
        let base: String
        if settings.isConsolePublic {
            base = Self.address(settings.host, settings.port)
        } else if settings.adminPort != 0 {
            base = Self.address(settings.adminHost, settings.adminPort)
        } else {
            return []
        }
        let group = settings.consoleGroup
        let member = try await connection.query(
            "SELECT changefeed.odoo_in_group($1::int, $2::text) AS member", [.int(key.userID), .text(group)])
        return [
            "The console, in a browser: \(base)/console",
            try member.first?["member"].bool() == true
                ? "  Sign in with the same key: \(key.login) is in the group \(group) (CHANGEFEED_CONSOLE_GROUP)."
                : "  Members of the group \(group) (CHANGEFEED_CONSOLE_GROUP) may sign in; \(key.login) is not in it.",
        ]
    }

    private static func address(_ host: String, _ port: Int) -> String {
        let host = Ready.reachable(host)
        return "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    /// Changes one partner after another until the service stops.
    private struct Writer: Service {
        let connection: Connection
        let rate: Int

        func run() async throws {
            try? await cancelWhenGracefulShutdown {
                while !Task.isCancelled {
                    try await DemoData.changePartner(on: connection)
                    try await Task.sleep(for: .seconds(1) / rate)
                }
            }
        }
    }
}
