import ChangeFeedTesting
import Foundation
import Postgres
import Synchronization
import Testing

/// A service with its admin listener, a database and a receiver of webhooks, for one fault.
final class AlertRig: Sendable {
    let cluster: PrivateCluster
    let database: TestDatabase
    let receiver: WebhookReceiver
    private let environment: [String: String]
    private let admin: Int
    private let state = Mutex((process: BuiltBinary?.none, isRunning: false, held: [Connection]()))

    /// - Parameter settings: beside those that each service of this suite has.
    init(on cluster: PrivateCluster, settings: [String: String]) async throws {
        self.cluster = cluster
        database = try await cluster.createDatabase(.installed)
        receiver = try await WebhookReceiver()
        admin = try FreePort.find()
        let own = [
            "DATABASE_URL": database.conninfo(user: "changefeed_login"), "CHANGEFEED_PORT": "\(try FreePort.find())",
            "CHANGEFEED_ADMIN_PORT": "\(admin)", "CHANGEFEED_WEBHOOK_ALLOW": "127.0.0.1",
            "CHANGEFEED_WEBHOOK_SCHEMES": "https,http",
            "CHANGEFEED_SECRET_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        ]
        environment = own.merging(settings) { $1 }
    }

    /// The service's log.
    var log: String { state.withLock { $0.process?.errors ?? "" } }

    func start() throws {
        let process = try BuiltBinary.start(["serve"], environment: environment)
        state.withLock { ($0.process, $0.isRunning) = (process, true) }
    }

    func stop() async throws {
        guard let process = state.withLock({ $0.isRunning ? $0.process : nil }) else { return }
        process.terminate()
        try await process.waitForExit()
        state.withLock { $0.isRunning = false }
    }

    /// Keeps a session, with what it holds, until the rig goes.
    func hold(_ connection: Connection) { state.withLock { $0.held.append(connection) } }

    func scrape() async throws -> Scrape { try await Scrape.of("http://127.0.0.1:\(admin)") }

    /// A scrape in which this holds.
    func scrape(_ what: String, _ condition: (Scrape) throws -> Bool) async throws -> Scrape {
        var last = try await scrape()
        try await eventually("\(what): \(last.samples.filter { !$0.key.contains("http_") }) \(self.log)") {
            if try condition(last) { return true }
            // Some figures are renewed every 10 or 30 seconds only.
            try await Task.sleep(for: .milliseconds(200))
            last = try await self.scrape()
            return try condition(last)
        }
        return last
    }

    func addEndpoint() async throws {
        let added = try await BuiltBinary.run(
            ["endpoint", "add", "shop", receiver.url, "--user", "admin", "--models", "res.partner"],
            environment: environment)
        #expect(added.status == 0, "\(added)")
    }

    /// A change of a record by Odoo.
    func change() async throws {
        try await database.psql("UPDATE res_partner SET phone = now()::text WHERE id = 1", user: "odoo")
    }

    func end() async throws {
        try await stop()
        for connection in state.withLock({ $0.held }) { await connection.close() }
        await receiver.stop()
    }
}
