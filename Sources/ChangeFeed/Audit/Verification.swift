package import Postgres

/// The findings of `changefeed.verify()`, and those of a trial pull.
package enum Verification {
    package struct Finding: Sendable {
        package let code: String
        /// error, warning or info.
        package let level: String
        package let object: String
        package let detail: String
        package let remediation: String?

        package var isProblem: Bool { level != "info" }
    }

    /// Ordered by code and object.
    /// - Parameter trial: makes the pull; nil: none.
    /// - Throws: `PostgresError`.
    package static nonisolated(nonsending) func findings(with trial: TrialPull? = nil, on connection: Connection)
        async throws -> [Finding]
    {
        let rows = try await connection.query(
            "SELECT code, level, object, detail, remediation FROM \(source(trial)) AS finding ORDER BY code, object",
            parameters(trial))
        return rows.map { row in
            Finding(
                code: row["code"].text ?? "", level: row["level"].text ?? "", object: row["object"].text ?? "",
                detail: row["detail"].text ?? "", remediation: row["remediation"].text)
        }
    }

    /// The same as a JSON array.
    /// - Throws: `PostgresError`; `ChangeFeedError.unexpectedAnswer`.
    package static nonisolated(nonsending) func json(with trial: TrialPull? = nil, on connection: Connection)
        async throws -> (text: String, hasProblems: Bool)
    {
        let rows = try await connection.query(
            """
            SELECT coalesce(json_agg(finding), '[]')::text AS findings,
                   coalesce(bool_or(finding.level <> 'info'), false) AS problems
            FROM \(source(trial)) AS finding
            """, parameters(trial))
        guard let row = rows.first else { throw ChangeFeedError(.unexpectedAnswer, "No answer from verify().") }
        return (try row["findings"].string(), try row["problems"].bool())
    }

    private static func source(_ trial: TrialPull?) -> String {
        trial?.findings.map { "(SELECT * FROM changefeed.verify() UNION ALL SELECT * FROM \($0) pull)" }
            ?? "changefeed.verify()"
    }

    private static func parameters(_ trial: TrialPull?) -> [Parameter] {
        guard let trial, trial.findings != nil else { return [] }
        return [trial.parameter]
    }
}
