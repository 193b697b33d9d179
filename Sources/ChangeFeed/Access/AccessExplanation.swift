internal import FoundationEssentials
internal import OdooAccess
package import Postgres

/// Why a user sees a record or does not, determined by the functions that serve requests.
package struct AccessExplanation: Sendable, Encodable {
    package struct User: Sendable, Codable {
        package let id: Int64
        package let login: String
        package let isActive: Bool
        /// A portal or public user.
        package let isShare: Bool
        package let company: Int64?
        package let companies: [Int64]
        /// XML ids, including implied groups.
        package let groups: [String]
    }

    /// A line of `ir_model_access` that grants reading.
    package struct AccessLine: Sendable, Codable {
        package let name: String
        package let model: String
        /// Nil: it applies to all users.
        package let group: String?
        package let applies: Bool
    }

    package enum Verdict: String, Sendable, Encodable {
        case passes
        case blocks
        /// The condition failed at run time.
        case failed
        /// There is no condition: the effective text could not be compiled.
        case closed
        /// There is no record to evaluate.
        case noRecord = "no_record"
        /// Whether there is a record is not known: the ids of the model's table may not be read.
        case unknown
    }

    /// A record rule that applies to the user.
    package struct Rule: Sendable, Encodable {
        package let id: Int64
        package let name: String
        /// The model that holds it.
        package let model: String
        package let isGlobal: Bool
        package let groups: [String]
        /// Odoo's text.
        package let domain: String
        /// allow, deny or override; nil: no effective decision.
        package let decision: String?
        /// The effective text.
        package let countedDomain: String
        package let verdict: Verdict
        /// Why it is closed, or how it failed.
        package let reason: String?
        /// The condition on a row t of the model's table: $1 user, $2 company, $3 companies, $4 numbers, $5 texts.
        package let sql: String?
        package let numbers: [Int64]
        package let texts: [String]
    }

    /// Facts about a model's Python code, and the operator's decision.
    package struct Code: Sendable, Codable {
        /// code, unknown, or nil if there is only a decision.
        package let kind: String?
        package let reason: String?
        /// allow or deny; nil: no effective decision.
        package let decision: String?
        /// The model is closed to this user.
        package let isClosed: Bool
    }

    package struct WithheldField: Sendable, Codable {
        package let field: String
        package let reason: String
    }

    package let user: User
    package let model: String
    package let recordID: Int64
    /// Current and enabled companies.
    package let company: Int64?
    package let companies: [Int64]
    /// The model by whose rights it is read: its own, or hr.employee.public for hr.employee; nil: it may not be read.
    package let readAs: String?
    package let accessLines: [AccessLine]
    package let rules: [Rule]
    /// Access that Odoo's Python code decides about the model; nil: none.
    package let code: Code?
    /// Stored fields that are withheld from the user.
    package let withheldFields: [WithheldField]
    /// Nil: unknown.
    package let exists: Bool?
    package let isVisible: Bool
    /// The reason as a sentence; nil: it is visible.
    package let obstacle: String?
}

extension AccessExplanation {
    /// The answer of `changefeed.explain_access()`.
    package struct Facts: Sendable, Decodable {
        package struct Rule: Sendable, Decodable {
            package let id: Int64
            package let name: String
            package let model: String
            package let isGlobal: Bool
            package let groups: [String]
            package let domain: String
            package let digest: String
            package let decision: String?
            package let countedDomain: String
        }

        package let user: User
        package let company: Int64?
        package let companies: [Int64]
        package let asModel: String?
        package let accessLines: [AccessLine]
        package let rules: [Rule]
        package let code: Code?
        package let withheldFields: [WithheldField]
    }

    /// What a rule alone says about a record.
    /// - Parameters:
    ///   - isThere: whether there is such a record; nil: unknown.
    ///   - letsPass: whether the condition matches it.
    ///   - failure: how the condition failed; nil: it did not.
    /// - Returns: the verdict, and why it is closed or how it failed.
    package static func verdict(
        of condition: RuleCompilation.Single, isThere: Bool?, letsPass: Bool?, failure: String?
    ) -> (verdict: Verdict, reason: String?) {
        guard condition.sql != nil else { return (.closed, condition.reason) }
        if let failure { return (.failed, failure) }
        return switch isThere {
        case false: (.noRecord, nil)
        case nil: (.unknown, nil)
        default: (letsPass == true ? .passes : .blocks, nil)
        }
    }

    /// - Parameter companies: those that a request enables; nil: all of the user's.
    /// - Returns: nil when Odoo has no user with this login.
    /// - Throws: `PostgresError`; `ChangeFeedError`.
    package static func explain(
        login: String, model: String, recordID: Int64, companies: [Int64]?,
        query: @escaping (Query) async throws -> Rows
    ) async throws -> AccessExplanation? {
        let enabled: Parameter = companies.map { .intArray($0) } ?? .null
        let rows = try await query(
            Query(
                "SELECT changefeed.explain_access($1::text, $2::text, $3::int[])::text AS facts",
                [.text(login), .text(model), enabled]))
        guard let text = rows.first?["facts"].text else { return nil }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let facts = try decoder.decode(Facts.self, from: Data(text.utf8))

        var compilation = RuleCompilation(query: query)
        let outcome = try await look(facts.user.id, model, recordID, enabled, &compilation, query)
        var rules: [Rule] = []
        for rule in facts.rules {
            rules.append(
                try await verdict(rule, facts, model, recordID, isThere: outcome.isThere, &compilation, query))
        }
        let isVisible = outcome.isVisible && facts.user.isActive && facts.user.id != superuser
        return AccessExplanation(
            user: facts.user, model: model, recordID: recordID, company: facts.company, companies: facts.companies,
            readAs: facts.asModel, accessLines: facts.accessLines, rules: rules, code: facts.code,
            withheldFields: facts.withheldFields,
            exists: outcome.isThere, isVisible: isVisible,
            obstacle: isVisible ? nil : obstacle(facts, model, rules, outcome))
    }

