internal import OdooAccess
internal import Postgres

/// Who would see what of a model, from Odoo's tables alone.
struct EstimateAccess {
    let sql: EstimateSQL
    /// Runs a statement.
    let rows: (Query) async throws -> Rows

    private struct Rule {
        let id: Int64
        let name: String
        let holder: String
        let domain: String
    }

    /// Nil: the tables may not be read.
    func rules(of table: EstimateTable) async throws -> Estimate.Rules? {
        guard let oid = table.oid, sql.readable.isSuperset(of: ["ir_rule", "ir_model", "ir_model_fields"]) else {
            return nil
        }
        let rules = try await readRules(of: try await holders(of: table.model))
        var compilation = RuleCompilation(source: try source, query: rows)
        var failed: [Estimate.Rule] = []
        for rule in rules {
            let result = try await compilation.compile(
                rule: rule.id, name: rule.name, domain: rule.domain, digest: "", holder: rule.holder, for: table.model)
            guard result.sql == nil else { continue }
            failed.append(
                Estimate.Rule(
                    id: rule.id, name: rule.name, model: rule.holder, reason: result.reason ?? "not understood"))
        }
        let own = rules.filter { $0.holder == table.model || $0.holder == Self.publicEmployee }.map(\.domain)
        let delegations = try await delegations(of: [table.model])
        let columns = try await rows(
            Query(
                try sql.ruleColumns(),
                [.text(table.model), .textArray(own), .int(oid), .textArray(delegations.map(\.column))]))
        return Estimate.Rules(
            count: rules.count, notCompiled: failed, columns: try columns.map { try $0["name"].string() },
            keepsFollowers: own.contains { $0.contains("'message_partner_ids") || $0.contains("\"message_partner_ids") }
        )
    }

    /// Nil: the tables may not be read.
    func fields(of table: EstimateTable) async throws -> Estimate.Fields? {
        guard sql.readable.isSuperset(of: ["ir_model", "ir_model_fields"]) else { return nil }
        let parents = try await delegations(of: [table.model])
        let states = try await rows(
            Query(
                try sql.fieldStates(),
                [
                    .text(table.model), .textArray([table.model] + parents.map(\.parent)),
                    .textArray([""] + parents.map(\.field)),
                ]))
        var named: [String: [String]] = [:]
        for row in states { named[try row["state"].string(), default: []].append(try row["name"].string()) }
        return Estimate.Fields(
            count: states.count, groups: named["groups"]?.count ?? 0, secret: named["secret"] ?? [],
            unknown: named["unknown"] ?? [])
    }

    /// Why a model is closed until an operator decides about its code.
    func closed(_ model: String) async throws -> String? {
        guard sql.readable.isSuperset(of: ["ir_model", "ir_model_data"]) else { return nil }
        let states = try await rows(Query(try sql.codeStates(), [.textArray([model])]))
        return try states.first.map { row in
            let who = try row["of_share"].bool() ? "for portal and public users: " : ""
            return who + (try row["reason"].string())
        }
    }

    private var source: CatalogSource {
        get throws {
            let text = try sql.catalog()
            return CatalogSource(
                release: Query("SELECT $1::int AS release", [sql.release.map { .int($0) } ?? .null]),
                fields: { Query(text, [.textArray([$0])]) })
        }
    }

    private static let publicEmployee = "hr.employee.public"

    /// The model itself and those to which it delegates, at any distance; each filters its records.
    private func holders(of model: String) async throws -> [String] {
        var found = model == "hr.employee" ? [model, Self.publicEmployee] : [model]
        var next = found
        for _ in 0..<16 where !next.isEmpty {
            let parents = try await delegations(of: next).filter(\.isStored).map(\.parent)
            next = Array(Set(parents).subtracting(found)).sorted()
            found += next
        }
        return found
    }

    private func readRules(of holders: [String]) async throws -> [Rule] {
        try await rows(Query(EstimateSQL.rules, [.textArray(holders)])).map { row in
            Rule(
                id: try row["id"].int(), name: try row["name"].string(), holder: try row["model"].string(),
                domain: try row["domain"].string())
        }
    }

    private func delegations(of models: [String]) async throws
        -> [(parent: String, field: String, column: String, isStored: Bool)]
    {
        try await rows(Query(try sql.delegations(), [.textArray(models)])).map { row in
            (
                parent: try row["parent"].string(), field: try row["field"].string(),
                column: try row["column_name"].string(), isStored: try row["is_stored"].bool()
            )
        }
    }
}
