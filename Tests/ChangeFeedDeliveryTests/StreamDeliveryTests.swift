@testable import ChangeFeedDelivery
import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres
import Synchronization
import Testing

@Suite("Delivery from a database to streams", .timeLimit(.minutes(10)))
struct StreamDeliveryTests {
    private func add(
        _ rig: DeliveryRig, _ url: String, credentials: String? = nil,
        _ change: (inout EndpointDesk.Draft) -> Void = { _ in }
    ) async throws {
        var draft = EndpointDesk.Draft(name: "hook", stream: try StreamURL(url), userID: 2)
        draft.scope.models = [try #require(ModelName("res.partner"))]
        change(&draft)
        try await rig.desk.addStream(
            draft, credentials: try credentials.map { try StreamCredentials($0) }, box: rig.box)
    }

    @Test("a change is stored in the stream, and settled after the server has acknowledged it")
    func jetStream() async throws {
        guard let server = try await StreamRig.natsServer() else { return }
        let rig = try await DeliveryRig()
        try await add(rig, "nats://127.0.0.1:\(server.port)/ODOO")
        let reader = try await StreamReader(server)
        try await rig.running {
            try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = 1")
            try await rig.until("it is stored") { try await reader.messages().count == 1 }
            try await rig.settled()
        }
        let stored = try #require(try await reader.messages().first)
        #expect(stored.subject == "changefeed.\(StreamSubject.token(rig.database.name)).res-partner.write")
        #expect(DeliveryRig.summary(stored.body) == "res.partner.write 1")
        let source = try await rig.database.psql("SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'")
        let feed = try await rig.database.psql("SELECT feed FROM changefeed.identity")
        #expect(stored.headers["ce-source"] == (source.isEmpty ? feed : source))
        #expect(stored.headers["ce-id"] == stored.headers["Nats-Msg-Id"])
        #expect(
            try await rig.database.psql("SELECT kind, concurrency, delivered FROM changefeed.endpoints")
                == "jetstream|1024|1")
        await reader.connection.close()
    }

    /// The last message about each subject.
    private static func newest(_ messages: [StreamReader.Stored]) -> [String: String] {
        Dictionary(messages.map { ($0.headers["ce-subject"] ?? "", $0.body) }, uniquingKeysWith: { $1 })
    }

    @Test("a server that is killed while records change loses nothing, and each record's newest state comes last")
    func outage() async throws {
        guard let server = try await StreamRig.natsServer() else { return }
        let rig = try await DeliveryRig("INSERT INTO res_partner (name) SELECT 'p' || n FROM generate_series(1, 300) n")
        try await add(rig, "nats://127.0.0.1:\(server.port)/ODOO") { $0.withData = true }
        try await rig.running(try rig.replica(schedule: .standard)) {
            for round in 1...12 {
                try await rig.write("UPDATE res_partner SET phone = 'r\(round)' WHERE name LIKE 'p%'")
                if round == 4 || round == 8 { server.kill() }
                if round == 6 || round == 10 { try await server.start() }
                try await Task.sleep(for: .milliseconds(100))
            }
            let reader = try await StreamReader(server)
            // Settled alone may be true before the last change was pulled.
            try await rig.until("the newest state of each is stored") {
                let newest = Self.newest(try await reader.messages())
                return newest.count == 300 && newest.values.allSatisfy { $0.contains(#""phone":"r12""#) }
            }
            await reader.connection.close()
            try await rig.settled()
        }
        let reader = try await StreamReader(server)
        let stored = try await reader.messages()
        #expect(Self.newest(stored).values.allSatisfy { $0.contains(#""phone":"r12""#) })
        #expect(Set(stored.compactMap { $0.headers["Nats-Msg-Id"] }).count == stored.count)
        #expect(try await rig.database.psql("SELECT count(*) FROM changefeed.endpoint_queue") == "0")
        await reader.connection.close()
    }

    @Test("credentials are stored encrypted and shown nowhere, and a test event tells whether they are right")
    func credentials() async throws {
        guard let server = try await StreamRig.natsServer(["--user", "odoo", "--pass", "hunter2"]) else { return }
        let rig = try await DeliveryRig()
        try await add(rig, "nats://odoo:wrong@127.0.0.1:\(server.port)/ODOO")
        var configuration = DeliveryService.Configuration()
        configuration.box = rig.box
        let wrong = try await rig.desk.test("hook", configuration)
        #expect(!wrong.isAccepted && wrong.text.hasPrefix("no connection: "))
        try await rig.desk.replaceCredentials("hook", try StreamCredentials("odoo:hunter2"), box: rig.box)
        let right = try await rig.desk.test("hook", configuration)
        #expect(right.isAccepted, "\(right.text)")
        let shown = try await rig.desk.list()
        #expect(!shown.contains("hunter2") && !shown.contains("wrong") && !shown.contains("odoo:"))
        #expect(
            try await rig.database.psql("SELECT encode(secret, 'escape') LIKE '%hunter2%' FROM changefeed.endpoint")
                == "f")
        await #expect(throws: ChangeFeedError.self) { try await rig.desk.rotate("hook", overlap: .zero, box: rig.box) }
        await #expect(throws: (any Error).self) {
            try await rig.write("UPDATE changefeed.endpoint SET url = 'nats://odoo:hunter2@localhost/ODOO'")
        }
    }

    @Test("only operators add streams")
    func operators() async throws {
        let rig = try await DeliveryRig()
        let error = await #expect(throws: ChangeFeedError.self) {
            try await add(rig, "nats://127.0.0.1/ODOO") { $0.apiKey = 1 }
        }
        #expect(error?.code == .endpointRefused)
        #expect(
            try await rig.database.psql(
                "SELECT changefeed.endpoint_add('a', 'nats://u:p@localhost/ODOO', 2, kind => 'jetstream')")
                == "(credentials_in_url,)")
        #expect(try await rig.database.psql("SELECT count(*) FROM changefeed.endpoint") == "0")
    }

    @Test("Kafka: a changed record has its key, and a deleted one is a tombstone")
    func kafka() async throws {
        guard let cluster = MockKafka() else { return print("Kafka is skipped: librdkafka is not installed") }
        try cluster.create("odoo", partitions: 1)
        let rig = try await DeliveryRig("INSERT INTO res_partner (id, name) VALUES (9001, 'gone')")
        try await add(rig, "kafka://\(cluster.servers)/odoo?compacted=true")
        try await rig.running {
            try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = 9001")
            try await rig.until("it is delivered") {
                try await rig.database.psql("SELECT delivered FROM changefeed.endpoints") == "1"
            }
            try await rig.write("DELETE FROM res_partner WHERE id = 9001")
            try await rig.until("its end is delivered") {
                try await rig.database.psql("SELECT delivered FROM changefeed.endpoints") == "2"
            }
        }
        let found = try await cluster.records("odoo", partitions: 1)
        #expect(found.map(\.key) == ["res.partner/9001", "res.partner/9001"])
        #expect(found.map { $0.value == nil } == [false, true])
    }
}
