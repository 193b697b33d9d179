internal import Glibc

/// Odoo's own session files: `DATA_DIR/sessions/XX/SID`, where XX are the first two characters of SID (http.py
/// `FilesystemSessionStore.get_session_filename`), a pickle in Odoo 16 and 17, JSON in 18 and 19.
///
/// The name cannot leave the folder, since a session id holds neither dot nor slash; symbolic links, and whatever is no
/// plain file of a sensible size, are not opened.
public struct SessionFiles: SessionCheck {
    public let lifetime: Duration
    private let folder: String
    private let threads = BlockingCalls(limit: 16)

    /// - Parameters:
    ///   - dataDirectory: Odoo's `data_dir`.
    ///   - lifetime: How long a file is believed to be there; the token in it is checked with every request.
    public init(dataDirectory: String, lifetime: Duration = .seconds(10)) {
        folder = dataDirectory + "/sessions"
        self.lifetime = lifetime
    }

    public func find(_ session: SessionID) async throws -> CallerProof? {
        let folder = folder
        return try await threads.run { try Self.read(session, in: folder) }
    }

    /// Nil for what is not there or not to be followed; everything else says nothing about the session.
    private static func absent() throws -> CallerProof? {
        switch errno {
        case ENOENT, ENOTDIR, ELOOP: return nil
        default: throw AuthenticationError.odooUnreachable
        }
    }

    private static func read(_ session: SessionID, in folder: String) throws -> CallerProof? {
        let root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else { throw AuthenticationError.odooUnreachable }
        defer { close(root) }
        let shelf = openat(root, String(session.text.prefix(2)), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard shelf >= 0 else { return try absent() }
        defer { close(shelf) }
        let file = openat(shelf, session.text, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return try absent() }
        defer { close(file) }
        var state = stat()
        guard fstat(file, &state) == 0, state.st_mode & S_IFMT == S_IFREG,
            (1...StoredSession.maximumBytes).contains(Int(state.st_size))
        else { return nil }
        let length = Int(state.st_size)
        let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, filled in
            filled = 0
            while filled < length {
                let count = Glibc.read(file, buffer.baseAddress?.advanced(by: filled), length - filled)
                guard count > 0 else { return }
                filled += count
            }
        }
        let usedAt = Timestamp(microseconds: Int64(state.st_mtim.tv_sec) * 1_000_000)
        return StoredSession.proof(bytes, session: session, usedAt: usedAt, method: .files)
    }
}
