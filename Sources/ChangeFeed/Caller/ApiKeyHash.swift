internal import Crypto
internal import CryptoExtras
internal import FoundationEssentials

/// The hash under which Odoo stores an API key: passlib's `pbkdf2_sha512`, written `$pbkdf2-sha512$ROUNDS$SALT$CHECKSUM`
/// with passlib's "ab64" (base64 with `.` for `+`, without padding).
enum ApiKeyHash {
    /// Odoo uses 6,000. A row with an absurd number must not occupy a core.
    static let allowedRounds: ClosedRange<Int> = 1...1_000_000

    /// The whole text that the row must have if the key is right; nil for an impossible number of rounds or salt.
    static func derive(_ key: ApiKey, rounds: Int, salt: String) -> String? {
        guard allowedRounds.contains(rounds), let saltBytes = decode(salt), !saltBytes.isEmpty,
            let derived = try? KDF.Insecure.PBKDF2.deriveKey(
                from: key.bytes, salt: saltBytes, using: .sha512, outputByteCount: 64, unsafeUncheckedRounds: rounds)
        else { return nil }
        return "$pbkdf2-sha512$\(rounds)$\(salt)$" + derived.withUnsafeBytes { encode(Array($0)) }
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 4 / 3 + 2)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = group.reduce(0 as UInt32) { $0 << 8 | UInt32($1) } << (8 * (3 - UInt32(group.count)))
            for _ in 0...group.count {
                text.append(alphabet[Int(bits >> 18 & 63)])
                bits <<= 6
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil for characters or a length that ab64 does not have.
    static func decode(_ text: String) -> [UInt8]? {
        guard text.utf8.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var held = 0
        for character in text.utf8 {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            bits = bits << 6 | UInt32(value)
            held += 6
            if held >= 8 {
                held -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
            }
        }
        return bytes
    }
}
