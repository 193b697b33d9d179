internal import Foundation
internal import Glibc

/// The programs of the PostgreSQL release that the tests run on.
///
/// `CHANGEFEED_TEST_SERVER` names their folder (`scripts/servers.sh` prints those of each release); default:
/// the newest of Debian's packages. psql is the one on the path: a client of any release will do.
public struct ServerPrograms: Sendable, Hashable {
    /// Folder of `postgres`, `initdb`, `pg_ctl`, `pg_basebackup`, `pg_dump`.
    public let folder: String

    public init(folder: String) { self.folder = folder }

    /// Those that the tests of this process use.
    public static func chosen() throws -> ServerPrograms {
        if let folder = ProcessInfo.processInfo.environment["CHANGEFEED_TEST_SERVER"], !folder.isEmpty {
            guard FileManager.default.isExecutableFile(atPath: folder + "/initdb") else {
                throw PrivateCluster.Failure(description: "CHANGEFEED_TEST_SERVER: \(folder) holds no initdb")
            }
            return ServerPrograms(folder: folder)
        }
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        guard let newest = versions.compactMap(Int.init).max() else {
            throw PrivateCluster.Failure(
                description: "PostgreSQL's server is not installed; scripts/test.sh installs it")
        }
        return ServerPrograms(folder: "/usr/lib/postgresql/\(newest)/bin")
    }

    /// A release that `scripts/servers.sh` has downloaded; nil if it has not.
    public static func fetched(_ release: Int) -> ServerPrograms? {
        let root = getuid() == 0 ? "/var/cache" : NSHomeDirectory() + "/.cache"
        let cache = ProcessInfo.processInfo.environment["CHANGEFEED_CACHE"] ?? root + "/odoo-changefeed"
        let folder = "\(cache)/postgresql-\(release)/bin"
        return FileManager.default.isExecutableFile(atPath: folder + "/initdb") ? ServerPrograms(folder: folder) : nil
    }

    /// Their major version, such as 15.
    public func release() async throws -> Int {
        let version = try await Command.run(path("postgres"), ["--version"])
        guard let number = version.split(whereSeparator: { !$0.isNumber }).first.flatMap({ Int($0) }) else {
            throw PrivateCluster.Failure(description: "\(folder)/postgres --version says: \(version)")
        }
        return number
    }

    /// Whether pg_dump and pg_upgrade of these programs can take over a database of the others.
    ///
    /// Minor releases since November 2026 keep the version of a row type among the options of its columns. Older programs,
    /// of a newer release too, dump it as an option (`pg_attver`), which no server accepts.
    public func canTakeOver(from others: ServerPrograms) -> Bool {
        keepsRowVersions || !others.keepsRowVersions
    }

    private var keepsRowVersions: Bool {
        let server = try? Data(contentsOf: URL(fileURLWithPath: path("postgres")), options: .alwaysMapped)
        return server?.range(of: Data("pg_attver".utf8)) != nil
    }

    /// The path of one of them.
    public func path(_ program: String) -> String { "\(folder)/\(program)" }
}
