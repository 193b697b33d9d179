internal import FoundationEssentials

/// The members of a session that prove its user. Odoo 18 and 19 and OCA's session_db store sessions as JSON, 16 and 17
/// as a pickle (http.py `FilesystemSessionStore.save`, odoo/tools/_vendor/sessions.py).
struct StoredSession: Decodable {
    /// Larger ones are not read.
    static let maximumBytes = 256 * 1_024

    let uid: Int64?
    let db: String?
    let session_token: String?
    /// Set by a release that has replaced this session's id: from then on it is invalid (http.py, `rotate`).
    let deletion_time: Double?

    /// - Throws: `PickleError`, `DecodingError`, or the JSON parser's error, for anything but a stored session.
    static func read(_ bytes: [UInt8]) throws -> StoredSession {
        // No JSON begins with this byte, and every pickle from Odoo does.
        guard bytes.first == 0x80 else { return try JSONDecoder().decode(StoredSession.self, from: Data(bytes)) }
        return StoredSession(try PickleReader.read(bytes))
    }

    private init(_ pickled: PickledValue) {
        uid = pickled["uid"]?.int
        db = pickled["db"]?.text
        session_token = pickled["session_token"]?.text
        deletion_time = pickled["deletion_time"]?.number
    }

    /// - Parameter unreadable: called for bytes that are no stored session at all.
    /// - Returns: nil for anything but a session, for a visitor who has not logged in, or without a database.
    static func proof(
        _ bytes: [UInt8], session: SessionID, usedAt: Timestamp, method: CallerProof.Method, unreadable: () -> Void = {}
    ) -> CallerProof? {
        guard bytes.count <= maximumBytes else { return nil }
        guard let stored = try? read(bytes) else {
            unreadable()
            return nil
        }
        guard let uid = stored.uid, (2...Int64(Int32.max)).contains(uid), let token = stored.session_token,
            !token.isEmpty, !token.utf8.contains(0), let database = stored.db, !database.utf8.contains(0)
        else { return nil }
        if let end = stored.deletion_time, !(end > Double(Timestamp.now.microseconds) / 1e6) { return nil }
        return CallerProof(
            method: method, subject: uid, proof: token, session: session.text, usedAt: usedAt, database: database)
    }
}
