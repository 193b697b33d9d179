internal import Foundation
internal import Glibc

/// The real pgbouncer in front of a cluster, on a unix socket in the cluster's directory; it ends with this process.
///
/// It is a separate program that a machine may lack (Debian's package pgbouncer).
public struct Pooler: Sendable {
    /// pgbouncer's `pool_mode`.
    public enum Mode: String, Sendable { case transaction, session }

    private let directory: String
    private static let port = 6432

    /// - Parameters:
    ///   - poolSize: sessions of the server per database and user; few, so that clients share them.
    /// - Returns: nil, after printing so, if pgbouncer is not installed.
    public static func start(before cluster: PrivateCluster, mode: Mode = .transaction, poolSize: Int = 3) async throws
        -> Pooler?
    {
        guard
            let program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"]
                .first(where: { FileManager.default.isExecutableFile(atPath: $0) })
        else {
            print("pgbouncer is not installed (package pgbouncer): tests that need it are skipped")
            return nil
        }
        let directory = cluster.directory + "/pooler"
        let settings = """
            [databases]
            * = host=\(cluster.directory)
            [pgbouncer]
            listen_addr =
            listen_port = \(port)
            unix_socket_dir = \(directory)
            auth_type = trust
            auth_file = \(directory)/users
            pool_mode = \(mode.rawValue)
            default_pool_size = \(poolSize)
            query_wait_timeout = 60
            pidfile = \(directory)/pid
            logfile = \(directory)/log
            """
        let users = ["postgres", "odoo", "changefeed_login"].map { "\"\($0)\" \"\"" }.joined(separator: "\n")
        _ = try await asServer("mkdir -p '\(directory)'")
        _ = try await asServer("cat > '\(directory)/users'", input: users + "\n")
        _ = try await asServer("cat > '\(directory)/settings'", input: settings + "\n")
        _ = try await asServer("'\(program)' -q -d '\(directory)/settings'")
        // It goes into the background before it listens.
        try await eventually("pgbouncer answers") {
            (try? await asServer("test -s '\(directory)/pid' && test -S '\(directory)/.s.PGSQL.\(port)'")) != nil
        }
        // A process that outlives the tests briefly and stops it.
        let process = try await asServer("cat '\(directory)/pid'").trimmingCharacters(in: .whitespacesAndNewlines)
        try Command.start(
            "/bin/sh",
            [
                "-c",
                "while kill -0 \(getpid()) 2>/dev/null && kill -0 \(process) 2>/dev/null; do sleep 0.5; done; kill \(process) 2>/dev/null",
            ])
        return Pooler(directory: directory)
    }

    /// Stops it immediately.
    public func stop() async throws {
        _ = try await Self.asServer("kill $(cat '\(directory)/pid')")
    }

    /// A connection string through it.
    public func conninfo(_ database: TestDatabase, user: String) -> String {
        "host=\(directory) port=\(Self.port) user=\(user) dbname=\(database.name)"
    }

    /// Runs SQL through it with psql and returns the unaligned output.
    public func psql(_ sql: String, _ database: TestDatabase, user: String) async throws -> String {
        let output = try await Command.run(
            "/usr/bin/env",
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", conninfo(database, user: user), "-f", "-"],
            input: sql)
        return output.trimmingCharacters(in: .newlines)
    }

    private static func asServer(_ command: String, input: String? = nil) async throws -> String {
        let whole =
            getuid() == 0
            ? "runuser -u postgres -- sh -c \"\(command.replacingOccurrences(of: "$", with: "\\$"))\"" : command
        return try await Command.run("/bin/sh", ["-c", "cd / && \(whole)"], input: input)
    }
}
