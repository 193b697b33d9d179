internal import FoundationEssentials
internal import Glibc
package import Postgres

/// Where Odoo keeps sessions that the service checks.
package enum SessionStore: Sendable {
    /// Odoo's session files, below its data folder.
    case files(dataFolder: String)
    /// The table of the OCA module session_db; nil: the setting is missing.
    case sessionDatabase(ConnectionConfiguration?)
    /// Odoo itself.
    case http(url: String)

    var name: String {
        switch self {
        case .files: "files"
        case .sessionDatabase: "session_db"
        case .http: "http"
        }
    }

    /// The setting that says where it is.
    var setting: String {
        switch self {
        case .files: "ODOO_DATA_DIR"
        case .sessionDatabase: "SESSION_DB_URI"
        case .http: "ODOO_URL"
        }
    }
}

/// Whether a check can read its session store, tested like a request, and why not.
package enum SessionStoreStep {
    static func examine(_ store: SessionStore) async throws -> DoctorFinding {
        switch store {
        case .files(let folder):
            // A hanging network share blocks only its own thread, and not the end of the examination.
            let (ended, end) = AsyncStream<DoctorFinding>.makeStream()
            BlockingThread.run {
                end.yield(files(folder))
                end.finish()
            }
            for await finding in ended { return finding }
            throw CancellationError()
        case .sessionDatabase(let configuration): return try await database(configuration)
        case .http(let url): return await http(url)
        }
    }

    private static func files(_ dataFolder: String) -> DoctorFinding {
        if let trouble = trouble(withFilesIn: dataFolder) {
            return .failed(
                trouble.reason,
                fix:
                    "Check ODOO_DATA_DIR, mounts and file rights: the service's user must be able to read the files that Odoo's user writes there."
            )
        }
        let folder = dataFolder + "/sessions"
        return .ok(
            example(in: folder) == nil
                ? "\(folder) can be read; it holds no session" : "\(folder) and a session file in it can be read")
    }

    /// Why the session files below Odoo's data folder cannot be read; nil if they can, or if there are none yet.
    package static func trouble(withFilesIn dataFolder: String) -> Trouble? {
        let folder = dataFolder + "/sessions"
        if let trouble = unreadable(folder, O_DIRECTORY) {
            return Trouble(trouble.kind, "the folder \(folder) cannot be read: \(trouble.reason)")
        }
        // A file's name is the session id: only the folder is named.
        guard let example = example(in: folder), let trouble = unreadable(example.path, 0) else { return nil }
        let reason = trouble.kind == .permission ? "the service's user may not read it" : trouble.kind.rawValue
        return Trouble(trouble.kind, "a session file in \(folder) cannot be read: \(reason)")
    }

    private static func unreadable(_ path: String, _ flags: Int32) -> Trouble? {
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | flags)
        guard descriptor >= 0 else { return Trouble(errno: errno, path) }
        close(descriptor)
        return nil
    }

    /// Any session file: the first one in the first folders.
    private static func example(in folder: String) -> URL? {
        let shelves = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for shelf in shelves.filter({ $0.count == 2 }).prefix(64) {
            let path = folder + "/" + shelf
            // A folder that may not be opened is an equally good example.
            guard let files = try? FileManager.default.contentsOfDirectory(atPath: path) else {
                return URL(fileURLWithPath: path)
            }
            if let file = files.first { return URL(fileURLWithPath: path + "/" + file) }
        }
        return nil
    }

    private static func database(_ configuration: ConnectionConfiguration?) async throws -> DoctorFinding {
        guard let configuration else { return .failed("SESSION_DB_URI is not set", fix: "Set SESSION_DB_URI.") }
        do {
            try await DoctorConnections.withOne(configuration) { try await SessionTable.probe(on: $0) }
            return .ok("http_sessions can be read")
        } catch {
            let trouble = Trouble(error)
            let fix =
                switch trouble.kind {
                case .permission:
                    "Give the role of SESSION_DB_URI the right: GRANT SELECT ON http_sessions TO ROLE; or correct its password."
                case .missing: "Set SESSION_DB_URI to the database of the module session_db."
                case .tls: "Check sslmode and the certificates of SESSION_DB_URI."
                default: "Check SESSION_DB_URI, and that the server runs."
                }
            return .failed("\(trouble.reason) (\(trouble.kind.rawValue))", fix: fix)
        }
    }

    private static func http(_ url: String) async -> DoctorFinding {
        let sessions = OdooSessions(OdooSessions.Configuration(url: url))
        let trouble = await sessions.probe()
        await sessions.shutdown()
        guard let trouble else { return .ok("Odoo answers requests about sessions") }
        let fix =
            switch trouble.kind {
            case .tls: "Check the certificate of ODOO_URL and the authorities that this machine trusts."
            case .decoding, .permission: "ODOO_URL must lead to Odoo itself, and to this one database (dbfilter)."
            default: "Check ODOO_URL, and that Odoo runs."
            }
        return .failed("\(trouble.reason) (\(trouble.kind.rawValue))", fix: fix)
    }
}
