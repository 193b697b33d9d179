@testable import ChangeFeedDelivery
import ChangeFeed
import ChangeFeedTesting
import Postgres
import Synchronization
import Testing

@Suite("Which endpoints a change concerns", .timeLimit(.minutes(10)))
struct ConcernedTests {
    /// Filters 1 to 4, as the service compiles them: two by a column of which the log keeps values, one by the id, one by
    /// a column of which it keeps none.
    private static let filters = """
        {"res.partner": {"t.company_id = ($4)[1]": [[1, [1], []], [2, [2], []]], "t.id = ($4)[1]": [[3, [5], []]],
                         "t.phone = ($5)[1]": [[4, [], ["none"]]]}}
        """

    /// What the newest event concerns, for user 2.
    private static func concerned(_ rig: DeliveryRig, _ change: String) async throws -> String {
        let before = try await rig.database.psql("SELECT coalesce(max(id), 0) FROM changefeed.event")
        try await rig.write(change)
        return try await rig.database.psql(
            """
            SELECT array_to_string(c.changed, ','), array_to_string(ARRAY(SELECT DISTINCT e FROM unnest(c.endpoints) e ORDER BY 1), ',')
            FROM changefeed.endpoint_concerned(2, NULL, '{res.partner}', '\(filters)',
                                               ARRAY(SELECT id FROM changefeed.event WHERE id > \(before))) c
            WHERE c.problem IS NULL
            """)
    }

    @Test("by its values now and before")
    func values() async throws {
        let rig = try await DeliveryRig("UPDATE res_partner SET company_id = NULL")
        // Rules are compiled by a first pull.
        try await rig.add()
        try await rig.running {
            try await rig.until("its rules are compiled") {
                try await rig.database.psql(
                    """
                    SELECT c.problem IS NULL FROM changefeed.endpoint_concerned(2, NULL, '{res.partner}', '{}', '{}') c
                    """) == "t"
            }
        }
        let unknown = "4"
        #expect(
            try await Self.concerned(rig, "UPDATE res_partner SET email = 'x' WHERE id = 1") == "res.partner|\(unknown)"
        )
        #expect(
            try await Self.concerned(rig, "UPDATE res_partner SET email = 'x' WHERE id = 5")
                == "res.partner|3,\(unknown)")
        // It enters a filter, stays in it, moves to another one, and leaves that.
        #expect(
            try await Self.concerned(rig, "UPDATE res_partner SET company_id = 1 WHERE id = 1")
                == "res.partner|1,\(unknown)")
        #expect(
            try await Self.concerned(rig, "UPDATE res_partner SET email = 'y' WHERE id = 1")
                == "res.partner|1,\(unknown)")
        #expect(
            try await Self.concerned(rig, "UPDATE res_partner SET company_id = 2 WHERE id = 1")
                == "res.partner|1,2,\(unknown)")
        #expect(
            try await Self.concerned(rig, "UPDATE res_partner SET company_id = NULL WHERE id = 1")
                == "res.partner|2,\(unknown)")
        #expect(
            try await Self.concerned(rig, "UPDATE res_partner SET email = 'z' WHERE id = 1") == "res.partner|\(unknown)"
        )
        #expect(try await Self.concerned(rig, "SELECT 1") == "|")
    }

    @Test("and endpoints with filters get what enters and leaves them, each its own")
    func delivered() async throws {
        let rig = try await DeliveryRig("UPDATE res_partner SET company_id = NULL")
        let model = try #require(ModelName("res.partner"))
        for company in [1, 2] {
            try await rig.add("hook-\(company)") { $0.scope.filters = [model: "[('company_id', '=', \(company))]"] }
        }
        try await rig.running(try rig.replica(pace: { $0.look = .seconds(600) })) {
            try await rig.until("both are owned") {
                rig.observations.contains(.owned(endpoint: "hook-1", true))
                    && rig.observations.contains(.owned(endpoint: "hook-2", true))
            }
            try await rig.write("UPDATE res_partner SET company_id = 1 WHERE id = 1")
            try await rig.until("it enters") { rig.arrived == ["res.partner.write 1"] }
            try await rig.write("UPDATE res_partner SET company_id = 2 WHERE id = 1")
            try await rig.until("it moves") {
                rig.arrived.dropFirst().sorted() == ["res.partner.unlink 1 filter", "res.partner.write 1"]
            }
            try await rig.until("both are settled") {
                try await rig.database.psql(
                    "SELECT string_agg(delivered::text, ',' ORDER BY name) FROM changefeed.endpoints") == "2,1"
            }
        }
    }
}
