import ArgumentParser
import ChangeFeedSettings

/// `changefeed-bench`: prints the figures that README and `docs/` quote. `changefeed bench` runs it.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "changefeed-bench",
        abstract: "Measure capture, latency, driver, HTTP, version 2, access and cost on a throw-away database.",
        discussion: """
            Every figure is a median of interleaved rounds. Run it on a copy of your database, never on production: \
            it writes as fast as it can. It removes everything that it creates in the database.
            """,
        version: Version.text,
        subcommands: [
            BenchCapture.self, BenchWriters.self, BenchLatency.self, BenchThroughput.self, BenchDriver.self,
            BenchHTTP.self,
            BenchFlood.self, BenchSync.self, BenchAccess.self, BenchCost.self, BenchDelivery.self,
        ])

    static func main() async { await runAsProcess() }
}
