import ChangeFeedTesting
import Foundation
import OdooAccess
import Postgres
import Testing

/// Random domains, compiled to SQL and run in PostgreSQL, beside an evaluator that knows nothing of the compiler.
@Suite("Domains against a second evaluator")
struct DifferentialTests {
    /// `CHANGEFEED_DOMAIN_SEEDS=FIRST-LAST` runs other and more seeds.
    static let seeds: [UInt64] = {
        let parts = (ProcessInfo.processInfo.environment["CHANGEFEED_DOMAIN_SEEDS"] ?? "1-3").split(separator: "-")
            .compactMap { UInt64($0) }
        guard let first = parts.first, let last = parts.last, first <= last else { return [1] }
        return Array(first...last)
    }()

    private struct Case {
        var model: String
        var text: String
        var asker: Asker
        var expected: Set<Int>
        var compiled: CompiledDomain
    }

    @Test("thousands of random domains find in PostgreSQL what they find in memory", arguments: seeds)
    func domains(seed: UInt64) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.empty)
        let data = TestData(seed: seed)
        try await database.psql(TestSchema.script + "\n" + data.script)
        let connection = try await database.connect()
        // Small tables: to compile a query would take longer than to run it.
        _ = try await connection.query("SET jit = off")
        let compiler = RuleCompiler(catalog: TestSchema.catalog)
        var random = SeededGenerator(seed: seed &* 7_919)
        var cases: [Case] = []
        var refused = 0
        let total = 900
        for _ in 0..<total {
            let asker = Self.asker(data, &random)
            var generator = DomainGenerator(random: random, data: data, asker: asker)
            let model = TestSchema.roots[Int.random(in: 0..<TestSchema.roots.count, using: &generator.random)]
            let domain = generator.domain(of: model)
            random = generator.random
            let text = domain.python
            do {
                let compiled = try compiler.compile(domain: text, model: model)
                #expect(generator.refusals.isEmpty, "seed \(seed): should be refused: \(model) \(text)")
                let expected = ReferenceEvaluator(data: data, asker: asker).passing(model, domain)
                cases.append(Case(model: model, text: text, asker: asker, expected: expected, compiled: compiled))
            } catch {
                refused += 1
                #expect(generator.refusals.contains(error.code), "seed \(seed): refused: \(model) \(text): \(error)")
            }
        }
        #expect(refused * 10 < total, "seed \(seed): \(refused) of \(total) domains were refused")
        for start in stride(from: 0, to: cases.count, by: 150) {
            let batch = Array(cases[start..<min(start + 150, cases.count)])
            for (found, item) in zip(try await Self.run(batch, connection), batch) {
                switch found {
                case .success(let ids) where ids == item.expected: continue
                case .success(let ids):
                    let more = ids.subtracting(item.expected).sorted()
                    let fewer = item.expected.subtracting(ids).sorted()
                    Issue.record(
                        """
                        seed \(seed): \(item.model) \(item.text)
                        as \(item.asker)
                        SQL lets \(more) pass and not \(fewer)
                        \(item.compiled.sql)
                        \(item.compiled.numbers) \(item.compiled.texts)
                        """)
                case .failure(let error):
                    Issue.record("seed \(seed): \(item.model) \(item.text)\n\(error)\n\(item.compiled.sql)")
                }
            }
        }
    }

    /// About a row that is gone the condition is the same where all that it hangs on is known, and lets more pass, never less, where it is not.
    @Test("the condition on rows that are gone lets pass what the other does", arguments: seeds)
    func former(seed: UInt64) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.empty)
        let data = TestData(seed: seed)
        try await database.psql(TestSchema.script + "\n" + data.script)
        let connection = try await database.connect()
        _ = try await connection.query("SET jit = off")
        let compiler = RuleCompiler(catalog: TestSchema.catalog)
        var random = SeededGenerator(seed: seed &* 104_729)
        var compared = 0
        var more = 0
        for _ in 0..<600 {
            let asker = Self.asker(data, &random)
            var generator = DomainGenerator(random: random, data: data, asker: asker)
            let model = TestSchema.roots[Int.random(in: 0..<TestSchema.roots.count, using: &generator.random)]
            let domain = generator.domain(of: model)
            random = generator.random
            let text = domain.python
            guard let compiled = try? compiler.compile(domain: text, model: model), let formerly = compiled.formerly
            else { continue }
            let expected = ReferenceEvaluator(data: data, asker: asker).passing(model, domain)
            #expect(SQLShape.fault(formerly) == nil)
            let others =
                ["nothing AS (SELECT $6::int, $7::int, $8::int, $9::int, $10::int)"]
                + compiled.formerTables.enumerated().map {
                    "former_\($0 + 1) AS NOT MATERIALIZED (SELECT * FROM \($1))"
                }
            func passing(isGone: Bool, unknown: Bool) async throws -> Set<Int> {
                let rows = try await connection.query(
                    """
                    WITH \(others.joined(separator: ", ")) SELECT t.id FROM public.\(model.replacing(".", with: "_")) t, \
                    (SELECT $1::int, $2::int, $3::int[], $4::bigint[], $5::text[], $11::boolean, $12::boolean[]) p WHERE \(formerly)
                    """,
                    [
                        .int(asker.user), .int(asker.company), .intArray(asker.companies.map(Int64.init)),
                        .intArray(compiled.numbers),
                        .textArray(compiled.texts), .null, .null, .null, .null, .null, .bool(isGone),
                        .text("{" + compiled.formerTables.map { _ in "\(unknown)" }.joined(separator: ",") + "}"),
                    ])
                return Set(rows.compactMap { $0[0].text.flatMap { Int($0) } })
            }
            compared += 1
            #expect(
                try await passing(isGone: true, unknown: false) == expected,
                "seed \(seed): \(model) \(text)\n\(formerly)")
            // A row that is still there is judged by what is known alone.
            #expect(
                try await passing(isGone: false, unknown: true) == expected,
                "seed \(seed): \(model) \(text)\n\(formerly)")
            let possible = try await passing(isGone: true, unknown: true)
            #expect(possible.isSuperset(of: expected), "seed \(seed): \(model) \(text)\n\(formerly)")
            if possible != expected { more += 1 }
        }
        #expect(compared > 100 && more > 30)
    }

    private static func asker(_ data: TestData, _ random: inout SeededGenerator) -> Asker {
        let users = data.rows["res.users"]?.keys.sorted() ?? [1]
        let companies = data.rows["res.company"]?.keys.sorted() ?? [1]
        let enabled = Array(companies.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random)))
        return Asker(user: users.randomElement(using: &random) ?? 1, company: enabled[0], companies: enabled)
    }

    private static func run(_ cases: [Case], _ connection: Connection) async throws -> [Result<Set<Int>, any Error>] {
        func query(_ item: Case) -> Query {
            Query(
                """
                SELECT coalesce(string_agg(t.id::text, ','), '') FROM public.\(item.model.replacing(".", with: "_")) t, \
                (SELECT $1::int, $2::int, $3::int[], $4::bigint[], $5::text[]) p WHERE \(item.compiled.sql)
                """,
                [
                    .int(item.asker.user), .int(item.asker.company), .intArray(item.asker.companies.map(Int64.init)),
                    .intArray(item.compiled.numbers), .textArray(item.compiled.texts),
                ])
        }
        func ids(_ rows: Rows) -> Set<Int> {
            Set((rows.first?[0].text ?? "").split(separator: ",").compactMap { Int($0) })
        }
        let answers = try await connection.pipeline(cases.map(query))
        if answers.allSatisfy({ if case .success = $0 { true } else { false } }) {
            return answers.map { answer in answer.map(ids).mapError { $0 as any Error } }
        }
        // An error ends the pipeline: once more, one by one.
        var found: [Result<Set<Int>, any Error>] = []
        for item in cases {
            do { found.append(.success(ids(try await connection.query(query(item))))) } catch {
                found.append(.failure(error))
            }
        }
        return found
    }
}
