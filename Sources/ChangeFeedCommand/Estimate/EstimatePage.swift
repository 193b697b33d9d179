import ChangeFeed
import ChangeFeedSettings
import Foundation

/// An estimate as a page that a DBA can sign.
struct EstimatePage {
    private let estimate: Estimate
    private let now: Timestamp

    init(_ estimate: Estimate, now: Timestamp = .now) {
        self.estimate = estimate
        self.now = now
    }

    var text: [String] { page.text }
    var markdown: [String] { page.markdown }

    /// Days for which the log keeps events, and its budget, by default.
    private static let keptDays = 90.0
    private static let budget = 8.0 * 1_073_741_824

    private var tracked: [Estimate.Model] { estimate.models.filter { $0.table != nil } }

    private var page: Page {
        var page = Page(title: "Estimate for database \(estimate.surroundings.database)", summary: summary)
        page.sections = [
            writes, costs, locks, access, fields, surroundings,
            Page.Section(
                title: "What could not be read",
                list: estimate.notRead.isEmpty ? ["nothing is missing"] : estimate.notRead),
            constants,
            Page.Section(
                title: "Signature",
                paragraphs: ["Read and agreed by: ______________________________   Date: ________________"]),
        ]
        return page
    }

    private var summary: [String] {
        let rows = tracked.compactMap(\.writesPerDay?.rows).reduce(0, +)
        let failed = Set(tracked.flatMap { $0.rules?.notCompiled.map(\.id) ?? [] }).count
        let rules = tracked.compactMap(\.rules?.count).isEmpty ? nil : failed
        let unknown = tracked.compactMap(\.fields?.unknown.count).reduce(0, +)
        var lines = [
            "Made \(now.iso8601.prefix(19).replacing("T", with: " ")) UTC by changefeed \(Version.text), reading only.",
            "\(tracked.count) of \(estimate.models.count) models would be tracked.",
        ]
        if let log = estimate.logBytesPerDay, let cpu = estimate.cpuSecondsPerDay {
            lines.append(
                "\(count(rows)) rows are written per day: \(bytes(log)) of log and \(seconds(cpu)) of processor time per day\(periodNote)."
            )
        } else {
            lines.append("Rows per day are unknown: run it with --sample 300 at a busy time, or with --days.")
        }
        if let rules {
            lines.append(
                rules == 0
                    ? "All record rules compile."
                    : "\(rules) record rules do not compile: until decided, users to whom one applies get nothing of its models."
            )
        }
        let closed = tracked.filter { $0.closed?.hasPrefix("for portal") == false }.map(\.model)
        if !closed.isEmpty { lines.append("Closed until an operator decides: \(closed.joined(separator: ", ")).") }
        if unknown > 0 { lines.append("\(unknown) fields are withheld from all users until an operator decides.") }
        return lines
    }

    private var periodNote: String {
        estimate.period?.basis == "uptime" ? " at most (the counters may be older than the server's start)" : ""
    }

    // MARK: sections

    private var writes: Page.Section {
        var section = Page.Section(title: "What is written", paragraphs: [periodText])
        section.table = [["model", "rows", "size", "inserts/day", "updates/day", "of these HOT", "deletes/day"]]
        for model in estimate.models {
            let perDay = model.writesPerDay
            section.table.append([
                model.model, model.rows.map { HumanText.count($0) } ?? "-", model.bytes.map(HumanText.bytes) ?? "-",
                perDay.map { count($0.inserts) } ?? "-", perDay.map { count($0.updates) } ?? "-",
                perDay?.hotShare.map(HumanText.percent) ?? "-", perDay.map { count($0.deletes) } ?? "-",
            ])
        }
        section.list = estimate.models.flatMap { model in model.notes.map { "\(model.model): \($0)" } }
        return section
    }

    private var periodText: String {
        guard let period = estimate.period else { return "PostgreSQL does not count writes here (track_counts)." }
        let time = HumanText.duration(seconds: period.seconds)
        return switch period.basis {
        case "days": "From pg_stat_user_tables, said to cover \(time)."
        case "sample": "From pg_stat_user_tables, watched for \(time)."
        case "reset": "From pg_stat_user_tables since the last reset of its counters, \(time) ago."
        default:
            "From pg_stat_user_tables. Its counters were never reset; the server's start, \(time) ago, is taken for their beginning, so the true figures may be lower. --sample 300 watches instead."
        }
    }

    private var costs: Page.Section {
        var section = Page.Section(
            title: "What capture costs",
            paragraphs: [
                "From few statements of many rows to a transaction for each row that changes a rule column. Odoo's write of one row then takes 1.13 times as long with one client, 1.40 times with 32 clients on two busy processors (docs/benchmarks.md)."
            ])
        section.table = [["model", "log/day", "processor/day", "columns whose old values are kept"]]
        for model in tracked {
            let columns = (model.rules?.columns ?? []) + (model.rules?.keepsFollowers == true ? ["followers"] : [])
            section.table.append([
                model.model, model.logBytesPerDay.map(bytes) ?? "-", model.cpuSecondsPerDay.map(seconds) ?? "-",
                model.rules == nil ? "-" : columns.joined(separator: ", "),
            ])
        }
        if let log = estimate.logBytesPerDay {
            let kept = log.high * Self.keptDays
            section.list = [
                "The log keeps 90 days (CHANGEFEED_DELETE_AFTER_DAYS): at most \(HumanText.bytes(Int64(min(kept, 9e18)))); its budget is 8 GB (CHANGEFEED_LOG_BUDGET)."
                    + (kept > Self.budget ? " At that rate the budget empties the oldest events earlier." : "")
            ]
        }
        return section
    }

