import ChangeFeed
import ChangeFeedSettings
import Postgres

/// Runs the steps in the order of a change's path, and collects their results.
struct Examination {
    private(set) var steps: [DoctorStep] = []
    private(set) var reachable = false
    private let report: @Sendable (DoctorStep) -> Void

    /// - Parameter report: receives each step as it ends.
    static func run(_ settings: Settings, report: @escaping @Sendable (DoctorStep) -> Void) async -> Examination {
        var examination = Examination(report: report)
        await examination.examine(settings)
        return examination
    }

    private init(report: @escaping @Sendable (DoctorStep) -> Void) {
        self.report = report
    }

    private mutating func examine(_ settings: Settings) async {
        var connection: Connection?
        await step("connect", fix: "Check DATABASE_URL (`changefeed config`), pg_hba.conf and that the server runs.") {
            let made = try await Connection.connect(settings.database)
            connection = made
            return .ok("PostgreSQL \(try await DatabaseFacts.serverVersion(on: made)) at \(settings.database)")
        }
        if let connection {
            reachable = true
            await examine(DatabaseSteps(connection: connection), settings)
            await connection.close()
        }
        for check in settings.sessionChecks {
            await step("session store \(check.rawValue)", fix: "Check \(check.needs.variable).") {
                try await SessionStoreStep.examine(check, settings)
            }
        }
    }

    private mutating func examine(_ database: DatabaseSteps, _ settings: Settings) async {
        let retry = "Run it again; `changefeed verify` may say more."
        await step("primary", fix: retry) { try await database.primary() }
        let installed = await step("schema", fix: retry) { try await database.schema() }
        let permitted = await step("privileges", fix: retry) {
            installed ? try await database.privileges() : .skipped("the schema is not installed")
        }
        await step("pooler", fix: retry) { try await PoolerStep.requests(settings.database) }
        let direct = await step("listener", fix: "Check CHANGEFEED_LISTEN_DATABASE_URL.") {
            try await PoolerStep.listener(settings.listen)
        }
        await step("clock", fix: retry) { try await database.clock() }
        await step("odoo", fix: "Run `changefeed install` of this version.") {
            installed && permitted ? try await database.odooVersion() : .skipped("an earlier step failed")
        }
        // These two take the longest: at the same time, on two connections.
        let pulling = installed && permitted ? Task { try await Self.pull(settings.database) } : nil
        await step("triggers", fix: retry) {
            installed && permitted ? try await database.triggers() : .skipped("an earlier step failed")
        }
        await step("pull", fix: retry) { try await pulling?.value ?? .skipped("an earlier step failed") }
        await step("event", fix: "Run `changefeed install` of this version.") {
            installed && permitted ? try await EventStep.examine(settings) : .skipped("an earlier step failed")
        }
        await step("doorbell", fix: "Look for a pooler, and set CHANGEFEED_LISTEN_DATABASE_URL to a direct connection.")
        {
            installed && permitted && direct
                ? try await DoorbellStep.examine(settings) : .skipped("an earlier step failed")
        }
    }

    private static func pull(_ configuration: ConnectionConfiguration) async throws -> DoctorFinding {
        var configuration = configuration
        configuration.applicationName = "changefeed doctor"
        return try await withConnection(to: configuration) { try await DatabaseSteps(connection: $0).pull() }
    }

    /// Times a step and stores its result; an error is a failure of the step.
    /// - Returns: whether it did not fail.
    @discardableResult
    private mutating func step(_ name: String, fix: String, _ body: () async throws -> DoctorFinding) async -> Bool {
        let start = ContinuousClock.now
        let finding: DoctorFinding
        do {
            finding = try await body()
        } catch let error as ChangeFeedError {
            finding = .failed(error.message, fix: error.hint ?? fix)
        } catch {
            finding = .failed("\(error)", fix: fix)
        }
        let took = DoctorStep(
            step: name, outcome: finding.outcome, milliseconds: (ContinuousClock.now - start) / .milliseconds(1),
            detail: finding.detail, fix: finding.fix)
        steps.append(took)
        report(took)
        return finding.outcome == .ok || finding.outcome == .warning
    }
}
