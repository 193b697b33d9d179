import ArgumentParser
import ChangeFeed
import Postgres

/// `changefeed demo`: keeps changing rows of a throw-away database, so that there is something to see.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Change partners of a throw-away database until interrupted (never run it on production).")

    @OptionGroup var common: CommonOptions

    @Option(help: "Changes a second.")
    var rate = 2

    @Option(help: "Stop after so many changes; 0 goes on until interrupted.")
    var changes = 0

    func validate() throws {
        guard (1...10_000).contains(rate) else { throw ValidationError("--rate takes 1 to 10000.") }
        guard changes >= 0 else { throw ValidationError("--changes takes 0 or more.") }
    }

    func run() async throws {
        var configuration = try await common.settings().database
        configuration.applicationName = "changefeed demo"
        let connection = try await Connection.connect(configuration)
        var done = 0
        while changes == 0 || done < changes {
            done += 1
            let rows = try await connection.query(
                Query(
                    """
                    UPDATE res_partner SET write_date = now() AT TIME ZONE 'UTC'
                    WHERE id = (SELECT id FROM res_partner ORDER BY random() LIMIT 1) RETURNING id
                    """, name: "demo_write"))
            Terminal.line("wrote res.partner \(rows.first?["id"].text ?? "-")")
            try await Task.sleep(for: .seconds(1) / rate)
        }
        await connection.close()
    }
}
