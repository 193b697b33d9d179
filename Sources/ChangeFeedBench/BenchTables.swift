import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Postgres

/// The copies of an Odoo table that `sql/bench/setup.sql` creates.
struct BenchTables {
    let connection: Connection
    let rows: Int

    /// Creates the requested tables (bare, captured, silent, notifying), runs the body on the driver's
    /// thread and drops them, also after an error.
    static func with<T: Sendable>(
        _ configuration: ConnectionConfiguration, _ options: BenchTableOptions,
        copies: [String] = ["bare", "captured"],
        _ body: (BenchTables) async throws -> T
    ) async throws -> T {
        try await withTaskExecutorPreference(EventLoop.shared) {
            try await onLoop(configuration, options, copies, body)
        }
    }

    private static func onLoop<T: Sendable>(
        _ configuration: ConnectionConfiguration, _ options: BenchTableOptions, _ copies: [String],
        _ body: (BenchTables) async throws -> T
    ) async throws -> T {
        let connection = try await Connection.connect(configuration)
        do {
            try await connection.execute(script: EmbeddedSQL.text(of: "bench/setup.sql"))
            _ = try await connection.query(
                "CALL changefeed_bench.make($1::regclass, $2::int, $3::text[])",
                [.text(options.table), .int(options.rows), .textArray(copies)])
            for copy in copies {
                _ = try await connection.query("VACUUM ANALYZE changefeed_bench.\(copy)")
            }
            let value = try await body(BenchTables(connection: connection, rows: options.rows))
            try await connection.execute(script: EmbeddedSQL.text(of: "bench/teardown.sql"))
            await connection.close()
            return value
        } catch {
            try? await connection.execute(script: EmbeddedSQL.text(of: "bench/teardown.sql"))
            await connection.close()
            throw error
        }
    }

    /// The server's quoted form of a boolean column's name.
    /// - Throws: `ValidationError` if the copies have no such column.
    func booleanColumn(_ name: String) async throws -> String {
        let rows = try await connection.query(
            """
            SELECT quote_ident(a.attname) AS name FROM pg_attribute a
            WHERE a.attrelid = 'changefeed_bench.bare'::regclass AND a.attname = $1::name AND a.attnum > 0 AND NOT a.attisdropped
              AND a.atttypid = 'bool'::regtype AND a.attgenerated = ''
            """, [.text(name)])
        guard let row = rows.first else { throw ValidationError("The table has no boolean column \(name).") }
        return try row["name"].string()
    }

    /// An UPDATE of `count` rows from `first` on, as Odoo's `write` does it.
    /// - Parameter toggled: a boolean column (`booleanColumn`) that it also changes.
    func update(_ copy: String, from first: Int, count: Int, toggling toggled: String? = nil) async throws -> Duration {
        let more = toggled.map { ", \($0) = \($0) IS NOT TRUE" } ?? ""
        let query = Query(
            """
            UPDATE changefeed_bench.\(copy) SET write_date = now() AT TIME ZONE 'UTC', write_uid = 1, color = $1\(more)
            WHERE id BETWEEN $2 AND $3
            """, [.int(first % 7), .int(first), .int(first + count - 1)], name: "bench_\(copy)")
        let start = ContinuousClock.now
        _ = try await connection.query(query)
        return .now - start
    }
}

struct BenchTableOptions: ParsableArguments {
    @Option(help: "The Odoo table to copy; it needs columns write_date, write_uid and color.")
    var table = "public.res_partner"

    @Option(help: "Rows in each copy.")
    var rows = 20_000

    func validate() throws {
        guard (2_000...10_000_000).contains(rows) else { throw ValidationError("--rows takes 2000 to 10000000.") }
    }
}
