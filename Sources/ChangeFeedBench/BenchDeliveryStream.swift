import ChangeFeed
import ChangeFeedDelivery
import ChangeFeedSettings
import Foundation
import NIOCore
import NIOPosix
import Postgres

/// Events per second into a stream of a NATS server on this machine.
struct BenchDeliveryStream {
    let bench: DeliveryBench
    let userID: Int64
    let events: Int

    func run(_ connection: Connection, _ ids: [Int64]) async throws {
        let program: ExternalProgram
        do {
            program = try ExternalProgram("nats-server")
        } catch {
            return Terminal.line("JetStream: not measured, nats-server is not installed (goal: 50000 events/s)")
        }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("changefeed-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let port = try await Self.freePort()
        let server = try program.start(
            ["-js", "-sd", folder.path, "-a", "127.0.0.1", "-p", "\(port)"], output: FileHandle.nullDevice)
        defer {
            server.terminate()
            server.waitUntilExit()
        }
        var draft = EndpointDesk.Draft(
            name: BenchDelivery.name, stream: try StreamURL("nats://127.0.0.1:\(port)/BENCH"), userID: userID)
        draft.scope.models = ModelName("res.partner").map { [$0] }
        draft.concurrency = draft.url.kind.concurrencyLimits.upperBound
        let perSecond = try await bench.delivering([draft]) { try await rate(connection, ids.count) }
        Terminal.line("JetStream: \(Figures.fixed(perSecond, 0)) events/s (goal: 50000), \(ids.count) written at once")
    }

    private func rate(_ connection: Connection, _ partners: Int) async throws -> Double {
        // The first round makes the stream, and larger pages.
        try await round(connection, partners).check()
        var (stored, busy) = (0, Duration.zero)
        while stored < events {
            let round = try await round(connection, partners)
            try round.check()
            stored += round.stored
            busy += round.busy
        }
        return Double(stored) / (busy / .seconds(1))
    }

    private struct Round {
        let stored: Int
        let busy: Duration

        func check() throws {
            if stored == 0 { throw ChangeFeedError(.unexpectedAnswer, "The stream stored nothing.") }
        }
    }

    private func round(_ connection: Connection, _ partners: Int) async throws -> Round {
        let before = bench.events
        try await BenchDelivery.writeAll(connection)
        let start = ContinuousClock.now
        var last = start
        while bench.events - before < partners, .now - start < .seconds(60) {
            last = await bench.wait(beyond: bench.events, atMost: .seconds(2)) ?? last
        }
        return Round(stored: bench.events - before, busy: last - start)
    }

    private static func freePort() async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        try await channel.close()
        return port
    }
}
