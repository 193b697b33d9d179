@testable import ChangeFeedHTTP
import ChangeFeed
import ChangeFeedTesting
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@Suite("The OpenAPI document", .timeLimit(.minutes(10)))
struct OpenAPITests {
    private struct Operation {
        let path: String
        let method: String
        let parameters: [String]
        let statuses: Set<Int>
    }

    private func operations() throws -> [Operation] {
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(OpenAPIDocument.bytes)) as? [String: Any])
        #expect((document["openapi"] as? String)?.hasPrefix("3.1") == true)
        let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
        return paths.flatMap { path, methods in
            methods.map { method, operation in
                let parameters = operation["parameters"] as? [[String: Any]] ?? []
                return Operation(
                    path: path, method: method.uppercased(),
                    parameters: parameters.filter { $0["in"] as? String == "query" }.compactMap {
                        $0["name"] as? String
                    },
                    statuses: Set((operation["responses"] as? [String: Any] ?? [:]).keys.compactMap { Int($0) }))
            }
        }
    }

    @Test("holds exactly the routes that the service has, and their parameters")
    func routes() throws {
        let operations = try operations()
        #expect(
            Set(operations.map { "\($0.method) \($0.path)" })
                == Set(Route.allCases.flatMap { route in route.methods.map { "\($0.rawValue) \(route.rawValue)" } }))
        let events = try #require(operations.first { $0.path == Route.webhookEvents.rawValue })
        #expect(Set(events.parameters) == Set(EventFilter.names + [QueryParameters.companies]))
    }

    @Test("names the status of every error code")
    func statuses() throws {
        let documented = try operations().reduce(into: Set<Int>()) { $0.formUnion($1.statuses) }
        // 404 and 405 belong to no operation.
        for code in ProblemCode.allCases where ![404, 405].contains(code.status.code) {
            #expect(documented.contains(code.status.code), "\(code.rawValue)")
        }
    }

    @Test("is served exactly as in docs/")
    func served() async throws {
        let answer = try await Service().send("/openapi.json")
        #expect(answer.status == 200 && answer.object["openapi"] != nil)
    }

    /// Values that parameters, headers and paths are made of: plausible ones, edges, and hostile ones.
    private static let values = [
        "", "0", "1", "-1", "100", "1000", "1001", "9223372036854775807", "9223372036854775808", "1e3", "NaN", "null",
        "true",
        "res.partner", "sale.order", "Res.Partner", "create", "write", "unlink", "delete", "2026-11-24",
        "2026-11-24T02:43:08Z",
        "2026-02-30", "0000-01-01", "9999-12-31T23:59:59.999999+14:00", "'; DROP TABLE changefeed.event; --",
        "' OR '1'='1", "\\",
        "%", "%00", "%C3%28", "%F0%9F%92%A9", "..", "../../etc/passwd", "<script>", "${jndi:ldap://x}", "{{7*7}}",
        String(repeating: "a", count: 200), String(repeating: "9", count: 400), "a%0Ab", "\u{e9}", "infinity", "now",
        "epoch",
    ]

    @Test(
        "random requests get a documented status and a problem with a code, never a fault",
        arguments: [1 as UInt64, 2, 3, 4])
    func fuzz(seed: UInt64) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql("UPDATE res_partner SET phone = '1'", user: "odoo")
        let service = try Service(database)
        var random = SeededGenerator(seed: seed)
        let operations = try operations().sorted { ($0.path, $0.method) < ($1.path, $1.method) }
        let names = EventFilter.names + ["since", "before", "session_id", "x", "", "%00"]
        let allowed = CharacterSet(charactersIn: "%").union(.alphanumerics)
        for _ in 0..<250 {
            let operation = try #require(operations.randomElement(using: &random))
            let pairs = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                let name = names.randomElement(using: &random) ?? ""
                let value =
                    (Self.values.randomElement(using: &random) ?? "").addingPercentEncoding(
                        withAllowedCharacters: allowed) ?? ""
                return Bool.random(using: &random) ? "\(name)=\(value)" : name + value
            }
            let uri = operation.path + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
            var headers: [HTTPField.Name: String] = [:]
            if Int.random(in: 0..<4, using: &random) == 0,
                let name = HTTPField.Name(
                    ["X-Session-Id", "Authorization", "X-Request-Id", "X-Odoo-Database", "Origin"].randomElement(
                        using: &random) ?? "")
            {
                headers[name] = Self.values.filter { !$0.contains("\u{e9}") }.randomElement(using: &random)
            }
            let method = try #require(HTTPRequest.Method(operation.method))
            let key = headers[.authorization] == nil ? TestKeys.admin : nil
            let answer = try await service.send(uri, key: key, headers: headers, method: method)
            #expect(
                operation.statuses.contains(answer.status) && answer.status < 500,
                "seed \(seed): \(operation.method) \(uri) \(headers) gave \(answer.status) \(answer.text)")
            if answer.status >= 400 { #expect(answer.code != nil, "\(uri)") }
        }
        #expect(try await database.psql("SELECT count(*) > 0 FROM changefeed.event") == "t")
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed.
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
