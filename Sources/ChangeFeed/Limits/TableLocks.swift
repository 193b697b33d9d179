public import Postgres
internal import Synchronization

/// Another session, such as an upgrade that alters a table, locks a table that a question needs.
public struct TableLocked: Error, Sendable, Equatable {
    /// The tracked models of the locked tables; empty if unknown.
    public let models: [String]
}

/// Keeps a lock on one table from stopping questions that do not need it.
public final class TableLocks: Sendable {
    private final class State: Sendable {
        let memory = Mutex(LockMemory())
    }

    private let pool: ConnectionPool
    private let observe: @Sendable (FeedObservation) -> Void
    private let state = State()
    private struct Looks {
        /// What the last check of locks found.
        var last: (at: ContinuousClock.Instant, tables: [LockMemory.Table])?
        /// The check under way: who asks meanwhile waits for it.
        var running: Task<[LockMemory.Table], Never>?
    }

    private let looks = Mutex(Looks())
    /// A more recent check is not repeated.
    private static let freshness: Duration = .milliseconds(200)
    private static let lookPatience: Duration = .seconds(1)

    /// - Parameter observe: receives locked tables.
    public init(pool: ConnectionPool, observe: @escaping @Sendable (FeedObservation) -> Void = { _ in }) {
        self.pool = pool
        self.observe = observe
    }

    /// Runs the statements of a question.
    /// - Parameter question: the same text for questions that need the same tables; it also says whose question it is.
    /// - Throws: `TableLocked` when it waited for a lock in vain, or would have; and what the body throws.
    public func ask<R>(
        _ question: String, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> R
    ) async throws -> R {
        if case .refuse(let tables) = state.memory.withLock({ $0.decide(question, now: .now) }) {
            throw TableLocked(models: Self.models(tables))
        }
        do {
            let patience = ConnectionPool.LockPatience { [state] in state.memory.withLock { $0.patience(now: .now) } }
            let answer = try await ConnectionPool.$lockPatience.withValue(patience) { try await body() }
            state.memory.withLock { $0.answered(question) }
            return answer
        } catch let error as PostgresError where error.isLockNotAvailable {
            let tables = await look()
            state.memory.withLock { $0.waited(question, for: tables, now: .now) }
            if !tables.isEmpty { observe(.tablesLocked(tables.map(\.source).sorted())) }
            throw TableLocked(models: Self.models(tables))
        } catch let error as PostgresError where error.code == .poolExhausted {
            // Those before it wait for the lock with all connections that it might have had.
            let tables = await look(freshness: Self.lookPatience * 2)
            if tables.isEmpty { throw error }
            throw TableLocked(models: Self.models(tables))
        }
    }

    private static func models(_ tables: [LockMemory.Table]) -> [String] { Set(tables.compactMap(\.model)).sorted() }

    /// Which tables are locked. The error does not say for which one it waited.
    private func look(freshness: Duration = freshness) async -> [LockMemory.Table] {
        enum Step {
            case known([LockMemory.Table])
            case awaited(Task<[LockMemory.Table], Never>)
        }
        let step = looks.withLock { looks -> Step in
            if let last = looks.last, ContinuousClock.now - last.at < freshness { return .known(last.tables) }
            if let running = looks.running { return .awaited(running) }
            let task = Task { await self.lookNow() }
            looks.running = task
            return .awaited(task)
        }
        switch step {
        case .known(let tables): return tables
        case .awaited(let task): return await task.value
        }
    }

    private func lookNow() async -> [LockMemory.Table] {
        let pool = pool
        let found = await withTaskGroup(of: [LockMemory.Table]?.self) { group in
            group.addTask {
                await PoolShares.$holders.withValue([]) {
                    let rows = try? await pool.query(
                        Query("SELECT source, model FROM changefeed.locked_tables()", name: "locked_tables"))
                    return rows?.compactMap { row in
                        row["source"].text.map { LockMemory.Table(source: $0, model: row["model"].text) }
                    }
                }
            }
            group.addTask {
                try? await Task.sleep(for: Self.lookPatience)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        looks.withLock { looks in
            looks.running = nil
            // One that got no answer says nothing.
            if let found { looks.last = (.now, found) }
        }
        return found ?? []
    }
}
