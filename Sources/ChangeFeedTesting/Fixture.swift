internal import Foundation

/// What a test's database starts with.
public enum Fixture: String, Sendable, Hashable {
    /// Nothing.
    case empty
    /// A small Odoo-shaped database, without the change feed.
    case odoo
    /// The same with `sql/install.sql` run by psql.
    case installed

    /// The folder `sql/` of this checkout.
    public static var sqlFolder: String { checkout + "/sql" }

    static var odooScript: String { checkout + "/Tests/Fixtures/odoo.sql" }

    private static var checkout: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
    }
}
