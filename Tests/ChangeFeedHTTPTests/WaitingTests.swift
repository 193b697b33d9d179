@testable import ChangeFeedHTTP
import ChangeFeed
import ChangeFeedTesting
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Synchronization
import Testing

@Suite("Waiting for changes", .timeLimit(.minutes(10)))
struct WaitingTests {
    private static let stream = "/api/v2/sync/stream"
    private let batch = ChangeBatch(
        entries: [LogEntry(id: 9, epoch: 1, model: "res.partner", kind: .write, occurredAt: 0, recordIDs: [1, 2])],
        isConsistentCut: true)

    /// Streams that say something quickly and end soon.
    private func quick(_ configuration: inout HTTPConfiguration) {
        configuration.streamTiming = StreamTiming(
            ping: 0.1...0.2, checkAgain: .milliseconds(300), end: 1.5...1.6, retryMilliseconds: 3_000...3_000)
    }

    @Test("a pull that waits is answered by the change, and by its time")
    func longPoll() async throws {
        let (database, service) = try await SyncTests.installed()
        let answer = try await service.send(SyncTests.pull + "?device_id=phone&wait=1", key: TestKeys.admin)
        #expect(answer.object["has_update"] as? Bool == false)
        async let waiting = service.send(SyncTests.pull + "?device_id=phone&wait=60", key: TestKeys.admin)
        try await eventually("it waits") { service.hints.count == 1 }
        try await database.psql("UPDATE res_partner SET phone = '1' WHERE id = 1", user: "odoo")
        service.hints.publish(batch)
        let woken = try await waiting
        #expect(woken.object["has_update"] as? Bool == true)
        // What is there is given at once.
        #expect(
            try await service.send(SyncTests.pull + "?device_id=phone&wait=60", key: TestKeys.admin).text == woken.text)
    }

    @Test("what changed between the first look and the waiting is not waited for")
    func between() async throws {
        let (database, service) = try await SyncTests.installed()
        _ = try await service.send(SyncTests.pull + "?device_id=phone", key: TestKeys.admin)
        async let waiting = service.send(SyncTests.pull + "?device_id=phone&wait=60", key: TestKeys.admin)
        // Whenever this commits: before the pull, before the subscription or after it; the hint comes only once.
        try await database.psql("UPDATE res_partner SET phone = '1' WHERE id = 1", user: "odoo")
        let poll = Task {
            while !Task.isCancelled {
                service.hints.publish(batch)
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        #expect(try await waiting.object["has_update"] as? Bool == true)
        poll.cancel()
    }

    /// Opens a stream over a socket, until it ends; the body runs while it is open.
    private func open(
        _ service: Service, _ uri: String, key: String? = TestKeys.admin, headers: HTTPFields = [:],
        _ body: @escaping @Sendable () async throws -> Void = {}
    ) async throws -> Answer {
        let given = Mutex<Answer?>(nil)
        try await live(service) { client in
            var fields = headers
            if let key { fields[.authorization] = "Bearer \(key)" }
            let sent = fields
            async let response = client.execute(uri: uri, method: .get, headers: sent)
            try await body()
            let answer = try await response
            given.withLock {
                $0 = Answer(status: answer.status.code, headers: answer.headers, text: String(buffer: answer.body))
            }
        }
        return try #require(given.withLock { $0 })
    }

    /// A connection ends with its stream. HummingbirdTesting's client may find that only when it closes, and fail then.
    private func live(
        _ service: Service, _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let isDone = Atomic(false)
        do {
            try await service.server.application.test(.live) { client in
                try await body(client)
                isDone.store(true, ordering: .relaxed)
            }
        } catch ChannelError.ioOnClosedChannel where isDone.load(ordering: .relaxed) {}
    }

    @Test("a stream tells what waits, hints at changes, beats, and ends")
    func streams() async throws {
        let (database, service) = try await SyncTests.installed(
            "UPDATE res_partner SET phone = '1' WHERE id = 1", configure: quick)
        // The last id that the one row of the log could have.
        let newest = try await database.psql("SELECT max(id) * 4096 + 4095 FROM changefeed.event")
        let answer = try await open(service, Self.stream + "?device_id=phone&models=res.partner") {
            try await eventually("it follows") { service.server.streams.count == 1 }
            service.hints.publish(batch)
        }
        #expect(answer.text.hasPrefix("retry: 3000\n\n"))
        #expect(answer.text.contains("event: change\nid: \(newest)\ndata: {\"models\":{},\"newest_id\":\(newest)}\n\n"))
        #expect(
            answer.text.contains(
                "event: change\nid: 36865\ndata: {\"models\":{\"res.partner\":2},\"newest_id\":36865}\n\n"))
        #expect(answer.text.contains("event: ping\ndata: {}\n\n"))
        #expect(answer.headers[.contentType] == "text/event-stream")
        #expect(answer.headers[.cacheControl] == "no-store, no-transform")
        #expect(answer.headers[try #require(HTTPField.Name("X-Accel-Buffering"))] == "no")
        #expect(service.server.streams.count == 0)
    }

    @Test("waiting changes are announced whatever the Last-Event-ID: ids do not rise in the order of commits")
    func lastEventID() async throws {
        let (_, service) = try await SyncTests.installed(
            "UPDATE res_partner SET phone = '1' WHERE id = 1", configure: quick)
        let answer = try await open(
            service, Self.stream + "?device_id=phone",
            headers: [try #require(HTTPField.Name("Last-Event-ID")): "999999999"])
        #expect(answer.text.contains("event: change"))
    }

    @Test("other models' changes are not announced, and an idle stream is silent")
    func silent() async throws {
        let (_, service) = try await SyncTests.installed(configure: quick)
        _ = try await service.send(SyncTests.pull + "?device_id=phone&models=sale.order", key: TestKeys.admin)
        let answer = try await open(service, Self.stream + "?device_id=phone&models=sale.order") {
            try await eventually("it follows") { service.server.streams.count == 1 }
            service.hints.publish(batch)
        }
        #expect(!answer.text.contains("event: change") && answer.text.contains("event: ping"))
    }

    @Test(
        "a stream ends when its own user's access has changed, and not when others' has",
        arguments: [
            "UPDATE res_users SET active = false WHERE id = 2",
            "UPDATE ir_rule SET domain_force = '[(1, ''='', 1)]' WHERE name = 'own'",
            "DELETE FROM res_groups_users_rel WHERE uid = 2 AND gid = 2",
            "DELETE FROM res_company_users_rel WHERE user_id = 2 AND cid = 2",
            "DELETE FROM ir_model_access WHERE model_id = (SELECT id FROM ir_model WHERE model = 'sale.order')",
        ])
    func ends(change: String) async throws {
        let rules =
            AccessTests.rule("sale.order", "[('user_id', '=', user.id)]", group: 2, name: "own")
            + AccessTests.rule("sale.order", "[('id', 'not in', company_ids)]", name: "companies")
            + AccessTests.rule("res.partner", "[('id', '>', 1)]", group: 4, name: "other")
        let (database, _) = try await AccessTests.installed(rules)
        let service = try Service(database) { configuration in
            configuration.streamTiming = StreamTiming(ping: 0.1...0.2, checkAgain: .milliseconds(200), end: 60...60)
        }
        _ = try await open(service, Self.stream + "?device_id=phone&models=sale.order") {
            try await eventually("it follows") { service.server.streams.count == 1 }
            // Neither a record nor the rights of others and of other models are its business.
            try await database.psql(
                """
                UPDATE sale_order SET state = 'a' WHERE id = 1; DELETE FROM res_groups_users_rel WHERE uid = 6;
                UPDATE ir_rule SET domain_force = '[(''id'', ''>'', 2)]' WHERE name = 'other'
                """, user: "odoo")
            try await Task.sleep(for: .seconds(1))
            #expect(service.server.streams.count == 1)
            try await database.psql(change, user: "odoo")
            try await eventually("it is sent home") { service.server.streams.count == 0 }
        }
    }

    @Test("a stream ends with its client")
    func goes() async throws {
        let (_, service) = try await SyncTests.installed()
        try await live(service) { client in
            let task = Task {
                try await client.execute(
                    uri: Self.stream + "?device_id=phone", method: .get,
                    headers: [.authorization: "Bearer \(TestKeys.sales)"])
            }
            try await eventually("it follows") { service.server.streams.count == 1 }
            service.server.streams.end()
            _ = await task.result
        }
    }

    @Test("streams are bounded by user, and checked like pulls")
    func bounded() async throws {
        let (_, service) = try await SyncTests.installed { configuration in
            quick(&configuration)
            configuration.maximumStreamsPerUser = 1
        }
        _ = try await open(service, Self.stream + "?device_id=a") {
            try await eventually("it follows") { service.server.streams.count == 1 }
            let second = try await service.send(Self.stream + "?device_id=b", key: TestKeys.admin)
            #expect(second.status == 429 && second.code == "too_many_streams" && second.headers[.retryAfter] != nil)
        }
        #expect(try await open(service, Self.stream + "?device_id=b").status == 200)
        #expect(try await service.send(Self.stream + "?device_id=b&models=no.model", key: TestKeys.admin).status == 403)
        #expect(try await service.send(Self.stream, key: TestKeys.admin).status == 422)
        #expect(try await service.send(Self.stream + "?device_id=b").status == 401)
    }
}
