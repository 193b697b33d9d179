internal import CStreamEngines
internal import FoundationEssentials
internal import Synchronization

/// Publishes messages to a stream of NATS JetStream, many at a time. A message is accepted when the server has
/// acknowledged that it stored it.
///
/// The library's own asynchronous publishing reports failures alone, and no message's success. So a message is published
/// with a subject for its answer, as that does it, and each answer settles its message.
final class JetStreamSink: MessageSink {
    /// Limits of time and number.
    struct Limits: Sendable {
        var connect: Duration = .seconds(5)
        /// From publishing to the acknowledgement.
        var answer: Duration = .seconds(15)
        var underWay = 4_096
        /// Between two looks for messages that wait for too long.
        var look: Duration = .milliseconds(250)
    }

    /// What a stream that is made here has; of one that exists only the subjects are checked.
    enum NewStream {
        /// The server recognises a message that is published again so long.
        static let duplicateWindow: Duration = .seconds(600)
        static let age: Duration = .seconds(7 * 86_400)
    }

    private typealias Opening = Task<Result<JetStreamConnection, JetStreamConnection.Failure>, Never>

    private struct State {
        var connection: JetStreamConnection?
        /// The connection that all messages wait for.
        var opening: Opening?
        var isShut = false
    }

    private let url: StreamURL
    private let credentials: StreamCredentials?
    private let origin: StreamOrigin
    /// The beginning of each message's subject.
    private let subjects: String
    private let name: String
    private let limits: Limits
    private let state = Mutex(State())

    /// - Parameters:
    ///   - name: of this client, for the server's lists.
    /// - Throws: `WebhookError` (`engine_missing`) if libnats is not installed.
    init(
        _ url: StreamURL, credentials: StreamCredentials?, origin: StreamOrigin, name: String, limits: Limits = Limits()
    ) throws(WebhookError) {
        if let missing = cse_nats_missing() { throw WebhookError(.engineMissing, String(cString: missing)) }
        self.url = url
        self.credentials = url.credentials ?? credentials
        self.origin = origin
        subjects = StreamSubject.beginning(prefix: url.prefix, database: origin.database)
        self.name = name
        self.limits = limits
    }

    func send(_ message: DeliveryMessage) async -> DeliveryAttempt {
        let began = ContinuousClock.now
        let event = CloudEvent(message, source: origin.source)
        let connection: JetStreamConnection
        switch await self.connection() {
        case .success(let open): connection = open
        case .failure(let failure): return DeliveryAttempt(failure: failure.reason, duration: .now - began)
        }
        let outcome = await connection.publish(subject(of: event), headers: headers(message, event), body: event.body)
        return attempt(outcome, connection, since: began)
    }

    func begin(_ message: DeliveryMessage, _ done: @escaping @Sendable (DeliveryAttempt) -> Void) -> Bool {
        let began = ContinuousClock.now
        let open = state.withLock { state in state.connection.flatMap { $0.isOpen ? $0 : nil } }
        guard let open else { return false }
        let event = CloudEvent(message, source: origin.source)
        open.publish(subject(of: event), headers: headers(message, event), body: event.body) { [self] outcome in
            done(attempt(outcome, open, since: began))
        }
        return true
    }

    private func subject(of event: CloudEvent) -> String { subjects + StreamSubject.end(of: event) }

    private func headers(_ message: DeliveryMessage, _ event: CloudEvent) -> [(name: String, value: String)] {
        [("Nats-Msg-Id", message.id), ("Nats-Expected-Stream", url.name)] + event.headers(prefix: "ce-")
    }

    private func attempt(
        _ outcome: UnderWay.Outcome, _ connection: JetStreamConnection, since began: ContinuousClock.Instant
    ) -> DeliveryAttempt {
        switch outcome {
        case .failed(let reason): return DeliveryAttempt(failure: reason, duration: .now - began)
        case .answered(let bytes) where bytes.isEmpty:
            // The next connection makes the stream again.
            drop(connection)
            return DeliveryAttempt(
                failure: "no stream takes the message: it was removed, or JetStream is not enabled",
                duration: .now - began)
        case .answered(let bytes) where StreamAnswer.isAcknowledgement(bytes):
            return DeliveryAttempt(acceptedAfter: .now - began)
        case .answered(let bytes):
            let answer = StreamAnswer(String(decoding: bytes, as: UTF8.self))
            return DeliveryAttempt(
                failure: answer.error ?? "the answer is not an acknowledgement", duration: .now - began)
        }
    }

    private func drop(_ connection: JetStreamConnection) {
        let isCurrent = state.withLock { state in
            guard state.connection === connection else { return false }
            state.connection = nil
            return true
        }
        if isCurrent { connection.shut() }
    }

    func shutdown() async {
        let (connection, opening) = state.withLock { state in
            defer { (state.connection, state.opening, state.isShut) = (nil, nil, true) }
            return (state.connection, state.opening)
        }
        await connection?.close()
        if case .success(let late) = await opening?.value { await late.close() }
    }

