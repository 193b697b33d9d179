import ChangeFeed
import ChangeFeedTesting
import Postgres
import Synchronization
import Testing

extension Retention {
    @Suite("The archiver")
    struct ArchiverTests {
        /// An archiver whose minutes pass when the test says so.
        private final class Driven: Sendable {
            private let seen = Mutex<[FeedObservation]>([])
            private let looks = Mutex(0)
            private let minutes: AsyncStream<Void>
            private let next: AsyncStream<Void>.Continuation
            let pool: ConnectionPool

            init(_ it: RetentionDatabase) throws {
                pool = ConnectionPool(try it.database.configuration(user: "changefeed_login"), maximumConnections: 2)
                (minutes, next) = AsyncStream.makeStream()
            }

            var observations: [FeedObservation] { seen.withLock { $0 } }
            var steps: [RetentionStep] {
                observations.compactMap { if case .retention(let step) = $0 { step } else { nil } }
            }

            func run(_ policy: RetentionPolicy, _ body: (Driven) async throws -> Void) async throws {
                let minutes = minutes
                let archiver = Archiver(
                    policy, pool: pool, observe: { observation in self.seen.withLock { $0.append(observation) } },
                    sleep: { _ in
                        self.looks.withLock { $0 += 1 }
                        for await _ in minutes { return }
                        throw CancellationError()
                    })
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await archiver.run() }
                    try await looked(1)
                    try await body(self)
                    group.cancelAll()
                }
                await pool.close()
            }

            func looked(_ times: Int) async throws {
                try await eventually("look number \(times)") { self.looks.withLock { $0 } >= times }
            }

            /// Lets a minute pass and waits for what comes of it.
            func minute() async throws {
                let before = looks.withLock { $0 }
                next.yield()
                try await looked(before + 1)
            }
        }

        private static let ran = "SELECT ran_at FROM changefeed.retention"

        @Test("runs when it is due, in one replica, and not again before its time")
        func schedule() async throws {
            try await RetentionDatabase.with { it in
                try await it.write("1")
                try await it.age("31 days")
                let one = try Driven(it)
                let other = try Driven(it)
                try await one.run(RetentionPolicy()) { one in
                    try await other.run(RetentionPolicy()) { other in
                        let steps = one.steps + other.steps
                        #expect(steps.map(\.step) == ["force", "rotate"])
                        #expect(steps.first?.events == 1 && steps.first?.state == .done)
                        let first = try await it.service.value(Self.ran)
                        #expect(first != "")
                        try await one.minute()
                        try await other.minute()
                        #expect(try await it.service.value(Self.ran) == first)
                        // Long after the hour in which nobody else begins, and before the day is over.
                        let earlier = try await it.database.psql(
                            "UPDATE changefeed.retention SET ran_at = ran_at - interval '2 hours', started_at = started_at - interval '2 hours' RETURNING ran_at"
                        )
                        try await one.minute()
                        #expect(try await it.database.psql(Self.ran) == earlier)
                        try await it.database.psql(
                            "UPDATE changefeed.retention SET ran_at = ran_at - interval '25 hours', started_at = started_at - interval '25 hours'"
                        )
                        try await one.minute()
                        try await other.minute()
                        #expect(
                            try await it.service.value(
                                "SELECT ran_at > now() - interval '1 hour' FROM changefeed.retention") == "t")
                    }
                }
                #expect(
                    try await it.service.lines(
                        "SELECT archive_every, slot_length, log_budget FROM changefeed.retention") == [
                            "24:00:00|166:09:13|8589934592"
                        ])
            }
        }

        @Test("what was held back is not the end of a run: it is tried again after an hour")
        func held() async throws {
            try await RetentionDatabase.with { it in
                try await it.write("1")
                _ = try await it.service.query("SELECT changefeed.rotate()")
                try await it.age("91 days")
                let dump = try await it.database.connect()
                try await dump.execute(script: "BEGIN; LOCK TABLE changefeed.event IN ACCESS SHARE MODE")
                try await Driven(it).run(RetentionPolicy()) { driven in
                    #expect(try await it.service.value(Self.ran) == "")
                    try await dump.execute(script: "COMMIT")
                    try await driven.minute()
                    #expect(try await it.service.value("SELECT count(*) FROM changefeed.event") == "1")
                    try await it.database.psql(
                        "UPDATE changefeed.retention SET started_at = started_at - interval '61 minutes'")
                    try await driven.minute()
                    #expect(try await it.service.value("SELECT count(*) FROM changefeed.event") == "0")
                    #expect(try await it.service.value(Self.ran) != "")
                }
            }
        }

        @Test("a step that fails is written down, in the database too, and the others are run")
        func failing() async throws {
            try await RetentionDatabase.with { it in
                try await it.write("1")
                try await it.age("31 days")
                try await it.database.psql("ALTER FUNCTION changefeed.hide_orphans(boolean) RENAME TO hidden")
                try await Driven(it).run(RetentionPolicy()) { driven in
                    #expect(
                        driven.steps.map { "\($0.step) \($0.state)" } == [
                            "force done", "orphans failed", "rotate done",
                        ])
                    let noted = try await it.service.lines("SELECT source, context ->> 'step' FROM changefeed.error")
                    #expect(noted == ["retention|orphans"])
                    #expect(try await it.service.value(Self.ran) == "")
                }
            }
        }

        @Test(
            "turned off it archives nothing, but still looks at the budget every minute; a warning that lasts is said once"
        )
        func budget() async throws {
            try await RetentionDatabase.with { it in
                try await it.write("1")
                try await it.age("31 days")
                var policy = RetentionPolicy()
                policy.every = .zero
                policy.logBudget = try #require(
                    Int64(try await it.database.psql("SELECT changefeed.log_bytes() * 10 / 9")))
                policy.budgetAction = .pause
                try await Driven(it).run(policy) { driven in
                    try await driven.minute()
                    #expect(driven.steps.map(\.state) == [.near])
                    #expect(try await it.service.value("SELECT count(*) FROM changefeed.archived") == "0")
                }
            }
        }

        @Test("a database that cannot be used is an observation, and the next minute tries again")
        func unreachable() async throws {
            try await RetentionDatabase.with { it in
                try await it.database.psql("ALTER FUNCTION changefeed.begin_retention(interval) RENAME TO nothing")
                try await Driven(it).run(RetentionPolicy()) { driven in
                    guard case .retentionFailed(let reason)? = driven.observations.first else {
                        Issue.record("no failure was observed")
                        return
                    }
                    #expect(reason.contains("begin_retention"))
                    try await it.database.psql("ALTER FUNCTION changefeed.nothing(interval) RENAME TO begin_retention")
                    try await driven.minute()
                    #expect(try await it.service.value(Self.ran) != "")
                }
            }
        }
    }
}
