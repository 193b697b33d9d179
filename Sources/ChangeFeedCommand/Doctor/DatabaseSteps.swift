import ChangeFeed
import ChangeFeedSettings
import Foundation
import Postgres

/// The steps that query the database about itself, on one connection.
struct DatabaseSteps: Sendable {
    let connection: Connection

    func primary() async throws -> DoctorFinding {
        try await bool("SELECT pg_is_in_recovery()")
            ? .failed(
                "the server is a standby: a cursor taken there would lose changes",
                fix: "Point DATABASE_URL at the primary (target_session_attrs=read-write).")
            : .ok("the server accepts writes")
    }

    func schema() async throws -> DoctorFinding {
        guard
            try await bool(
                "SELECT EXISTS (SELECT FROM pg_proc WHERE pronamespace = to_regnamespace('changefeed') AND proname = 'schema_version')"
            )
        else {
            return .failed(
                "schema changefeed is not in this database",
                fix: "changefeed install, or psql -v ON_ERROR_STOP=1 -f sql/install.sql")
        }
        guard
            try await bool(
                """
                SELECT CASE WHEN has_schema_privilege('changefeed', 'USAGE')
                            THEN has_function_privilege('changefeed.schema_version()', 'EXECUTE') ELSE false END
                """)
        else {
            return try await privileges()
        }
        let found = try await connection.query("SELECT changefeed.schema_version()").first?[0].optionalInt() ?? 0
        guard found == FeedIdentity.schemaVersion else {
            return .failed(
                "the schema has version \(found), this binary needs \(FeedIdentity.schemaVersion)",
                fix: found < FeedIdentity.schemaVersion
                    ? "Run `changefeed install` of this binary." : "Use the binary that installed it, or a newer one.")
        }
        return .ok("version \(found)")
    }

    /// Everything that the service reads and calls, however the right was granted.
    func privileges() async throws -> DoctorFinding {
        let rows = try await connection.query(
            """
            SELECT current_user AS user, pg_has_role('changefeed_service', 'MEMBER') AS member,
                   CASE WHEN has_schema_privilege('changefeed', 'USAGE') THEN
                       has_table_privilege('changefeed.event', 'SELECT')
                       AND has_table_privilege('changefeed.tracked', 'SELECT')
                       AND has_function_privilege('changefeed.tail(text, text, bigint, int)', 'EXECUTE')
                       AND has_function_privilege('changefeed.check_identity()', 'EXECUTE')
                       AND has_function_privilege('changefeed.odoo_api_key_candidates(text)', 'EXECUTE')
                   ELSE false END AS allowed
            """)
        guard let row = rows.first else { throw ChangeFeedError(.unexpectedAnswer, "No answer about privileges.") }
        let user = try row["user"].string()
        guard try row["member"].bool(), try row["allowed"].bool() else {
            return .failed(
                "\(user) lacks rights that the service needs",
                fix: "GRANT changefeed_service TO \"\(user.replacingOccurrences(of: "\"", with: "\"\""))\";")
        }
        return .ok("\(user) is a member of changefeed_service")
    }

    /// The difference between the clocks, as precise as a round trip allows.
    func clock() async throws -> DoctorFinding {
        let before = Date().timeIntervalSince1970
        let rows = try await connection.query("SELECT extract(epoch FROM clock_timestamp())::float8 AS now")
        let after = Date().timeIntervalSince1970
        guard let there = try rows.first?["now"].double() else { throw ChangeFeedError(.unexpectedAnswer, "No time.") }
        let milliseconds = Int(((there - (before + after) / 2) * 1_000).rounded())
        let detail = "the database's clock differs by \(milliseconds) ms"
        return abs(milliseconds) > 1_000
            ? .warning(detail, fix: "Synchronise the clocks of both hosts (NTP).") : .ok(detail)
    }

    func odooVersion() async throws -> DoctorFinding {
        let rows = try await connection.query(
            "SELECT s.line, s.odoo_was_run AND s.server_was_run AS was_run, changefeed.odoo_version() AS version FROM changefeed.surroundings() s"
        )
        guard let row = rows.first, let version = row["version"].text else {
            return .warning("no Odoo in this database", fix: "Check that DATABASE_URL names Odoo's database.")
        }
        let detail = "\(try row["line"].string()) Module base has version \(version)."
        return try row["was_run"].bool()
            ? .ok(detail) : .warning(detail, fix: "Use releases that docs/versions.md names.")
    }

    func pull() async throws -> DoctorFinding {
        let trial = try await TrialPull.prepare(on: connection)
        guard trial.findings != nil else { return .skipped("this role may not run it") }
        guard let failure = try await trial.failure(on: connection) else {
            return .ok("a pull with data succeeded and was rolled back")
        }
        return .failed("\(failure.code) \(failure.object): \(failure.detail)", fix: failure.remediation)
    }

    func triggers() async throws -> DoctorFinding {
        let rows = try await connection.query(
            "SELECT code, object, detail, remediation FROM changefeed.verify() WHERE level <> 'info' ORDER BY code, object"
        )
        guard let row = rows.first else { return .ok("verify() finds nothing") }
        let more = rows.count > 1 ? " (and \(rows.count - 1) more: changefeed verify)" : ""
        return .failed(
            "\(row["code"].text ?? "") \(row["object"].text ?? ""): \(row["detail"].text ?? "")\(more)",
            fix: row["remediation"].text ?? "changefeed verify")
    }

    private func bool(_ sql: String) async throws -> Bool {
        guard let answer = try await connection.query(sql).first else {
            throw ChangeFeedError(.unexpectedAnswer, "A query about the server returned no row.")
        }
        return try answer[0].bool()
    }
}
