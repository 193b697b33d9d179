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
}
