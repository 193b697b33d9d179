internal import AsyncHTTPClient
internal import FoundationEssentials
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Calls Odoo under a user's session: `POST /web/dataset/call_kw`, one attempt, bounded in time and size.
final class OdooClient: Sendable {
    /// Odoo's answer when there is no result.
    enum Failure: Error {
        /// The session is unknown or has ended (http.py `SessionExpiredException`: status 200 with code 100).
        case sessionExpired
        case refused
        case unexpected
        case timeout
    }

    struct Answer<Result: Sendable>: Sendable {
        let result: Result?
        /// Set-Cookie lines about the session.
        let cookies: [String]
    }

    private struct Reply<Result: Decodable>: Decodable {
        struct Failure: Decodable { let code: Int }
        let result: Result?
        let error: Failure?
    }

    private static let expired = 100
    private let url: String
    private let timeout: Duration
    private let client: HTTPClient

    /// - Parameters:
    ///   - url: Odoo's address, such as `http://odoo:8069`.
    ///   - timeout: For the whole attempt.
    init(url: String, timeout: Duration, maximumConnections: Int) {
        self.url = url
        self.timeout = timeout
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(2)
        configuration.timeout.read = TimeAmount(timeout)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = maximumConnections
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    // The client insists on it; after shutdown() there is nothing left to do here.
    deinit {
        let client = client
        Task { try? await client.shutdown() }
    }

    func shutdown() async { try? await client.shutdown() }

    /// - Parameters:
    ///   - model: A model's technical name, which contains nothing that JSON would escape.
    ///   - arguments: The keyword arguments as a JSON object.
    /// - Throws: `Failure`, or the connection's error.
    func call<Result: Decodable & Sendable>(
        _ model: String, _ method: String, arguments: String = "{}", session: SessionID, upTo bytes: Int,
        as type: Result.Type
    ) async throws -> Answer<Result> {
        let question =
            #"{"jsonrpc":"2.0","method":"call","params":{"model":"\#(model)","method":"\#(method)","args":[],"kwargs":\#(arguments)}}"#
        // The client's own timeout ends with the head of the answer.
        return try await withThrowingTaskGroup(of: Answer<Result>.self) { group in
            group.addTask { try await self.ask(question, session, bytes) }
            group.addTask {
                try await Task.sleep(for: self.timeout)
                throw Failure.timeout
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() else { throw Failure.unexpected }
            return answer
        }
    }

    private func ask<Result: Decodable & Sendable>(_ question: String, _ session: SessionID, _ bytes: Int) async throws
        -> Answer<Result>
    {
        var request = HTTPClientRequest(url: url + "/web/dataset/call_kw")
        request.method = .POST
        request.headers = ["Content-Type": "application/json", "Cookie": "session_id=\(session.text)"]
        request.body = .bytes(ByteBuffer(string: question))
        let response = try await client.execute(request, timeout: TimeAmount(timeout))
        let body = try await response.body.collect(upTo: bytes)
        guard response.status == .ok else { throw Failure.unexpected }
        let reply = try JSONDecoder().decode(Reply<Result>.self, from: Data(body.readableBytesView))
        if let error = reply.error { throw error.code == Self.expired ? Failure.sessionExpired : Failure.refused }
        return Answer(
            result: reply.result, cookies: response.headers["Set-Cookie"].filter { $0.hasPrefix("session_id=") })
    }

    /// The meaning of a failed request for the operator.
    static func trouble(_ error: any Error) -> Trouble {
        switch error {
        case Failure.timeout: return Trouble(.timeout, "Odoo did not answer in time")
        case Failure.refused: return Trouble(.permission, "Odoo refused the request")
        case Failure.unexpected: return Trouble(.decoding, "the answer is not one of Odoo 16 to 19")
        case is DecodingError: return Trouble(.decoding, "Odoo's answer cannot be read")
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout, .readTimeout, .deadlineExceeded:
                return Trouble(.timeout, "Odoo did not answer in time")
            case .remoteConnectionClosed: return Trouble(.connection, "Odoo closed the connection")
            default: return Trouble(isAboutTLS(error) ? .tls : .other, "the request to Odoo failed: \(error)")
            }
        case let error as NIOConnectionError:
            let causes = error.connectionErrors.map { "\($0.error)" }
            if error.dnsAError != nil, causes.isEmpty {
                return Trouble(.connection, "the name of Odoo's host cannot be resolved")
            }
            return Trouble(.connection, "cannot connect to Odoo: \(causes.first ?? "no address")")
        case let error as IOError: return Trouble(.connection, "cannot connect to Odoo: \(error)")
        case is ChannelError: return Trouble(.connection, "cannot connect to Odoo: \(error)")
        default:
            return isAboutTLS(error)
                ? Trouble(.tls, "the TLS handshake with Odoo failed: \(error)")
                : Trouble(.other, "the request to Odoo failed (\(type(of: error)))")
        }
    }

    private static func isAboutTLS(_ error: any Error) -> Bool {
        "\(type(of: error))".contains("SSL") || Trouble.isAboutTLS("\(error)")
    }

    /// Whether there was no answer, so that the request may be repeated.
    static func isConnectionError(_ error: any Error) -> Bool {
        switch error {
        case let error as HTTPClientError: error == .connectTimeout || error == .remoteConnectionClosed
        case is NIOConnectionError, is IOError, is ChannelError: true
        default: false
        }
    }
}
