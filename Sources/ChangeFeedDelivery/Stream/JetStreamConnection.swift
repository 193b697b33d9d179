internal import CStreamEngines
internal import Glibc
internal import Postgres
internal import Synchronization

/// One connection to a NATS server, which is never connected again: when it is lost, all that is under way fails.
final class JetStreamConnection: Sendable {
    /// The library's connection: its functions may be called from any thread.
    private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    struct Failure: Error {
        let reason: String
    }

    private let underWay: UnderWay
    /// Nil: closed. The lock keeps it from being freed while it is in use.
    private let handle: Mutex<Handle?>
    private let limits: JetStreamSink.Limits

    private init(_ handle: Handle, _ underWay: UnderWay, _ limits: JetStreamSink.Limits) {
        self.handle = Mutex(handle)
        self.underWay = underWay
        self.limits = limits
    }

    deinit { shut() }

    var isOpen: Bool { underWay.isOpen }

    static func connect(
        _ url: StreamURL, _ credentials: StreamCredentials?, name: String, limits: JetStreamSink.Limits
    ) async throws(Failure) -> JetStreamConnection {
        let underWay = UnderWay.open(limit: limits.underWay)
        let (handle, reason): (Handle?, String) = await withCheckedContinuation { continuation in
            BlockingThread.run {
                let (pointer, reason) = open(url, credentials, name, limits, underWay.number)
                continuation.resume(returning: (pointer, reason))
            }
        }
        guard let handle else {
            underWay.close(reason)
            throw Failure(reason: "no connection: \(reason)")
        }
        let connection = JetStreamConnection(handle, underWay, limits)
        underWay.watch(every: limits.look) { [weak connection] in connection?.lateReason ?? "no acknowledgement" }
        return connection
    }

    private static func open(
        _ url: StreamURL, _ credentials: StreamCredentials?, _ name: String, _ limits: JetStreamSink.Limits,
        _ owner: UInt
    ) -> (Handle?, String) {
        let (pointer, reason) = CText.withCopies { texts in
            var options = cse_nats_options()
            let user = credentials?.user
            options.user = texts.add(user?.name)
            options.password = texts.add(user?.password)
            options.token = texts.add(user == nil ? credentials?.text : nil)
            options.credentials_file = texts.add(url.files["creds"])
            options.uses_tls = url.usesTLS
            options.authority_file = texts.add(url.files["ca"])
            options.certificate_file = texts.add(url.files["cert"])
            options.key_file = texts.add(url.files["key"])
            options.name = texts.add(name)
            options.timeout_ms = Int64(limits.connect / .milliseconds(1))
            var urls: [UnsafePointer<CChar>?] = []
            for server in url.servers { urls.append(texts.add("nats://\(server)")) }
            return CText.reason { reason in
                urls.withUnsafeBufferPointer { list in
                    options.urls = list.baseAddress
                    options.url_count = Int32(list.count)
                    return cse_nats_connect(&options, owner, answered, ended, reason)
                }
            }
        }
        return (pointer.map { Handle(pointer: $0) }, reason)
    }

    private static let ended: cse_ended = {
        UnderWay.numbered($0)?.close("the connection to the server was lost")
    }

    private static let answered: cse_outcome = { owner, number, reason, answer, length in
        guard let underWay = UnderWay.numbered(owner) else { return }
        if let reason { return underWay.end(number, .failed(String(cString: reason))) }
        underWay.end(
            number, .answered(Array(UnsafeRawBufferPointer(start: answer, count: answer == nil ? 0 : length))))
    }

    private var lateReason: String {
        let told = CText.reason { reason in
            handle.withLock { handle in handle.map { cse_nats_last_error($0.pointer, reason) } ?? false }
        }
        return "no acknowledgement within \(limits.answer.components.seconds) s"
            + (told.result ? ": \(told.reason)" : "")
    }

    /// Publishes a message, and waits for the stream's answer.
    func publish(
        _ subject: String, headers: [(name: String, value: String)], body: [UInt8]
    ) async -> UnderWay.Outcome {
        await underWay.outcome(within: limits.answer) { write($0, subject, headers, body) }
    }

    /// Publishes a message; `end` gets the stream's answer.
    func publish(
        _ subject: String, headers: [(name: String, value: String)], body: [UInt8],
        _ end: @escaping @Sendable (UnderWay.Outcome) -> Void
    ) {
        underWay.begin(within: limits.answer, { write($0, subject, headers, body) }, end)
    }

    private func write(
        _ number: UInt64, _ subject: String, _ headers: [(name: String, value: String)], _ body: [UInt8]
    ) -> String? {
        handle.withLock { handle in
            guard let handle else { return "the connection is closed" }
            CText.withPairs(headers) { pairs, count in
                body.withUnsafeBytes { bytes in
                    cse_nats_publish(
                        handle.pointer, number, subject, pairs, count, bytes.baseAddress, Int32(bytes.count))
                }
            }
            return nil
        }
    }

    /// Sends a request to a service of the server, such as its interface for streams, and waits for its answer.
    func request(_ subject: String, _ body: String) async throws(Failure) -> String {
        let limit = Int64(limits.connect / .milliseconds(1))
        let (answer, reason): (String?, String) = await withCheckedContinuation { continuation in
            BlockingThread.run { [self] in
                // Nothing frees it meanwhile: this task holds the connection, and closes it afterwards.
                let found = handle.withLock { $0 }
                var length = 0
                let (answer, reason) = CText.reason { reason in
                    found.flatMap {
                        cse_nats_request($0.pointer, subject, body, Int32(body.utf8.count), limit, &length, reason)
                    }
                }
                defer { free(answer) }
                let text = answer.map {
                    String(decoding: UnsafeRawBufferPointer(start: $0, count: length), as: UTF8.self)
                }
                continuation.resume(returning: (text, reason))
            }
        }
        guard let answer else { throw Failure(reason: reason) }
        return answer
    }

    func close() async {
        let found = take("the service stopped")
        guard let found else { return }
        await withCheckedContinuation { continuation in
            BlockingThread.run {
                cse_nats_free(found.pointer)
                continuation.resume()
            }
        }
    }

    /// Without waiting for it.
    func shut() {
        guard let found = take("the connection was closed") else { return }
        BlockingThread.run { cse_nats_free(found.pointer) }
    }

    private func take(_ reason: String) -> Handle? {
        underWay.close(reason)
        return handle.withLock { handle in
            defer { handle = nil }
            return handle
        }
    }
}
