import ChangeFeed
import ChangeFeedSettings
import Foundation

/// `changefeed status` for people: one line that says whether all is well, then the facts in groups.
struct StatusReport {
    private let status: StatusDocument
    private let now: Timestamp

    /// - Parameter now: for the ages of moments.
    /// - Throws: `DecodingError` for a document of another shape.
    init(json: String, now: Timestamp = .now) throws {
        status = try JSONDecoder().decode(StatusDocument.self, from: Data(json.utf8))
        self.now = now
    }

    var lines: [String] {
        let concerns = concerns
        let models = "\(status.models.count) \(status.models.count == 1 ? "model" : "models") tracked"
        let head =
            concerns.isEmpty
            ? ["All is well: \(models), \(lagText), the log has \(HumanText.bytes(status.logBytes ?? 0))."]
            : ["\(concerns.count == 1 ? "One thing needs" : "\(concerns.count) things need") attention:"]
                + concerns.map { "  - " + $0.plainLine }
        return head + group("Capture", capture) + group("Log", log) + group("Service", service)
            + group("Database", database) + [""] + table
    }

    // MARK: whether all is well

    /// What an operator should look at, a sentence each with what to do. Empty: all is well.
    var concerns: [String] {
        var found: [String] = []
        if status.isStandby == true {
            found.append("This server is a standby: point DATABASE_URL at the primary.")
        }
        if let version = status.schemaVersion, version != FeedIdentity.schemaVersion {
            found.append(
                "The schema has version \(version), this program needs \(FeedIdentity.schemaVersion): "
                    + (version < FeedIdentity.schemaVersion ? "run `changefeed install`." : "use a newer program."))
        }
        if status.isPaused == true {
            let since = status.pausedAt.map { " since " + HumanText.moment($0, now: now) } ?? ""
            let by = status.pausedBy.map { " by \($0)" } ?? ""
            let reason = status.pauseReason.map { ": \($0)" } ?? ""
            found.append("Capture is paused\(since)\(by)\(reason). SELECT changefeed.resume();")
        }
        let broken = status.models.filter { $0.triggers != "enabled" }.map(\.model)
        if !broken.isEmpty {
            found.append(
                "Triggers are not in order on \(broken.joined(separator: ", ")): `changefeed verify` has the remedy.")
        }
        if status.models.isEmpty { found.append("No model is tracked: SELECT changefeed.track('MODEL');") }
        if let gaps = status.openGaps, gaps > 0, status.isPaused != true {
            found.append("\(gaps) \(gaps == 1 ? "gap is" : "gaps are") open: `changefeed verify` names the models.")
        }
        return found + logConcerns + serviceConcerns
    }

    private var logConcerns: [String] {
        var found: [String] = []
        if let share = budgetShare, share >= 0.8 {
            let what = status.retention?.action == "pause" ? "capture pauses" : "the oldest events are deleted"
            found.append(
                "The log uses \(HumanText.percent(share)) of its budget; at 100 % \(what). Raise CHANGEFEED_LOG_BUDGET or keep events for fewer days."
            )
        }
        if let retention = status.retention, let every = retention.every, every > 0, let ran = retention.ranAt,
            let age = HumanText.age(ran, now: now), age > 2 * every + 3_600
        {
            found.append(
                "Retention ran last \(HumanText.moment(ran, now: now)): `changefeed archive` runs it, and says why it does not."
            )
        }
        if let error = status.retention?.newestErrorAt, let age = HumanText.age(error, now: now), age < 86_400 {
            found.append(
                "A background step failed \(HumanText.moment(error, now: now)): SELECT * FROM changefeed.error ORDER BY id DESC LIMIT 10;"
            )
        }
        if let usage = status.queueUsage, usage >= 0.5 {
            found.append(
                "PostgreSQL's NOTIFY queue is \(HumanText.percent(usage)) full: a session that listens has a transaction open for too long."
            )
        }
        return found
    }

