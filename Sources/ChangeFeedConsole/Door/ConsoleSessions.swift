internal import ChangeFeed
internal import Crypto
internal import Synchronization

/// Who is signed in, in this process's memory: a restart signs everybody out, and each replica knows its own.
///
/// A session proves nothing by itself: it leads to the credential with which its user signed in, and the database
/// checks that at each request. Tokens are kept as SHA-256, so that memory does not hold what a browser sends.
final class ConsoleSessions: Sendable {
    /// What a user signed in with.
    enum Evidence: Sendable {
        /// An API key's row and hash; the key itself is not kept.
        case key(CallerProof)
        /// An Odoo session, which is looked up where Odoo keeps it.
        case odoo(SessionID)
    }

    struct Entry: Sendable {
        let evidence: Evidence
        let userID: Int64
        let ends: ContinuousClock.Instant
    }

    /// - Parameters:
    ///   - lifetime: since the sign-in.
    ///   - maximum: sessions in all; the one that ends first goes.
    ///   - perUser: sessions of one user.
    struct Limits: Sendable {
        var lifetime: Duration = .seconds(8 * 3_600)
        var maximum = 500
        var perUser = 10
    }

    let limits: Limits
    private let entries = Mutex<[[UInt8]: Entry]>([:])

    init(limits: Limits = Limits()) { self.limits = limits }

    var count: Int { entries.withLock { $0.count } }

    /// - Returns: the token for the browser: 32 random bytes in hexadecimal.
    func begin(_ evidence: Evidence, userID: Int64, now: ContinuousClock.Instant = .now) -> String {
        var generator = SystemRandomNumberGenerator()
        let token = (0..<32).map { _ in
            let digits = String(UInt8.random(in: .min ... .max, using: &generator), radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
        entries.withLock { entries in
            entries = entries.filter { $0.value.ends > now }
            let own = entries.filter { $0.value.userID == userID }
            if own.count >= limits.perUser { Self.removeFirst(of: own, from: &entries) }
            if entries.count >= limits.maximum { Self.removeFirst(of: entries, from: &entries) }
            entries[Self.digest(token)] = Entry(evidence: evidence, userID: userID, ends: now + limits.lifetime)
        }
        return token
    }

    func find(_ token: String, now: ContinuousClock.Instant = .now) -> Entry? {
        guard token.utf8.count == 64 else { return nil }
        let name = Self.digest(token)
        return entries.withLock { entries in
            guard let entry = entries[name] else { return nil }
            if entry.ends > now { return entry }
            entries[name] = nil
            return nil
        }
    }

    func end(_ token: String) {
        entries.withLock { $0[Self.digest(token)] = nil }
    }

    private static func removeFirst(of some: [[UInt8]: Entry], from entries: inout [[UInt8]: Entry]) {
        if let first = some.min(by: { $0.value.ends < $1.value.ends }) { entries[first.key] = nil }
    }

    private static func digest(_ token: String) -> [UInt8] { Array(SHA256.hash(data: Array(token.utf8))) }
}
