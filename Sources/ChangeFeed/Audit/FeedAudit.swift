internal import FoundationEssentials
internal import OdooAccess
package import Postgres

/// Compares a sample of what a user gets here with what Odoo shows that user.
package struct FeedAudit {
    package enum Kind: String, Sendable, Encodable {
        /// Odoo shows the record, the feed does not.
        case missing
        /// The feed shows the record, Odoo does not.
        case tooMuch = "too_much"
        /// Both show it, and a field differs.
        case value
    }

    package struct Difference: Sendable, Encodable {
        package let model: String
        package let kind: Kind
        package let field: String?
        package let ids: [Int64]
    }

    package struct Model: Sendable, Encodable {
        package let model: String
        /// False: the user gets nothing of it here, so there is nothing to compare.
        package let isOpen: Bool
        /// Ids that either side showed.
        package let records: Int
        /// Fields that both sides have.
        package let fields: Int
    }

    package struct Report: Sendable, Encodable {
        package let user: String
        package let models: [Model]
        package let differences: [Difference]
    }

    private let query: (Query) async throws -> Rows
    private let odoo: OdooRPC
    private let user: Int64
    private let login: String
    /// The language of the feed's data: the user's.
    private let context: JSONValue

    private static let windows = 5
    /// Records that Odoo is asked to read per call.
    private static let page = 50

    /// - Throws: `ChangeFeedError` when Odoo does not answer, rejects the login, or is another one.
    package init(login: String, odoo: OdooRPC, query: @escaping (Query) async throws -> Rows) async throws {
        guard
            let row = try await query(
                Query("SELECT u.user_id FROM changefeed.odoo_user_facts($1::text) u", [.text(login)])
            ).first
        else {
            throw ChangeFeedError(
                .userUnknown, "Odoo has no such user.", hint: "List them: SELECT login FROM res_users;")
        }
        let here = try row["user_id"].int()
        let there: Int64?
        do { there = try await odoo.authenticate(login: login) } catch is OdooRPC.Refusal { there = nil }
        guard let there else {
            throw ChangeFeedError(
                .notPermitted, "Odoo rejects this login with the key.",
                hint:
                    "Use an API key of this user (Preferences, Account Security), and check that ODOO_URL leads to this database."
            )
        }
        guard there == here else {
            throw ChangeFeedError(
                .invalidSetting, "ODOO_URL leads to another database: the login belongs to another user there.")
        }
        let known = try await odoo.execute(as: here, "res.users", "context_get", [])
        context = .object(["lang": known["lang"] ?? .bool(false), "active_test": .bool(false)])
        (self.query, self.odoo, self.user, self.login) = (query, odoo, here, login)
    }

    /// - Parameters:
    ///   - models: nil: all tracked ones.
    ///   - sample: approximate number of records of each.
    package func run(models: [String]?, sample: Int) async throws -> Report {
        let tracked = try await query(Query("SELECT t.model FROM changefeed.tracked t ORDER BY 1")).map {
            try $0["model"].string()
        }
        for model in models ?? [] where !tracked.contains(model) {
            throw ChangeFeedError(
                .modelNotTracked, "A given model is not tracked.",
                hint: "List the tracked ones: SELECT * FROM changefeed.tracked;")
        }
        try await compile()
        var reports: [Model] = []
        var differences: [Difference] = []
        for model in tracked where models?.contains(model) ?? true {
            let (report, found) = try await compare(model, sample)
            reports.append(report)
            differences += found
        }
        return Report(user: login, models: reports, differences: differences)
    }

    private func compile() async throws {
        var compilation = RuleCompilation(query: query)
        _ = try await compilation.compile(
            try await query(Query("SELECT * FROM changefeed.access_rules($1::int)", [.int(user)])))
    }

    private func compare(_ model: String, _ sample: Int) async throws -> (Model, [Difference]) {
        let ranges = try await query(
            Query(
                "SELECT w.from_id, w.to_id FROM changefeed.rules_windows($1::text, \(Self.windows), $2::int) w",
                [.text(model), .int(max(1, sample / Self.windows))]))
        var isOpen = true
        var records: Set<Int64> = []
        var compared: Set<String> = []
        var doubtful: [Kind: Set<Int64>] = [:]
        var values: [String: Set<Int64>] = [:]
        for range in ranges {
            let (from, to) = (try range["from_id"].int(), try range["to_id"].int())
            let seen = try await sight(of: model, from, to)
            guard seen.isOpen else {
                isOpen = false
                break
            }
            let both = seen.here.intersection(seen.there)
            records.formUnion(seen.here.union(seen.there))
            doubtful[.missing, default: []].formUnion(seen.there.subtracting(seen.here))
            doubtful[.tooMuch, default: []].formUnion(seen.here.subtracting(seen.there))
            for (field, ids) in try await differing(model, both.sorted(), &compared) {
                values[field, default: []].formUnion(ids)
            }
        }
        // The two sides are read at different times: differences are checked again, and count only if they persist.
        var differences: [Difference] = []
        var again: [Kind: Set<Int64>] = [:]
        for id in doubtful.values.reduce(into: Set<Int64>(), { $0.formUnion($1) }).sorted() {
            let seen = try await sight(of: model, id, id)
            if doubtful[.missing]?.contains(id) == true, seen.there.contains(id), !seen.here.contains(id) {
                again[.missing, default: []].insert(id)
            }
            if doubtful[.tooMuch]?.contains(id) == true, seen.here.contains(id), !seen.there.contains(id) {
                again[.tooMuch, default: []].insert(id)
            }
        }
        for kind in [Kind.tooMuch, .missing] {
            guard let ids = again[kind] else { continue }
            differences.append(Difference(model: model, kind: kind, field: nil, ids: ids.sorted()))
        }
        let second = try await differing(
            model, values.values.reduce(into: Set<Int64>(), { $0.formUnion($1) }).sorted(), &compared)
        for (field, ids) in second.sorted(by: { $0.key < $1.key }) {
            let both = ids.intersection(values[field] ?? [])
            if !both.isEmpty {
                differences.append(Difference(model: model, kind: .value, field: field, ids: both.sorted()))
            }
        }
        return (Model(model: model, isOpen: isOpen, records: records.count, fields: compared.count), differences)
    }

    private struct Sight {
        var isOpen = true
        var here: Set<Int64> = []
        var there: Set<Int64> = []
    }

    private func sight(of model: String, _ from: Int64, _ to: Int64) async throws -> Sight {
        var sight = Sight()
        let row = try await once {
            try await query(
                Query(
                    "SELECT a.problem, a.is_open, a.ids FROM changefeed.audit_ids($1::int, $2::text, $3::bigint, $4::bigint) a",
                    [.int(user), .text(model), .int(from), .int(to)])
            ).first
        }
        guard let row, try row["is_open"].bool() else {
            sight.isOpen = false
            return sight
        }
        sight.here = Set(try row["ids"].intArray())
        do {
            let domain: [JSONValue] = [
                .array([.string("id"), .string(">="), .int(from)]), .array([.string("id"), .string("<="), .int(to)]),
            ]
            let found = try await odoo.execute(
                as: user, model, "search", [.array(domain)], ["order": .string("id"), "context": context])
            sight.there = Set((found.array ?? []).compactMap(\.int))
        } catch let refusal as OdooRPC.Refusal where refusal.isAccessError {
            // Odoo shows nothing of the model.
        }
        return sight
    }

    /// Compiles rules that are missing after a change in the meantime.
    private func once(_ ask: () async throws -> Row?) async throws -> Row? {
        for _ in 0..<3 {
            let row = try await ask()
            if row?["problem"].text != "rules_not_compiled" { return row }
            try await compile()
        }
        throw ChangeFeedError(.unexpectedAnswer, "The record rules changed while they were read.", hint: "Try again.")
    }

    private func differing(_ model: String, _ ids: [Int64], _ compared: inout Set<String>) async throws -> [String: Set<
        Int64
    >] {
        var found: [String: Set<Int64>] = [:]
        for start in stride(from: 0, to: ids.count, by: Self.page) {
            let page = Array(ids[start..<min(start + Self.page, ids.count)])
            let row = try await once {
                try await query(
                    Query(
                        "SELECT a.problem, a.records::text AS records FROM changefeed.audit_data($1::int, $2::text, $3::bigint[]) a",
                        [.int(user), .text(model), .intArray(page)])
                ).first
            }
            guard let text = row?["records"].text else { continue }
            let here = try JSONDecoder().decode([[String: JSONValue]].self, from: Data(text.utf8))
            guard let names = here.first?.keys.sorted() else { continue }
            let there = try await read(model, page, names)
            compared.formUnion(names)
            for record in here {
                guard let id = record["id"]?.int, let other = there[id] else { continue }
                for (name, value) in record where !(other[name].map { value.isSame(as: $0) } ?? false) {
                    found[name, default: []].insert(id)
                }
            }
        }
        return found
    }

    /// By id. Records that Odoo does not let the user read, or that were deleted, are omitted: their ids were compared
    /// before.
    private func read(_ model: String, _ ids: [Int64], _ names: [String]) async throws -> [Int64: [String: JSONValue]] {
        do {
            let rows = try await odoo.execute(
                as: user, model, "read", [.array(ids.map { .int($0) }), .array(names.map { .string($0) })],
                ["context": context])
            var records: [Int64: [String: JSONValue]] = [:]
            for case .object(let record) in rows.array ?? [] {
                if let id = record["id"]?.int { records[id] = record }
            }
            return records
        } catch let refusal as OdooRPC.Refusal where refusal.isAccessError || refusal.isMissingError {
            guard ids.count > 1 else { return try await readable(model, ids, names, refusal) }
            var records: [Int64: [String: JSONValue]] = [:]
            for id in ids { records.merge(try await read(model, [id], names)) { first, _ in first } }
            return records
        }
    }

    /// A record that Odoo refuses as a whole, read field by field; a refused field is absent, so that it differs.
    private func readable(
        _ model: String, _ ids: [Int64], _ names: [String], _ refusal: OdooRPC.Refusal
    ) async throws -> [Int64: [String: JSONValue]] {
        guard names.count > 1, !refusal.isMissingError else { return [:] }
        var whole: [Int64: [String: JSONValue]] = [:]
        for name in names {
            for (id, record) in try await read(model, ids, [name]) {
                whole[id, default: [:]].merge(record) { first, _ in first }
            }
        }
        return whole
    }
}
