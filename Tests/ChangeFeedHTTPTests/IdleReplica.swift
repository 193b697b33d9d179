@testable import ChangeFeed
@testable import ChangeFeedHTTP
import ChangeFeedTesting
import HTTPTypes
import Postgres
import Synchronization
import Testing

/// A replica with a tailer and a memory for answers without news.
final class IdleReplica: Sendable {
    static let pull = SyncTests.pull + "?device_id=phone"

    let database: TestDatabase
    let memory: IdleAnswers
    let service: Service
    let tailer: Tailer
    private let name: String
    private let following: Task<Void, any Error>
    private let backend: Mutex<Int32>

    init(
        _ database: TestDatabase, name: String = "one", capacity: Int = 1_000,
        authentication: Authenticator.Configuration = .init(),
        configure: (inout HTTPConfiguration) -> Void = { _ in }
    ) throws {
        self.database = database
        self.name = name
        let memory = IdleAnswers(capacity: capacity)
        self.memory = memory
        let service = try Service(
            database, authentication: authentication, memory: memory, configure: configure,
            limits: { $0.runtimeParameters["application_name"] = name })
        self.service = service
        var configuration = Tailer.Configuration(connection: try database.configuration(user: "changefeed_login"))
        configuration.memory = memory
        let seen = SeenBackend()
        let hints = service.hints
        let tailer = Tailer(
            configuration,
            observe: { if case .listening(let pid, _) = $0 { seen.pid.withLock { $0 = pid } } },
            deliver: { hints.publish($0) })
        self.tailer = tailer
        following = Task { try await tailer.run() }
        backend = Mutex(0)
        self.seen = seen
    }

    private final class SeenBackend: Sendable { let pid = Mutex<Int32>(0) }
    private let seen: SeenBackend

    deinit { following.cancel() }

    /// The backend that listens.
    var listener: Int32 { seen.pid.withLock { $0 } }

    func stop() async {
        following.cancel()
        _ = await following.result
    }

    /// What the sessions for requests were last asked.
    func statements() async throws -> String {
        try await database.psql(
            "SELECT coalesce(string_agg(concat(pid, ' ', query_start), ', ' ORDER BY pid), '') FROM pg_stat_activity WHERE datname = current_database() AND application_name = '\(name)'"
        )
    }

    /// Sends a request, and says whether it was answered from memory.
    func send(
        _ uri: String, key: String? = TestKeys.admin, session: TestSession? = nil, method: HTTPRequest.Method = .get
    ) async throws -> (answer: Answer, isRemembered: Bool) {
        let before = memory.answers
        let answer = try await service.send(uri, key: session == nil ? key : nil, session: session, method: method)
        return (answer, memory.answers > before)
    }

    /// Pulls until there is nothing new and the memory answers; gives the address that it answers.
    func settled(
        _ uri: String = IdleReplica.pull, key: String? = TestKeys.admin, session: TestSession? = nil
    ) async throws -> String {
        var token: String?
        var asked = uri
        try await eventually(within: .seconds(180), "the memory answers") {
            asked = uri + (token.map { "&sync_token=" + $0 } ?? "")
            let (answer, isRemembered) = try await self.send(asked, key: key, session: session)
            if isRemembered { return true }
            if answer.code == "resync" || answer.status == 410 {
                _ = try await self.service.send(
                    SyncTests.reset + "?device_id=phone", key: session == nil ? key : nil,
                    headers: [.contentType: "application/json"], session: session, method: .post)
                token = nil
            } else {
                token = answer.object["next_sync_token"] as? String ?? token
                if answer.object["has_update"] as? Bool == true, let token {
                    _ = try await self.service.send(
                        SyncTests.acknowledge, key: session == nil ? key : nil, session: session, method: .post,
                        body: #"{"device_id":"phone","sync_token":"\#(token)"}"#)
                }
            }
            return false
        }
        return asked
    }

    /// Asks until the memory answers: on a busy machine the tailer may be late for a while.
    @discardableResult
    func remembers(_ uri: String, key: String? = TestKeys.admin, session: TestSession? = nil) async throws -> Answer {
        var given: Answer?
        try await eventually(within: .seconds(180), "the memory answers \(uri)") {
            let (answer, isRemembered) = try await self.send(uri, key: key, session: session)
            given = answer
            return isRemembered
        }
        return try #require(given)
    }

    /// Waits until nothing that was kept counts any more. False: it was still to be given a second after the change.
    func dropped(since changed: ContinuousClock.Instant = .now) async throws -> Bool {
        while true {
            let now = ContinuousClock.now
            let counting = memory.counting
            if counting.all == 0 { return true }
            if counting.now > 0, now - changed > IdleAnswers.patience { return false }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Asks until the memory does not answer, and gives what the database said. Nil: it still answered a request that began a
    /// second after the change.
    func noticed(_ uri: String, key: String? = TestKeys.admin, session: TestSession? = nil) async throws -> Answer? {
        let changed = ContinuousClock.now
        while true {
            let began = ContinuousClock.now
            let (answer, isRemembered) = try await send(uri, key: key, session: session)
            if !isRemembered { return answer }
            if began - changed > IdleAnswers.patience { return nil }
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}

extension TestDatabase {
    /// Takes a defence out: replaces text in a function of the feed.
    func spoil(_ function: String, _ text: String, by other: String) async throws {
        let connection = try await connect()
        let source = try await connection.value(
            "SELECT pg_get_functiondef(p.oid) FROM pg_proc p WHERE p.pronamespace = 'changefeed'::regnamespace AND p.proname = '\(function)'"
        )
        try #require(source.contains(text), "\(function) does not hold \(text)")
        try await connection.execute(script: source.replacing(text, with: other))
        await connection.close()
    }
}
