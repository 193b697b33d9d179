import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres
import Testing

/// A database as a provider rents it out, on a cluster of its own, since its tests change the cluster's roles: nobody is a
/// superuser who works with it. `administrator` owns it and may create roles and databases; `odoo` owns Odoo's tables.
struct ManagedDatabase {
    /// How the scripts are run.
    enum Way: String, Sendable, CaseIterable { case psql, binary }

    let cluster: PrivateCluster
    let database: TestDatabase
    /// As the superuser, who looks on and sets the scene.
    let observer: Connection
    /// True from PostgreSQL 16 on, where CREATEROLE reaches only roles of one's own making.
    let is16: Bool

    static func make(_ fixture: Fixture = .odoo, inOdoo: Bool = true) async throws -> ManagedDatabase {
        let cluster = try await PrivateCluster.make()
        let here = try await ManagedDatabase(cluster: cluster, database: cluster.createDatabase(fixture))
        try await here.run(
            "CREATE ROLE administrator LOGIN CREATEROLE CREATEDB; ALTER DATABASE \(here.database.name) OWNER TO administrator"
        )
        if fixture == .real { try await here.run(Self.giveToOdoo) }
        if inOdoo { try await here.letIn("administrator", "odoo") }
        return here
    }

    /// The real database's dump names no owners: its tables and what hangs on them become those of Odoo's role.
    private static let giveToOdoo = """
        CREATE ROLE odoo LOGIN; GRANT USAGE, CREATE ON SCHEMA public TO odoo;
        DO $$ DECLARE relation text; BEGIN
            FOR relation IN SELECT format('%s %s', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass)
                FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'S')
                AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i', 'e') AND c.relkind <> 'r')
            LOOP EXECUTE format('ALTER %s OWNER TO odoo', relation); END LOOP;
        END $$
        """

    init(cluster: PrivateCluster, database: TestDatabase) async throws {
        self.cluster = cluster
        self.database = database
        observer = try await database.connect()
        is16 = try await observer.value("SELECT current_setting('server_version_num')::int >= 160000") == "t"
    }

    /// Another database of the same cluster, with the same owner.
    func sibling() async throws -> ManagedDatabase {
        let other = try await ManagedDatabase(cluster: cluster, database: cluster.createDatabase(.odoo))
        try await other.run("ALTER DATABASE \(other.database.name) OWNER TO administrator")
        return other
    }

    func run(_ sql: String) async throws { try await observer.execute(script: sql) }

    /// Makes `member` a member of `role` with all that a membership is good for.
    func letIn(_ member: String, _ role: String) async throws {
        try await run("GRANT \(role) TO \(member)" + (is16 ? " WITH INHERIT TRUE, SET TRUE" : ""))
    }

    func install(as user: String = "administrator", by way: Way = .psql) async throws {
        try await run(.install, user, way)
    }
    func uninstall(as user: String = "administrator", by way: Way = .psql) async throws {
        try await run(.uninstall, user, way)
    }

    /// What psql shows of a script that fails.
    func refusal(_ script: Installer.Script, as user: String, first: String? = nil) async throws -> String {
        do {
            try await database.run(script: Fixture.sqlFolder + "/" + script.rawValue, user: user, first: first)
        } catch let failure as PrivateCluster.Failure {
            return failure.description
        }
        Issue.record("\(user) was not refused")
        return ""
    }

    /// The statements that a refusal asks for.
    static func remedies(in refusal: String) -> [String] {
        refusal.split(separator: "\n").compactMap { line in
            guard line.contains("- "), let range = line.range(of: " runs: ") else { return nil }
            return String(line[range.upperBound...])
        }
    }

    func dump() async throws -> String { try await database.dump("-s") }

    /// The feed's roles, and what they are members of.
    func roles() async throws -> [String] {
        try await observer.lines("SELECT rolname FROM pg_roles WHERE rolname LIKE 'changefeed%' ORDER BY 1")
    }

    func findings() async throws -> [String] {
        try await observer.lines("SELECT code, object, detail FROM changefeed.verify()")
    }

    /// That nothing of the feed is in this database or in the cluster.
    func expectNothing(_ before: String? = nil, _ location: SourceLocation = #_sourceLocation) async throws {
        #expect(try await roles() == [], sourceLocation: location)
        #expect(try await observer.value("SELECT to_regnamespace('changefeed')") == "", sourceLocation: location)
        if let before { #expect(try await dump() == before, sourceLocation: location) }
    }

    func remove() async {
        await observer.close()
        await cluster.remove()
    }

    private func run(_ script: Installer.Script, _ user: String, _ way: Way) async throws {
        switch way {
        case .psql:
            try await database.run(script: Fixture.sqlFolder + "/" + script.rawValue, user: user)
        case .binary:
            let connection = try await database.connect(user: user)
            try await Installer().run(script, on: connection) { _ in }
            await connection.close()
        }
    }
}
