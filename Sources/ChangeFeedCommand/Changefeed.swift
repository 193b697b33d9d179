import ArgumentParser
import ChangeFeedSettings

/// The command line of the change feed.
@main
struct Changefeed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "changefeed",
        abstract: "A change feed for Odoo: what changed, within milliseconds of the commit.",
        version: Version.text,
        subcommands: [
            Serve.self, Ready.self, Tail.self, Status.self, Doctor.self, Install.self, Uninstall.self, Verify.self,
            Archive.self, Field.self,
            Rule.self, Explain.self, Endpoints.self, Delivery.self, Audit.self, Config.self, Demo.self, Bench.self,
        ])

    static func main() async { await runAsProcess() }
}
