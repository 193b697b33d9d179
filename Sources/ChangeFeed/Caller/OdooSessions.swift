internal import Synchronization

/// Asks Odoo itself: `res.users.context_get` over `/web/dataset/call_kw` returns the session's user and, unlike
/// `get_session_info`, does not prolong the session with each call. Odoo 18 and 19 rewrite the session with the first
/// call from an address and then hourly, and 19 records a device (res_device.py, `_update_device`), as with every route
/// that requires a user. Therefore files and session_db come first. The address must lead to this database only (Odoo's
/// `dbfilter`), because the answer does not say to which database the user belongs.
public final class OdooSessions: SessionCheck {
    public struct Configuration: Sendable {
        /// Odoo's address, such as `http://odoo:8069`.
        public var url: String
        /// For the whole attempt.
        public var timeout: Duration = .seconds(5)
        /// Pauses before the attempts after the first, made when connecting to Odoo failed.
        public var pauses: [Duration] = [.milliseconds(100), .milliseconds(400)]
        /// Concurrent requests; further ones are refused for now.
        public var maximumRequests = 32

        public init(url: String) { self.url = url }
    }

    public let lifetime: Duration = .seconds(30)
    private let configuration: Configuration
    private let client: OdooClient
    private let troubles: Troubles?
    private let running = Atomic(0)

    public init(_ configuration: Configuration, troubles: Troubles? = nil) {
        self.configuration = configuration
        self.troubles = troubles
        client = OdooClient(
            url: configuration.url, timeout: configuration.timeout, maximumConnections: configuration.maximumRequests)
    }

    public func shutdown() async { await client.shutdown() }

    public func find(_ session: SessionID) async throws -> CallerProof? {
        let now = running.add(1, ordering: .relaxed).newValue
        defer { running.subtract(1, ordering: .relaxed) }
        guard now <= configuration.maximumRequests else { throw AuthenticationError.busy }
        for pause in configuration.pauses.map(Optional.some) + [nil] {
            do {
                let proof = try await ask(session)
                troubles?.noteSuccess()
                return proof
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                if let pause, OdooClient.isConnectionError(error) {
                    try await Task.sleep(for: pause)
                    continue
                }
                troubles?.note(OdooClient.trouble(error))
                throw AuthenticationError.odooUnreachable
            }
        }
        throw AuthenticationError.odooUnreachable
    }

    /// Asks about a session that does not exist. Odoo answers that it is unknown, if all is well.
    package func probe() async -> Trouble? {
        guard let nobody = SessionID(String(repeating: "0", count: 40)) else { return nil }
        do {
            _ = try await ask(nobody)
            return nil
        } catch {
            return OdooClient.trouble(error)
        }
    }

    private struct Context: Decodable, Sendable { let uid: Int64? }

    private func ask(_ session: SessionID) async throws -> CallerProof? {
        do {
            let answer = try await client.call(
                "res.users", "context_get", session: session, upTo: 65_536, as: Context.self)
            guard let user = answer.result?.uid, (2...Int64(Int32.max)).contains(user) else { return nil }
            var proof = CallerProof(method: .odoo, subject: user, proof: nil, session: nil, usedAt: nil)
            proof.cookies = answer.cookies
            return proof
        } catch OdooClient.Failure.sessionExpired {
            return nil
        }
    }
}
