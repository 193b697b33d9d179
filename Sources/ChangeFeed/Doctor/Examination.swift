package import Postgres

/// Runs the steps in the order of a change's path, and collects their results: for `changefeed doctor`, and for the
/// console in the running service.
package struct Examination: Sendable {
    /// What is examined: the settings of the service.
    package struct Plan: Sendable {
        package let database: ConnectionConfiguration
        /// For LISTEN and locks.
        package let listen: ConnectionConfiguration
        package let sessions: [SessionStore]

        package init(database: ConnectionConfiguration, listen: ConnectionConfiguration, sessions: [SessionStore]) {
            self.database = database
            self.listen = listen
            self.sessions = sessions
        }
    }

    package private(set) var steps: [DoctorStep] = []
    package private(set) var reachable = false
    private let report: @Sendable (DoctorStep) -> Void

    /// What `changefeed doctor` does first, and a running service cannot.
    package static let inTerminalOnly = [
        DoctorStep(
            step: "settings", outcome: .skipped, milliseconds: 0,
            detail:
                "not in a running service, which read its settings before: it could not see what is wrong with newer ones",
            fix: "changefeed config")
    ]

    /// - Parameters:
    ///   - limit: when it is over, the step under way fails and the others are skipped; nil: no limit.
    ///   - report: receives each step as it ends.
    package static func run(
        _ plan: Plan, limit: Duration? = nil, report: @escaping @Sendable (DoctorStep) -> Void = { _ in }
    ) async -> Examination {
        await withTaskGroup(of: Examination?.self) { group in
            group.addTask {
                var examination = Examination(report: report)
                await examination.examine(plan)
                return examination
            }
            if let limit {
                group.addTask {
                    try? await Task.sleep(for: limit)
                    return nil
                }
            }
            var ended: Examination?
            for await result in group where ended == nil {
                ended = result
                group.cancelAll()
            }
            return ended ?? Examination(report: report)
        }
    }

    private init(report: @escaping @Sendable (DoctorStep) -> Void) {
        self.report = report
    }

    private mutating func examine(_ plan: Plan) async {
        var connection: Connection?
        await step("connect", fix: "Check DATABASE_URL (`changefeed config`), pg_hba.conf and that the server runs.") {
            let made = try await Connection.connect(plan.database)
            connection = made
            return .ok("PostgreSQL \(try await DatabaseFacts.serverVersion(on: made)) at \(plan.database)")
        }
        if let connection {
            reachable = true
            await examine(DatabaseSteps(connection: connection), plan)
            await connection.close()
        }
        for store in plan.sessions {
            await step("session store \(store.name)", fix: "Check \(store.setting).") {
                try await SessionStoreStep.examine(store)
            }
        }
    }

    private mutating func examine(_ database: DatabaseSteps, _ plan: Plan) async {
        let retry = "Run it again; `changefeed verify` may say more."
        await step("primary", fix: retry) { try await database.primary() }
        let installed = await step("schema", fix: retry) { try await database.schema() }
        let permitted = await step("privileges", fix: retry) {
            installed ? try await database.privileges() : .skipped("the schema is not installed")
        }
        await step("pooler", fix: retry) { try await PoolerStep.requests(plan.database) }
        let direct = await step("listener", fix: "Check CHANGEFEED_LISTEN_DATABASE_URL.") {
            try await PoolerStep.listener(plan.listen)
        }
        await step("clock", fix: retry) { try await database.clock() }
        await step("odoo", fix: "Run `changefeed install` of this version.") {
            installed && permitted ? try await database.odooVersion() : .skipped("an earlier step failed")
        }
        // These two take the longest: at the same time, on two connections.
        let pulling = installed && permitted ? Task { try await Self.pull(plan.database) } : nil
        await step("triggers", fix: retry) {
            installed && permitted ? try await database.triggers() : .skipped("an earlier step failed")
        }
        if Task.isCancelled { pulling?.cancel() }
        await step("pull", fix: retry) {
            guard let pulling else { return .skipped("an earlier step failed") }
            return try await withTaskCancellationHandler {
                try await pulling.value
            } onCancel: {
                pulling.cancel()
            }
        }
        await step("event", fix: "Run `changefeed install` of this version.") {
            installed && permitted ? try await EventStep.examine(plan.listen) : .skipped("an earlier step failed")
        }
        await step("doorbell", fix: "Look for a pooler, and set CHANGEFEED_LISTEN_DATABASE_URL to a direct connection.")
        {
            installed && permitted && direct
                ? try await DoorbellStep.examine(plan.listen) : .skipped("an earlier step failed")
        }
    }

    private static func pull(_ configuration: ConnectionConfiguration) async throws -> DoctorFinding {
        try await DoctorConnections.withOne(configuration) { try await DatabaseSteps(connection: $0).pull() }
    }

    /// Times a step and stores its result; an error is a failure of the step.
    /// - Returns: whether it did not fail.
    @discardableResult
    private mutating func step(_ name: String, fix: String, _ body: () async throws -> DoctorFinding) async -> Bool {
        let start = ContinuousClock.now
        let finding = await Self.finding(fix: fix, body)
        let took = DoctorStep(
            step: name, outcome: finding.outcome, milliseconds: (ContinuousClock.now - start) / .milliseconds(1),
            detail: finding.detail, fix: finding.fix)
        steps.append(took)
        report(took)
        return finding.outcome == .ok || finding.outcome == .warning
    }

    private static func finding(fix: String, _ body: () async throws -> DoctorFinding) async -> DoctorFinding {
        if Task.isCancelled { return .skipped("the examination had no time left for it") }
        do {
            return try await body()
        } catch _ where Task.isCancelled {
            return .failed(
                "it did not end before the examination's time was over",
                fix: "Look for a session that holds a lock, or a network that does not answer, and run it again.")
        } catch let error as ChangeFeedError {
            return .failed(error.message, fix: error.hint ?? fix)
        } catch {
            return .failed("\(error)", fix: fix)
        }
    }
}
