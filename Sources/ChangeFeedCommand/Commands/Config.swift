import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Foundation

/// `changefeed config`: every setting, its value and where it comes from.
struct Config: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show every setting, its value and where it comes from; exit 78 when a setting is wrong.",
        discussion: "Secrets are not shown. Wrong settings are listed on standard error, all at once.")

    @OptionGroup var common: CommonOptions

    @Flag(help: "Only check: print all problems, not the settings.")
    var check = false

    @Flag(help: "A JSON document instead of lines.")
    var json = false

    @Flag(help: "Describe every setting instead of showing its value: the table of docs/settings.md.")
    var describe = false

    func validate() throws {
        if describe, check || json { throw ValidationError("--describe goes with neither --check nor --json.") }
    }

    func run() async throws {
        if describe { return Terminal.lines(SettingReference.lines) }
        let report = ConfigReport(common.layers())
        if json {
            Terminal.line(try report.json())
        } else if check {
            Terminal.line(report.problems.isEmpty ? "All settings are valid." : report.problems.joined(separator: "\n"))
        } else {
            Terminal.lines(report.table)
            for problem in report.problems { Terminal.error("changefeed: \(problem)") }
        }
        if !json { for doubt in report.doubts { Terminal.error("changefeed: \(doubt)") } }
        if !report.problems.isEmpty { throw ExitCode(ExitStatus.configuration.rawValue) }
    }
}

/// The output of `changefeed config`. It never contains a secret.
struct ConfigReport: Encodable {
    struct Line: Encodable {
        let name: String
        /// Absent if nothing is set, and for secrets.
        let value: String?
        let isSet: Bool
        let source: String
    }

    let settings: [Line]
    let problems: [String]
    /// Names that resemble settings but are not; this is no problem if they belong to another program.
    let doubts: [String]

    init(_ layers: SettingLayers) {
        doubts = layers.doubts
        settings = Setting.all.map { setting in
            let given = layers.given(setting)
            return Line(
                name: setting.variable, value: given.flatMap { setting.shown($0.text) }, isSet: given != nil,
                source: (given?.source ?? .default).description)
        }
        do {
            _ = try Settings(layers)
            problems = []
        } catch {
            problems = (error as? SettingProblems)?.all.map(\.description) ?? ["\(error)"]
        }
    }

    /// Aligned columns for people.
    var table: [String] {
        TextTable.align(
            [["name", "value", "source"]]
                + settings.map { [$0.name, $0.value ?? ($0.isSet ? "(set, not shown)" : "(not set)"), $0.source] })
    }

    /// `{"doubts": […], "problems": […], "settings": [{"name", "value", "is_set", "source"}]}`
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
