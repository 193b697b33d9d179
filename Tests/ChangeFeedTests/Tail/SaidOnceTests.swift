@testable import ChangeFeed
import ChangeFeedTesting
import Testing

@Suite("A state that lasts is said once", .timeLimit(.minutes(10)))
struct SaidOnceTests {
    /// What of a sequence would be in the log.
    private static func lines(_ observations: [FeedObservation]) -> [String] {
        var said = SaidOnce()
        return observations.filter { said.isNews($0) }.compactMap { $0.logLine?.text }
    }

    @Test(
        "each loop that comes by a state again says it the first time",
        arguments: [
            FeedObservation.leading(false), .leading(true), .waiting(reason: "away", retryAfter: .seconds(1)),
            .bellMissed, .retentionFailed(reason: "away"),
            .recordRulesFailed(reason: "away"),
            .delivery(DeliveryState(allowed: false, reasons: ["copy"], details: ["it is a copy"])),
            .retention(RetentionStep(step: "delete", object: "slot 3", events: 4, state: .held, detail: "a dump runs")),
            .retention(RetentionStep(step: "budget", object: "log", events: nil, state: .near, detail: "90 %")),
        ])
    func once(_ observation: FeedObservation) {
        #expect(Self.lines([observation, observation, .delivered(rows: 1, events: 1), observation]).count == 1)
    }

    @Test("a change is said, and so is a change back")
    func changes() {
        #expect(Self.lines([.leading(false), .leading(true), .leading(false), .leading(false)]).count == 3)
        let away = FeedObservation.waiting(reason: "away", retryAfter: .seconds(1))
        // The pause grows: that is no change.
        #expect(
            Self.lines([
                away, .waiting(reason: "away", retryAfter: .seconds(2)),
                .waiting(reason: "full", retryAfter: .seconds(4)),
            ]).count == 2)
        // After the database was away a replica says anew what it is.
        #expect(
            Self.lines([.leading(false), away, .listening(backendPID: 1, epoch: 1), .leading(false), away]).count == 5)
        #expect(Self.lines([.bellMissed, .bellMissed, .rung, .bellMissed]).count == 2)
        #expect(
            Self.lines([.retentionFailed(reason: "away"), .retentionLooked, .retentionFailed(reason: "away")]).count
                == 2)
        #expect(
            Self.lines([.recordRulesFailed(reason: "away"), .recordRulesLooked, .recordRulesFailed(reason: "away")])
                .count == 2)
        let done = FeedObservation.retention(
            RetentionStep(step: "force", object: "all", events: 1, state: .done, detail: "archived"))
        #expect(Self.lines([done, done]).count == 2)
    }

    @Test("a replica that does not lead says so once, however often it looks for a vacant lead")
    func follower() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let leader = try Following(database)
        try await leader.run {
            try await eventually("it leads") { leader.leads }
            let follower = try Following(database) { $0.followerPoll = .milliseconds(50) }
            try await follower.run {
                try await eventually("it has looked more often than once") {
                    follower.observations.filter { $0 == .leading(false) }.count > 3
                }
                let text = FeedObservation.leading(false).logLine?.text
                #expect(Self.lines(follower.observations).filter { $0 == text }.count == 1)
            }
        }
    }

    @Test("a tailer tells when its database is neutralized, adopted or closed to pushing while it is served")
    func delivery() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let feed = try Following(database) { $0.heartbeat = .milliseconds(100) }
        try await feed.run {
            try await eventually("it has looked") {
                await feed.tailer.health().delivery == DeliveryState(allowed: true)
            }
            try await database.psql("SELECT changefeed.decide_delivery('forbid')")
            try await eventually("it is forbidden") { await feed.tailer.health().delivery?.reasons == ["forbidden"] }
            try await database.psql("SELECT changefeed.decide_delivery('allow')")
            try await eventually("it is allowed") {
                await feed.tailer.health().delivery == DeliveryState(allowed: true)
            }
            let told = feed.observations.compactMap { if case .delivery(let state) = $0 { state.allowed } else { nil } }
            #expect(told == [true, false, true])
        }
    }
}