    private var locks: Page.Section {
        let here = estimate.surroundings
        return Page.Section(
            title: "What the installation locks",
            list: [
                "Each tracked table, one at a time with a commit after each: SHARE ROW EXCLUSIVE, waited for at most 100 ms, held for the few milliseconds of four CREATE TRIGGER; tried up to 20 times within about 16 s. Readers never wait, writers for those milliseconds.",
                "Nineteen tables that decide access (ir_model, ir_rule, res_users, res_groups_users_rel and others): the same lock for one CREATE TRIGGER each.",
                "No row of Odoo is read or rewritten for it; no table of Odoo gets a column, index or constraint. `changefeed install --dry-run` prints the script.",
                here.lockHolders == 0
                    ? "Now no session holds a lock for which it would wait."
                    : "Now \(here.lockHolders) sessions hold locks for which it would wait\(here.oldestHolderSeconds.map { ", the oldest since " + HumanText.duration(seconds: $0) } ?? "").",
                "`changefeed uninstall` takes everything away again: ACCESS EXCLUSIVE for DROP TRIGGER, table by table, in the same way.",
            ])
    }

    private var access: Page.Section {
        var section = Page.Section(title: "Which records users will get")
        section.table = [["model", "record rules", "that do not compile", "closed because"]]
        var seen: Set<Int64> = []
        for model in tracked {
            section.table.append([
                model.model, model.rules.map { "\($0.count)" } ?? "-",
                model.rules.map { "\($0.notCompiled.count)" } ?? "-", model.closed ?? "-",
            ])
            for rule in model.rules?.notCompiled ?? [] where seen.insert(rule.id).inserted {
                section.list.append("rule \(rule.id) (\(rule.name)) of \(rule.model): \(rule.reason)")
            }
        }
        if !section.list.isEmpty {
            section.list.append("`changefeed rule` decides about these after the installation (docs/access.md).")
        }
        return section
    }

    private var fields: Page.Section {
        var section = Page.Section(title: "Which fields users will get")
        section.table = [["model", "fields", "for groups", "secrets, withheld", "unknown, withheld"]]
        for model in tracked {
            section.table.append([
                model.model, model.fields.map { "\($0.count)" } ?? "-", model.fields.map { "\($0.groups)" } ?? "-",
                model.fields.map { list($0.secret) } ?? "-", model.fields.map { list($0.unknown) } ?? "-",
            ])
        }
        if tracked.contains(where: { $0.fields?.unknown.isEmpty == false }) {
            section.list = ["`changefeed field allow MODEL FIELD` gives an unknown field away (docs/access.md)."]
        }
        return section
    }

    private func list(_ names: [String]) -> String { names.isEmpty ? "-" : names.joined(separator: ", ") }

    private var surroundings: Page.Section {
        let here = estimate.surroundings
        var list = [
            "PostgreSQL \(here.postgresql): \(here.postgresqlIsTested ? "tested" : "never tested (13 to 18 are)").",
            "Odoo \(here.odoo ?? "unknown"): \(here.odooIsTested ? "tested" : "never tested (16.0 to 19.0 are)").",
            "The database has \(HumanText.bytes(here.databaseBytes)).",
            "Read as \(here.role)\(here.isSuperuser ? ", a superuser" : "; to install without a superuser: docs/managed.md").",
            "\(here.connections) of max_connections = \(here.maxConnections) are in use; a service takes up to 11 (CHANGEFEED_POOL_SIZE = 8, a listener, record rules, retention).",
            "wal_level is \(here.walLevel): it does not matter, because nothing is decoded and no replication slot is made.",
        ]
        if here.isStandby { list.append("This server is a standby: install on the primary.") }
        if here.isPooled {
            list.append(
                "A pooler is in between: requests may go through it, the installation and the listener may not.")
        }
        if here.isInstalled {
            list.append("Schema changefeed is there already: its triggers are part of what is measured.")
        }
        if here.eventTriggers > 0 {
            list.append("\(here.eventTriggers) event triggers are on: they run with each CREATE of the installation.")
        }
        return Page.Section(title: "Surroundings", list: list)
    }

    private var constants: Page.Section {
        Page.Section(
            title: "Figures that this reckons with (docs/benchmarks.md)",
            table: [["name", "value", "what"]]
                + estimate.constants.map { [$0.name, "\(HumanText.decimal($0.value)) \($0.unit)", $0.meaning] })
    }

    // MARK: figures

    private func count(_ number: Double) -> String { HumanText.count(Int64(min(number.rounded(), 9e18))) }

    private func bytes(_ range: Estimate.Range) -> String {
        let (low, high) = (Int64(min(range.low, 9e18)), Int64(min(range.high, 9e18)))
        return low == high ? HumanText.bytes(low) : "\(HumanText.bytes(low)) to \(HumanText.bytes(high))"
    }

    private func seconds(_ range: Estimate.Range) -> String {
        let (low, high) = (HumanText.duration(seconds: range.low), HumanText.duration(seconds: range.high))
        return low == high ? low : "\(low) to \(high)"
    }
}