    /// Odoo's OdooBot; no request is served as it.
    private static let superuser = 1

    private struct Outcome {
        let problem: String?
        let isClosed: Bool
        let isThere: Bool?
        let isVisible: Bool
        let failure: String?
        var findings: [String] = []
    }

    /// What a request would see; compiles missing rules, as a request does.
    private static func look(
        _ user: Int64, _ model: String, _ recordID: Int64, _ enabled: Parameter, _ compilation: inout RuleCompilation,
        _ query: (Query) async throws -> Rows
    ) async throws -> Outcome {
        var findings: [String] = []
        for _ in 0..<3 {
            let rows = try await query(
                Query(
                    "SELECT * FROM changefeed.explain_record($1::int, $2::text, $3::bigint, $4::int[])",
                    [.int(user), .text(model), .int(recordID), enabled]))
            guard let row = rows.first else { break }
            if row["problem"].text != "rules_not_compiled" {
                return Outcome(
                    problem: row["problem"].text, isClosed: row["is_closed"].text == "t",
                    isThere: row["is_there"].isNull ? nil : try row["is_there"].bool(),
                    isVisible: try row["is_visible"].bool(),
                    failure: row["failure"].text, findings: findings)
            }
            let missing = try await query(
                Query(
                    "SELECT * FROM changefeed.access_rules($1::int, $2::int[], ARRAY[$3::text])",
                    [.int(user), enabled, .text(model)]))
            findings = try await compilation.compile(missing).flatMap(\.findings)
        }
        throw ChangeFeedError(
            .unexpectedAnswer, "The record rules of the model changed while they were read.", hint: "Try again.")
    }

    private static func verdict(
        _ rule: Facts.Rule, _ facts: Facts, _ model: String, _ recordID: Int64, isThere: Bool?,
        _ compilation: inout RuleCompilation, _ query: (Query) async throws -> Rows
    ) async throws -> Rule {
        let single = try await compilation.compile(
            rule: rule.id, name: rule.name, domain: rule.countedDomain, digest: rule.digest, holder: rule.model,
            for: model)
        var row: Row?
        if let sql = single.sql {
            row = try await query(
                Query(
                    """
                    SELECT * FROM changefeed.explain_rule(
                        $1::int, $2::int, $3::int[], $4::text, $5::bigint, $6::text, $7::bigint[], $8::text[])
                    """,
                    [
                        .int(facts.user.id), facts.company.map { .int($0) } ?? .null, .intArray(facts.companies),
                        .text(model),
                        .int(recordID), .text(sql), .intArray(single.numbers), .textArray(single.texts),
                    ])
            ).first
        }
        let said = verdict(
            of: single, isThere: isThere, letsPass: row?["lets_pass"].text.map { $0 == "t" },
            failure: row?["failure"].text)
        return Rule(
            id: rule.id, name: rule.name, model: rule.model, isGlobal: rule.isGlobal, groups: rule.groups,
            domain: rule.domain,
            decision: rule.decision, countedDomain: rule.countedDomain, verdict: said.verdict, reason: said.reason,
            sql: single.sql,
            numbers: single.numbers, texts: single.texts)
    }

    private static func obstacle(_ facts: Facts, _ model: String, _ rules: [Rule], _ outcome: Outcome) -> String {
        if facts.user.id == superuser { return "no request is served as the superuser" }
        if !facts.user.isActive { return "the user is deactivated" }
        if let problem = outcome.problem { return "requests with these companies are refused: \(problem)" }
        if facts.asModel == nil { return "no line of ir_model_access lets the user read the model" }
        if outcome.isThere == false { return "there is no such record" }
        if outcome.isClosed, let code = facts.code, code.isClosed {
            return code.decision == "deny"
                ? "a decision closes the model (changefeed rule list)"
                : "the model is closed until an operator decides (changefeed rule allow \(model)): \(code.reason ?? "its code is not known")"
        }
        if outcome.isClosed {
            let closed = rules.filter { $0.verdict == .closed }.map { "\($0.id)" }
            if !closed.isEmpty {
                return
                    "the model is closed to this user, because these rules cannot be compiled: \(closed.joined(separator: ", "))"
            }
            let why =
                outcome.findings.isEmpty
                ? "changefeed verify gives the reason (CF123, CF124)" : outcome.findings.joined(separator: "; ")
            return "the model is closed to this user: \(why)"
        }
        if let failure = outcome.failure { return "requests fail: \(failure)" }
        if outcome.isThere == nil {
            return "whether there is such a record is not known: changefeed_reader may not read the ids of its table"
        }
        let globals = rules.filter { $0.isGlobal && $0.verdict != .passes }.map { "\($0.id)" }
        if !globals.isEmpty {
            return "every global rule has to match, and these do not: \(globals.joined(separator: ", "))"
        }
        for (holder, ofGroups) in Dictionary(grouping: rules.filter { !$0.isGlobal }, by: \.model).sorted(by: {
            $0.key < $1.key
        })
        where !ofGroups.contains(where: { $0.verdict == .passes }) {
            let ids = ofGroups.map { "\($0.id)" }.joined(separator: ", ")
            return "one rule of the user's groups on \(holder) has to match, and none does: \(ids)"
        }
        return "the record rules do not match it"
    }
}
