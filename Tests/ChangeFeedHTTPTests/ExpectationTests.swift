@testable import ChangeFeedHTTP
import ChangeFeedTesting
import Foundation
import HummingbirdTesting
import Testing

@Suite("Expect: 100-continue", .timeLimit(.minutes(10)))
struct ExpectationTests {
    private static let body = #"{"device_id":"phone","to":"now"}"#
    private static let answered = "\r\n\r\n{"

    private static func head(
        _ path: String = SyncTests.reset, method: String = "POST", expect: String = "100-continue",
        version: String = "1.1", key: String? = TestKeys.admin,
        framing: String = "Content-Length: \(body.utf8.count)", more: String = ""
    ) -> String {
        "\(method) \(path) HTTP/\(version)\r\nHost: x\r\nExpect: \(expect)\r\n"
            + (key.map { "Authorization: Bearer \($0)\r\n" } ?? "")
            + "\(framing)\r\nContent-Type: application/json\r\n\(more)\r\n"
    }

    /// A live server that knows the fixture's users.
    private func live(
        _ configure: (inout HTTPConfiguration) -> Void = { _ in },
        _ talk: @escaping @Sendable (RawSocket) throws -> Void
    ) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await Service(database, configure: configure).server.application.test(.live) { client in
            let port = try #require(client.port)
            try await onThread { try talk(try RawSocket(port: port)) }
        }
    }

    @Test(
        "the body is requested, then read, and the connection stays usable",
        arguments: [
            ("100-continue", "Content-Length: \(body.utf8.count)"),
            ("100-Continue", "Content-Length: \(body.utf8.count)"),
            (" 100-continue ,", "Content-Length: \(body.utf8.count)"), ("100-continue", "Transfer-Encoding: chunked"),
        ])
    func goesOn(expect: String, framing: String) async throws {
        try await live { socket in
            for _ in 0..<3 {
                socket.send(Self.head(expect: expect, framing: framing))
                let first = socket.receive { $0.hasSuffix("\r\n\r\n") }
                #expect(first == "HTTP/1.1 100 Continue\r\n\r\n")
                socket.send(
                    framing.hasPrefix("T")
                        ? String(Self.body.utf8.count, radix: 16) + "\r\n" + Self.body + "\r\n0\r\n\r\n" : Self.body)
                let answer = socket.receive { $0.contains(Self.answered) && $0.hasSuffix("}") }
                #expect(answer.hasPrefix("HTTP/1.1 200"), "\(answer)")
            }
        }
    }

    @Test("a client that does not wait is answered once, and by the order of its requests")
    func doesNotWait() async throws {
        try await live { socket in
            socket.send(
                (Self.head() + Self.body) + (Self.head() + Self.body)
                    + "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let statuses = socket.receive().components(separatedBy: "HTTP/1.1 ").dropFirst().map { $0.prefix(3) }
            #expect(statuses == ["200", "200", "200"])
        }
    }

    @Test("a second request that waits behind a first is asked for its body after the first one's answer")
    func pipelined() async throws {
        try await live { socket in
            socket.send((Self.head() + Self.body) + Self.head())
            let first = socket.receive { $0.hasSuffix("100 Continue\r\n\r\n") }
            #expect(
                first.hasPrefix("HTTP/1.1 200") && first.components(separatedBy: "100 Continue").count == 2, "\(first)")
            socket.send(Self.body)
            #expect(socket.receive { $0.contains(Self.answered) && $0.hasSuffix("}") }.hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test(
        "what is refused anyway is refused without the body, and the connection ends",
        arguments: [
            (head(key: nil), "401"), (head(key: TestKeys.unknown.uppercased()), "401"), (head("/nowhere"), "404"),
            (head(SyncTests.digest), "405"),
            (head(more: "Content-Encoding: gzip\r\n"), "415"), (head(SyncTests.reset + "?x=1"), "422"),
            (head(framing: "Content-Length: 65537"), "413"),
            (head(SyncTests.pull + "?device_id=phone", method: "GET"), "200"), (head("/healthz", method: "GET"), "200"),
        ])
    func refused(request: String, status: String) async throws {
        try await live { socket in
            socket.send(request)
            let start = ContinuousClock.now
            // Until the other end closes.
            let answer = socket.receive()
            #expect(answer.hasPrefix("HTTP/1.1 \(status)"), "\(answer)")
            #expect(!answer.contains("100 Continue") && answer.lowercased().contains("\r\nconnection: close\r\n"))
            #expect(ContinuousClock.now - start < .seconds(25))
        }
    }

    @Test(
        "another expectation is not met",
        arguments: ["200-ok", "100-continue, more", "100", "100-continue=1", "\"100-continue\""])
    func unknown(expect: String) async throws {
        try await live { socket in
            socket.send(Self.head(expect: expect))
            let answer = socket.receive()
            #expect(
                answer.hasPrefix("HTTP/1.1 417") && answer.contains("expectation_failed")
                    && answer.contains("application/problem+json"), "\(answer)")
        }
    }

    @Test(
        "where no body comes, and from a client of HTTP/1.0, nothing is expected",
        arguments: [
            head(SyncTests.reset + "?device_id=phone", framing: "Content-Length: 0"),
            head(SyncTests.reset + "?device_id=phone", framing: "X-None: 1"),
            head(version: "1.0") + body,
        ])
    func nothing(request: String) async throws {
        try await live { socket in
            socket.send(request)
            let answer = socket.receive { $0.contains(Self.answered) && $0.hasSuffix("}") }
            #expect(
                answer.hasPrefix("HTTP/1.") && answer.contains(" 200 OK") && !answer.contains("100 Continue"),
                "\(answer)")
        }
    }

    @Test("a client of HTTP/1.0 that waits all the same gets nothing before its body")
    func olderVersion() async throws {
        try await live {
            $0.requestTimeout = .milliseconds(500)
        } _: { socket in
            socket.send(Self.head(version: "1.0"))
            let answer = socket.receive()
            #expect(answer.hasPrefix("HTTP/1.1 408 ") && !answer.contains("100 Continue"), "\(answer)")
        }
    }
}
