public import Postgres

/// A database for one test, a clone of a template.
public final class TestDatabase: Sendable {
    private let cluster: String
    public let name: String
    let server: ServerPrograms

    init(cluster: String, name: String, server: ServerPrograms) {
        self.cluster = cluster
        self.name = name
        self.server = server
    }

    /// A connection string over the cluster's socket; `user` defaults to the superuser.
    public func conninfo(user: String? = nil) -> String {
        "host=\(cluster) user=\(user ?? "postgres") dbname=\(name)"
    }

    /// - Throws: `PostgresError.invalidConfiguration`, which would be a fault of the harness.
    public func configuration(user: String? = nil) throws -> ConnectionConfiguration {
        try ConnectionConfiguration(conninfo(user: user))
    }

    /// A separate connection.
    public func connect(user: String? = nil) async throws -> Connection {
        try await Connection.connect(configuration(user: user))
    }

    /// Runs SQL with psql and returns its unaligned output.
    @discardableResult
    public func psql(_ sql: String, user: String? = nil, in database: String? = nil) async throws -> String {
        let output = try await Command.run(
            "/usr/bin/env",
            [
                "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", conninfo(user: user, in: database), "-f",
                "-",
            ],
            input: sql)
        return output.hasSuffix("\n") ? String(output.dropLast()) : output
    }

    /// Runs a script file with psql, after the statement `first` in the same session, if there is one.
    @discardableResult
    public func run(script: String, user: String? = nil, first: String? = nil, variables: [String: String] = [:])
        async throws -> String
    {
        let settings = ["ON_ERROR_STOP": "1"].merging(variables) { _, given in given }
        return try await Command.run(
            "/usr/bin/env",
            ["psql", "-X", "-q", "-d", conninfo(user: user)] + settings.flatMap { ["-v", "\($0)=\($1)"] }
                + (first.map { ["-c", $0] } ?? []) + ["-f", script])
    }

    /// psql's output while it runs a script file, with the server's notices and warnings.
    public func messages(of script: String) async throws -> String {
        try await Command.run(
            "/bin/sh", ["-c", "exec psql -X -q -v ON_ERROR_STOP=1 -d '\(conninfo())' -f '\(script)' 2>&1"])
    }

    /// `pg_dump` with arguments, without the lines that differ from run to run.
    public func dump(_ arguments: String...) async throws -> String {
        let text = try await Command.run(server.path("pg_dump"), arguments + ["-d", conninfo()])
        return text.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("\\restrict") && !$0.hasPrefix("\\unrestrict") }
            .joined(separator: "\n")
    }

    /// Schema changefeed in the form of `sql/schema.sql`, which `scripts/schema.sh` writes.
    public func schemaText() async throws -> String {
        try await Fixture.run(script: "schema.sh", ["--filter"], input: dump("-s", "-n", "changefeed"))
    }

    private func conninfo(user: String?, in database: String?) -> String {
        "host=\(cluster) user=\(user ?? "postgres") dbname=\(database ?? name)"
    }
}

extension TestDatabase {
    /// Runs a specification with PostgreSQL's isolationtester (src/test/isolation/README) and returns its output.
    public func isolationTest(_ specification: String, by program: String) async throws -> String {
        try await Command.run(program, [conninfo()], input: specification)
    }
}
