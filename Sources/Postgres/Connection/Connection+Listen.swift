internal import CLibPQ

/// A message of LISTEN/NOTIFY.
public struct Notification: Sendable, Equatable {
    public let channel: String
    public let payload: String
    public let backendPID: Int32
}

extension Connection {
    /// Subscribes to channels; their messages arrive in `notifications`.
    public func listen(_ channels: String...) async throws {
        for channel in channels {
            let quoted = try quotedIdentifier(channel)
            _ = try await query("LISTEN \(quoted)")
        }
    }

    func quotedIdentifier(_ name: String) throws -> String {
        guard !name.utf8.contains(0), let quoted = PQescapeIdentifier(try live(), name, name.utf8.count) else {
            throw PostgresError(.invalidParameter, "not an identifier")
        }
        defer { PQfreemem(quoted) }
        return String(cString: quoted)
    }
}
