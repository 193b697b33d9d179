/// What the feed would cost and show in a database in which it is not installed.
package struct Estimate: Sendable, Encodable {
    package struct Range: Sendable, Encodable {
        package let low: Double
        package let high: Double

        static func + (left: Range, right: Range) -> Range {
            Range(low: left.low + right.low, high: left.high + right.high)
        }
    }

    /// Rows written per day.
    package struct Writes: Sendable, Encodable {
        package let inserts: Double
        package let updates: Double
        package let deletes: Double
        /// Of the updates, that changed no index (HOT); nil without updates.
        package let hotShare: Double?
        package var rows: Double { inserts + updates + deletes }
    }

    package struct Rule: Sendable, Encodable {
        package let id: Int64
        package let name: String
        /// The model that holds it.
        package let model: String
        package let reason: String
    }

    package struct Rules: Sendable, Encodable {
        /// Active read rules under which the model's records are, those of parents included.
        package let count: Int
        package let notCompiled: [Rule]
        /// The columns whose old values the triggers keep.
        package let columns: [String]
        /// An unlink keeps who followed the record.
        package let keepsFollowers: Bool
    }

    package struct Fields: Sendable, Encodable {
        package let count: Int
        /// Shown only to members of some group.
        package let groups: Int
        /// Withheld from all users by their names.
        package let secret: [String]
        /// Withheld from all users, because nothing is known of them.
        package let unknown: [String]
    }

    package struct Model: Sendable, Encodable {
        package let model: String
        /// Nil: this Odoo does not have the model, or it has no ordinary table; it is not tracked.
        package let table: String?
        package let rows: Int64?
        package let bytes: Int64?
        /// Since the counters began.
        package let counted: Counted?
        package let writesPerDay: Writes?
        package let logBytesPerDay: Range?
        package let cpuSecondsPerDay: Range?
        /// Nil: could not be read.
        package var rules: Rules?
        /// Nil: could not be read.
        package var fields: Fields?
        /// Why the model is closed until an operator decides; nil: it is open.
        package var closed: String?
        /// What the installer should know of the table.
        package let notes: [String]
    }

    /// Rows, as `pg_stat_user_tables` counts them.
    package struct Counted: Sendable, Encodable {
        package let inserts: Int64
        package let updates: Int64
        package let deletes: Int64
    }

    package struct Surroundings: Sendable, Encodable {
        package let database: String
        package let databaseBytes: Int64
        package let postgresql: String
        package let postgresqlIsTested: Bool
        package let odoo: String?
        package let odooIsTested: Bool
        package let role: String
        package let isSuperuser: Bool
        package let isStandby: Bool
        package let isPooled: Bool
        package let isInstalled: Bool
        package let maxConnections: Int64
        package let connections: Int64
        package let walLevel: String
        package let eventTriggers: Int64
        /// Sessions that hold a lock now for which the installation would wait; the oldest transaction's age.
        package var lockHolders: Int64
        package var oldestHolderSeconds: Double?
    }

    /// The time over which rows were counted.
    package struct Period: Sendable, Encodable {
        /// days: as given; sample: watched now; reset: since the counters' last reset; uptime: since the server's start, an
        /// upper bound for the writes per day, because the counters may be older.
        package let basis: String
        package let seconds: Double
    }

    package let surroundings: Surroundings
    package let period: Period?
    package let models: [Model]
    package let logBytesPerDay: Range?
    package let cpuSecondsPerDay: Range?
    /// What this role could not read, with what is missing in the estimate for it.
    package let notRead: [String]
    package let constants: [EstimateConstant]
}

/// A measured figure of docs/benchmarks.md with which an estimate is made.
package struct EstimateConstant: Sendable, Encodable {
    package let name: String
    package let value: Double
    package let unit: String
    package let meaning: String

    package static let bulkRow = EstimateConstant(
        name: "bulk_row", value: 3.6, unit: "bytes", meaning: "log of a row in an UPDATE of very many rows")
    package static let singleRow = EstimateConstant(
        name: "single_row", value: 250, unit: "bytes", meaning: "log of a row that has a statement of its own")
    package static let keptRow = EstimateConstant(
        name: "kept_row", value: 390, unit: "bytes",
        meaning: "the same where five rule columns are kept (an UPDATE that changes one, a DELETE)")
    package static let statement = EstimateConstant(
        name: "statement", value: 14, unit: "µs", meaning: "processor time of a capture inside a longer transaction")
    package static let transaction = EstimateConstant(
        name: "transaction", value: 80, unit: "µs",
        meaning: "processor time of a capture that is its transaction's only one")
    package static let keptFactor = EstimateConstant(
        name: "kept_factor", value: 1.28, unit: "×",
        meaning: "time of an UPDATE that changes a rule column, against bare")

    package static let all = [bulkRow, singleRow, keptRow, statement, transaction, keptFactor]
}
