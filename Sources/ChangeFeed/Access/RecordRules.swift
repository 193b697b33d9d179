internal import OdooAccess
public import Postgres
public import ServiceLifecycle
internal import Synchronization

/// Keeps the record rules of this database compiled: missing ones as soon as a request needs them, all again when
/// Odoo's fields have changed.
public final class RecordRules: Service {
    private let pool: ConnectionPool
    private let observe: @Sendable (FeedObservation) -> Void
    private let sleep: @Sendable (Duration) async throws -> Void
    /// Reports about closed models that were already made, so that each is made once.
    private let said = Mutex<Set<String>>([])
    /// One compiles at a time: the next ones usually find their rules compiled.
    private let turn = Turnstile(permits: 1)
    private static let turnPatience: Duration = .seconds(30)
    private let forgotten = Mutex<ContinuousClock.Instant?>(nil)
    /// Odoo's fields at the last check.
    private let catalog = Mutex(Catalog())
    /// Between two checks of Odoo's fields.
    static let pause: Duration = .seconds(60)

    /// - Parameters:
    ///   - observe: receives closed models, once each, and failures.
    ///   - sleep: waits between two checks; tests use their own clock.
    public init(
        pool: ConnectionPool, observe: @escaping @Sendable (FeedObservation) -> Void = { _ in },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.pool = pool
        self.observe = observe
        self.sleep = sleep
    }

    /// Runs the body on behalf of a caller, and again after compiling the rules that it found missing.
    ///
    /// - Parameter body: throws `AccessRefusal.rulesNotCompiled` when it finds rules missing.
    public func withCompiledRules<R>(
        for caller: CallerProof, allowPortal: Bool, companies: EnabledCompanies, _ body: () async throws -> R
    ) async throws -> R {
        try await withCompiledRules(
            missing: Query(
                """
                SELECT r.* FROM \(CallerProof.sql) caller
                CROSS JOIN LATERAL changefeed.access_rules(caller.user_id, $8::int[]) r
                WHERE NOT caller.refused
                """, caller.parameters(allowPortal: allowPortal) + [companies.parameter], name: "access_rules"), body)
    }

    /// The same on behalf of a user whose proof was already checked.
    package func withCompiledRules<R>(
        for userID: Int64, companies: EnabledCompanies, _ body: () async throws -> R
    ) async throws -> R {
        try await withCompiledRules(
            missing: Query(
                "SELECT * FROM changefeed.access_rules($1::int, $2::int[])", [.int(userID), companies.parameter],
                name: "access_rules_of"), body)
    }

    private func withCompiledRules<R>(missing: Query, _ body: () async throws -> R) async throws -> R {
        var isFresh = false
        for _ in 0..<4 {
            do {
                return try await body()
            } catch let error as PostgresError where error.sqlState == "CFR03" {
                throw AccessRefusal.filterInvalid
            } catch let error as PostgresError where error.sqlState == "CFR04" {
                // Access changed while records were read; the next attempt begins with the caller as it is now.
                continue
            } catch let error as PostgresError where Self.ruleFailedStates.contains(error.sqlState ?? "") {
                // Their basis may have changed: recompiled once a minute; if it persists, the rule is to blame.
                note(error)
                guard !isFresh, mayForget() else {
                    throw error.sqlState == "CFR02" ? AccessRefusal.tableNotReadable : AccessRefusal.ruleFailed
                }
                isFresh = true
                catalog.withLock { $0 = Catalog() }
                _ = try await pool.query(
                    Query("SELECT changefeed.forget_rules($1::int)", [.int(RuleCompiler.version)]))
            } catch AccessRefusal.rulesNotCompiled {
                try await compile(missing)
            }
        }
        throw AccessRefusal.rulesNotCompiled
    }

    /// The error that `changefeed.rules_failed` raises.
    private static let ruleFailedStates = ["CFR01", "CFR02"]

    private func note(_ error: PostgresError) {
        if isNews(error.message) { observe(.rulesFailed(reason: error.message)) }
    }

    private static let maximumSaid = 1_000

    private func isNews(_ text: String) -> Bool {
        said.withLock { said in
            if said.count >= Self.maximumSaid { said.removeAll() }
            return said.insert(text).inserted
        }
    }

    /// Reports made so far, which are not repeated.
    var saidCount: Int { said.withLock { $0.count } }

    private func mayForget() -> Bool {
        forgotten.withLock { last in
            guard last.map({ $0 + Self.pause < .now }) ?? true else { return false }
            last = .now
            return true
        }
    }

    private func compile(_ question: Query) async throws {
        try await turn.enter(atMost: Self.turnPatience)
        defer { turn.leave() }
        var compilation = RuleCompilation(catalog: catalog.withLock { $0 }) { [pool] in try await pool.query($0) }
        let outcomes = try await compilation.compile(try await pool.query(question))
        catalog.withLock { $0 = compilation.catalog }
        for outcome in outcomes where outcome.isClosed {
            let text = "\(outcome.model): \(outcome.findings.joined(separator: "; "))"
            if isNews(text) { observe(.rulesClosed(model: outcome.model, findings: outcome.findings)) }
        }
    }

    /// Each rule alone, as a condition on records of a model to which it applies, in their order; nothing is stored.
    package func conditions(
        of rules: [AccessExplanation.Facts.Rule], for model: String
    ) async throws -> [RuleCompilation.Single] {
        try await turn.enter(atMost: Self.turnPatience)
        defer { turn.leave() }
        var compilation = RuleCompilation(catalog: catalog.withLock { $0 }) { [pool] in try await pool.query($0) }
        var conditions: [RuleCompilation.Single] = []
        for rule in rules {
            conditions.append(
                try await compilation.compile(
                    rule: rule.id, name: rule.name, domain: rule.countedDomain, digest: rule.digest,
                    holder: rule.model, for: model))
        }
        catalog.withLock { $0 = compilation.catalog }
        return conditions
    }

    /// Runs until the task is cancelled or the service shuts down.
    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.watch() }
    }

    private func watch() async {
        var known: String?
        while !Task.isCancelled {
            do {
                let stamp = try await pool.query(Query("SELECT changefeed.odoo_catalog_stamp() AS stamp")).first?[
                    "stamp"
                ].text
                if known != stamp { catalog.withLock { $0 = Catalog() } }
                // Of the closed ones those that may be open now: a right may have been granted.
                _ = try await pool.query(
                    Query(
                        "SELECT changefeed.forget_rules($1::int, $2::boolean)",
                        [.int(RuleCompiler.version), .bool(known == stamp)]))
                known = stamp
                observe(.recordRulesLooked)
            } catch {
                if Task.isCancelled { return }
                let reason = (error as? PostgresError)?.description ?? "\(type(of: error))"
                observe(.recordRulesFailed(reason: reason))
            }
            do { try await sleep(Self.pause) } catch { return }
        }
    }
}

/// The companies that a client enables; nil: all of the user's.
public struct EnabledCompanies: Sendable, Equatable {
    /// How many may be enabled.
    public static let maximum = 1_000

    public var ids: [Int64]?

    public init(_ ids: [Int64]? = nil) { self.ids = ids }

    var parameter: Parameter { ids.map { .intArray($0) } ?? .null }
}
