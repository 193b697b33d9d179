@testable import ChangeFeedDelivery
import ChangeFeed
import ChangeFeedTesting
import Postgres
import Testing

extension DeliveryTests {
    @Test(
        "what an operator does to an endpoint, and what a replica does meanwhile, wait for each other, never in a ring",
        arguments: ["endpoint_settle", "endpoint_wake", "endpoint_list"])
    func noRing(function: String) async throws {
        let rig = try await DeliveryRig()
        try await rig.add()
        let owner = "00000000-0000-0000-0000-000000000001"
        func settle(_ outcome: String) -> String {
            """
            SELECT changefeed.endpoint_settle((SELECT id FROM changefeed.endpoint), '\(owner)',
                '[{"model": "res.partner", "record_id": 1, "event_id": 4096, "kind": "write", "attempts": 1,
                   "occurred_at": "2026-01-01T00:00:00Z", "outcome": "\(outcome)"}]',
                '[{"message_id": "m", "model": "res.partner", "record_id": 1, "attempt": 1, "milliseconds": 1}]')
            """
        }
        try await rig.database.psql(
            "UPDATE changefeed.endpoint_progress SET owner = '\(owner)', owned_until = 'infinity'; " + settle("failed"))
        let manager = try await rig.database.connect()
        try await manager.execute(script: "BEGIN; SELECT changefeed.endpoint_named('hook')")
        let endpoint = "(SELECT id FROM changefeed.endpoint)"
        let statement =
            switch function {
            case "endpoint_settle": settle("accepted")
            case "endpoint_wake": "SELECT changefeed.endpoint_wake(\(endpoint), '\(owner)')"
            default:
                "SELECT changefeed.endpoint_list(2, \(endpoint), '\(owner)', 'res.partner', NULL, 10, NULL, NULL)"
            }
        let replica = Task { try await rig.database.psql(statement) }
        try await eventually("it waits") {
            try await rig.database.psql(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
                == "1"
        }
        try await manager.execute(
            script: """
                SELECT changefeed.endpoint_retry('hook');
                SELECT changefeed.endpoint_set_state('hook', 'paused'), changefeed.endpoint_set_state('hook', 'active');
                COMMIT
                """)
        _ = try await replica.value
        let isWaiting = try await rig.database.psql(
            "SELECT EXISTS (SELECT FROM changefeed.endpoint_queue WHERE record_id = 1)")
        #expect(isWaiting == (function == "endpoint_settle" ? "f" : "t"))
    }

    @Test("a lease that cannot be renewed ends the run of its endpoint, and no other")
    func oneLease() async throws {
        let rig = try await DeliveryRig()
        try await rig.add("held")
        try await rig.add("free")
        try await rig.running(try rig.replica(lease: .seconds(8))) {
            try await rig.until("both are owned") {
                ["held", "free"].allSatisfy { rig.observations.contains(.owned(endpoint: $0, true)) }
            }
            let holder = try await rig.database.connect()
            try await holder.execute(
                script: """
                    BEGIN; SELECT FROM changefeed.endpoint_progress
                    WHERE endpoint = (SELECT id FROM changefeed.endpoint WHERE name = 'held') FOR UPDATE
                    """)
            try await rig.until("its run ends") { rig.observations.contains(.owned(endpoint: "held", false)) }
            try await Task.sleep(for: .seconds(2))
            #expect(!rig.observations.contains(.owned(endpoint: "free", false)))
            try await holder.execute(script: "ROLLBACK")
            try await rig.until("it begins again") {
                rig.observations.count { $0 == .owned(endpoint: "held", true) } >= 2
            }
        }
    }

    @Test("endpoints whose table is locked do not hold up one that needs another table")
    func lockedTable() async throws {
        let rig = try await DeliveryRig(lockTimeout: .seconds(2))
        let orders = try #require(ModelName("sale.order"))
        let names = (1...24).map { "orders-\($0)" }
        for name in names {
            try await rig.add(name) {
                $0.scope.models = [orders]
                $0.withData = true
            }
        }
        try await rig.add("partners")
        try await rig.running(try rig.replica(pace: { $0.look = .seconds(600) })) {
            try await rig.until("all are owned") {
                (names + ["partners"]).allSatisfy { rig.observations.contains(.owned(endpoint: $0, true)) }
            }
            // They have pulled once, and found nothing.
            try await Task.sleep(for: .seconds(1))
            let upgrade = try await rig.database.connect()
            try await upgrade.execute(script: "BEGIN; LOCK TABLE sale_order IN ACCESS EXCLUSIVE MODE")
            try await rig.database.psql(
                """
                INSERT INTO changefeed.event (slot, epoch, xid, model, event, occurred_at, ids)
                SELECT c.slot, c.epoch, pg_current_xact_id(), 'sale.order', 'write', now(), '{1}' FROM changefeed.control c;
                SELECT changefeed.ring()
                """)
            try await rig.until("they wait") {
                try await rig.database.psql(
                    "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
                ) == "t"
            }
            let start = ContinuousClock.now
            try await rig.write("UPDATE res_partner SET phone = '7' WHERE id = 1")
            try await rig.until("it arrives") { rig.arrived == ["res.partner.write 1"] }
            #expect(ContinuousClock.now - start < .seconds(10))
            try await upgrade.execute(script: "ROLLBACK")
            try await rig.until("the others follow") { rig.arrived.count == 25 }
        }
    }
}
