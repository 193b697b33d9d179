@testable import ChangeFeedHTTP
import ChangeFeed
import ChangeFeedTesting
import Foundation
import HTTPTypes
import Postgres
import Synchronization
import Testing

@Suite("Odoo is asked which fields a user may see", .timeLimit(.minutes(10)))
struct FieldKnowledgeTests {
    private final class Seen: Sendable {
        private let list = Mutex<[FieldKnowledge.Observation]>([])
        var all: [FieldKnowledge.Observation] { list.withLock { $0 } }
        func note(_ observation: FieldKnowledge.Observation) { list.withLock { $0.append(observation) } }
    }

    private struct Scene {
        let database: TestDatabase
        let odoo: StubOdoo
        let service: Service
        let seen: Seen
        let folder: SessionFolder

        /// The names in the data of partner 1.
        func pull(session: TestSession? = nil, key: String? = nil, device: String = "phone") async throws -> Set<String>
        {
            let answer = try await service.send(
                "/api/v2/sync/pull?device_id=\(device)&models=res.partner", key: key, session: session)
            #expect(answer.status == 200, "\(answer.text)")
            let events = answer.object["events"] as? [[String: Any]] ?? []
            return Set((events.first?["data"] as? [String: Any] ?? [:]).keys)
        }
    }

