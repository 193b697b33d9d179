internal import Foundation
internal import Glibc
internal import Synchronization

/// A PostgreSQL cluster of the test process: a temporary directory, a unix socket, no TCP, removed at exit.
///
/// PostgreSQL refuses to run as root, so it then runs as user `postgres`. A small shell process outlives the tests
/// briefly and stops the server, however they end.
public actor PrivateCluster {
    /// A failure before a test begins.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private static let sharedCluster = Mutex<Task<PrivateCluster, any Error>?>(nil)

    /// The cluster of this process.
    public static func shared() async throws -> PrivateCluster {
        let task = sharedCluster.withLock { task in
            let running = task ?? Task { try await make() }
            task = running
            return running
        }
        return try await task.value
    }

    /// A cluster for tests that stop or kill the server.
    ///
    /// - Parameters:
    ///   - server: The release to run; default: the one for all tests.
    ///   - locale: `initdb --locale`.
    public static func make(
        server: ServerPrograms? = nil, locale: String = "C.UTF-8"
    ) async throws -> PrivateCluster {
        let cluster = try PrivateCluster(server)
        try await cluster.initialize(locale: locale)
        return cluster
    }

    /// Whether this machine has a locale, by its name in `locale -a` (`tr_TR.utf8`).
    public static func hasLocale(_ name: String) -> Bool {
        name.withCString { wanted in
            guard let found = newlocale(Int32(LC_CTYPE_MASK), wanted, nil) else { return false }
            freelocale(found)
            return true
        }
    }

    /// Directory of socket and data; the path is short, because a socket's path is limited to 107 bytes.
    public nonisolated let directory: String
    /// The programs of its release.
    public nonisolated let server: ServerPrograms
    private nonisolated var binaries: String { server.folder }
    private var templates: [Fixture: String] = [:]
    private var databases = 0

    private init(_ server: ServerPrograms?) throws {
        var template = Array("/tmp/cf-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(description: "no temporary directory") }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.server = try server ?? .chosen()
    }

    /// A streaming standby of this cluster, with its own directory and socket.
    public func makeStandby() async throws -> PrivateCluster {
        let standby = try PrivateCluster(server)
        try await standby.copy(directory)
        return standby
    }

    private func copy(_ primary: String) async throws {
        if getuid() == 0 { _ = try await shell("chown postgres '\(directory)'") }
        try await asServer(
            "'\(binaries)/pg_basebackup' -h '\(primary)' -U postgres -D '\(directory)/data' -X stream -c fast -R")
        try await asServer(
            "cat >> '\(directory)/data/postgresql.conf'", input: "unix_socket_directories = '\(directory)'\n")
        try watch()
        try await start()
    }

    /// A base backup of this cluster as it is now, for `recover`.
    public func backup() async throws -> PrivateCluster {
        let backup = try PrivateCluster(server)
        try await backup.take(directory)
        return backup
    }

    private func take(_ primary: String) async throws {
        if getuid() == 0 { _ = try await shell("chown postgres '\(directory)'") }
        try await asServer(
            "'\(binaries)/pg_basebackup' -h '\(primary)' -U postgres -D '\(directory)/data' -X stream -c fast")
    }

    /// Point-in-time recovery of a backup: replays the original's WAL up to a position, on a new timeline.
    public func recover(to position: String, of original: PrivateCluster) async throws {
        let settings = """
            unix_socket_directories = '\(directory)'
            restore_command = 'cp \(original.directory)/data/pg_wal/%f %p'
            recovery_target_lsn = '\(position)'
            recovery_target_action = promote
            """
        try await asServer("cat >> '\(directory)/data/postgresql.conf'", input: settings + "\n")
        try await asServer("touch '\(directory)/data/recovery.signal'")
        try watch()
        try await start()
    }

    /// Makes a standby the primary of a new timeline.
    public func promote() async throws {
        try await asServer("'\(binaries)/pg_ctl' -D '\(directory)/data' -w promote >/dev/null")
    }

    /// A database of this cluster by its name, which another cluster's copy has.
    public nonisolated func database(named name: String) -> TestDatabase {
        TestDatabase(cluster: directory, name: name, server: server)
    }

    /// A database of another cluster, transferred with all roles and rights: by this release's pg_dump, or by the other's
    /// where this one's does not know all that the other server keeps.
    public func restored(_ original: TestDatabase) async throws -> TestDatabase {
        databases += 1
        let database = database(named: "restored_\(databases)")
        let programs = server.canTakeOver(from: original.server) ? server : original.server
        let roles = try await Command.run(programs.path("pg_dumpall"), ["--roles-only", "-d", original.conninfo()])
            .split(separator: "\n").filter {
                !$0.hasPrefix("CREATE ROLE postgres;") && !$0.hasPrefix("ALTER ROLE postgres ")
            }
        try await database.psql(roles.joined(separator: "\n") + "\nCREATE DATABASE \(database.name);", in: "postgres")
        try await database.psql(Command.run(programs.path("pg_dump"), ["-d", original.conninfo()]))
        return database
    }

    /// The result of pg_upgrade of this cluster to another release. This one is stopped, and stays so.
    public func upgraded(to server: ServerPrograms) async throws -> PrivateCluster {
        let upgraded = try PrivateCluster(server)
        try await stop()
        try await upgraded.upgrade(self, locale: locale)
        return upgraded
    }

    private func upgrade(_ old: PrivateCluster, locale: String) async throws {
        try await makeData(locale: locale)
        try await asServer(
            "cd '\(directory)' && '\(binaries)/pg_upgrade' -U postgres -s '\(directory)' -b '\(old.server.folder)' -B '\(binaries)' "
                + "-d '\(old.directory)/data' -D '\(directory)/data'")
        try watch()
        try await start()
    }

    private func initialize(locale: String) async throws {
        try await makeData(locale: locale)
        try watch()
        try await start()
    }

    private var locale = ""

    private func makeData(locale: String) async throws {
        self.locale = locale
        if getuid() == 0 { _ = try await shell("chown postgres '\(directory)'") }
        // The default of the releases before 18: pg_upgrade needs both clusters alike.
        let checksums = try await server.release() >= 18 ? "--no-data-checksums" : ""
        try await asServer(
            "'\(binaries)/initdb' -D '\(directory)/data' -U postgres -A trust -E UTF8 --locale=\(locale) -N \(checksums)"
        )
        let settings = """
            listen_addresses = ''
            unix_socket_directories = '\(directory)'
            fsync = off
            max_connections = 1000
            log_min_messages = warning
            """
        try await asServer("cat >> '\(directory)/data/postgresql.conf'", input: settings + "\n")
    }

    /// Removes the cluster when this process has ended.
    private func watch() throws {
        let stop = Self.server("'\(binaries)/pg_ctl' -D '\(directory)/data' -m immediate stop")
        try Command.start(
            "/bin/sh",
            [
                "-c",
                // Also after the terminal was closed or Ctrl-C was pressed.
                "trap '' HUP INT TERM; while kill -0 \(getpid()) 2>/dev/null; do sleep 0.5; done; \(stop) >/dev/null 2>&1; rm -rf '\(directory)'",
            ])
    }

    public func start() async throws {
        try await asServer("'\(binaries)/pg_ctl' -D '\(directory)/data' -l '\(directory)/log' -w start >/dev/null")
    }

    /// Stops the server; `immediate` is a crash: no checkpoint, recovery at the next start.
    public func stop(immediate: Bool = false) async throws {
        try await asServer("'\(binaries)/pg_ctl' -D '\(directory)/data' -m \(immediate ? "immediate" : "fast") -w stop")
    }

    public func restart(immediate: Bool = false) async throws {
        try await stop(immediate: immediate)
        try await start()
    }

    /// Stops the server and removes its directory before the process ends: for a cluster used by one test.
    public func remove() async {
        try? await stop(immediate: true)
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Admits a role only with its password, while others need none.
    public func demandPassword(of role: String) async throws {
        let file = "\(directory)/data/pg_hba.conf"
        try await asServer(
            "{ echo 'local all \(role) scram-sha-256'; cat '\(file)'; } > '\(file).new' && mv '\(file).new' '\(file)'")
        try await asServer("'\(binaries)/pg_ctl' -D '\(directory)/data' reload >/dev/null")
        try await database(named: "postgres").psql("SELECT pg_reload_conf()")
    }

    /// The server's log.
    public func log() async throws -> String {
        try await asServer("cat '\(directory)/log'")
    }

    /// A separate database for one test.
    public func createDatabase(_ fixture: Fixture = .odoo) async throws -> TestDatabase {
        let template = try await self.template(fixture)
        databases += 1
        let name = "test_\(databases)"
        let database = TestDatabase(cluster: directory, name: name, server: server)
        try await database.psql("CREATE DATABASE \(name) TEMPLATE \(template)", in: "postgres")
        return database
    }

    private var building: [Fixture: Task<String, any Error>] = [:]

    private func template(_ fixture: Fixture) async throws -> String {
        if let task = building[fixture] { return try await task.value }
        let task = Task { try await build(fixture) }
        building[fixture] = task
        return try await task.value
    }

    private func build(_ fixture: Fixture) async throws -> String {
        let name = "template_\(fixture.name)"
        let database = TestDatabase(cluster: directory, name: name, server: server)
        switch fixture {
        case .empty:
            try await database.psql("CREATE DATABASE \(name)", in: "postgres")
        case .odoo:
            try await database.psql("CREATE DATABASE \(name)", in: "postgres")
            try await database.run(script: Fixture.odooScript)
        case .installed:
            try await install(on: .odoo, as: database)
            try await database.psql("CREATE ROLE changefeed_login LOGIN; GRANT changefeed_service TO changefeed_login")
        case .shape(let release):
            try await database.psql("CREATE DATABASE \(name) TEMPLATE \(try await template(.odoo))", in: "postgres")
            try await database.run(script: Fixture.shapeScript(release))
        case .shapeInstalled(let release):
            // Roles are the cluster's: that one makes changefeed_login.
            _ = try await template(.installed)
            try await install(on: .shape(release), as: database)
        case .release(let release):
            guard let dump = Fixture.real("demo.sql.gz", release: release) else {
                throw Failure(description: "the real Odoo database is not here")
            }
            try await database.psql("CREATE DATABASE \(name)", in: "postgres")
            let text = try await Fixture.unpack(dump)
            let hasTrigrams = "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'"
            try await database.psql(database.psql(hasTrigrams) == "1" ? text : Fixture.withoutTrigrams(text))
        case .releaseInstalled(let release):
            _ = try await template(.installed)
            try await install(on: .release(release), as: database)
        }
        return name
    }

    private func install(on base: Fixture, as database: TestDatabase) async throws {
        let template = try await template(base)
        try await database.psql("CREATE DATABASE \(database.name) TEMPLATE \(template)", in: "postgres")
        try await database.run(script: Fixture.sqlFolder + "/install.sql")
        // Each clone is a separate database and no copy: its home is where it is first used.
        try await database.psql("DELETE FROM changefeed.home")
    }

    @discardableResult
    private func asServer(_ command: String, input: String? = nil) async throws -> String {
        try await shell(Self.server(command), input: input)
    }

    private static func server(_ command: String) -> String {
        if getuid() != 0 { return command }
        return "runuser -u postgres -- sh -c \"\(command)\""
    }

    private func shell(_ command: String, input: String? = nil) async throws -> String {
        try await Command.run("/bin/sh", ["-c", "cd / && \(command)"], input: input)
    }
}
