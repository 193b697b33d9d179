import ChangeFeed
import ChangeFeedTesting
import Postgres

/// A database with record rules, asked as the service asks.
struct RuleDatabase {
    let database: TestDatabase
    let service: Connection
    let superuser: Connection

    init(_ database: TestDatabase) async throws {
        self.database = database
        service = try await database.connect(user: "changefeed_login")
        superuser = try await database.connect()
    }

    /// Compiles what is missing for a user, as the service does when a request finds it missing.
    @discardableResult
    func compile(for user: Int, companies: [Int64]? = nil) async throws -> [RuleCompilation.Outcome] {
        let service = service
        var compilation = RuleCompilation { try await service.query($0) }
        return try await compilation.compile(
            try await service.query(
                Query(
                    "SELECT * FROM changefeed.access_rules($1::int, $2::int[])",
                    [.int(user), companies.map { .intArray($0) } ?? .null])))
    }

    /// The ids that a user sees of a model; nil: the model is not readable, or closed.
    func visible(_ model: String, to user: Int, companies: [Int64]? = nil) async throws -> [Int64]? {
        try await compile(for: user, companies: companies)
        let row = try await superuser.query(
            Query(
                """
                SELECT a.problem, cardinality(a.scopes) > 0 AS is_open,
                       (SELECT changefeed.rules_record_ids(s, 0, 9223372036854775807, 1000000) FROM unnest(a.scopes) s) AS ids
                FROM changefeed.access_scopes($1::int, ARRAY[$2::text], $3::int[]) a
                """, [.int(user), .text(model), companies.map { .intArray($0) } ?? .null])
        ).first
        guard let row, row["problem"].isNull, try row["is_open"].bool() else { return nil }
        return try row["ids"].intArray()
    }
}
