import ChangeFeed
import ChangeFeedDelivery
import ChangeFeedSettings
import Postgres
import Synchronization

/// A service in this process that delivers, for benchmarks.
final class DeliveryBench: Sendable {
    let pool: ConnectionPool
    let desk: EndpointDesk
    let configuration: DeliveryService.Configuration
    private let hints = ChangeHints()
    private let rules: RecordRules
    private let following: Task<Void, any Error>
    private let accepted = Mutex((events: 0, last: ContinuousClock.now, owned: 0))
    private let bell = WakeUp()

    init(_ settings: Settings) async throws {
        let pool = ConnectionPool(settings.database, maximumConnections: 4)
        self.pool = pool
        desk = EndpointDesk { try await pool.query($0) }
        rules = RecordRules(pool: pool)
        var configuration = DeliveryService.Configuration()
        configuration.box = try SecretBox(key: String(repeating: "0", count: 64))
        configuration.urls = WebhookURL.Rules(schemes: ["http"])
        configuration.addresses = AddressPolicy(allow: [try Network("127.0.0.0/8")])
        self.configuration = configuration
        let tailer = Tailer(
            Tailer.Configuration(connection: settings.listen), deliver: { [hints] in hints.publish($0) })
        following = Task { try await tailer.run() }
        while await !tailer.health().ready { try await Task.sleep(for: .milliseconds(10)) }
    }

    func end() async {
        following.cancel()
        _ = await following.result
        await pool.close()
    }

    /// Events that receivers have accepted.
    var events: Int { accepted.withLock { $0.events } }

    /// Waits for an accepted event beyond this many; returns when the last one was accepted.
    func wait(beyond count: Int, atMost limit: Duration) async -> ContinuousClock.Instant? {
        let deadline = ContinuousClock.now + limit
        while events <= count {
            guard await bell.wait(atMost: deadline - .now) == .rung else { break }
        }
        return accepted.withLock { $0.events > count ? $0.last : nil }
    }

    /// Adds endpoints, delivers to them while the body runs, and removes them.
    func delivering<R>(_ drafts: [EndpointDesk.Draft], _ body: () async throws -> R) async throws -> R {
        for draft in drafts { try? await desk.remove(draft.name) }
        accepted.withLock { $0.owned = 0 }
        for draft in drafts {
            if case .webhook = draft.url, let box = configuration.box {
                _ = try await desk.add(draft, box: box)
            } else {
                try await desk.addStream(draft, box: nil)
            }
        }
        let service = DeliveryService(
            configuration, pool: pool, sync: DeviceSync(pool: pool, rules: rules), hints: hints,
            observe: { [self] in note($0) })
        let running = Task { try await service.run() }
        let result: Result<R, any Error>
        do {
            while accepted.withLock({ $0.owned }) < drafts.count { try await Task.sleep(for: .milliseconds(50)) }
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        running.cancel()
        _ = await running.result
        for draft in drafts { try await desk.remove(draft.name) }
        return try result.get()
    }

    private func note(_ observation: DeliveryObservation) {
        switch observation {
        case .attempted(_, nil, _, let events):
            accepted.withLock { state in
                state.events += events
                state.last = .now
            }
            bell.ring()
        case .owned(_, true): accepted.withLock { $0.owned += 1 }
        case .attempted(_, let failure?, _, _): Terminal.error("an attempt failed: \(failure)")
        case .paused, .disabled, .unusable, .troubled:
            if let line = observation.logLine { Terminal.error(line.text) }
        default: break
        }
    }
}
