import Testing

@testable import ChangeFeedDelivery

@Suite("A signature of a message")
struct SignatureTests {
    // The example of the reference libraries (standard-webhooks, "sign function works").
    private static let id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    private static let time: Int64 = 1_614_265_330
    private static let body = Array(#"{"test": 2432232314}"#.utf8)
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private static let hmac = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    private static let privateKey = "whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk="
    private static let publicKey = "whpk_ZlN4eg7dSSqi0moX9hQUk3orrOouK3QVQSlJa248c/g="
    private static let ed25519 =
        "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag=="

    private static func verify(
        _ verifier: WebhookVerifier, _ signatures: String = hmac, id: String = id, time: String = "\(time)",
        body: [UInt8] = body, now: Int64 = time
    ) throws {
        try verifier.verify(signatures: signatures, id: id, timestamp: time, body: body, now: now)
    }

    @Test(
        "is that of the specification's examples",
        arguments: [
            ([secret], hmac), ([privateKey], ed25519), ([secret, privateKey], hmac + " " + ed25519),
            (
                // The other is computed with Python's hmac.
                ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLw0w", secret],
                "v1,apr5IAn5KgahqO7P8CB4R95XshqqbAMjxcSeuJhWGyw= " + hmac
            ), ([], ""),
        ])
    func examples(secrets: [String], signatures: String) throws {
        let value = try WebhookSignature.value(
            id: Self.id, timestamp: Self.time, body: Self.body, secrets: secrets.map { try WebhookSecret($0) })
        #expect(value == signatures)
    }

    @Test("of either kind is accepted by its receivers", arguments: [secret, privateKey, publicKey])
    func accepts(key: String) throws {
        try Self.verify(WebhookVerifier(key), Self.hmac + " " + Self.ed25519)
        try Self.verify(WebhookVerifier(key), "v2,AAAA v1,AAAA rubbish , v1a, " + Self.hmac + " " + Self.ed25519)
    }

    @Test("is refused for another message, secret, version or form")
    func refuses() throws {
        let receiver = try WebhookVerifier(Self.secret)
        func refused(_ expression: () throws -> Void, line: Int = #line) {
            #expect(throws: WebhookVerifier.Refusal.signatureWrong, "line \(line)") { try expression() }
        }
        refused { try Self.verify(receiver, id: Self.id + "x") }
        refused { try Self.verify(receiver, time: "\(Self.time + 1)") }
        refused { try Self.verify(receiver, time: "0\(Self.time)") }
        refused { try Self.verify(receiver, body: Self.body + [0x20]) }
        refused { try Self.verify(receiver, body: []) }
        refused { try Self.verify(WebhookVerifier([.random()])) }
        refused { try Self.verify(WebhookVerifier([])) }
        refused { try Self.verify(WebhookVerifier(Self.publicKey)) }
        refused { try Self.verify(receiver, Self.ed25519) }
        refused { try Self.verify(receiver, "v1a," + Self.hmac.dropFirst(3)) }
        refused { try Self.verify(receiver, "v10," + Self.hmac.dropFirst(3)) }
        refused { try Self.verify(receiver, String(Self.hmac.dropFirst(3))) }
        refused { try Self.verify(receiver, String(Self.hmac.prefix(20))) }
        for text in ["", "v1", "v1,", ",", " ", "v1,====", "v1,\u{0}"] { refused { try Self.verify(receiver, text) } }
        refused { try Self.verify(receiver, String(repeating: "v1,AAAA ", count: 16) + Self.hmac) }
        refused { try Self.verify(WebhookVerifier(Self.publicKey), "v1a," + Self.hmac.dropFirst(3)) }
    }

    @Test(
        "counts for five minutes on either side of the receiver's clock",
        arguments: [
            (0, nil), (300, nil), (-300, nil), (301, WebhookVerifier.Refusal.timestampPast),
            (-301, .timestampFuture),
            (86_400, .timestampPast),
        ])
    func tolerance(later: Int, refusal: WebhookVerifier.Refusal?) throws {
        let receiver = try WebhookVerifier(Self.secret)
        if let refusal {
            #expect(throws: refusal) { try Self.verify(receiver, now: Self.time + Int64(later)) }
        } else {
            try Self.verify(receiver, now: Self.time + Int64(later))
        }
    }

    @Test(
        "needs a timestamp of whole seconds",
        arguments: ["", "x", "1614265330.0", "-1614265330", "+1614265330", " 1614265330", "9999999999999999999", "１"])
    func timestamps(text: String) throws {
        let receiver = try WebhookVerifier(Self.secret)
        #expect(throws: WebhookVerifier.Refusal.timestampInvalid) { try Self.verify(receiver, time: text) }
    }

    @Test("says why it is refused")
    func reasons() {
        for refusal in [
            WebhookVerifier.Refusal.timestampInvalid, .timestampPast, .timestampFuture, .signatureWrong,
        ] { #expect(refusal.description.contains("`webhook-")) }
    }
}
