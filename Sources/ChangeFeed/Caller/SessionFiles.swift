internal import Glibc

/// Odoo's own session files: `DATA_DIR/sessions/XX/SID`, where XX is the first two characters of SID (http.py
/// `FilesystemSessionStore.get_session_filename`), a pickle in Odoo 16 and 17, JSON in 18 and 19.
///
/// The name cannot leave the folder, because a session id contains neither dot nor slash; symbolic links, and anything
/// but a plain file of a sensible size, are not opened.
public struct SessionFiles: SessionCheck {
    public let lifetime: Duration
    private let folder: String
    private let threads = BlockingCalls(limit: 16)
    private let troubles: Troubles?

    /// - Parameters:
    ///   - dataDirectory: Odoo's `data_dir`.
    ///   - lifetime: How long a file is assumed to exist; the token in it is checked with every request.
    public init(dataDirectory: String, lifetime: Duration = .seconds(10), troubles: Troubles? = nil) {
        folder = dataDirectory + "/sessions"
        self.lifetime = lifetime
        self.troubles = troubles
    }

    public func find(_ session: SessionID) async throws -> CallerProof? {
        let folder = folder
        let troubles = troubles
        do {
            let proof = try await threads.run { try Self.read(session, in: folder, troubles) }
            if proof != nil { troubles?.noteSuccess() }
            return proof
        } catch let trouble as Trouble {
            troubles?.note(trouble)
            throw AuthenticationError.odooUnreachable
        }
    }

    /// Nil for files that do not exist or must not be followed; any other error says nothing about the session. Errors
    /// do not contain a session's name.
    private static func absent(_ what: String) throws -> CallerProof? {
        switch errno {
        case ENOENT, ENOTDIR, ELOOP: return nil
        default: throw Trouble(errno: errno, what)
        }
    }

    private static func read(_ session: SessionID, in folder: String, _ troubles: Troubles?) throws -> CallerProof? {
        let root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else { throw Trouble(errno: errno, folder) }
        defer { close(root) }
        let shelf = openat(root, String(session.text.prefix(2)), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard shelf >= 0 else { return try absent("a folder in \(folder)") }
        defer { close(shelf) }
        let file = openat(shelf, session.text, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return try absent("a file in \(folder)") }
        defer { close(file) }
        var state = stat()
        guard fstat(file, &state) == 0, state.st_mode & S_IFMT == S_IFREG,
            (1...StoredSession.maximumBytes).contains(Int(state.st_size))
        else { return nil }
        let length = Int(state.st_size)
        var problem: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, filled in
            filled = 0
            while filled < length {
                let count = Glibc.read(file, buffer.baseAddress?.advanced(by: filled), length - filled)
                if count < 0 { problem = errno }
                guard count > 0 else { return }
                filled += count
            }
        }
        if problem != 0 { throw Trouble(errno: problem, "a file in \(folder)") }
        let usedAt = Timestamp(microseconds: Int64(state.st_mtim.tv_sec) * 1_000_000)
        return StoredSession.proof(bytes, session: session, usedAt: usedAt, method: .files) {
            troubles?.note(Trouble(.decoding, "a file in \(folder) is not a session file of Odoo 16 to 19"))
        }
    }
}
