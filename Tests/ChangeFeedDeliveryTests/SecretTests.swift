import FoundationEssentials
import Testing

@testable import ChangeFeedDelivery

@Suite("A signing secret")
struct SecretTests {
    @Test("is random, has 32 bytes, and is read as it was written")
    func random() throws {
        let secret = WebhookSecret.random()
        #expect(secret.text.hasPrefix("whsec_"))
        #expect(Data(base64Encoded: String(secret.text.dropFirst(6)))?.count == 32)
        #expect(try WebhookSecret(secret.text).text == secret.text)
        #expect(WebhookSecret.random().text != secret.text)
        #expect(secret.publicKey == nil)
    }

    @Test("of ed25519 is random, and shows its public key")
    func keyPair() throws {
        let pair = WebhookSecret.randomKeyPair()
        #expect(pair.text.hasPrefix("whsk_"))
        #expect(try WebhookSecret(pair.text).publicKey == pair.publicKey)
        #expect(pair.publicKey?.hasPrefix("whpk_") == true)
        #expect(WebhookSecret.randomKeyPair().text != pair.text)
        // Computed with Python's cryptography.
        #expect(
            try WebhookSecret("whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=").publicKey
                == "whpk_ZlN4eg7dSSqi0moX9hQUk3orrOouK3QVQSlJa248c/g=")
    }

    @Test("has 24 to 64 bytes", arguments: [(23, false), (24, true), (32, true), (64, true), (65, false), (0, false)])
    func lengths(count: Int, fits: Bool) throws {
        let text = "whsec_" + Data(repeating: 7, count: count).base64EncodedString()
        if fits {
            #expect(try WebhookSecret(text).text == text)
        } else {
            #expect(throws: WebhookError.self) { try WebhookSecret(text) }
        }
    }

    @Test(
        "that is none is refused, and the error does not contain it",
        arguments: [
            "", "whsec_", "whsec", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", " whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whpk_ZlN4eg7dSSqi0moX9hQUk3orrOouK3QVQSlJa248c/g=",
        ])
    func refused(text: String) {
        let error = #expect(throws: WebhookError.self) { try WebhookSecret(text) }
        #expect(error?.code == .secretInvalid)
        #expect(error.map { $0.message.contains("MfKQ9r8G") || $0.message.contains("ZlN4eg7d") } == false)
    }

    @Test("does not appear in descriptions")
    func masked() {
        for secret in [WebhookSecret.random(), .randomKeyPair()] {
            let digits = secret.text.dropFirst(6)
            var dumped = ""
            dump([secret], to: &dumped)
            for text in ["\(secret)", String(reflecting: secret), "\(Optional(secret) as Any)", dumped] {
                #expect(!text.contains(digits))
                #expect(text.contains("_…") || text == dumped)
            }
        }
        #expect("\(WebhookSecret.random())" == "whsec_…")
        #expect("\(WebhookSecret.randomKeyPair())" == "whsk_…")
    }
}

@Suite("A sealed secret")
struct SecretBoxTests {
    private static let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    private static let base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

    @Test(
        "opens with the key in each of its notations",
        arguments: [hex, hex.uppercased(), base64, base64 + "\n", "  " + hex + " \r\n"])
    func notations(text: String) throws {
        let box = try SecretBox(key: text)
        #expect(box.keyID == "630dcd29")
        // Sealed by Python's cryptography with the nonce 0 to 11.
        let digits = Array("000102030405060708090a0b306aa57ea6bab67efe358fcece6adbd3aa7e966bcea21f877525")
        let sealed = stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(digits[$0...$0 + 1]), radix: 16)
        }
        #expect(try box.open(sealed, for: "endpoint 7") == Array("whsec_test".utf8))
    }

    @Test("opens to what was sealed, and is different each time", arguments: [0, 1, 38, 5_000])
    func opens(count: Int) throws {
        let box = try SecretBox(key: Self.hex)
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let sealed = try box.seal(bytes, for: "endpoint 7")
        #expect(sealed.count == 12 + count + 16)
        #expect(try box.open(sealed, for: "endpoint 7") == bytes)
        #expect(try box.seal(bytes, for: "endpoint 7") != sealed)
    }

    @Test("does not open with another key or name, nor after any change")
    func broken() throws {
        let box = try SecretBox(key: Self.hex)
        let sealed = try box.seal(Array("whsec_test".utf8), for: "endpoint 7")
        func refused(_ box: SecretBox, _ bytes: [UInt8], _ name: String = "endpoint 7") {
            let error = #expect(throws: WebhookError.self) { try box.open(bytes, for: name) }
            #expect(error?.code == .sealBroken)
            #expect(error?.message.contains("key \(box.keyID)") == true)
        }
        refused(try SecretBox(key: String(repeating: "1", count: 64)), sealed)
        refused(box, sealed, "endpoint 8")
        refused(box, sealed, "")
        refused(box, [])
        refused(box, Array(sealed.dropLast()))
        refused(box, Array(sealed.prefix(27)))
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            refused(box, changed)
        }
    }

    @Test(
        "needs a key of 32 bytes; the error does not contain it",
        arguments: [
            ("", "empty"), ("\n", "empty"), ("secret", "neither"), (String(hex.dropLast()), "neither"),
            (hex + "00", "neither"), (String(hex.dropLast()) + "g", "48 bytes"),
            ("AAECAwQFBgcICQoLDA0ODw==", "16 bytes"),
            (String(base64.dropLast()), "neither"), (base64 + "=", "neither"),
        ])
    func keys(text: String, reason: String) {
        let error = #expect(throws: WebhookError.self) { try SecretBox(key: text) }
        #expect(error?.code == .sealingKeyInvalid)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("AAECAw") == false && error?.message.contains("000102") == false)
    }

    @Test("is described by the key's id, never by the key")
    func described() throws {
        let box = try SecretBox(key: Self.hex)
        var dumped = ""
        dump(box, to: &dumped)
        for text in ["\(box)", String(reflecting: box), dumped] { #expect(!text.lowercased().contains("symmetric")) }
        #expect("\(box)" == "key 630dcd29")
    }
}
