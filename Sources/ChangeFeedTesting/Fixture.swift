internal import Foundation

/// What a test's database starts with.
public enum Fixture: String, Sendable, Hashable {
    /// Nothing.
    case empty
    /// A small Odoo-shaped database, without the change feed.
    case odoo
    /// The same with `sql/install.sql` run by psql.
    case installed
    /// The real Odoo 18 database, where it lies beside the checkout.
    case real
    /// The same with `sql/install.sql` run by psql.
    case realInstalled = "real_installed"

    /// The folder `sql/` of this checkout.
    public static var sqlFolder: String { checkout + "/sql" }

    static var odooScript: String { checkout + "/Tests/Fixtures/odoo.sql" }

    /// Commits of which `Tests/Fixtures/states` holds a dump, oldest first.
    public static func earlierStates() -> [String] {
        let known = ["ffba1e8", "408e3e8", "9fd144c", "743f280"]
        let found = (try? FileManager.default.contentsOfDirectory(atPath: checkout + "/Tests/Fixtures/states")) ?? []
        let names = found.filter { $0.hasSuffix(".sql.gz") }.map { String($0.dropLast(7)) }.sorted()
        return known.filter(names.contains) + names.filter { !known.contains($0) }
    }

    /// The path of such a dump.
    public static func earlierState(_ name: String) -> String { checkout + "/Tests/Fixtures/states/\(name).sql.gz" }

    /// A file of the real Odoo 18 database that may lie beside the checkout; nil where it does not.
    public static func real(_ name: String) -> String? {
        let path = checkout + "/../shared/odoo18/" + name
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    /// The content of a gzip file.
    public static func unpack(_ path: String) async throws -> String {
        try await Command.run("/usr/bin/env", ["zcat", path])
    }

    /// A dump for a server without contrib modules: indexes for similar texts change no answer.
    static func withoutTrigrams(_ dump: String) -> String {
        dump.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { line in
                !line.hasPrefix("CREATE EXTENSION IF NOT EXISTS pg_trgm") && !line.hasPrefix("COMMENT ON EXTENSION pg_trgm")
                    && !(line.hasPrefix("CREATE INDEX") && line.contains("gin_trgm_ops"))
            }
            .joined(separator: "\n")
    }

    private static var checkout: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
    }
}