    private var serviceConcerns: [String] {
        var found: [String] = []
        if status.replicas.isEmpty {
            found.append("No service follows the log: start `changefeed serve`, or look at its own log.")
        } else if !status.replicas.contains(where: { $0.leader == true }) {
            found.append("No replica leads at this moment: run this again; a new leader takes over within seconds.")
        }
        if let lag = status.lag, lag > 60 {
            found.append(
                "The leader has not read the log for \(HumanText.duration(seconds: lag)): `changefeed doctor` checks the path."
            )
        }
        if let age = status.oldestTransaction, age > 3_600 {
            found.append(
                "A transaction that writes has been open for \(HumanText.duration(seconds: age)): it holds back what devices get. SELECT * FROM pg_stat_activity ORDER BY xact_start LIMIT 5;"
            )
        }
        return found
    }

    /// Of the log's budget; nil without one.
    private var budgetShare: Double? {
        guard let budget = status.retention?.budget, budget > 0, let bytes = status.logBytes else { return nil }
        return Double(bytes) / Double(budget)
    }

    private var lagText: String {
        status.lag.map { $0 == 0 ? "no lag" : "lag \(HumanText.duration(seconds: $0))" } ?? "no leader"
    }

    // MARK: groups

    private var capture: [[String]] {
        [
            ["state", status.isPaused == true ? "paused" : "on"],
            ["newest event", moment(status.lastEventAt)],
            ["oldest event", moment(status.oldestEventAt)],
            ["open gaps", "\(status.openGaps ?? 0)"],
            ["epoch", status.epoch.map { "\($0)" } ?? "-"],
        ]
    }

    private var log: [[String]] {
        let budget = status.retention?.budget ?? 0
        let share = budgetShare.map { " (\(HumanText.percent($0)) of \(HumanText.bytes(budget)))" } ?? ", no budget"
        let slots = status.slots ?? []
        let waiting = slots.filter(\.waits).count
        let slot = status.currentSlot.map { "\($0)" } ?? "-"
        return [
            ["size", HumanText.bytes(status.logBytes ?? 0) + share],
            ["ring", "writes to table \(slot) of \(slots.count); \(waiting) closed and not emptied yet"],
            ["current table opened", moment(status.slotOpenedAt)],
            [
                "retention",
                status.retention?.every == 0
                    ? "not by the service" : "ran " + moment(status.retention?.ranAt, none: "never yet"),
            ],
        ]
    }

    private var service: [[String]] {
        var rows = [["lag", status.lag.map { HumanText.duration(seconds: $0) } ?? "- (no leader)"]]
        for replica in status.replicas {
            let role = replica.leader == true ? "leader" : "follower"
            let since = replica.connectedAt.map { ", connected " + HumanText.moment($0, now: now) } ?? ""
            rows.append([role, "backend \(replica.pid) from \(replica.address ?? "a local socket")\(since)"])
        }
        if status.replicas.isEmpty { rows.append(["replicas", "none"]) }
        let reasons = (status.delivery?.reasons ?? []).joined(separator: ", ")
        rows.append([
            "delivery",
            status.delivery?.allowed == false ? "off: \(reasons) (`changefeed delivery`)" : "allowed",
        ])
        return rows
    }

    private var database: [[String]] {
        [
            ["name", (status.database ?? "-").plainLine],
            ["PostgreSQL", (status.serverVersion ?? "-") + (status.isStandby == true ? ", a standby" : "")],
            ["schema version", status.schemaVersion.map { "\($0)" } ?? "-"],
            ["oldest writing transaction", HumanText.duration(seconds: status.oldestTransaction ?? 0)],
            ["NOTIFY queue", HumanText.percent(status.queueUsage ?? 0)],
        ]
    }

    private var table: [String] {
        let rows = status.models.map { model in
            [
                model.model.plainLine, (model.triggers ?? "-").plainLine, HumanText.count(model.creates ?? 0),
                HumanText.count(model.writes ?? 0), HumanText.count(model.unlinks ?? 0),
            ]
        }
        return TextTable.align([["Models, last 24 h", "triggers", "created", "written", "unlinked"]] + rows)
    }

    private func group(_ title: String, _ rows: [[String]]) -> [String] {
        ["", title] + TextTable.align(rows).map { "  " + $0 }
    }

    private func moment(_ text: String?, none: String = "none") -> String {
        text.map { HumanText.moment($0, now: now) } ?? none
    }
}
