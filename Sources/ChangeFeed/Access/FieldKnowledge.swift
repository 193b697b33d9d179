public import Postgres
internal import Synchronization

/// Odoo's own answer about the fields that a user may see: `fields_get` of each model that the user follows, requested
/// once for all users with the same groups and stored for a day in `changefeed.odoo_fields`. While Odoo does not
/// answer, the facts in the database apply.
public final class FieldKnowledge: Sendable {
    public struct Configuration: Sendable {
        /// Odoo's address, such as `http://odoo:8069`; it must lead to this database only.
        public var url: String
        /// How long a request waits for Odoo; the questions continue without it.
        public var patience: Duration = .seconds(2)
        /// For one question.
        public var timeout: Duration = .seconds(10)
        /// How long Odoo is not asked after a failure, and how long a look-up is not repeated.
        public var pause: Duration = .seconds(60)
        /// Sets of groups that are asked for concurrently; the others use the facts in the database.
        public var maximumRounds = 4
        /// Users and sets of groups that are remembered.
        public var capacity = 4_096

        public init(url: String) { self.url = url }
    }

    /// Outcomes of the questions, once, for logs, metrics and tests.
    public enum Observation: Sendable, Equatable {
        case asked(Outcome)
        /// Odoo failed for the first time (reason) or answers again (nil).
        case troubled(reason: String?)
    }

    /// How a question ended.
    public enum Outcome: String, Sendable, CaseIterable {
        case answered
        /// Odoo no longer knows the session.
        case expired
        case failed
    }

    /// Questions in progress for one set of groups, one after the other.
    private final class Round: Sendable {
        private struct State {
            var isOver = false
            /// A request has run out of patience: the others do not wait.
            var isSlow = false
            var waiting: [WakeUp] = []
        }

        let cookies = Mutex<[String]>([])
        private let state = Mutex(State())

        /// - Returns: whether all questions were asked.
        func wait(until deadline: ContinuousClock.Instant) async -> Bool {
            let bell = WakeUp()
            let (isOver, waits) = state.withLock { state in
                let waits = !state.isOver && !state.isSlow
                if waits { state.waiting.append(bell) }
                return (state.isOver, waits)
            }
            guard waits else { return isOver }
            if await bell.wait(atMost: deadline - .now) == .rung { return true }
            if !Task.isCancelled { state.withLock { $0.isSlow = true } }
            return false
        }

        func end() {
            let waiting = state.withLock { state in
                state.isOver = true
                return state.waiting
            }
            for bell in waiting { bell.ring() }
        }
    }

    private struct State {
        /// Users who were looked up recently, with the models they follow.
        var settled: SecretCache<Bool>
        /// Models asked about recently, by groups.
        var asked: SecretCache<Bool>
        var rounds: [String: Round] = [:]
        var leftAloneUntil: ContinuousClock.Instant?
        var isTroubled = false
    }

    private let configuration: Configuration
    private let pool: ConnectionPool
    private let allowPortal: Bool
    private let client: OdooClient
    private let observe: @Sendable (Observation) -> Void
    private let state: Mutex<State>

    public init(
        _ configuration: Configuration, pool: ConnectionPool, allowPortal: Bool = false,
        observe: @escaping @Sendable (Observation) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.pool = pool
        self.allowPortal = allowPortal
        self.observe = observe
        client = OdooClient(
            url: configuration.url, timeout: configuration.timeout, maximumConnections: configuration.maximumRounds)
        state = Mutex(
            State(
                settled: SecretCache(capacity: configuration.capacity),
                asked: SecretCache(capacity: configuration.capacity * 16)))
    }

    public func shutdown() async { await client.shutdown() }

    /// Makes sure that Odoo has answered which fields this user may see, before data is read. Never fails and never
    /// takes longer than `patience`, plus one query of the database if needed.
    /// - Returns: Set-Cookie lines of Odoo to pass on.
    public func prepare(_ scope: SyncScope, _ credential: Credential, _ caller: CallerProof) async -> [String] {
        guard case .session(let session) = credential, caller.method != .apiKey else { return [] }
        let name = Array(
            "\(caller.subject) \(scope.appType) \(scope.models.map { $0.map(\.rawValue).joined(separator: ",") } ?? "*")"
                .utf8)
        let isDone = state.withLock { state in
            if let until = state.leftAloneUntil, until > .now { return true }
            return state.settled.value(for: name, now: .now) != nil
        }
        if isDone { return [] }
        let deadline = ContinuousClock.now + configuration.patience
        // A request that waited for another one's questions checks whether these were the right ones.
        for _ in 0..<2 {
            let found: Wanted?
            do {
                found = try await wanted(scope, caller)
            } catch {
                // The statement that reads the data will report the error.
                return []
            }
            guard let wanted = found else {
                settle(name)
                return []
            }
            guard let (round, isMine) = join(wanted.groups) else { return [] }
            if isMine { Task { await self.ask(round, wanted, session) } }
            let isOver = await round.wait(until: deadline)
            if isMine {
                if isOver { settle(name) }
                return round.cookies.withLock { $0 }
            }
            if !isOver { return [] }
        }
        return []
    }

