internal import Crypto
internal import FoundationEssentials

/// Facts about secrets (API keys, session ids), kept for a while. Bounded. The secrets themselves are not stored:
/// entries are found by an HMAC under a random key of this process. A plain value: the caller supplies the time.
struct SecretCache<Value> {
    private struct Entry {
        let value: Value
        let expires: ContinuousClock.Instant
    }

    private let secret = SymmetricKey(size: .bits256)
    private let generationSize: Int
    // Two generations instead of a list by last use: entries used since the last turn survive the next.
    private var young: [[UInt8]: Entry] = [:]
    private var old: [[UInt8]: Entry] = [:]

    init(capacity: Int) { generationSize = max(1, capacity / 2) }

    var count: Int { young.count + old.count }

    /// Nil when nothing is known, or no longer.
    mutating func value(for bytes: [UInt8], now: ContinuousClock.Instant) -> Value? {
        let name = name(bytes)
        if let entry = young[name] {
            if entry.expires > now { return entry.value }
            young[name] = nil
            return nil
        }
        guard let entry = old.removeValue(forKey: name), entry.expires > now else { return nil }
        insert(entry, name)
        return entry.value
    }

    mutating func keep(_ value: Value, for bytes: [UInt8], until expires: ContinuousClock.Instant) {
        insert(Entry(value: value, expires: expires), name(bytes))
    }

    mutating func forget(_ bytes: [UInt8]) {
        let name = name(bytes)
        young[name] = nil
        old[name] = nil
    }

    private mutating func insert(_ entry: Entry, _ name: [UInt8]) {
        if young.count >= generationSize {
            old = young
            young = [:]
        }
        old[name] = nil
        young[name] = entry
    }

    private func name(_ bytes: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: bytes, using: secret))
    }
}
