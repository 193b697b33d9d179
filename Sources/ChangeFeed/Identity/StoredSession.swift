internal import FoundationEssentials

/// The members of a session that Odoo stores as JSON (http.py `FilesystemSessionStore.save`, OCA session_db).
struct StoredSession: Decodable {
    /// Larger ones are not read.
    static let maximumBytes = 256 * 1_024

    let uid: Int64?
    let db: String?
    let session_token: String?
    /// Set by a release that has replaced this session's id: from then on it is none (http.py, `rotate`).
    let deletion_time: Double?

    /// Nil for what is no JSON of a session, of a visitor who has not logged in, or without a database.
    static func proof(
        _ json: [UInt8], session: SessionID, usedAt: Timestamp, method: CallerProof.Method
    ) -> CallerProof? {
        guard json.count <= maximumBytes, let stored = try? JSONDecoder().decode(StoredSession.self, from: Data(json)),
            let uid = stored.uid, (2...Int64(Int32.max)).contains(uid), let token = stored.session_token,
            !token.isEmpty, !token.utf8.contains(0), let database = stored.db, !database.utf8.contains(0)
        else { return nil }
        if let end = stored.deletion_time, !(end > Double(Timestamp.now.microseconds) / 1e6) { return nil }
        return CallerProof(
            method: method, subject: uid, proof: token, session: session.text, usedAt: usedAt, database: database)
    }
}
