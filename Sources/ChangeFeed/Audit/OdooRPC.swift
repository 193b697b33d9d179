internal import AsyncHTTPClient
internal import FoundationEssentials
internal import NIOCore
internal import NIOHTTP1

/// Odoo's external API, `POST /jsonrpc`, as one user: Odoo's own answers to that user. Bounded in time and size; it
/// calls only `search`, `read` and `context_get`, none of which writes.
///
/// The key appears in no error and no log.
package final class OdooRPC: Sendable {
    /// Odoo's error, by the name of its exception.
    package struct Refusal: Error, Sendable {
        package let name: String
        package var isAccessError: Bool { name.hasSuffix("AccessError") }
        package var isMissingError: Bool { name.hasSuffix("MissingError") }
    }

    private struct Reply: Decodable {
        struct Failure: Decodable {
            struct Details: Decodable { let name: String? }
            let data: Details?
        }
        let result: JSONValue?
        let error: Failure?
    }

    private static let maximumAnswer = 64 << 20
    private let url: String
    private let database: String
    private let key: String
    private let timeout: Duration
    private let client: HTTPClient

    /// - Parameters:
    ///   - url: Odoo's address, such as `http://odoo:8069`.
    ///   - database: the name by which Odoo knows its database.
    ///   - key: an API key of the user, or the password.
    package init(url: String, database: String, key: String, timeout: Duration = .seconds(60)) {
        (self.url, self.database, self.key, self.timeout) = (url, database, key, timeout)
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(5)
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    package func shutdown() async { try? await client.shutdown() }

    /// The id of the user; nil: Odoo rejects this key.
    package func authenticate(login: String) async throws -> Int64? {
        try await call("common", "authenticate", [.string(database), .string(login), .string(key), .object([:])]).int
    }

    /// - Throws: `Refusal`; `ChangeFeedError` when there is no answer.
    package func execute(
        as user: Int64, _ model: String, _ method: String, _ arguments: [JSONValue],
        _ keywords: [String: JSONValue] = [:]
    ) async throws -> JSONValue {
        try await call(
            "object", "execute_kw",
            [
                .string(database), .int(user), .string(key), .string(model), .string(method), .array(arguments),
                .object(keywords),
            ])
    }

    private func call(_ service: String, _ method: String, _ arguments: [JSONValue]) async throws -> JSONValue {
        let question = JSONValue.object([
            "jsonrpc": .string("2.0"), "method": .string("call"), "id": .int(1),
            "params": .object(["service": .string(service), "method": .string(method), "args": .array(arguments)]),
        ])
        var request = HTTPClientRequest(url: url + "/jsonrpc")
        request.method = .POST
        request.headers = ["Content-Type": "application/json"]
        request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(question)))
        let reply: Reply
        do {
            let response = try await client.execute(request, timeout: TimeAmount(timeout))
            let body = try await response.body.collect(upTo: Self.maximumAnswer)
            guard response.status == .ok else {
                throw Self.unreachable("it answers with status \(response.status.code)")
            }
            reply = try JSONDecoder().decode(Reply.self, from: Data(body.readableBytesView))
        } catch let error as ChangeFeedError {
            throw error
        } catch is DecodingError {
            throw Self.unreachable("its answer is not JSON-RPC")
        } catch {
            throw Self.unreachable("\(type(of: error))")
        }
        if let failure = reply.error { throw Refusal(name: failure.data?.name ?? "an error without a name") }
        return reply.result ?? .null
    }

    private static func unreachable(_ reason: String) -> ChangeFeedError {
        ChangeFeedError(
            .odooUnreachable, "Odoo's /jsonrpc does not answer as expected: \(reason).",
            hint: "Check ODOO_URL; in Odoo 19 /jsonrpc comes with the module rpc.")
    }
}
