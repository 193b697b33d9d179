internal import FoundationEssentials
internal import OdooAccess
internal import Postgres

/// Compiles the filters of requests. The result is not cached: a flood of filters is as many small pieces of work, and
/// the database checks each condition again before it runs it (`sql/odoo/filter.sql`).
struct RowFilters: Sendable {
    let pool: ConnectionPool
    let rules: RecordRules
    let allowPortal: Bool

    /// The filters as a parameter, null without any; nil when the proof is not, or is no longer, valid.
    /// - Throws: `AccessRefusal` (`filterInvalid`, and the refusals of `changefeed.filter_fields`), `PostgresError`.
    func parameter(_ filters: [ModelName: String], for caller: CallerProof, _ companies: EnabledCompanies) async throws
        -> Parameter?
    {
        try await prepare(filters, for: caller, companies)?.parameter
    }

    /// The same, to be used again: the database checks each condition whenever it runs it.
    func prepare(_ filters: [ModelName: String], for caller: CallerProof, _ companies: EnabledCompanies) async throws
        -> DeviceSync.PreparedFilters?
    {
        guard !filters.isEmpty else { return DeviceSync.PreparedFilters() }
        let row = try await rules.withCompiledRules(for: caller, allowPortal: allowPortal, companies: companies) {
            () -> Row? in
            let rows = try await pool.query(
                Query(
                    """
                    SELECT p.problem, p.fields, p.release FROM \(CallerProof.sql) caller
                    CROSS JOIN LATERAL changefeed.filter_fields(caller.user_id, $8::text[], $9::int[]) p
                    WHERE NOT caller.refused
                    """,
                    caller.parameters(allowPortal: allowPortal) + [
                        .textArray(filters.keys.map(\.rawValue).sorted()), companies.parameter,
                    ], name: "filter_fields"))
            guard let row = rows.first else { return nil }
            try AccessRefusal.check(row)
            return row
        }
        guard let row else { return nil }
        let fields = try JSONDecoder().decode(
            [String: [String: [String]]].self, from: Data(try row["fields"].string().utf8))
        // 18 if unknown, as for record rules.
        let release = row["release"].isNull ? 18 : Int(try row["release"].int())
        var compiled: [String: DeviceSync.PreparedFilters.Filter] = [:]
        for (model, text) in filters.sorted(by: { $0.key < $1.key }) {
            guard let known = fields[model.rawValue] else {
                compiled[model.rawValue] = DeviceSync.PreparedFilters.Filter(
                    domain: text, condition: nil, numbers: [], texts: [])
                continue
            }
            let compiler = FilterCompiler(
                release: release, model: model.rawValue,
                fields: known.compactMapValues {
                    $0.count == 2 ? FilterCompiler.Field(type: $0[0], columnType: $0[1]) : nil
                })
            do {
                let filter = try compiler.compile(text)
                compiled[model.rawValue] = DeviceSync.PreparedFilters.Filter(
                    domain: text, condition: filter.sql, numbers: filter.numbers, texts: filter.texts)
            } catch {
                throw AccessRefusal.filterInvalid(model: model, reason: error.reason)
            }
        }
        return try DeviceSync.PreparedFilters(compiled)
    }
}

extension DeviceSync {
    /// Compiled filters, for many statements.
    public struct PreparedFilters: Sendable, Equatable {
        /// A filter in the form of `changefeed.filtered_scopes`.
        package struct Filter: Sendable, Equatable, Encodable {
            let domain: String
            /// Nil: of a model that this user may not read; then it is not needed.
            package let condition: String?
            package let numbers: [Int64]
            package let texts: [String]
        }

        package let byModel: [String: Filter]
        private let text: String?

        /// None.
        init() { (byModel, text) = ([:], nil) }

        init(_ filters: [String: Filter]) throws {
            byModel = filters
            text = try JSONParameter.text(filters)
        }

        var parameter: Parameter { .optional(text) }
    }
}