    // MARK: the connection

    private func connection() async -> Result<JetStreamConnection, JetStreamConnection.Failure> {
        enum Found {
            case open(JetStreamConnection)
            case opening(Opening)
            case shut
        }
        let found: Found = state.withLock { state in
            if state.isShut { return .shut }
            if let connection = state.connection, connection.isOpen { return .open(connection) }
            state.connection?.shut()
            state.connection = nil
            if let opening = state.opening { return .opening(opening) }
            let opening = Opening { await self.open() }
            state.opening = opening
            return .opening(opening)
        }
        switch found {
        case .open(let connection): return .success(connection)
        case .opening(let opening): return await opening.value
        case .shut: return .failure(JetStreamConnection.Failure(reason: "the service stopped"))
        }
    }

    private func open() async -> Result<JetStreamConnection, JetStreamConnection.Failure> {
        let result: Result<JetStreamConnection, JetStreamConnection.Failure>
        do throws(JetStreamConnection.Failure) {
            let connection = try await JetStreamConnection.connect(url, credentials, name: name, limits: limits)
            do throws(JetStreamConnection.Failure) {
                try await prepare(connection)
            } catch {
                await connection.close()
                throw error
            }
            result = .success(connection)
        } catch {
            result = .failure(error)
        }
        state.withLock { state in
            state.opening = nil
            if !state.isShut, case .success(let connection) = result { state.connection = connection }
        }
        return result
    }

    /// Makes the stream, or checks the one that exists.
    private func prepare(_ connection: JetStreamConnection) async throws(JetStreamConnection.Failure) {
        let subjects = subjects + ">"
        let found = try await ask(connection, "INFO", "")
        switch found.code {
        case nil:
            let configuration = StreamAnswer(found.members["config"] ?? "{}")
            if configuration.members["no_ack"] == "true" {
                throw JetStreamConnection.Failure(
                    reason: "the stream \(url.name) acknowledges nothing (no_ack); edit it, or choose another")
            }
            let list = Data((configuration.members["subjects"] ?? "[]").utf8)
            let taken = try? JSONDecoder().decode([String].self, from: list)
            guard taken?.contains(where: { StreamSubject.covers($0, subjects) }) == true else {
                throw JetStreamConnection.Failure(
                    reason: "the stream \(url.name) does not take the subjects \(subjects); add them to it")
            }
        case 10_059:
            let made = try await ask(connection, "CREATE", configuration(subjects))
            // 10058: another replica has made it meanwhile.
            if let error = made.error, made.code != 10_058 {
                throw JetStreamConnection.Failure(reason: "the stream \(url.name) cannot be created: \(error)")
            }
        default:
            throw JetStreamConnection.Failure(
                reason: "the stream \(url.name) cannot be read: \(found.error ?? "no reason given")")
        }
    }

    private func ask(_ connection: JetStreamConnection, _ what: String, _ body: String)
        async throws(JetStreamConnection.Failure) -> StreamAnswer
    {
        do throws(JetStreamConnection.Failure) {
            return StreamAnswer(try await connection.request("$JS.API.STREAM.\(what).\(url.name)", body))
        } catch {
            throw JetStreamConnection.Failure(
                reason:
                    "the server's JetStream does not answer: \(error.reason). Is it enabled (nats-server -js), and may this user use it?"
            )
        }
    }

    private func configuration(_ subjects: String) -> String {
        let window = NewStream.duplicateWindow.components.seconds * 1_000_000_000
        let age = NewStream.age.components.seconds * 1_000_000_000
        return """
            {"name":"\(url.name)","subjects":["\(subjects)"],"retention":"limits","storage":"file","discard":"old",\
            "max_consumers":-1,"max_msgs":-1,"max_bytes":-1,"max_msg_size":-1,"max_age":\(age),"num_replicas":1,\
            "duplicate_window":\(window)}
            """
    }
}

/// An answer of JetStream: a JSON object, with a member `error` when it refuses.
struct StreamAnswer: Sendable {
    let members: [String: String]

    init(_ text: String) {
        var members: [String: String] = [:]
        for (name, value) in JSONMembers(text) { members[name] = JSONMembers.text(value) }
        self.members = members
    }

    /// `{"stream":"ODOO","seq":7}`, perhaps with `duplicate`: the message is stored. A refusal has `error` before these.
    static func isAcknowledgement(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: acknowledgement) && bytes.last == UInt8(ascii: "}")
    }

    private static let acknowledgement = Array("{\"stream\":".utf8)

    /// `err_code` of the refusal.
    var code: Int? { members["error"].map { Int(StreamAnswer($0).members["err_code"] ?? "") ?? 0 } }

    /// The server's words and their number.
    var error: String? {
        guard let text = members["error"] else { return nil }
        let error = StreamAnswer(text)
        let words = error.members["description"].flatMap { JSONMembers.string(Array($0.utf8)[...]) } ?? "refused"
        return words + (error.members["err_code"].map { " (\($0))" } ?? "")
    }
}