    private func settle(_ name: [UInt8]) {
        state.withLock { $0.settled.keep(true, for: name, until: .now + configuration.pause) }
    }

    /// The questions to ask Odoo.
    private struct Wanted {
        let user: Int64
        /// Digest of the user's groups.
        let groups: String
        let models: [String]
    }

    /// Nil: none.
    private func wanted(_ scope: SyncScope, _ caller: CallerProof) async throws -> Wanted? {
        let rows = try await pool.query(
            Query(
                """
                SELECT caller.user_id, f.groups_key, array_to_string(f.models, ' ') AS models FROM \(CallerProof.sql) caller
                CROSS JOIN LATERAL changefeed.fields_to_ask(caller.user_id, $8::text, $9::text[]) f
                WHERE NOT caller.refused
                """, caller.parameters(allowPortal: allowPortal) + scope.parameters, name: "fields_to_ask"))
        guard let row = rows.first else { return nil }
        return Wanted(
            user: try row["user_id"].int(), groups: try row["groups_key"].string(),
            models: try row["models"].string().split(separator: " ").map(String.init))
    }

    /// The round of these groups, a new one if none is in progress; nil if there are too many.
    private func join(_ groups: String) -> (round: Round, isMine: Bool)? {
        state.withLock { state in
            if let round = state.rounds[groups] { return (round, false) }
            guard state.rounds.count < configuration.maximumRounds else { return nil }
            let round = Round()
            state.rounds[groups] = round
            return (round, true)
        }
    }

    private func ask(_ round: Round, _ wanted: Wanted, _ session: SessionID) async {
        for model in wanted.models {
            let name = Array("\(wanted.groups) \(model)".utf8)
            let isAsked = state.withLock { state in
                defer { state.asked.keep(true, for: name, until: .now + configuration.pause) }
                return state.asked.value(for: name, now: .now) != nil
            }
            if isAsked { continue }
            guard await ask(round, wanted, model, session) else { break }
        }
        state.withLock { $0.rounds[wanted.groups] = nil }
        round.end()
    }

    /// A field as `fields_get` describes it; only its name is used.
    private struct Description: Decodable, Sendable {}

    private static let maximumBytes = 4 << 20

    /// - Returns: whether further questions make sense.
    private func ask(_ round: Round, _ wanted: Wanted, _ model: String, _ session: SessionID) async -> Bool {
        do {
            let answer = try await client.call(
                model, "fields_get", arguments: #"{"attributes":["type","store"]}"#, session: session,
                upTo: Self.maximumBytes,
                as: [String: Description].self)
            round.cookies.withLock { $0 += answer.cookies }
            guard let fields = answer.result, fields["id"] != nil else { throw OdooClient.Failure.unexpected }
            _ = try await pool.query(
                Query(
                    "SELECT changefeed.keep_odoo_fields($1::int, $2::text, $3::text[], $4::text)",
                    [.int(wanted.user), .text(model), .textArray(fields.keys.sorted()), .text(wanted.groups)],
                    name: "keep_odoo_fields"))
            end(.answered, reason: nil)
            return true
        } catch OdooClient.Failure.sessionExpired {
            observe(.asked(.expired))
            return false
        } catch OdooClient.Failure.refused {
            // This model only.
            end(.failed, reason: "it refused fields_get of \(model)")
            return true
        } catch let error as PostgresError {
            end(.failed, reason: "its answer could not be kept: \(error)")
            return false
        } catch {
            state.withLock { $0.leftAloneUntil = .now + configuration.pause }
            end(.failed, reason: OdooClient.trouble(error).reason)
            return false
        }
    }

    private func end(_ outcome: Outcome, reason: String?) {
        observe(.asked(outcome))
        let changed = state.withLock { state in
            defer { state.isTroubled = reason != nil }
            return state.isTroubled != (reason != nil)
        }
        if changed { observe(.troubled(reason: reason)) }
    }
}

extension FieldKnowledge.Observation {
    /// Level and text for a log line; nil for events too frequent to log.
    public var logLine: (isWarning: Bool, text: String)? {
        switch self {
        case .asked: nil
        case .troubled(let reason?):
            (true, "Odoo does not say which fields users may see: \(reason); the facts in the database apply")
        case .troubled(nil): (false, "Odoo answers again which fields users may see")
        }
    }
}
