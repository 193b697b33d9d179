import ArgumentParser

/// The command line of the change feed.
@main
struct Changefeed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "changefeed",
        abstract: "A change feed for Odoo: what changed, within milliseconds of the commit.",
        version: Version.text,
        subcommands: [
            Serve.self, Ready.self, Tail.self, Status.self, Doctor.self, Install.self, Uninstall.self, Verify.self, Archive.self, Field.self,
            Rule.self, Explain.self, Delivery.self, Audit.self, Config.self, Demo.self, Bench.self,
        ])

    static func main() async {
        var running: any ParsableCommand.Type = Changefeed.self
        do {
            var command = try parseAsRoot()
            running = type(of: command)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            ExitStatus.exit(for: error, of: running)
        }
    }
}

enum Version {
    static let text = "0.1.0"
}
