@testable import ChangeFeedHTTP
import ChangeFeedTesting
import HTTPTypes
import Testing

@Suite("The log line of a request, and what its answer says of it", .timeLimit(.minutes(10)))
struct RequestLogTests {
    private static let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test("one line with one id; probes are at debug")
    func oneLine() async throws {
        let service = try Service()
        _ = try await service.send("/", headers: [HTTPField.Name("X-Request-Id")!: "abc-123"])
        let line = service.log.text.split(separator: "\n").filter { $0.contains(" request ") }
        #expect(line.count == 1 && line.first?.hasPrefix("info ") == true, "\(service.log.text)")
        #expect(line.first?.contains("abc-123") == true)
        #expect(!service.log.text.contains("hb.request.id"), "\(service.log.text)")
        for probe in ["/healthz", "/readyz"] { _ = try await service.send(probe) }
        let probes = service.log.text.split(separator: "\n").filter { $0.contains("readyz") || $0.contains("healthz") }
        #expect(probes.count == 2 && probes.allSatisfy { $0.hasPrefix("debug ") }, "\(service.log.text)")
    }

    @Test("the client's trace is logged and answered with a part of the service's own")
    func traces() async throws {
        let service = try Service()
        let answer = try await service.send("/", headers: [HTTPField.Name("traceparent")!: Self.trace])
        let parts = (answer.headers[HTTPField.Name("traceparent")!] ?? "").split(separator: "-").map(String.init)
        #expect(parts.count == 4 && parts[0] == "00" && parts[3] == "01")
        #expect(parts.dropFirst().first == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(parts.count > 2 && parts[2] != "00f067aa0ba902b7" && parts[2].count == 16)
        #expect(service.log.text.contains("4bf92f3577b34da6a3ce929d0e0e4736"))
        #expect(try await service.send("/").headers[HTTPField.Name("traceparent")!] == nil)
    }

    @Test(
        "what is no traceparent is none",
        arguments: [
            "", "00", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
            "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
        ])
    func none(header: String) {
        #expect(TraceContext(header) == nil)
    }

    @Test("a later version may append parts; only the flag that is known is passed on")
    func later() {
        let later = TraceContext(
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff-more", spanID: "1234567890abcdef")
        #expect(later?.answer == "00-4bf92f3577b34da6a3ce929d0e0e4736-1234567890abcdef-01")
        let not = TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-02", spanID: "1234567890abcdef")
        #expect(not?.answer == "00-4bf92f3577b34da6a3ce929d0e0e4736-1234567890abcdef-00")
    }

    @Test("answers say how long they and the database took only where that is switched on")
    func timing() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let name = HTTPField.Name("Server-Timing")!
        let silent = try Service(database)
        #expect(try await silent.send("/api/v2/me", key: TestKeys.admin).headers[name] == nil)
        let open = try Service(database, configure: { $0.serverTiming = true })
        let answer = try await open.send("/api/v2/me", key: TestKeys.admin)
        let parts = (answer.headers[name] ?? "").split(separator: ",").compactMap { part in
            part.split(separator: "=").last.flatMap { Double($0) }
        }
        #expect(answer.status == 200 && parts.count == 2, "\(answer.headers)")
        #expect(parts.count == 2 && parts[0] > 0 && parts[0] <= parts[1], "\(answer.headers)")
        // No database was asked.
        let page = try await open.send("/healthz")
        #expect(page.headers[name]?.hasPrefix("db;dur=0.0, total;dur=") == true, "\(page.headers)")
    }
}
