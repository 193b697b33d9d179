import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Foundation
import Postgres

/// `changefeed support`: one text for a bug report.
struct Support: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Write one text for a bug report: versions, settings without values that could be secret, state, findings, plans.",
        discussion: """
            It holds no secrets, no record data, no logins, no names of hosts and no paths. Read it before you send it. What cannot be read is \
            named; the command ends with 0 also where the database cannot be reached. Statements are explained, not run.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "Write to this new file instead of standard output.")
    var output: String?

    func run() async throws {
        let layers = common.layers()
        var report = SupportReport(layers)
        if let settings = try? Settings(layers) {
            await report.add(settings)
        } else {
            report.add("Database", ["not asked: the settings are wrong (`changefeed config --check`)"])
        }
        let text = report.text
        guard let output else { return Terminal.line(text) }
        do {
            try Data((text + "\n").utf8).write(to: URL(fileURLWithPath: output), options: .withoutOverwriting)
        } catch {
            throw ValidationError("The file cannot be written; it must not exist yet.")
        }
        Terminal.error("Written. Read it before you send it.")
    }
}

/// The text of `changefeed support`.
struct SupportReport {
    private var sections: [(title: String, lines: [String])] = []

    init(_ layers: SettingLayers) {
        add("Program", ["changefeed \(Version.full)", "schema version \(FeedIdentity.schemaVersion)"] + Self.machine)
        let settings = Setting.all.map { setting in
            let given = layers.given(setting)
            let value = given.map { Self.isHarmless($0.text, setting) ? $0.text : "(set, not shown)" } ?? "(not set)"
            return [setting.variable, value, Self.source(given?.source)]
        }
        add("Settings", TextTable.align(settings))
        let problems = layers.problems.count
        if problems > 0 { add("Sources of settings", ["\(problems) problems: `changefeed config --check`"]) }
    }

    mutating func add(_ title: String, _ lines: [String]) {
        sections.append((title, lines.isEmpty ? ["(nothing)"] : lines.map(\.plainLine)))
    }

    /// What the database says; each part that fails is named.
    mutating func add(_ settings: Settings) async {
        let examination = await withTaskExecutorPreference(EventLoop.shared) {
            await Examination.run(Examination.Plan(settings))
        }
        // Details name hosts and roles.
        add(
            "Doctor",
            TextTable.align(
                examination.steps.map {
                    [$0.step, $0.outcome.rawValue, "\(Int($0.milliseconds.rounded())) ms"]
                }))
        guard examination.reachable else { return }
        do {
            let facts = try await withConnection(to: settings.database) { connection in
                let status = try await FeedStatus.json(on: connection)
                let findings = try await Verification.findings(on: connection)
                return (status, findings, try await SupportFacts.read(on: connection))
            }
            add("Status", Self.masked(status: facts.0))
            add("Findings of verify", Self.masked(facts.1))
            for part in facts.2 { add(part.title, part.lines) }
        } catch {
            let state = (error as? PostgresError)?.sqlState ?? (error as? ChangeFeedError)?.code.rawValue
            add("Database", ["could not be read: \(state ?? "the connection broke")"])
        }
    }

    var text: String {
        sections.map { section in
            (["## " + section.title] + section.lines.map { "    " + $0 }).joined(separator: "\n")
        }.joined(separator: "\n\n")
    }

    // MARK: what may be shown

    private static let words: Set = [
        "auto", "none", "transaction", "text", "json", "oldest", "pause", "true", "false", "files", "session_db",
        "http",
        "https", "trace", "debug", "info", "notice", "warning", "error", "critical",
    ]

    /// Numbers, sizes and the words that settings know: neither a secret nor a name. No number is a secret's value,
    /// because secrets are never shown.
    static func isHarmless(_ text: String, _ setting: Setting) -> Bool {
        guard !setting.isSecret else { return false }
        return SettingText.list(text).allSatisfy {
            words.contains($0.lowercased()) || $0.wholeMatch(of: #/[0-9]{1,12}(MB|GB)?/#) != nil
        }
    }

    private static func source(_ source: SettingSource?) -> String {
        switch source {
        case .flag: "flag"
        case .environment: "environment"
        case .environmentFile: "a file"
        case .odooConfiguration: "odoo.conf"
        case .default, nil: "default"
        }
    }

    private static var machine: [String] {
        let release = (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8)) ?? ""
        let name = release.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }?.dropFirst(12)
        return [
            "system \(name.map(String.init) ?? "unknown")",
            "kernel \(ProcessInfo.processInfo.operatingSystemVersionString)",
            "processors \(ProcessInfo.processInfo.activeProcessorCount)",
            "memory \(HumanText.bytes(Int64(clamping: ProcessInfo.processInfo.physicalMemory)))",
        ]
    }

    /// Members of the status that are names of people, hosts or databases, or texts that people wrote.
    private static let named: Set = ["database", "paused_by", "pause_reason", "client_addr", "details"]

    static func masked(status: String) -> [String] {
        guard let document = try? JSONSerialization.jsonObject(with: Data(status.utf8)),
            let data = try? JSONSerialization.data(
                withJSONObject: mask(document), options: [.prettyPrinted, .sortedKeys])
        else { return ["(not readable)"] }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static func mask(_ value: Any) -> Any {
        switch value {
        case let object as [String: Any]:
            object.reduce(into: [String: Any]()) { masked, member in
                let hides = named.contains(member.key) && !(member.value is NSNull)
                masked[member.key] = hides ? "(not shown)" : mask(member.value)
            }
        case let list as [Any]: list.map { mask($0) }
        default: value
        }
    }

    /// Codes, levels and models; texts may name roles.
    static func masked(_ findings: [Verification.Finding]) -> [String] {
        findings.map { finding in
            let isModel = finding.object.contains(".") && ModelName(finding.object) != nil
            return "\(finding.code) \(finding.level)" + (isModel ? " \(finding.object)" : "")
        }
    }
}
