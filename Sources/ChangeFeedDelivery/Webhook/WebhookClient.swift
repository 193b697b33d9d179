internal import AsyncHTTPClient
internal import ChangeFeed
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Postgres
internal import Synchronization

/// Sends messages to one URL, over connections that it keeps.
///
/// The host's name is looked up here, every address is checked, and connections lead to a checked address: a name that
/// later leads elsewhere is checked again before anything is sent (no DNS rebinding). Redirects are not followed, and
/// no proxy is used.
final class WebhookClient: Sendable {
    /// Limits of time and size.
    struct Limits: Sendable {
        var connect: Duration = .seconds(5)
        /// From the look-up of the name to the end of the answer.
        var whole: Duration = .seconds(15)
        /// Bytes of an answer that are read; the connection is closed behind them.
        var answer = 16 << 10
        /// Bytes of an answer that are kept.
        var kept = 1 << 10
        /// How long an address is used before the name is looked up again.
        var addressLifetime: Duration = .seconds(60)
    }

    private struct Route {
        let client: HTTPClient
        let address: Address
        let until: ContinuousClock.Instant
    }

    private struct Refused: Error {
        let reason: String
    }

    let url: WebhookURL
    /// As it was checked, so that client and check mean the same host.
    private let text: String
    private let policy: AddressPolicy
    private let limits: Limits
    private let userAgent: String
    private let resolve: @Sendable (String) async -> [Address]
    private let route = Mutex<Route?>(nil)
    private let turn = Turnstile(permits: 1)
    private let connections: Int

    /// - Parameters:
    ///   - connections: how many may be open at the same time.
    ///   - resolve: looks up a name; tests use their own.
    init(
        _ url: WebhookURL, policy: AddressPolicy, userAgent: String, connections: Int, limits: Limits = Limits(),
        resolve: @escaping @Sendable (String) async -> [Address] = { await NameResolver.addresses(of: $0) }
    ) {
        self.url = url
        text = "\(url.scheme)://\(url.authority)\(url.target)"
        self.policy = policy
        self.userAgent = userAgent
        self.connections = connections
        self.limits = limits
        self.resolve = resolve
    }

    /// A message, ready to be sent.
    struct Message: Sendable {
        let id: String
        /// Seconds since 1970: of the attempt.
        let timestamp: Int64
        let signature: String
        let body: [UInt8]
    }

    /// Sends a message once. Never throws: what fails is an attempt that failed.
    func send(_ message: Message) async -> DeliveryAttempt {
        let began = ContinuousClock.now
        do {
            return try await send(message, by: try await client(before: began + limits.whole), since: began)
        } catch let refused as Refused {
            return DeliveryAttempt(failure: refused.reason, duration: .now - began)
        } catch let error where Self.isLate(error) {
            forgetRoute()
            return DeliveryAttempt(
                failure: "no answer within \(limits.whole.components.seconds) s", duration: .now - began)
        } catch {
            // The next attempt looks the name up again.
            forgetRoute()
            return DeliveryAttempt(failure: Self.reason(error), duration: .now - began)
        }
    }

    private func send(_ message: Message, by client: HTTPClient, since began: ContinuousClock.Instant) async throws
        -> DeliveryAttempt
    {
        var request = HTTPClientRequest(url: text)
        request.method = .POST
        request.headers = [
            "content-type": "application/json", "user-agent": userAgent, "webhook-id": message.id,
            "webhook-timestamp": "\(message.timestamp)", "webhook-signature": message.signature,
        ]
        request.body = .bytes(ByteBuffer(bytes: message.body))
        let deadline = began + limits.whole
        let response = try await client.execute(request, timeout: TimeAmount(max(.zero, deadline - .now)))
        let status = Int(response.status.code)
        let retryAfter = response.headers.first(name: "retry-after")
        // The usual answer. Its end, which lets the connection be used again, has come with its head.
        if response.status == .noContent || response.headers.first(name: "content-length") == "0" {
            for try await _ in response.body {}
            return DeliveryAttempt(status: status, retryAfter: retryAfter, answer: nil, duration: .now - began)
        }
        let kept = try await withDeadline(deadline) { [limits] in try await Self.beginning(of: response.body, limits) }
        return DeliveryAttempt(
            status: status, retryAfter: retryAfter, answer: kept.isEmpty ? nil : Self.text(kept),
            duration: .now - began)
    }

