@testable import ChangeFeedDelivery
import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres
import Synchronization
import Testing

@Suite("Where webhooks may go", .timeLimit(.minutes(10)))
struct WhereToTests {
    private func address(_ text: String) throws -> Address { try #require(Address(text)) }

    @Test("a host with an address that is not allowed gets nothing, not even a connection")
    func refused() async throws {
        let rig = try await DeliveryRig()
        try await rig.add()
        try await rig.running(try rig.replica(allow: [])) {
            try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = 1")
            try await rig.until("it is refused") {
                try await rig.database.psql("SELECT last_failure LIKE '%refused%' FROM changefeed.endpoints") == "t"
            }
        }
        #expect(rig.receiver.connections == 0)
    }

    @Test("a name is refused when one of its addresses is, whichever comes first")
    func oneOfSeveral() async throws {
        let rig = try await DeliveryRig()
        try await rig.add(host: "hooks.example.com")
        let both = [try address("127.0.0.1"), try address("169.254.169.254")]
        try await rig.running(try rig.replica(resolve: { _ in both })) {
            try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = 1")
            try await rig.until("it is refused") {
                try await rig.database.psql("SELECT last_failure LIKE '%refused%' FROM changefeed.endpoints") == "t"
            }
        }
        #expect(rig.receiver.connections == 0)
    }

    @Test("a name that later leads elsewhere is checked again, and connections lead to the checked address")
    func rebinding() async throws {
        let rig = try await DeliveryRig()
        try await rig.add(host: "hooks.example.com")
        let other = try await WebhookReceiver(host: "127.0.0.2")
        let now = Mutex([try address("127.0.0.1")])
        try await rig.running(try rig.replica(allow: ["127.0.0.1"], resolve: { _ in now.withLock { $0 } })) {
            try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = 1")
            try await rig.until("it arrives") { rig.arrived == ["res.partner.write 1"] }
            // The header names the host, whatever its address.
            #expect(rig.receiver.messages.first?.headers["host"] == "hooks.example.com:\(rig.receiver.port)")
            let forbidden = try address("127.0.0.2")
            now.withLock { $0 = [forbidden] }
            try await Task.sleep(for: .milliseconds(200))
            try await rig.write("UPDATE res_partner SET phone = '2' WHERE id = 1")
            try await rig.until("it is refused") {
                try await rig.database.psql("SELECT last_failure LIKE '%refused%' FROM changefeed.endpoints") == "t"
            }
        }
        #expect(other.connections == 0 && rig.receiver.messages.count == 1)
    }

    @Test("a name in capitals is the same name")
    func capitals() async throws {
        let rig = try await DeliveryRig()
        try await rig.add(host: "HOOKS.Example.com")
        let loopback = try address("127.0.0.1")
        try await rig.running(try rig.replica(resolve: { $0 == "hooks.example.com" ? [loopback] : [] })) {
            try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = 1")
            try await rig.until("it arrives") { rig.arrived == ["res.partner.write 1"] }
        }
    }
}
