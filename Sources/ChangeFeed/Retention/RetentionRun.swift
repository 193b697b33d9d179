internal import Foundation
public import Postgres

/// One run of retention, step by step: each statement is a separate transaction, so that nothing waits for the whole
/// run.
public struct RetentionRun: Sendable {
    /// Steps of `changefeed.archive()`, in their order.
    static let steps = ["force", "settled", "orphans", "delete", "rotate", "count"]

    public let policy: RetentionPolicy
    private let query: @Sendable (Query) async throws -> Rows

    /// - Parameter query: runs a statement outside any transaction, on a connection or a pool.
    public init(_ policy: RetentionPolicy, query: @escaping @Sendable (Query) async throws -> Rows) {
        self.policy = policy
        self.query = query
    }

    /// What a run would do now. Changes nothing.
    /// - Throws: `PostgresError`.
    public func plan() async throws -> [RetentionStep] {
        try await archive(dryRun: true, only: nil) + budget(dryRun: true)
    }

    /// Does all due steps, and stores the report. A failing step does not stop the others; it is recorded in
    /// `changefeed.error`.
    /// - Parameter progress: called before each part with its name and the number of parts.
    /// - Throws: `PostgresError` when the database is lost, or `CancellationError`.
    public func run(progress: (_ part: Int, _ parts: Int, _ name: String) -> Void = { _, _, _ in }) async throws
        -> [RetentionStep]
    {
        var report: [RetentionStep] = []
        for (index, name) in Self.steps.enumerated() {
            progress(index, Self.steps.count + 1, name)
            report += try await keepingFailures(of: name) {
                // One slot per call, so that readers of an emptied slot do not wait for the next one.
                name == "delete"
                    ? try await whileDone { try await archive(dryRun: false, only: name) }
                    : try await archive(dryRun: false, only: name)
            }
        }
        progress(Self.steps.count, Self.steps.count + 1, "budget")
        report += try await keepingFailures(of: "budget") { try await keepBudget() }
        progress(Self.steps.count + 1, Self.steps.count + 1, "")
        let text = try JSONParameter.text(report)
        _ = try await query(Query("SELECT changefeed.end_retention($1::jsonb)", [.text(text)]))
        return report
    }

    /// Only checks the size of the log, and applies the policy.
    public func keepBudget() async throws -> [RetentionStep] {
        try await whileDone { try await budget(dryRun: false) }
    }

    /// Archives the events of one model, settled or not.
    /// - Returns: how many events version 1 lost, or would lose.
    public func archive(_ model: String, before: Timestamp, dryRun: Bool) async throws -> RetentionStep {
        let call =
            dryRun
            ? "archivable($1, $2::timestamptz, NULL)" : "archive_model($1, $2::timestamptz, 'changefeed archive')"
        let rows = try await query(Query("SELECT changefeed.\(call) AS events", [.text(model), .text(before.iso8601)]))
        guard let row = rows.first else { throw ChangeFeedError(.unexpectedAnswer, "archive_model() returned no row.") }
        return RetentionStep(
            step: "model", object: model, events: try row["events"].int(), state: dryRun ? .due : .done,
            detail: "events before \(before.iso8601)")
    }

    /// Records an error of retention, where `status` and operators find it.
    func note(_ reason: String, step: String) async {
        let context = #"{"step": "\#(step)"}"#
        _ = try? await query(
            Query(
                "SELECT changefeed.note_error('retention', $1, $2::jsonb)", [.text(reason), .text(context)],
                name: "cf_note_error"))
    }

    /// Stores the policy in the database, for `status` and `verify`.
    func noteSettings() async throws {
        _ = try await query(
            Query(
                "SELECT changefeed.note_retention_settings($1::interval, $2::interval, $3::bigint, $4)",
                [
                    .text("\(policy.every.components.seconds) seconds"), .text("\(policy.deleteAfter) days"),
                    .int(policy.logBudget), .text(policy.budgetAction.rawValue),
                ]))
    }

    /// True for the one replica that should run now.
    func begin() async throws -> Bool {
        let rows = try await query(
            Query(
                "SELECT changefeed.begin_retention($1::interval) AS begins",
                [.text("\(policy.every.components.seconds) seconds")],
                name: "cf_begin_retention"))
        return try rows.first?["begins"].bool() ?? false
    }

    private func archive(dryRun: Bool, only: String?) async throws -> [RetentionStep] {
        let days = [policy.archiveAfter, policy.forceAfter, policy.deleteAfter, policy.inactiveAfter].map {
            Parameter.text("\($0) days")
        }
        let rows = try await query(
            Query(
                """
                SELECT step, object, events, state, detail
                FROM changefeed.archive($1, $2, $3::interval, $4::interval, $5::interval, $6::interval)
                """, [.bool(dryRun), .optional(only)] + days))
        return try rows.map { try RetentionStep($0) }
    }

    private func budget(dryRun: Bool) async throws -> [RetentionStep] {
        guard policy.logBudget > 0 else { return [] }
        let rows = try await query(
            Query(
                "SELECT step, object, events, state, detail FROM changefeed.keep_log_budget($1::bigint, $2, $3)",
                [.int(policy.logBudget), .text(policy.budgetAction.rawValue), .bool(dryRun)], name: "cf_log_budget"))
        return try rows.map { try RetentionStep($0) }
    }

    /// Repeats the call while it did something, at most once per slot of the ring and once more.
    private func whileDone(_ call: () async throws -> [RetentionStep]) async throws -> [RetentionStep] {
        var finished: [RetentionStep] = []
        for _ in 0..<17 {
            try Task.checkCancellation()
            let steps = try await call()
            finished += steps.filter { $0.state == .done }
            if !steps.contains(where: { $0.state == .done }) { return finished + steps }
        }
        return finished
    }

    private func keepingFailures(
        of name: String, _ body: () async throws -> [RetentionStep]
    ) async throws -> [RetentionStep] {
        try Task.checkCancellation()
        do {
            return try await body()
        } catch let error as PostgresError where error.sqlState != nil && !Task.isCancelled {
            let reason = error.description
            await note(reason, step: name)
            return [RetentionStep(step: name, object: "log", events: nil, state: .failed, detail: reason)]
        }
    }
}
