import ArgumentParser
import ChangeFeedSettings

/// The command line of the change feed.
@main
struct Changefeed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "changefeed",
        abstract: "A change feed for Odoo: what changed, within milliseconds of the commit.",
        version: Version.full,
        groupedSubcommands: [
            CommandGroup(
                name: "Run and watch",
                subcommands: [Serve.self, Ready.self, Status.self, Tail.self, Doctor.self, Config.self, Support.self]),
            CommandGroup(
                name: "Install", subcommands: [EstimateCommand.self, Install.self, Verify.self, Uninstall.self]),
            CommandGroup(
                name: "Who sees what",
                subcommands: [Explain.self, Audit.self, Rule.self, Field.self]),
            CommandGroup(
                name: "Deliver and keep", subcommands: [Endpoints.self, Delivery.self, Archive.self]),
            CommandGroup(name: "Try out, on throw-away databases", subcommands: [Demo.self, Bench.self]),
        ])

    static func main() async { await runAsProcess() }
}
