internal import Postgres

/// A model's table and its counters.
struct EstimateTable: Sendable {
    let model: String
    let oid: Int64?
    let name: String?
    let rows: Int64
    let bytes: Int64
    var inserts: Int64
    var updates: Int64
    var deletes: Int64
    var hot: Int64
    private let notes: [String]

    init(_ row: Row) throws {
        model = try row["model"].string()
        oid = try row["oid"].optionalInt()
        name = oid == nil ? nil : row["name"].text
        rows = try row["rows"].optionalInt() ?? 0
        bytes = try row["bytes"].optionalInt() ?? 0
        inserts = try row["inserts"].optionalInt() ?? 0
        updates = try row["updates"].optionalInt() ?? 0
        deletes = try row["deletes"].optionalInt() ?? 0
        hot = try row["hot"].optionalInt() ?? 0
        notes = oid == nil ? [] : try Self.notes(row)
    }

    private static func notes(_ row: Row) throws -> [String] {
        var notes: [String] = []
        let triggers = try row["triggers"].int()
        if triggers > 0 { notes.append("\(triggers) triggers of its own, which stay and fire before the feed's") }
        if try row["row_security"].bool() {
            notes.append("row level security is on: the feed's roles need BYPASSRLS, or it must go (CF145)")
        }
        if try row["has_children"].bool() {
            notes.append("it has inheritance children: statements on these do not fire the feed's triggers")
        }
        if try row["is_replicated"].bool() {
            notes.append("it is filled by logical replication, which does not fire statement triggers")
        }
        if try !row["owns"].bool() {
            notes.append("it belongs to \(row["owner"].text ?? "another role"), of which this role is no member")
        }
        return notes
    }

    /// The same with what was counted after an earlier look; a counter that fell was reset.
    func since(_ earlier: EstimateTable?) -> EstimateTable {
        guard let earlier else { return self }
        var table = self
        table.inserts = max(0, inserts - earlier.inserts)
        table.updates = max(0, updates - earlier.updates)
        table.deletes = max(0, deletes - earlier.deletes)
        table.hot = max(0, hot - earlier.hot)
        return table
    }

    /// - Parameter isKnown: Odoo has the model.
    func estimate(_ period: Estimate.Period?, isKnown: Bool) -> Estimate.Model {
        guard isKnown, let name else {
            return Estimate.Model(
                model: model, table: nil, rows: nil, bytes: nil, counted: nil, writesPerDay: nil, logBytesPerDay: nil,
                cpuSecondsPerDay: nil,
                notes: [
                    isKnown ? "no ordinary table was found: not tracked" : "this Odoo does not have it: not tracked"
                ])
        }
        let writes = period.flatMap { self.writes(perDayOver: $0.seconds) }
        return Estimate.Model(
            model: model, table: name, rows: rows, bytes: bytes,
            counted: .init(inserts: inserts, updates: updates, deletes: deletes), writesPerDay: writes,
            logBytesPerDay: writes.map(Self.log), cpuSecondsPerDay: writes.map(Self.cpu), notes: notes)
    }

    private func writes(perDayOver seconds: Double) -> Estimate.Writes? {
        guard seconds > 0 else { return nil }
        let factor = 86_400 / seconds
        return Estimate.Writes(
            inserts: Double(inserts) * factor, updates: Double(updates) * factor, deletes: Double(deletes) * factor,
            hotShare: updates > 0 ? Double(hot) / Double(updates) : nil)
    }

    /// From one statement for very many rows to one for each, which changes a rule column.
    private static func log(_ writes: Estimate.Writes) -> Estimate.Range {
        Estimate.Range(
            low: writes.rows * EstimateConstant.bulkRow.value,
            high: writes.inserts * EstimateConstant.singleRow.value
                + (writes.updates + writes.deletes) * EstimateConstant.keptRow.value)
    }

    /// From one statement of a longer transaction for each row to a transaction for each.
    private static func cpu(_ writes: Estimate.Writes) -> Estimate.Range {
        Estimate.Range(
            low: writes.rows * EstimateConstant.statement.value / 1_000_000,
            high: (writes.inserts + (writes.updates + writes.deletes) * EstimateConstant.keptFactor.value)
                * EstimateConstant.transaction.value / 1_000_000)
    }
}
