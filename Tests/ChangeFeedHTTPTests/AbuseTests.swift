@testable import ChangeFeedHTTP
import ChangeFeed
import ChangeFeedTesting
import Foundation
import Glibc
import HummingbirdTesting
import NIOCore
import Testing

@Suite("A hostile client on a socket", .timeLimit(.minutes(10)))
struct AbuseTests {
    /// Runs a body against a live server, and then asks as a good client does.
    private func live(
        _ configure: (inout HTTPConfiguration) -> Void = { _ in }, _ body: @escaping @Sendable (Int) throws -> Void
    ) async throws {
        let service = try Service(configure: configure)
        try await service.server.application.test(.live) { client in
            let port = try #require(client.port)
            try await onThread { try body(port) }
            try await eventually("a good client is served") {
                try await onThread {
                    let good = try RawSocket(port: port)
                    good.send("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    return good.receive().hasPrefix("HTTP/1.1 200")
                }
            }
        }
        #expect(!service.log.text.contains("critical"))
    }

    private static let head = "HTTP/1.1\r\nHost: x\r\n"

    @Test(
        "is answered with a problem or closed, and disturbs no other client",
        arguments: [
            ("nonsense\r\n\r\n", "400"), ("GET /\u{0} HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
            ("GET / \(head)X-A: a\u{0}b\r\n\r\n", "400"),
            ("GET / \(head)X A: b\r\n\r\n", "400"), ("GET / HTTP/9.9\r\nHost: x\r\n\r\n", "400"),
            ("POST / \(head)Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n", "400"),
            ("POST / \(head)Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", "400"),
            ("POST / \(head)Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
            ("POST / \(head)Content-Length: -1\r\n\r\n", "400"),
            ("POST / \(head)Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", "400"),
            ("GET /\(String(repeating: "a", count: 9_000)) \(head)\r\n", "414"),
            ("DELETE / \(head)Content-Length: 65537\r\n\r\n", "413"),
            ("GET / \(head)X-A: \(String(repeating: "a", count: 20_000))\r\n\r\n", "431"),
            ("GET / \(head)\(String(repeating: "X-A: 1\r\n", count: 200))\r\n", "431"),
            ("GET / \(head)\(String(repeating: "X-A: 1\r\n", count: 200_000))\r\n", "431"),
        ])
    func malformed(request: String, status: String) async throws {
        try await live { port in
            let socket = try RawSocket(port: port)
            socket.send(request)
            let answer = socket.receive()
            // A flood may be cut off before its answer arrives: what was not read makes the kernel reset the connection.
            #expect(
                answer.hasPrefix("HTTP/1.1 \(status)") || (answer.isEmpty && request.utf8.count > 100_000),
                "\(request.prefix(60)): \(answer.prefix(200))")
            if !answer.isEmpty { #expect(answer.contains("application/problem+json")) }
        }
    }

    @Test("a body without a length is cut off at the limit")
    func endlessBody() async throws {
        try await live { port in
            let socket = try RawSocket(port: port)
            socket.send("DELETE /api/v1/cleanup HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "1000\r\n" + String(repeating: "a", count: 4_096) + "\r\n"
            var sent = 0
            while sent < 10_000, socket.send(chunk) { sent += 1 }
            #expect(sent < 10_000)
        }
    }

    @Test(
        "one that sends a byte now and then is cut off, in the head as in the body",
        arguments: [
            "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n",
            "DELETE /api/v1/cleanup HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        ])
    func slow(start: String) async throws {
        try await live {
            $0.requestTimeout = .milliseconds(300)
            $0.idleTimeout = .milliseconds(300)
        } _: { port in
            let socket = try RawSocket(port: port)
            socket.send(start)
            var bytes = 0
            while bytes < 600, socket.send(start.contains("chunked") ? "1\r\na\r\n" : "a") {
                bytes += 1
                usleep(50_000)
            }
            #expect(bytes < 600)
        }
    }

    @Test("a head that does not end is cut off in the time of a request, however long idle connections are kept")
    func slowHead() async throws {
        try await live {
            $0.requestTimeout = .milliseconds(300)
            $0.idleTimeout = .seconds(600)
        } _: { port in
            for before in ["", "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"] {
                let socket = try RawSocket(port: port)
                socket.send(before)
                if !before.isEmpty { _ = socket.receive { $0.contains("}") } }
                socket.send("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
                var bytes = 0
                while bytes < 400, socket.send("a") {
                    bytes += 1
                    usleep(50_000)
                }
                #expect(bytes < 400)
                let answer = socket.receive()
                #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 408"), "\(answer)")
            }
        }
    }

    @Test("a connection between requests is kept beyond the time of a request, also with line breaks in between")
    func idle() async throws {
        try await live {
            $0.requestTimeout = .milliseconds(200)
            $0.idleTimeout = .seconds(600)
        } _: { port in
            let socket = try RawSocket(port: port)
            for pause in ["", "\r\n", "\r\n\r\n"] {
                socket.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(socket.receive { $0.contains("}") }.hasPrefix("HTTP/1.1 200"))
                socket.send(pause)
                usleep(600_000)
            }
            socket.send("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(socket.receive().hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test(
        "nothing is kept of what follows an offer to upgrade, and no tunnel is opened",
        arguments: [
            "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
            "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
        ])
    func upgrade(request: String) async throws {
        try await live { port in
            let socket = try RawSocket(port: port)
            socket.send(request)
            let answer = socket.receive()
            #expect(answer.hasPrefix("HTTP/1.1 \(request.hasPrefix("GET") ? 200 : 405)"))
            #expect(answer.lowercased().contains("connection: close"))
            var sent = 0
            let block = String(repeating: "x", count: 65_536)
            while sent < 400, socket.send(block) { sent += 1 }
            #expect(sent < 400)
        }
    }

    @Test("HEAD has no body, whatever the answer is, so that the next answer is found")
    func headRequests() async throws {
        try await live { port in
            let socket = try RawSocket(port: port)
            for path in ["/nowhere", "/api/v1/cleanup", "/healthz"] {
                socket.send("HEAD \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
            }
            socket.send("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let parts = socket.receive().components(separatedBy: "\r\n\r\n")
            #expect(parts.count == 5 && parts.dropLast().allSatisfy { $0.hasPrefix("HTTP/1.1 ") })
            #expect(parts.last == #"{"status":"ok"}"#)
        }
    }

    @Test("one that does not read its answers is let go")
    func doesNotRead() async throws {
        try await live {
            $0.requestTimeout = .milliseconds(500)
        } _: { port in
            let socket = try RawSocket(port: port)
            var small: Int32 = 4_096
            setsockopt(socket.descriptor, SOL_SOCKET, SO_RCVBUF, &small, socklen_t(MemoryLayout<Int32>.size))
            let request = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
            for _ in 0..<5_000 { socket.send(request) }
            // The answers fill all buffers, and then nothing moves, until the other end gives up.
            var rounds = 0
            while rounds < 400, socket.send(request) {
                rounds += 1
                usleep(50_000)
            }
            #expect(rounds < 400)
        }
    }

    @Test("a thousand requests in one packet are answered in their order")
    func pipelining() async throws {
        try await live { port in
            let socket = try RawSocket(port: port)
            let paths = (0..<1_000).map { $0 % 2 == 0 ? "/healthz" : "/nowhere" }
            socket.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
            socket.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let statuses = socket.receive().split(separator: "HTTP/1.1 ").map { $0.prefix(3) }
            #expect(statuses == paths.map { $0 == "/healthz" ? "200" : "404" } + ["200"])
        }
    }

    @Test("one address gets so many connections, and others when these end")
    func connections() async throws {
        try await live {
            $0.maximumConnectionsPerAddress = 10
            // On a machine that is busy the test outlasts the usual minute.
            $0.idleTimeout = .seconds(600)
        } _: { port in
            // The test's own client may hold one of them.
            var sockets: [RawSocket] = []
            for _ in 0..<10 {
                let socket = try RawSocket(port: port)
                socket.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                if socket.receive(until: { $0.contains("}") }).hasPrefix("HTTP/1.1 200") { sockets.append(socket) }
            }
            #expect(sockets.count >= 9)
            for _ in 0..<50 {
                let more = try RawSocket(port: port)
                more.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                // Where that client has gone meanwhile, its place is taken by one more.
                if !more.receive(until: { $0.contains("}") }).isEmpty { sockets.append(more) }
            }
            #expect(sockets.count <= 10)
            sockets.removeAll()
        }
    }

    @Test("a trusted proxy may open more")
    func proxy() async throws {
        try await live {
            $0.maximumConnectionsPerAddress = 1
            $0.trustedProxies = [AddressBlock("127.0.0.0/8")!]
        } _: { port in
            for socket in try (0..<20).map({ _ in try RawSocket(port: port) }) {
                socket.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                let start = ContinuousClock.now
                let answer = socket.receive { $0.contains("}") }
                #expect(answer.hasPrefix("HTTP/1.1 200"), "after \(ContinuousClock.now - start), errno \(errno)")
            }
        }
    }
}
