internal import ChangeFeed
internal import FoundationEssentials
internal import NIOCore

/// What each of the record rules that apply to a user says about a record, alone. The service compiles the conditions,
/// the database runs them (`changefeed.console_verdicts`).
struct RuleVerdicts: Sendable {
    /// The answer of `changefeed.console_explain`.
    private struct Explained: Decodable {
        struct Record: Decodable { let isThere: Bool? }

        let facts: AccessExplanation.Facts?
        let record: Record?
    }

    private struct Answer: Decodable {
        let letsPass: Bool?
        let failure: String?
    }

    struct Verdict: Encodable, Sendable {
        let id: Int64
        /// The model that holds the rule.
        let model: String
        let verdict: AccessExplanation.Verdict
        let reason: String?
    }

    private let facts: AccessExplanation.Facts
    private let isThere: Bool?
    private let conditions: [RuleCompilation.Single]
    /// For `changefeed.console_verdicts`.
    let question: JSONValue

    /// - Returns: nil where the explanation is about no record or no user.
    init?(
        _ explanation: ByteBuffer?, model: String, recordID: Int64, rules: RecordRules
    ) async throws {
        let explained = try explanation.map { try Self.decode(Explained.self, $0) }
        guard let facts = explained?.facts, let record = explained?.record else { return nil }
        self.facts = facts
        isThere = record.isThere
        conditions = try await rules.conditions(of: facts.rules, for: model)
        question = .object([
            "user_id": .int(facts.user.id), "company": facts.company.map { .int($0) } ?? .null,
            "companies": .array(facts.companies.map { .int($0) }), "model": .string(model), "record": .int(recordID),
            "conditions": .array(
                conditions.compactMap { condition in
                    condition.sql.map { sql in
                        .object([
                            "sql": .string(sql), "numbers": .array(condition.numbers.map { .int($0) }),
                            "texts": .array(condition.texts.map { .string($0) }),
                        ])
                    }
                }),
        ])
    }

    /// - Parameter answer: of `changefeed.console_verdicts` to `question`.
    func list(_ answer: ByteBuffer?) throws -> [Verdict] {
        var answers = try answer.map { try Self.decode([Answer].self, $0) }?[...] ?? []
        return zip(facts.rules, conditions).map { rule, condition in
            let answer = condition.sql == nil ? nil : answers.popFirst()
            let said = AccessExplanation.verdict(
                of: condition, isThere: isThere, letsPass: answer?.letsPass, failure: answer?.failure)
            return Verdict(id: rule.id, model: rule.model, verdict: said.verdict, reason: said.reason)
        }
    }

    private static func decode<T: Decodable>(_ type: T.Type, _ buffer: ByteBuffer) throws -> T {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(buffer.readableBytesView))
    }
}
