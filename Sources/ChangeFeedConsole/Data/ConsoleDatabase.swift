internal import ChangeFeed
internal import NIOCore
internal import Postgres

/// The two statements of the console. Each checks the caller and the groups again (`sql/console/gate.sql`).
struct ConsoleDatabase: Sendable {
    /// What a user may do in the console.
    enum Standing: String, Sendable { case `operator`, reader }

    struct Page: Sendable {
        let standing: Standing
        /// `rules_not_compiled`, from explanations only.
        let problem: String?
        /// JSON; nil: there is no such thing.
        let json: ByteBuffer?
    }

    struct Outcome: Sendable {
        let userID: Int64
        let standing: Standing?
        /// `done`, `refused` or `failed`.
        let outcome: String
        let detail: String?
    }

    let pool: ConnectionPool
    let groups: Console.Groups

    /// - Returns: nil when the proof is not, or is no longer, valid.
    /// - Throws: `ConsoleRefusal.notMember`, `PostgresError`.
    func read(_ page: String, _ arguments: JSONValue, for caller: CallerProof) async throws -> Page? {
        let rows = try await pool.query(
            Query(
                """
                SELECT user_id, standing, problem, answer FROM changefeed.console_read(
                    $1::text, $2::int, $3::text, $4::text, $5::double precision, $6::text, $7::text, $8::text, $9::text,
                    $10::jsonb)
                """, parameters(caller) + [.text(page), .text(try JSONParameter.text(arguments))], name: "console_read")
        )
        guard let row = rows.first else { return nil }
        guard let standing = row["standing"].text.flatMap(Standing.init) else { throw ConsoleRefusal.notMember }
        let answer = row["answer"]
        return Page(
            standing: standing, problem: row["problem"].text,
            json: answer.isNull ? nil : answer.withBytes { ByteBuffer(bytes: $0) })
    }

    /// - Returns: nil when the proof is not, or is no longer, valid.
    /// - Throws: `PostgresError`.
    func act(_ action: String, _ arguments: JSONValue, client: String, for caller: CallerProof) async throws -> Outcome?
    {
        let rows = try await pool.query(
            Query(
                """
                SELECT user_id, standing, outcome, detail FROM changefeed.console_act(
                    $1::text, $2::int, $3::text, $4::text, $5::double precision, $6::text, $7::text, $8::text, $9::text,
                    $10::text, $11::jsonb)
                """,
                parameters(caller) + [.text(client), .text(action), .text(try JSONParameter.text(arguments))],
                name: "console_act"))
        guard let row = rows.first else { return nil }
        return Outcome(
            userID: try row["user_id"].int(), standing: row["standing"].text.flatMap(Standing.init),
            outcome: try row["outcome"].string(), detail: row["detail"].text)
    }

    /// `$1` to `$6` for the caller, `$7` and `$8` for the groups. Portal users are no operators, whatever else they
    /// may.
    private func parameters(_ caller: CallerProof) -> [Parameter] {
        caller.parameters(allowPortal: false).dropLast() + [.text(groups.operators), .optional(groups.readers)]
    }
}
