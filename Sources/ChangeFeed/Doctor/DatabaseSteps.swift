internal import FoundationEssentials
internal import Postgres

/// The steps that query the database about itself, on one connection.
struct DatabaseSteps: Sendable {
    let connection: Connection

    func primary() async throws -> DoctorFinding {
        try await DatabaseFacts.isStandby(on: connection)
            ? .failed(
                "the server is a standby: a cursor taken there would lose changes",
                fix: "Point DATABASE_URL at the primary (target_session_attrs=read-write).")
            : .ok("the server accepts writes")
    }

    func schema() async throws -> DoctorFinding {
        switch try await InstalledSchema.read(on: connection) {
        case .missing:
            return .failed(
                "schema changefeed is not in this database",
                fix: "changefeed install, or psql -v ON_ERROR_STOP=1 -f sql/install.sql")
        case .withheld: return .ok("is installed; its version is not for this role")
        case .version(let found) where found == FeedIdentity.schemaVersion: return .ok("version \(found)")
        case .version(let found):
            return .failed(
                "the schema has version \(found), this binary needs \(FeedIdentity.schemaVersion)",
                fix: found < FeedIdentity.schemaVersion
                    ? "Run `changefeed install` of this binary." : "Use the binary that installed it, or a newer one.")
        }
    }

    /// Everything that the service reads and calls, however the right was granted.
    func privileges() async throws -> DoctorFinding {
        let rights = try await ServiceRights.read(on: connection)
        guard rights.isMember, rights.isAllowed else {
            return .failed(
                "\(rights.role) lacks rights that the service needs",
                fix: "GRANT changefeed_service TO \"\(rights.role.replacing("\"", with: "\"\""))\";")
        }
        return .ok("\(rights.role) is a member of changefeed_service")
    }

    /// The difference between the clocks, as precise as a round trip allows.
    func clock() async throws -> DoctorFinding {
        let before = Date().timeIntervalSince1970
        let there = try await DatabaseFacts.time(on: connection)
        let after = Date().timeIntervalSince1970
        let milliseconds = Int(((there - (before + after) / 2) * 1_000).rounded())
        let detail = "the database's clock differs by \(milliseconds) ms"
        return abs(milliseconds) > 1_000
            ? .warning(detail, fix: "Synchronise the clocks of both hosts (NTP).") : .ok(detail)
    }

    func odooVersion() async throws -> DoctorFinding {
        guard let here = try await Surroundings.read(on: connection) else {
            return .warning("no Odoo in this database", fix: "Check that DATABASE_URL names Odoo's database.")
        }
        let detail = "\(here.line) Module base has version \(here.odooVersion)."
        return here.wasRun ? .ok(detail) : .warning(detail, fix: "Use releases that docs/versions.md names.")
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
        let problems = try await Verification.findings(on: connection).filter(\.isProblem)
        guard let first = problems.first else { return .ok("verify() finds nothing") }
        let more = problems.count > 1 ? " (and \(problems.count - 1) more: changefeed verify)" : ""
        return .failed(
            "\(first.code) \(first.object): \(first.detail)\(more)", fix: first.remediation ?? "changefeed verify")
    }
}
