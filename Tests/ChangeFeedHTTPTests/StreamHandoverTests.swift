@testable import ChangeFeedHTTP
import ChangeFeed
import ChangeFeedTesting
import Foundation
import Glibc
import HummingbirdTesting
import Testing

/// Streams on sockets, without a client's library: what a stream is when its connection has left the HTTP server.
@Suite("A stream's connection", .serialized, .timeLimit(.minutes(10)))
struct StreamHandoverTests {
    /// A server with streams that beat every half second and, if not otherwise said, do not end. HummingbirdTesting's
    /// own knows no maximum of connections, and opens one itself.
    private func live(
        _ configure: (inout HTTPConfiguration) -> Void = { _ in }, end: ClosedRange<Double> = 600...600,
        _ body: (Service, Int) async throws -> Void
    ) async throws {
        let port = try RawSocket.freePort()
        let (_, service) = try await SyncTests.installed { configuration in
            configuration.port = port
            configuration.streamTiming = StreamTiming(ping: 0.1...0.2, end: end, retryMilliseconds: 3_000...3_000)
            configure(&configuration)
        }
        // Nothing waits for the device any more.
        _ = try await service.send(SyncTests.pull + "?device_id=phone&models=res.partner", key: TestKeys.admin)
        let server = Task { try await service.server.run() }
        defer { server.cancel() }
        try await eventually("it listens") { try await health(port).hasPrefix("HTTP/1.1 200") }
        try await body(service, port)
        server.cancel()
        _ = await server.result
    }

    private static func request(_ fields: String = "") -> String {
        "GET /api/v2/sync/stream?device_id=phone&models=res.partner HTTP/1.1\r\nHost: x\r\n"
            + "Authorization: Bearer \(TestKeys.admin)\r\nX-Request-Id: one\r\n\(fields)\r\n"
    }

    private func open(_ port: Int, fields: String = "") async throws -> RawSocket {
        let socket = try RawSocket(port: port)
        socket.send(Self.request(fields))
        return socket
    }

    /// So many streams are open.
    private func follow(_ service: Service, _ count: Int) async throws {
        try await eventually("\(count) follow") { service.server.streams.count == count }
    }

    private static func batch(_ id: Int64) -> ChangeBatch {
        let entry = LogEntry(id: id, epoch: 1, model: "res.partner", kind: .write, occurredAt: 0, recordIDs: [1])
        return ChangeBatch(entries: [entry], isConsistentCut: true)
    }

    @Test("its bytes: one answer in chunks, whole to its end, and then the connection's")
    func bytes() async throws {
        try await live(end: 1.2...1.2) { service, port in
            let socket = try await open(port)
            try await follow(service, 1)
            service.hints.publish(Self.batch(9))
            let text = try await onThread { socket.receive() }
            let parts = text.components(separatedBy: "\r\n\r\n")
            let head = parts[0].components(separatedBy: "\r\n")
            #expect(head[0] == "HTTP/1.1 200 OK")
            let fields = Set(head.dropFirst().filter { !$0.hasPrefix("Date:") && !$0.hasPrefix("Server:") })
            #expect(
                fields == [
                    "Content-Type: text/event-stream", "Cache-Control: no-store, no-transform", "X-Accel-Buffering: no",
                    "Connection: close", "Vary: Origin", "X-Request-Id: one", "X-Content-Type-Options: nosniff",
                    "transfer-encoding: chunked",
                ])
            let body = parts.dropFirst().joined(separator: "\r\n\r\n")
            let hint = "event: change\nid: 36864\ndata: {\"models\":{\"res.partner\":1},\"newest_id\":36864}\n\n"
            let ping = "16\r\nevent: ping\ndata: {}\n\n\r\n"
            #expect(
                body.hasPrefix("d\r\nretry: 3000\n\n\r\n\(String(hint.utf8.count, radix: 16))\r\n\(hint)\r\n\(ping)"))
            #expect(body.hasSuffix("\(ping)0\r\n\r\n"))
        }
    }

    /// Empty where no connection is to be had.
    private func health(_ port: Int) async throws -> String {
        try await onThread {
            guard let socket = try? RawSocket(port: port) else { return "" }
            socket.send("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            return socket.receive()
        }
    }

    @Test("ends with its client, who counts among those of its address till then", arguments: [true, false])
    func vanishes(closes: Bool) async throws {
        try await live {
            $0.maximumConnectionsPerAddress = 1
        } _: { service, port in
            let socket = try await open(port)
            try await follow(service, 1)
            for _ in 0..<3 { #expect(try await health(port) == "") }
            if closes { socket.disconnect() } else { shutdown(socket.descriptor, Int32(SHUT_WR)) }
            try await follow(service, 0)
            try await eventually("there is room") { try await health(port).hasPrefix("HTTP/1.1 200") }
            withExtendedLifetime(socket) {}
        }
    }

    @Test("counts among the server's connections, and its end lets the next one in")
    func bounded() async throws {
        try await live {
            $0.maximumConnections = 2
        } _: { service, port in
            let (first, second) = (try await open(port), try await open(port))
            try await follow(service, 2)
            async let answer = health(port)
            try await Task.sleep(for: .milliseconds(100))
            let third = try await open(port)
            try await Task.sleep(for: .seconds(1))
            #expect(service.server.streams.count == 2)
            first.disconnect()
            second.disconnect()
            #expect(try await answer.hasPrefix("HTTP/1.1 200"))
            try await follow(service, 1)
            withExtendedLifetime(third) {}
        }
    }

    @Test(
        "whatever its client sends, it goes on, and nothing else is answered",
        arguments: [
            "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", String(repeating: "\u{0}nonsense", count: 5_000),
        ])
    func inputIsIgnored(input: String) async throws {
        try await live { service, port in
            let socket = try await open(port)
            try await follow(service, 1)
            socket.send(input)
            let text = try await onThread { socket.receive { $0.components(separatedBy: "event: ping").count > 4 } }
            #expect(text.components(separatedBy: "event: ping").count > 4)
            #expect(text.components(separatedBy: "HTTP/1.1").count == 2)
            await service.server.streams.endAll()
            #expect(try await onThread { socket.receive() }.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test("goes on for clients that want their connection closed after the answer, as nginx does by default")
    func closes() async throws {
        try await live { service, port in
            let socket = try await open(port, fields: "Connection: close\r\n")
            try await follow(service, 1)
            let text = try await onThread { socket.receive { $0.components(separatedBy: "event: ping").count > 3 } }
            #expect(text.components(separatedBy: "event: ping").count > 3)
        }
    }
}
