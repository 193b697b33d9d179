@testable import ChangeFeedDelivery
import ChangeFeed
import ChangeFeedTesting
import Foundation
import Testing

@Suite("What delivery keeps to in odd circumstances", .timeLimit(.minutes(10)))
struct DeliverySafetyTests {
    @Test(
        "a copy and a neutralized database deliver nothing until an operator says otherwise",
        arguments: ["copy", "neutralized"])
    func elsewhere(what: String) async throws {
        let rig = try await DeliveryRig()
        try await rig.add()
        try await rig.running {
            try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = 1")
            try await rig.until("it arrives") { rig.arrived == ["res.partner.write 1"] }
            try await rig.settled()
            try await rig.write(
                what == "copy"
                    ? "UPDATE ir_config_parameter SET value = 'of a copy' WHERE key = 'database.uuid'"
                    : "INSERT INTO ir_config_parameter (key, value) VALUES ('database.is_neutralized', 'true')")
            try await rig.until("it stops") { rig.observations.contains(.owned(endpoint: "hook", false)) }
            try await rig.write("UPDATE res_partner SET phone = '2' WHERE id = 2")
            #expect(rig.arrived == ["res.partner.write 1"])
            if what == "copy" {
                try await rig.database.psql("SELECT changefeed.adopt('a test')")
                // Its feed is another one.
                try await rig.until("all is sent again") { rig.arrived.contains("res.partner.create 2 copy") }
            } else {
                try await rig.write("DELETE FROM ir_config_parameter WHERE key = 'database.is_neutralized'")
                try await rig.until("it goes on") { rig.arrived.contains("res.partner.write 2") }
            }
        }
        #expect(rig.arrived[1] == (what == "copy" ? "changefeed.resync" : "res.partner.write 2"))
    }

    @Test("after the server's clock was set back by a day, another replica takes over as soon as before")
    func clockSetBack() async throws {
        let rig = try await DeliveryRig()
        try await rig.add()
        try await rig.database.psql(
            "UPDATE changefeed.endpoint_progress SET owner = '00000000-0000-0000-0000-000000000000', owned_until = clock_timestamp() + interval '1 day'"
        )
        try await rig.running {
            try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = 1")
            try await rig.until("it arrives") { rig.arrived == ["res.partner.write 1"] }
        }
        // Nor is a lease taken while it is in force.
        try await rig.database.psql(
            "UPDATE changefeed.endpoint_progress SET owner = '00000000-0000-0000-0000-000000000000', owned_until = clock_timestamp() + interval '30 seconds'"
        )
        #expect(try await rig.database.psql("SELECT count(*) FROM changefeed.endpoint_lease(gen_random_uuid())") == "0")
    }