    /// Session files, an event of partner 1, and a column that nothing is known of.
    private func scene(_ configure: (inout FieldKnowledge.Configuration) -> Void = { _ in }) async throws -> Scene {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            """
            ALTER TABLE res_partner ADD COLUMN loyalty_points int DEFAULT 7;
            INSERT INTO ir_model_fields (model, name, ttype, store) VALUES ('res.partner', 'loyalty_points', 'integer', true);
            UPDATE res_partner SET phone = '1' WHERE id = 1;
            """)
        let folder = try SessionFolder()
        let odoo = try await StubOdoo()
        for session in [TestSession.admin, .sales] {
            try folder.write(session, database: database.name)
            odoo.know(session.id, user: session.user)
        }
        odoo.show(["id", "name", "loyalty_points", "display_name"], of: "res.partner")
        var configuration = FieldKnowledge.Configuration(url: odoo.url)
        configuration.patience = .seconds(60)
        configure(&configuration)
        let seen = Seen()
        let service = try Service(
            database, authentication: .init(sessionChecks: [SessionFiles(dataDirectory: folder.path)]),
            odoo: configuration, observe: seen.note)
        return Scene(database: database, odoo: odoo, service: service, seen: seen, folder: folder)
    }

    @Test("once for all users with the same groups, and exactly its fields are given, to keys as well")
    func asks() async throws {
        let scene = try await scene()
        #expect(try await scene.pull(key: TestKeys.sales).isSuperset(of: ["id", "name", "phone"]))
        #expect(scene.odoo.questions == [])
        scene.odoo.set(cookie: "session_id=rotated; Path=/; HttpOnly")
        let first = try await scene.service.send("/api/v2/sync/pull?device_id=a&models=res.partner", session: .sales)
        #expect(first.headers[.setCookie] == "session_id=rotated; Path=/; HttpOnly")
        #expect(try await scene.pull(session: .sales) == ["id", "name", "loyalty_points"])
        #expect(try await scene.pull(key: TestKeys.sales) == ["id", "name", "loyalty_points"])
        #expect(scene.odoo.questions.count == 1)
        let question = try #require(scene.odoo.questions.first)
        #expect(
            question.hasPrefix("POST /web/dataset/call_kw ")
                && question.contains(#""method":"fields_get","args":[],"kwargs":{"attributes":["type","store"]}"#))
        // Other groups, another question; a list asks as a pull does, and withheld fields are unknown by name.
        let list = try await scene.service.send(
            "/api/v2/sync/snapshot?device_id=b&model=res.partner&limit=1", session: .admin)
        #expect(list.text.contains("loyalty_points") && !list.text.contains("phone"))
        #expect(scene.odoo.questions.count == 2)
        let byName = try await scene.service.send(
            "/api/v2/sync/pull?device_id=a&models=res.partner&fields[res.partner]=phone", session: .sales)
        #expect(byName.code == "field_unknown")
        #expect(scene.seen.all == [.asked(.answered), .asked(.answered)])
        await scene.odoo.stop()
    }

    @Test("many concurrent requests make one call")
    func once() async throws {
        let scene = try await scene()
        try await withThrowingTaskGroup(of: Set<String>.self) { group in
            for device in 0..<12 { group.addTask { try await scene.pull(session: .sales, device: "d\(device)") } }
            for try await names in group { #expect(names == ["id", "name", "loyalty_points"]) }
        }
        #expect(scene.odoo.questions.count == 1)
        await scene.odoo.stop()
    }

    @Test("who has to wait for questions about other models asks their own then")
    func otherModels() async throws {
        let scene = try await scene()
        scene.odoo.show(["id", "name"], of: "sale.order")
        async let partners = scene.service.send(
            "/api/v2/sync/snapshot?device_id=a&model=res.partner&limit=1", session: .sales)
        async let orders = scene.service.send(
            "/api/v2/sync/snapshot?device_id=b&model=sale.order&limit=1", session: .sales)
        let texts = try await (partners.text, orders.text)
        #expect(texts.0.contains("loyalty_points") && !texts.0.contains("phone") && !texts.1.contains("amount_total"))
        #expect(scene.odoo.questions.count == 2)
        await scene.odoo.stop()
    }

    @Test("a model that Odoo refuses does not keep the others from being asked about")
    func refused() async throws {
        let scene = try await scene()
        let answer = try await scene.service.send(
            "/api/v2/sync/pull?device_id=a&models=product.template,res.partner,sale.order", session: .admin)
        #expect(answer.status == 200 && answer.text.contains("loyalty_points"))
        #expect(scene.odoo.questions.count == 3)
        #expect(
            scene.seen.all.filter { $0 == .asked(.failed) }.count == 2 && scene.seen.all.contains(.asked(.answered)))
        await scene.odoo.stop()
    }

    @Test(
        "while it fails, the stored knowledge of fields applies; it is logged once, and Odoo is not asked for a while",
        arguments: [
            StubOdoo.Behaviour.says(status: 500, body: "{}"), .says(status: 200, body: "<html>"),
            .says(status: 200, body: #"{"result":{}}"#), .drops(times: 9),
        ])
    func down(behaviour: StubOdoo.Behaviour) async throws {
        let scene = try await scene()
        scene.odoo.behave(behaviour)
        for session in [TestSession.sales, .sales, .admin] {
            let names = try await scene.pull(session: session, device: "d\(session.user)")
            #expect(names.contains("phone") && !names.contains("loyalty_points"))
        }
        #expect(scene.odoo.questions.count == 1)
        #expect(scene.seen.all.first == .asked(.failed) && scene.seen.all.count == 2)
        guard case .troubled(.some) = scene.seen.all.last else {
            Issue.record("\(scene.seen.all)")
            return
        }
        await scene.odoo.stop()
    }

    @Test("it is asked again after the pause, and its recovery is logged")
    func recovers() async throws {
        let scene = try await scene { $0.pause = .zero }
        scene.odoo.behave(.drops(times: 1))
        #expect(try await scene.pull(session: .sales).contains("phone"))
        #expect(try await scene.pull(session: .sales) == ["id", "name", "loyalty_points"])
        #expect(
            scene.seen.all.map { if case .troubled(let reason) = $0 { reason != nil } else { nil as Bool? } } == [
                nil, true, nil, false,
            ])
        await scene.odoo.stop()
    }

    @Test("when Odoo says nothing, the pull does not wait for it")
    func slow() async throws {
        let scene = try await scene {
            $0.patience = .seconds(4)
            $0.timeout = .seconds(120)
        }
        scene.odoo.behave(.hangs)
        let began = ContinuousClock.now
        #expect(try await scene.pull(session: .sales).contains("phone"))
        // The question itself may take two minutes.
        #expect(.now - began < .seconds(60))
        // Once somebody has waited in vain, nobody else does.
        #expect(try await scene.pull(session: .sales).contains("phone"))
        #expect(scene.odoo.questions.count == 1)
        #expect(FieldKnowledge.Configuration(url: "").patience == .seconds(2))
        await scene.odoo.stop()
    }

    @Test("a session that Odoo does not know says nothing about Odoo")
    func expired() async throws {
        let scene = try await scene()
        scene.odoo.forget(TestSession.sales.id)
        #expect(try await scene.pull(session: .sales).contains("phone"))
        #expect(scene.seen.all == [.asked(.expired)])
        #expect(try await scene.pull(session: .admin, device: "b") == ["id", "name", "loyalty_points"])
        await scene.odoo.stop()
    }

    @Test("no data, no question")
    func withoutData() async throws {
        let scene = try await scene()
        _ = try await scene.service.send("/api/v2/sync/pull?device_id=a&data=false", session: .sales)
        _ = try await scene.service.send("/api/v2/sync/pull?device_id=a", session: .sales, method: .head)
        #expect(scene.odoo.questions == [])
        await scene.odoo.stop()
    }
}
