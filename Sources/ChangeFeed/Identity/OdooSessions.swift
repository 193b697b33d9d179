internal import AsyncHTTPClient
internal import FoundationEssentials
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// Asks Odoo itself: `res.users.context_get` over `/web/dataset/call_kw` answers whose session it is and, unlike
/// `get_session_info`, does not prolong it. The address must lead to this one database (Odoo's `dbfilter`), since the
/// answer does not say which database the user is one of.
public final class OdooSessions: SessionCheck {
    public struct Configuration: Sendable {
        /// Odoo's address, such as `http://odoo:8069`.
        public var url: String
        /// For the whole of one attempt.
        public var timeout: Duration = .seconds(5)
        /// Pauses before the attempts after the first, which are made when Odoo could not be connected to.
        public var pauses: [Duration] = [.milliseconds(100), .milliseconds(400)]
        /// Questions under way at once; more are told to come back.
        public var maximumRequests = 32

        public init(url: String) { self.url = url }
    }

    public let lifetime: Duration = .seconds(30)
    private let configuration: Configuration
    private let client: HTTPClient
    private let running = Atomic(0)

    public init(_ configuration: Configuration) {
        self.configuration = configuration
        var client = HTTPClient.Configuration(redirectConfiguration: .disallow)
        client.timeout.connect = .seconds(2)
        client.timeout.read = TimeAmount(configuration.timeout)
        client.connectionPool.retryConnectionEstablishment = false
        client.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = configuration.maximumRequests
        self.client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: client)
    }

    // The client insists on it; whoever has called shutdown() has nothing left to do here.
    deinit {
        let client = client
        Task { try? await client.shutdown() }
    }

    public func shutdown() async { try? await client.shutdown() }

    public func find(_ session: SessionID) async throws -> CallerProof? {
        let now = running.add(1, ordering: .relaxed).newValue
        defer { running.subtract(1, ordering: .relaxed) }
        guard now <= configuration.maximumRequests else { throw AuthenticationError.busy }
        for pause in configuration.pauses {
            do {
                return try await askInTime(session)
            } catch let error where Self.isConnectionError(error) {
                try await Task.sleep(for: pause)
            } catch {
                throw AuthenticationError.odooUnreachable
            }
        }
        do {
            return try await askInTime(session)
        } catch {
            throw AuthenticationError.odooUnreachable
        }
    }

    private static func isConnectionError(_ error: any Error) -> Bool {
        switch error {
        case let error as HTTPClientError: error == .connectTimeout || error == .remoteConnectionClosed
        case is NIOConnectionError, is IOError, is ChannelError: true
        default: false
        }
    }

    /// What Odoo answers to `context_get` (http.py `JsonRPCDispatcher`): an expired session is status 200 with code 100.
    private struct Reply: Decodable {
        struct Context: Decodable { let uid: Int64? }
        struct Failure: Decodable { let code: Int }
        let result: Context?
        let error: Failure?
    }

    private static let expired = 100
    private static let question =
        #"{"jsonrpc":"2.0","method":"call","params":{"model":"res.users","method":"context_get","args":[],"kwargs":{}}}"#

    /// The client's own timeout ends with the head of the answer.
    private func askInTime(_ session: SessionID) async throws -> CallerProof? {
        try await withThrowingTaskGroup(of: CallerProof?.self) { group in
            group.addTask { try await self.ask(session) }
            group.addTask {
                try await Task.sleep(for: self.configuration.timeout)
                throw AuthenticationError.odooUnreachable
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    private func ask(_ session: SessionID) async throws -> CallerProof? {
        var request = HTTPClientRequest(url: configuration.url + "/web/dataset/call_kw")
        request.method = .POST
        request.headers = ["Content-Type": "application/json", "Cookie": "session_id=\(session.text)"]
        request.body = .bytes(ByteBuffer(string: Self.question))
        let response = try await client.execute(request, timeout: TimeAmount(configuration.timeout))
        let body = try await response.body.collect(upTo: 65_536)
        guard response.status == .ok else { throw AuthenticationError.odooUnreachable }
        let reply = try JSONDecoder().decode(Reply.self, from: Data(body.readableBytesView))
        if let error = reply.error {
            guard error.code == Self.expired else { throw AuthenticationError.odooUnreachable }
            return nil
        }
        guard let user = reply.result?.uid, (2...Int64(Int32.max)).contains(user) else { return nil }
        var proof = CallerProof(method: .odoo, subject: user, proof: nil, session: nil, usedAt: nil)
        proof.cookies = response.headers["Set-Cookie"].filter { $0.hasPrefix("session_id=") }
        return proof
    }
}
