import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Postgres

/// `changefeed estimate`: before an installation, what it would cost and lock, and who would see what.
struct EstimateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "estimate",
        abstract: "Estimate costs, locks and access before an installation; reads only.",
        discussion: """
            Works without the feed, with a login that may read PostgreSQL's catalogs and Odoo's ir_model, ir_model_fields, ir_rule and their \
            like; says what it could not read. Every statement runs in a READ ONLY transaction. Rows per day come from PostgreSQL's counters; \
            --sample and --days say over which time.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "Also this model, beside the default ones; may be repeated.")
    var model: [String] = []

    @Option(help: "The counters cover this many days (where PostgreSQL does not know since when it counts).")
    var days: Double?

    @Option(help: "Watch the counters for this many seconds instead.")
    var sample: Int?

    @Flag(help: "A page in Markdown.")
    var markdown = false

    @Flag(help: "A JSON document (docs/json.md).")
    var json = false

    func validate() throws {
        if markdown, json { throw ValidationError("--markdown and --json exclude each other.") }
        if days != nil, sample != nil { throw ValidationError("--days and --sample exclude each other.") }
        if let days, !(days > 0 && days <= 3_650) { throw ValidationError("--days takes a number up to 3650.") }
        if let sample, !(1...86_400).contains(sample) { throw ValidationError("--sample takes 1 to 86400 seconds.") }
        if let wrong = model.first(where: { ModelName($0) == nil }) {
            throw ValidationError("\(wrong.plainLine) is no model's name, such as crm.lead.")
        }
    }

    func run() async throws {
        var configuration = try common.settings().withSearchPath().database
        configuration.applicationName = "changefeed estimate"
        // Waits for no lock that an upgrade of Odoo may hold.
        configuration.lockTimeout = .seconds(5)
        let models = Array(Set(try EstimateReading.defaultModels() + model)).sorted()
        let basis: EstimateReading.Basis =
            days.map { .days($0) } ?? sample.map { .sample(.seconds($0)) } ?? .counters
        let estimate = try await withConnection(to: configuration, needsSchema: false) { connection in
            var reading = EstimateReading(on: connection)
            return try await reading.read(models, basis)
        }
        if json { return Terminal.line(try SortedJSON.text(estimate)) }
        let page = EstimatePage(estimate)
        Terminal.lines(markdown ? page.markdown : page.text)
    }
}
