import ChangeFeed
import Foundation
import Glibc
import Postgres

/// Whether the place of Odoo's sessions that a check reads can be reached.
enum SessionStoreStep {
    static func examine(_ check: SessionCheckName, _ settings: Settings) async throws -> DoctorFinding {
        switch check {
        case .files: files(settings.odooDataFolder ?? "")
        case .sessionDatabase: try await database(settings.sessionDatabase)
        case .http: http(settings.odooURL ?? "")
        }
    }

    private static func files(_ dataFolder: String) -> DoctorFinding {
        let folder = dataFolder + "/sessions"
        guard (try? FileManager.default.contentsOfDirectory(atPath: folder)) != nil else {
            return .failed("\(folder) is not a folder that can be read", fix: "Check ODOO_DATA_DIR, mounts and file rights.")
        }
        return .ok("\(folder) can be read")
    }

    private static func database(_ configuration: ConnectionConfiguration?) async throws -> DoctorFinding {
        guard let configuration else { return .failed("SESSION_DB_URI is not set", fix: "Set SESSION_DB_URI.") }
        let connection = try await Connection.connect(configuration)
        await connection.close()
        return .ok("connected")
    }

    private static func http(_ url: String) -> DoctorFinding {
        guard let parts = URLComponents(string: url), let host = parts.host else {
            return .failed("ODOO_URL cannot be read", fix: "Check ODOO_URL.")
        }
        let port = parts.port ?? (parts.scheme == "https" ? 443 : 80)
        return accepts(host.trimmingCharacters(in: ["[", "]"]), port)
            ? .ok("\(host):\(port) takes connections")
            : .failed("\(host):\(port) takes no connection", fix: "Check ODOO_URL, and that Odoo runs.")
    }

    /// Connects by TCP to one of the host's addresses, at most three seconds each.
    private static func accepts(_ host: String, _ port: Int) -> Bool {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0 else { return false }
        defer { freeaddrinfo(found) }
        var next = found
        while let address = next?.pointee {
            if connects(address) { return true }
            next = address.ai_next
        }
        return false
    }

    private static func connects(_ address: addrinfo) -> Bool {
        let descriptor = socket(address.ai_family, address.ai_socktype | Int32(SOCK_NONBLOCK.rawValue), address.ai_protocol)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        if connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return true }
        guard errno == EINPROGRESS else { return false }
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&waiting, 1, 3_000) == 1 else { return false }
        var problem: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &size) == 0 && problem == 0
    }
}
