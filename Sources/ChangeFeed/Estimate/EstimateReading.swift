package import Postgres

/// Reads an estimate from a database in which the feed need not be. Every statement is in a READ ONLY transaction.
package struct EstimateReading {
    /// How rows per day are found.
    package enum Basis: Sendable {
        /// From the counters since their last reset.
        case counters
        /// The counters cover this many days.
        case days(Double)
        /// The counters are read twice, so far apart.
        case sample(Duration)
    }

    /// The models that an installation tracks by default.
    package static func defaultModels() throws -> [String] {
        let list = try EmbeddedSQL.part(
            of: "migrations/0002_tracked_models.sql", after: "INSERT INTO changefeed.default_model (model) VALUES",
            before: ";")
        return list.split(separator: "'").map(String.init).filter { $0.contains(".") }.sorted()
    }

    private let connection: Connection
    private var notRead: [String] = []

    package init(on connection: Connection) { self.connection = connection }

    /// - Throws: `PostgresError`; what a right is missing for is in the estimate instead.
    package mutating func read(_ models: [String], _ basis: Basis) async throws -> Estimate {
        let facts = try await row(Query(EstimateSQL.surroundings))
        let sql = try await look()
        var tables = try await tables(models, sql)
        let period: Estimate.Period?
        switch basis {
        case .days(let days): period = .init(basis: "days", seconds: days * 86_400)
        case .sample(let pause):
            let before = Dictionary(tables.map { ($0.model, $0) }) { first, _ in first }
            try await Task.sleep(for: pause)
            tables = try await self.tables(models, sql).map { $0.since(before[$0.model]) }
            period = .init(basis: "sample", seconds: pause / .seconds(1))
        case .counters:
            let reset = facts["reset_age"].isNull ? nil : try facts["reset_age"].double()
            period =
                try facts["track_counts"].bool()
                ? .init(basis: reset == nil ? "uptime" : "reset", seconds: try reset ?? facts["uptime"].double()) : nil
        }
        if period == nil { notRead.append("track_counts is off: writes per day are unknown") }
        let present = try await present(models, sql)
        var estimated: [Estimate.Model] = []
        let access = EstimateAccess(sql: sql, rows: rowsOf)
        for table in tables {
            var model = table.estimate(period, isKnown: present?.contains(table.model) ?? true)
            if model.table != nil { await add(access, table, to: &model) }
            estimated.append(model)
        }
        return Estimate(
            surroundings: try await surroundings(facts, sql, tables), period: period, models: estimated,
            logBytesPerDay: Self.sum(estimated.compactMap(\.logBytesPerDay)),
            cpuSecondsPerDay: Self.sum(estimated.compactMap(\.cpuSecondsPerDay)), notRead: notRead,
            constants: EstimateConstant.all)
    }

    private static func sum(_ ranges: [Estimate.Range]) -> Estimate.Range? {
        ranges.isEmpty ? nil : ranges.reduce(Estimate.Range(low: 0, high: 0)) { $0 + $1 }
    }

    // MARK: parts

    /// Odoo's release, and which tables may be read.
    private mutating func look() async throws -> EstimateSQL {
        var readable: Set<String> = []
        let known = try await rowsOf(Query(EstimateSQL.privileges, [.textArray(EstimateSQL.needed)]))
        let isOdoo = try known.contains { try $0["name"].string() == "ir_model" && $0["there"].bool() }
        guard isOdoo else {
            notRead.append("public.ir_model is missing: is this Odoo's database? Rules and fields are not estimated")
            return EstimateSQL(release: nil, readable: [])
        }
        for row in known where try row["there"].bool() {
            let name = try row["name"].string()
            if try row["readable"].bool() {
                readable.insert(name)
            } else {
                notRead.append("public.\(name): GRANT SELECT ON public.\(name) TO this role for what depends on it")
            }
        }
        guard readable.contains("ir_module_module") else { return EstimateSQL(release: nil, readable: readable) }
        let version = try await rowsOf(Query(EstimateSQL.odooVersion)).first?["version"].text
        return EstimateSQL(release: version.flatMap(Self.release), readable: readable)
    }

    /// 18 of `18.0.1.3`; nil for versions between two releases.
    static func release(of version: String) -> Int? {
        let parts = version.split(separator: ".")
        return parts.count > 2 && parts[1] == "0" ? Int(parts[0]) : nil
    }

    /// Of the models, those that Odoo has; nil: unknown.
    private func present(_ models: [String], _ sql: EstimateSQL) async throws -> Set<String>? {
        guard sql.readable.contains("ir_model") else { return nil }
        let rows = try await rowsOf(Query(EstimateSQL.models, [.textArray(models)]))
        return Set(try rows.map { try $0["model"].string() })
    }

    private func tables(_ models: [String], _ sql: EstimateSQL) async throws -> [EstimateTable] {
        try await rowsOf(Query(sql.tables(), [.textArray(models)])).map { try EstimateTable($0) }
    }

    /// Rules, fields and code; what cannot be read is noted.
    private mutating func add(_ access: EstimateAccess, _ table: EstimateTable, to model: inout Estimate.Model) async {
        do {
            model.rules = try await access.rules(of: table)
            model.fields = try await access.fields(of: table)
            model.closed = try await access.closed(table.model)
        } catch {
            let reason = (error as? PostgresError)?.description ?? "\(error)"
            notRead.append("\(table.model): \(reason)")
        }
    }

    private func surroundings(_ facts: Row, _ sql: EstimateSQL, _ tables: [EstimateTable]) async throws
        -> Estimate.Surroundings
    {
        let holders = try await row(Query(EstimateSQL.holders, [.intArray(tables.compactMap(\.oid))]))
        var odoo: String?
        if sql.readable.contains("ir_module_module") {
            odoo = try await rowsOf(Query(EstimateSQL.odooVersion)).first?["version"].text
        }
        return Estimate.Surroundings(
            database: try facts["database"].string(), databaseBytes: try facts["bytes"].int(),
            postgresql: try facts["server"].string(),
            postgresqlIsTested: (13...18).contains(try facts["release"].int()), odoo: odoo,
            odooIsTested: (16...19).contains(sql.release ?? 0), role: try facts["role"].string(),
            isSuperuser: try facts["super"].bool(), isStandby: try facts["standby"].bool(),
            isPooled: connection.isPooled, isInstalled: try facts["installed"].bool(),
            maxConnections: try facts["max_connections"].int(), connections: try facts["connections"].int(),
            walLevel: try facts["wal_level"].string(), eventTriggers: try facts["event_triggers"].int(),
            lockHolders: try holders["holders"].int(),
            oldestHolderSeconds: holders["oldest"].isNull ? nil : try holders["oldest"].double())
    }

    // MARK: statements

    private func row(_ query: Query) async throws -> Row {
        guard let row = try await rowsOf(query).first else {
            throw ChangeFeedError(.unexpectedAnswer, "A query about the server returned no row.")
        }
        return row
    }

    private func rowsOf(_ query: Query) async throws -> Rows {
        try await connection.transaction(readOnly: true) { try await $0.query(query) }
    }
}
