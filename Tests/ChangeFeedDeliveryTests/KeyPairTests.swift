@testable import ChangeFeedDelivery
import ChangeFeed
import ChangeFeedTesting
import Postgres
import Testing

@Suite("A webhook that signs by ed25519", .timeLimit(.minutes(10)))
struct KeyPairTests {
    private static func isSigned(_ message: WebhookReceiver.Message, by key: String) throws -> Bool {
        do {
            try WebhookVerifier(key).verify(
                signatures: message.headers["webhook-signature"] ?? "", id: message.headers["webhook-id"] ?? "",
                timestamp: message.headers["webhook-timestamp"] ?? "", body: Array(message.body.utf8),
                now: Timestamp.now.microseconds / 1_000_000)
            return true
        } catch is WebhookVerifier.Refusal {
            return false
        }
    }

    @Test("is verified by its public key, which can be read again; a rotation keeps the kind, and both keys sign")
    func rotation() async throws {
        let rig = try await DeliveryRig()
        let first = try #require(try await rig.add { $0.signature = .ed25519 }.publicKey)
        #expect(try await rig.desk.publicKey("hook", box: rig.box) == first)
        let second = try await rig.desk.rotate("hook", overlap: .seconds(86_400), box: rig.box)
        let key = try #require(second.publicKey)
        #expect(key != first)
        #expect(try await rig.desk.publicKey("hook", box: rig.box) == key)
        try await rig.running {
            try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = 1")
            try await rig.until("it arrives") { rig.arrived == ["res.partner.write 1"] }
            try await rig.settled()
        }
        let message = try #require(rig.receiver.messages.first)
        #expect(message.headers["webhook-signature"]?.split(separator: " ").count == 2)
        #expect(message.headers["webhook-signature"]?.split(separator: " ").allSatisfy { $0.hasPrefix("v1a,") } == true)
        #expect(try Self.isSigned(message, by: first) && Self.isSigned(message, by: key))
        #expect(try !Self.isSigned(message, by: try #require(WebhookSecret.randomKeyPair().publicKey)))
    }

    @Test("may become one that signs by HMAC")
    func change() async throws {
        let rig = try await DeliveryRig()
        try await rig.add { $0.signature = .ed25519 }
        let secret = try await rig.desk.rotate("hook", overlap: .zero, method: .hmac, box: rig.box)
        #expect(secret.publicKey == nil)
        #expect(try await rig.desk.publicKey("hook", box: rig.box) == nil)
    }

    @Test("the former secret ends with its time, while the endpoint is delivered to")
    func overlap() async throws {
        let rig = try await DeliveryRig()
        let former = try await rig.add()
        let secret = try await rig.desk.rotate("hook", overlap: .seconds(86_400), box: rig.box)
        try await rig.running {
            try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = 1")
            try await rig.until("it arrives") { rig.arrived.count == 1 }
            try await rig.settled()
            let first = try #require(rig.receiver.messages.first)
            #expect(first.isSigned(by: former) && first.isSigned(by: secret))
            // Time passes.
            try await rig.database.psql("UPDATE changefeed.endpoint SET former_until = clock_timestamp()")
            var number = 0
            try await rig.until("one secret signs") {
                number += 1
                let count = rig.receiver.messages.count
                try await rig.write("UPDATE res_partner SET phone = 'x\(number)' WHERE id = 1")
                try await rig.until("it arrives") { rig.receiver.messages.count > count }
                return rig.receiver.messages.last.map { !$0.isSigned(by: former) && $0.isSigned(by: secret) } ?? false
            }
        }
    }
}