    /// Reading an answer to its end is what lets the connection be used again; a long one is not worth it.
    private static func beginning(of body: HTTPClientResponse.Body, _ limits: Limits) async throws -> [UInt8] {
        var kept: [UInt8] = []
        var read = 0
        for try await part in body {
            read += part.readableBytes
            if kept.count < limits.kept { kept += part.readableBytesView.prefix(limits.kept - kept.count) }
            if read > limits.answer { break }
        }
        return kept
    }

    private static func isLate(_ error: any Error) -> Bool {
        error is DeadlineExceeded || (error as? HTTPClientError) == .deadlineExceeded
    }

    /// As text that PostgreSQL takes: without NUL.
    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.map { $0 == 0 ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
    }

    private func client(before deadline: ContinuousClock.Instant) async throws -> HTTPClient {
        if let route = route.withLock({ $0 }), route.until > .now { return route.client }
        return try await withDeadline(deadline) { try await self.newClient() }
    }

    private func newClient() async throws -> HTTPClient {
        try await turn.enter(atMost: limits.whole)
        defer { turn.leave() }
        let known = route.withLock { $0 }
        if let known, known.until > .now { return known.client }
        let address = try await checkedAddress()
        let until = ContinuousClock.now + limits.addressLifetime
        if let known, known.address == address {
            route.withLock { $0 = Route(client: known.client, address: address, until: until) }
            return known.client
        }
        let client = makeClient(to: address)
        route.withLock { $0 = Route(client: client, address: address, until: until) }
        if let known { try? await known.client.shutdown() }
        return client
    }

    /// An address of the host, if all of them are allowed: a name with one forbidden address is not trusted.
    private func checkedAddress() async throws -> Address {
        let addresses: [Address]
        switch url.host {
        case .address(let address): addresses = [address]
        case .name(let name): addresses = await resolve(name)
        }
        guard let first = addresses.first(where: \.isIPv4) ?? addresses.first else {
            throw Refused(reason: "the host has no address")
        }
        for address in addresses {
            if let refusal = policy.refusal(of: address) {
                throw Refused(reason: "the host's address is refused: \(refusal)")
            }
        }
        return first
    }

    private func makeClient(to address: Address) -> HTTPClient {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = TimeAmount(limits.connect)
        configuration.httpVersion = .http1Only
        configuration.decompression = .disabled
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        configuration.connectionPool.retryConnectionEstablishment = false
        if case .name(let name) = url.host { configuration.dnsOverride = [name: "\(address)"] }
        // Whatever the client makes of the name: no connection to another address is used.
        configuration.http1_1ConnectionDebugInitializer = { channel in
            channel.remoteAddress?.ipAddress.flatMap { Address($0) } == address
                ? channel.eventLoop.makeSucceededVoidFuture()
                : channel.eventLoop.makeFailedFuture(Refused(reason: "the connection leads to another address"))
        }
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    private func forgetRoute() {
        route.withLock { route in
            if let known = route { route = Route(client: known.client, address: known.address, until: .now) }
        }
    }

    func shutdown() async {
        let client = route.withLock { route in
            defer { route = nil }
            return route?.client
        }
        try? await client?.shutdown()
    }

    /// In words without the URL, which may hold a secret.
    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError where error == .connectTimeout: "no connection within the time limit"
        case let error as HTTPClientError where error == .remoteConnectionClosed:
            "the receiver closed the connection without an answer"
        case let error as HTTPClientError: "the request failed: \(error.shortDescription)"
        case is CancellationError: "the service stopped"
        case let error as NIOConnectionError:
            "no connection: \(error.connectionErrors.first.map { Self.words($0.error) } ?? "unknown")"
        default: "no connection: \(words(error))"
        }
    }

    private static func words(_ error: any Error) -> String {
        (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(type(of: error))"
    }
}

/// A time limit was exceeded.
struct DeadlineExceeded: Error {}

/// Runs the body, and cancels it at the deadline.
/// - Throws: `DeadlineExceeded`, and what the body throws.
func withDeadline<R: Sendable>(
    _ deadline: ContinuousClock.Instant, _ body: @escaping @Sendable () async throws -> R
) async throws -> R {
    try await withThrowingTaskGroup(of: R.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(until: deadline, clock: .continuous)
            throw DeadlineExceeded()
        }
        defer { group.cancelAll() }
        guard let result = try await group.next() else { throw CancellationError() }
        return result
    }
}
