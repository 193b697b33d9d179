internal import OdooAccess
package import Postgres

/// Whether devices would get data: a pull on behalf of an internal user, with the record rules as the service compiles
/// them, in a transaction that is rolled back (`changefeed.verify_pull()`).
package struct TrialPull {
    /// A row in the form of `changefeed.verify()`.
    package struct Finding: Sendable {
        package let code: String
        package let object: String
        package let detail: String
        package let remediation: String
    }

    /// Nil if the installation is older than this program, or the role may not run it.
    package let findings: String?
    /// Why the rules could not be compiled, unless because of a missing right.
    package let problem: String?

    /// The source for a query of findings: a table expression with the columns of `changefeed.verify()`.
    private static let source = """
        (SELECT * FROM changefeed.verify_pull()
         UNION ALL
         SELECT 'CF134', 'error', 'pull', $1::text, 'psql -f sql/install.sql' WHERE $1::text IS NOT NULL)
        """

    /// Compiles the rules that the trial needs.
    /// - Throws: `PostgresError` when the connection breaks or a time limit ends it.
    package static nonisolated(nonsending) func prepare(on connection: Connection) async throws -> TrialPull {
        let may = try await connection.query(
            """
            SELECT CASE WHEN to_regprocedure('changefeed.verify_pull()') IS NULL THEN false
                        ELSE has_function_privilege('changefeed.verify_pull()', 'EXECUTE') END AS may
            """)
        guard try may.first?["may"].bool() ?? false else { return TrialPull(findings: nil, problem: nil) }
        do {
            let missing = try await connection.query(
                """
                SELECT r.* FROM changefeed.odoo_trial_user() u (id) CROSS JOIN LATERAL changefeed.access_rules(u.id) r
                WHERE u.id IS NOT NULL ORDER BY r.model, r.key, r.holder, r.rule_id
                """)
            var compilation = RuleCompilation { try await connection.query($0) }
            _ = try await compilation.compile(missing)
            return TrialPull(findings: source, problem: nil)
        } catch let error as PostgresError where error.sqlState == "42501" {
            // Then the trial runs without rules.
            return TrialPull(findings: source, problem: nil)
        } catch let error as PostgresError where error.code == .server {
            return TrialPull(
                findings: source,
                problem:
                    "record rules cannot be compiled, so users to whom one applies get nothing: \(error.message) (SQLSTATE \(error.sqlState ?? "none"))"
            )
        }
    }

    /// For `$1` of a query that reads from `findings`.
    package var parameter: Parameter { .optional(problem) }

    /// Runs the trial. Nil if the pull succeeded, or if none may be run.
    package nonisolated(nonsending) func failure(on connection: Connection) async throws -> Finding? {
        guard let findings else { return nil }
        let rows = try await connection.query(
            "SELECT f.code, f.object, f.detail, f.remediation FROM \(findings) f WHERE f.level <> 'info' LIMIT 1",
            [parameter])
        guard let row = rows.first else { return nil }
        return Finding(
            code: row["code"].text ?? "", object: row["object"].text ?? "", detail: row["detail"].text ?? "",
            remediation: row["remediation"].text ?? "")
    }
}