    @Test("the records of a list wait when its end is noted, and only for the replica that holds the endpoint")
    func list() async throws {
        let rig = try await DeliveryRig()
        try await rig.add()
        try await rig.database.psql(
            "SELECT changefeed.mark_resync(d.id, ARRAY['res.partner'], 'model_reset', 'apply_differences', false) FROM changefeed.device d"
        )
        func page(_ owner: String) async throws -> String {
            try await rig.database.psql(
                """
                SELECT p.problem, cardinality(p.record_ids), p.complete, (SELECT count(*) FROM changefeed.endpoint_queue),
                       (SELECT d.resync = '{}' FROM changefeed.device d)
                FROM changefeed.endpoint e,
                    changefeed.endpoint_list(2, e.id, '\(owner)', 'res.partner', NULL, 500, NULL, NULL) p
                """)
        }
        let owner = "00000000-0000-0000-0000-000000000001"
        #expect(try await page(owner) == "not_owner|||0|f")
        _ = try await rig.database.psql("SELECT count(*) FROM changefeed.endpoint_lease('\(owner)')")
        _ = try await page(owner)
        let count = try await rig.database.psql("SELECT count(*) FROM res_partner")
        #expect(
            try await rig.database.psql(
                "SELECT count(*), d.resync = '{}' FROM changefeed.endpoint_queue q, changefeed.device d WHERE q.kind = 'copy' GROUP BY 2"
            ) == "\(count)|t")
    }

    @Test("a resync drops what the receiver has: nothing tells it where the list ends")
    func replacement() async throws {
        let rig = try await DeliveryRig()
        try await rig.add()
        try await rig.running {
            try await rig.database.psql(
                "SELECT changefeed.mark_resync(d.id, ARRAY['res.partner'], 'model_reset', 'apply_differences', false) FROM changefeed.device d"
            )
            try await rig.until("it is told") { rig.arrived.contains("changefeed.resync") }
        }
        #expect(rig.receiver.messages.first?.body.contains(#""mode":"replace""#) == true)
    }

    @Test("a replay does not take a resync for done that is due", arguments: ["earliest", "all", "now"])
    func replay(start: String) async throws {
        let rig = try await DeliveryRig()
        try await rig.add()
        try await rig.database.psql(
            """
            UPDATE changefeed.device SET models = '{res.partner}', app_type = 'all';
            SELECT changefeed.mark_resync(d.id, d.models, 'cursor_expired', 'apply_differences', true) FROM changefeed.device d;
            SELECT changefeed.endpoint_replay('hook', '\(start)')
            """)
        // All records follow, or the operator wants none of what was before.
        #expect(
            try await rig.database.psql("SELECT d.resync ? 'res.partner', d.is_copying FROM changefeed.device d")
                == ["earliest": "t|f", "all": "f|t", "now": "f|f"][start])
    }

    @Test("a replay from an event begins with all records where a first copy was not complete")
    func replayBesideCopy() async throws {
        let rig = try await DeliveryRig()
        try await rig.add { $0.start = .all }
        try await rig.database.psql("SELECT changefeed.endpoint_replay('hook', 'earliest')")
        #expect(try await rig.database.psql("SELECT d.is_copying FROM changefeed.device d") == "t")
    }

    @Test("a receiver that is gone in the middle of a page gets the rest of it when its endpoint is resumed")
    func gone() async throws {
        let rig = try await DeliveryRig()
        try await rig.add { $0.concurrency = 1 }
        try await rig.running {
            try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = 4")
            try await rig.until("it arrives") { rig.arrived == ["res.partner.write 4"] }
            try await rig.settled()
            rig.receiver.reply { _ in .status(410) }
            try await rig.write("UPDATE res_partner SET phone = '1' WHERE id <= 3")
            try await rig.until("it is disabled") {
                try await rig.database.psql("SELECT state FROM changefeed.endpoints") == "disabled"
            }
            rig.receiver.reply { _ in .status(204) }
            #expect(try await rig.desk.set("hook", active: true))
            try await rig.until("all arrive") { Set(rig.arrived) == Set((1...4).map { "res.partner.write \($0)" }) }
        }
        #expect(rig.receiver.messages.count == 5)
    }

    @Test("what was written while nothing was delivered ends in one message per record, with its newest state")
    func outage() async throws {
        let rig = try await DeliveryRig("INSERT INTO res_partner (name) SELECT 'p' || n FROM generate_series(1, 200) n")
        try await rig.add { $0.withData = true }
        // 20,000 changes of 200 records.
        try await rig.write(
            """
            DO $$ BEGIN
                FOR n IN 1..100 LOOP
                    UPDATE res_partner SET phone = 'r' || n WHERE name LIKE 'p%';
                    COMMIT;
                END LOOP;
            END $$
            """)
        try await rig.running {
            try await rig.until("all arrive") { Set(rig.arrived).count == 200 }
            try await rig.settled()
        }
        // One that was answered late may have been sent again.
        #expect(Set(rig.receiver.messages.compactMap { $0.headers["webhook-id"] }).count == 200)
        #expect(rig.receiver.messages.allSatisfy { $0.body.contains(#""phone":"r100""#) })
    }
}
