internal import Crypto
internal import FoundationEssentials

/// Proofs of keys that were verified, so that each key is hashed the slow way once. Bounded. The keys themselves are
/// not kept: entries are found by an HMAC under a random key of this process.
///
/// A hit proves nothing by itself: the database checks the proof again with every request.
struct ApiKeyCache {
    private let secret = SymmetricKey(size: .bits256)
    private let generationSize: Int
    // Two generations instead of a list by last use: what was used since the last turn survives the next.
    private var young: [[UInt8]: ApiKeyProof] = [:]
    private var old: [[UInt8]: ApiKeyProof] = [:]

    init(capacity: Int) { generationSize = max(1, capacity / 2) }

    var count: Int { young.count + old.count }

    mutating func proof(of key: ApiKey) -> ApiKeyProof? {
        let name = name(key)
        if let proof = young[name] { return proof }
        guard let proof = old.removeValue(forKey: name) else { return nil }
        insert(proof, name)
        return proof
    }

    mutating func keep(_ proof: ApiKeyProof, of key: ApiKey) { insert(proof, name(key)) }

    mutating func forget(_ key: ApiKey) {
        let name = name(key)
        young[name] = nil
        old[name] = nil
    }

    private mutating func insert(_ proof: ApiKeyProof, _ name: [UInt8]) {
        if young.count >= generationSize {
            old = young
            young = [:]
        }
        old[name] = nil
        young[name] = proof
    }

    private func name(_ key: ApiKey) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: key.bytes, using: secret))
    }
}
