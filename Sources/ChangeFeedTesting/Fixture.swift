internal import Foundation

/// The initial content of a test's database.
public enum Fixture: Sendable, Hashable {
    /// Nothing.
    case empty
    /// A small database in the form of Odoo 18, without the change feed.
    case odoo
    /// The same with `sql/install.sql` run by psql.
    case installed
    /// The small database in the form of Odoo 16, 17 or 19, without the change feed.
    case shape(Int)
    /// The same with `sql/install.sql` run by psql.
    case shapeInstalled(Int)
    /// The real database of a release of Odoo, if it is next to the checkout.
    case release(Int)
    /// The same with `sql/install.sql` run by psql.
    case releaseInstalled(Int)

    /// The real Odoo 18 database, if it is next to the checkout.
    public static let real = Fixture.release(18)
    /// The same with `sql/install.sql` run by psql.
    public static let realInstalled = Fixture.releaseInstalled(18)

    /// The releases of Odoo whose real database and answers are next to the checkout.
    public static let releases = [16, 17, 18, 19].filter { real("oracle.json.gz", release: $0) != nil }

    /// A name for the template database.
    var name: String {
        switch self {
        case .empty: "empty"
        case .odoo: "odoo"
        case .installed: "installed"
        case .shape(let release): "shape_\(release)"
        case .shapeInstalled(let release): "shape_\(release)_installed"
        case .release(let release): "real_\(release)"
        case .releaseInstalled(let release): "real_\(release)_installed"
        }
    }

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

    /// The changes that make another release's form of the small database.
    static func shapeScript(_ release: Int) -> String { checkout + "/Tests/Fixtures/odoo\(release).sql" }

    /// A file of a release's real database next to the checkout; nil if it does not exist, or if
    /// `CHANGEFEED_TEST_ODOO` (such as `16,18`) excludes the release.
    public static func real(_ name: String, release: Int = 18) -> String? {
        if let wanted = ProcessInfo.processInfo.environment["CHANGEFEED_TEST_ODOO"], !wanted.isEmpty,
            !wanted.split(separator: ",").contains("\(release)")
        {
            return nil
        }
        let path = checkout + "/../shared/odoo\(release)/" + name
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    /// The content of a gzip file.
    public static func unpack(_ path: String) async throws -> String {
        try await Command.run("/usr/bin/env", ["zcat", path])
    }

    /// Runs a script of the folder `scripts/` and returns its output.
    public static func run(script: String, _ arguments: [String], input: String? = nil) async throws -> String {
        try await Command.run("/usr/bin/env", [checkout + "/scripts/" + script] + arguments, input: input)
    }

    /// A dump for a server without contrib modules: indexes for similar texts affect no answer.
    static func withoutTrigrams(_ dump: String) -> String {
        dump.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { line in
                !line.hasPrefix("CREATE EXTENSION IF NOT EXISTS pg_trgm")
                    && !line.hasPrefix("COMMENT ON EXTENSION pg_trgm")
                    && !(line.hasPrefix("CREATE INDEX") && line.contains("gin_trgm_ops"))
            }
            .joined(separator: "\n")
    }

    private static var checkout: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
    }
}
