@testable import ChangeFeedDelivery
import ChangeFeedTesting
import Foundation
import Testing

/// Asks a NATS server for what its streams hold.
struct StreamReader {
    /// A message of a stream.
    struct Stored {
        let subject: String
        let headers: [String: String]
        let body: String
    }

    let connection: JetStreamConnection

    /// - Parameter credentials: with `@` behind them.
    init(_ server: NATSServer, credentials: String = "") async throws {
        let url = try StreamURL("nats://\(credentials)127.0.0.1:\(server.port)/ODOO")
        connection = try await JetStreamConnection.connect(
            url, url.credentials, name: "reader", limits: JetStreamSink.Limits())
    }

    /// Calls the server's interface for streams.
    func ask(_ subject: String, _ body: String = "") async throws -> [String: Any] {
        let text = try await connection.request("$JS.API.\(subject)", body)
        return try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
    }

    /// All messages of a stream, in its order.
    func messages(_ stream: String = "ODOO") async throws -> [Stored] {
        let state = try await ask("STREAM.INFO.\(stream)")["state"] as? [String: Any] ?? [:]
        let count = state["messages"] as? Int ?? 0
        var found: [Stored] = []
        for number in 1...max(1, count) where count > 0 {
            let answer = try await ask("STREAM.MSG.GET.\(stream)", "{\"seq\":\(number)}")
            let message = try #require(answer["message"] as? [String: Any])
            let lines = text(message["hdrs"]).components(separatedBy: "\r\n").dropFirst()
            let headers = lines.compactMap { line -> (String, String)? in
                guard let colon = line.firstIndex(of: ":") else { return nil }
                return (String(line[..<colon]), line[colon...].dropFirst().trimmingCharacters(in: .whitespaces))
            }
            found.append(
                Stored(
                    subject: message["subject"] as? String ?? "",
                    headers: Dictionary(headers, uniquingKeysWith: { $1 }), body: text(message["data"])))
        }
        return found
    }

    private func text(_ base64: Any?) -> String {
        (base64 as? String).flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
