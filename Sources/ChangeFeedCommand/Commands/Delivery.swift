import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Postgres

/// `changefeed delivery`: whether this database may push, and decisions about that.
struct Delivery: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show whether this database may push, and decide about it.",
        discussion: """
            Nothing is pushed from a copy (duplicated, or restored elsewhere) until an operator adopts it, nor from a database that Odoo marks as \
            neutralized, nor where an operator forbids it. Devices that pull are always served. Deciding needs a superuser or a member of \
            changefeed_owner.
            """,
        subcommands: [Show.self, Adopt.self, Forbid.self, Allow.self], defaultSubcommand: Show.self)
}

extension Delivery {
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show whether this database may push, and if not, why; exit 2 when it may not.")

        @OptionGroup var common: CommonOptions

        @Flag(help: "A JSON object instead of lines.")
        var json = false

        func run() async throws {
            let state = try await withConnection(to: common.settings().database) {
                try await DeliveryState.read(on: $0)
            }
            Terminal.line(
                try json
                    ? SortedJSON.text(DeliveryReport(state: state))
                    : DeliveryReport(state: state).lines.joined(separator: "\n"))
            if !state.allowed { throw ExitCode(ExitStatus.problemsFound.rawValue) }
        }
    }

    struct Adopt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Declare that this copy takes the original's place: it becomes the feed's home.")
        @OptionGroup var decision: DeliveryDecision
        func run() async throws { try await decision.run(.adopt) }
    }

    struct Forbid: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Push nothing from this database or its copies until it is allowed.")
        @OptionGroup var decision: DeliveryDecision
        func run() async throws { try await decision.run(.forbid) }
    }

    struct Allow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke forbid. A copy or a neutralized database still pushes nothing.")
        @OptionGroup var decision: DeliveryDecision
        func run() async throws { try await decision.run(.allow) }
    }
}

/// The common part of `adopt`, `forbid` and `allow`.
struct DeliveryDecision: ParsableArguments {
    @OptionGroup var common: CommonOptions

    @Option(help: "The reason, stored with the decision.")
    var reason: String?

    @Flag(help: "Only show what would change.")
    var dryRun = false

    @Flag(help: "A JSON object instead of lines.")
    var json = false

    func run(_ decision: DeliveryState.Decision) async throws {
        let report = try await withConnection(to: common.settings().database) { try await decide(decision, $0) }
        Terminal.line(try json ? SortedJSON.text(report) : report.lines.joined(separator: "\n"))
    }

    private nonisolated(nonsending) func decide(
        _ decision: DeliveryState.Decision, _ connection: Connection
    ) async throws -> DeliveryReport {
        try await connection.transaction(isKept: !dryRun) { connection in
            let done = try await DeliveryState.decide(decision, reason: reason, on: connection)
            var report = DeliveryReport(state: try await DeliveryState.read(on: connection))
            report.changed = done
            report.dryRun = dryRun
            return report
        }
    }
}

/// `{"allowed", "changed", "details": […], "dry_run", "reasons": […]}`; changed is null if there was nothing to decide.
struct DeliveryReport: Encodable {
    let allowed: Bool
    let reasons: [String]
    let details: [String]
    var changed: Bool?
    var dryRun = false

    init(state: DeliveryState) {
        (allowed, reasons, details) = (state.allowed, state.reasons, state.details)
    }

    var lines: [String] {
        let first: String? =
            switch (changed, dryRun) {
            case (false, _): "Nothing to adopt: this database is not a copy."
            case (true, true): "Nothing was stored. The result would be:"
            default: nil
            }
        return [first].compactMap { $0 }
            + (allowed
                ? ["This database may push."] : details.map { "Nothing is pushed from this database: \($0)".plainLine })
    }
}
