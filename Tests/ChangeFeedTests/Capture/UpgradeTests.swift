import ChangeFeedTesting
import Postgres
import Testing

/// `Tests/Fixtures/states` holds dumps of databases with the feed of earlier commits; `make.sh` there writes them.
@Suite("Upgrading an earlier installation", .serialized, .timeLimit(.minutes(10)))
struct UpgradeTests {
    /// A cluster with a database restored from a dump, which this server may refuse parts of.
    private func restore(_ state: String, on cluster: PrivateCluster) async throws -> TestDatabase {
        let database = try await cluster.createDatabase(.empty)
        // Later releases have words for keywords that were names of parameters: those functions are lost in the restore.
        let text = try await Fixture.unpack(Fixture.earlierState(state))
        try await database.psql("\\set ON_ERROR_STOP off\n" + text)
        return database
    }

    @Test("the schema is that of a fresh installation, whatever was there before", arguments: Fixture.earlierStates())
    func sameSchema(_ state: String) async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await restore(state, on: cluster)
        try await database.run(script: InstallTests.install)
        let upgraded = try await database.dump("-s")
        try await database.run(script: InstallTests.uninstall)
        try await database.run(script: InstallTests.install)
        try await database.psql(
            """
            SELECT changefeed.track('sale.order.line');
            GRANT changefeed_monitor TO dashboard;
            GRANT SELECT ON changefeed.event_record TO dashboard; GRANT EXECUTE ON FUNCTION changefeed.status() TO dashboard
            """)
        let fresh = try await database.dump("-s")
        #expect(upgraded.parts(of: "changefeed") == fresh.parts(of: "changefeed"))
        // Rights on one table of Odoo's come in the order in which they were given.
        #expect(upgraded.plainLines.sorted() == fresh.plainLines.sorted())
        await cluster.remove()
    }

    @Test(
        "the log, the models tracked by hand, devices and decisions are kept, and verify finds nothing",
        arguments: Fixture.earlierStates())
    func keeps(_ state: String) async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await restore(state, on: cluster)
        let events = try await database.psql("SELECT id, model, event, ids FROM changefeed.event ORDER BY id")
        let hasDevices = try await database.psql("SELECT to_regclass('changefeed.device') IS NOT NULL") == "t"
        let devices =
            "SELECT id, user_id, device_id, app_type, models, acknowledgements, batch FROM changefeed.device ORDER BY id"
        let before = hasDevices ? try await database.psql(devices) : ""
        let decisions =
            "SELECT decision, reason FROM changefeed.field_decision UNION ALL SELECT decision, reason FROM changefeed.rule_decision"
        let hasDecisions = try await database.psql("SELECT to_regclass('changefeed.rule_decision') IS NOT NULL") == "t"
        let decided = hasDecisions ? try await database.psql(decisions) : ""

        try await database.run(script: InstallTests.install)
        #expect(!events.isEmpty)
        #expect(try await database.psql("SELECT id, model, event, ids FROM changefeed.event ORDER BY id") == events)
        #expect(try await database.psql(devices) == before)
        #expect(try await database.psql(decisions) == decided)
        #expect(
            try await database.psql("SELECT count(*) FROM changefeed.tracked WHERE trigger_state = 'enabled'") == "12")
        // It came out of a dump: a copy until somebody says otherwise.
        #expect(
            try await database.psql("SELECT code, object FROM changefeed.verify() WHERE level <> 'info'")
                == "CF140|delivery")
        try await database.psql("SELECT changefeed.adopt('a test')")
        #expect(
            try await database.psql("SELECT code, object, detail FROM changefeed.verify() WHERE level <> 'info'") == "")
        if hasDevices {
            #expect(
                try await database.psql("SELECT models FROM changefeed.app_type WHERE name = 'counter'")
                    == "{res.partner}")
        }
        await cluster.remove()
    }

    @Test(
        "devices of an earlier installation are asked to start over, and then continue",
        arguments: Fixture.earlierStates().drop { $0 != "9fd144c" })
    func devicesGoOn(_ state: String) async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await restore(state, on: cluster)
        try await database.run(script: InstallTests.install)
        let service = try await database.connect()
        // A restored database is another one: the epoch rose, and a device is told so rather than left with old cursors.
        let pull =
            "SELECT problem, resync ->> 'code', events FROM changefeed.pull(2, 'midway', 'counter', with_data => false)"
        #expect(try await service.lines(pull).first?.hasPrefix("resync|epoch_changed|") == true)
        let list = try await service.lines(
            "SELECT problem, complete FROM changefeed.snapshot_page(2, 'midway', 'res.partner', NULL, 500)")
        #expect(list == ["|t"])
        try await database.psql("UPDATE res_partner SET phone = '9' WHERE id = 4", user: "odoo")
        let next = try await service.lines(
            "SELECT problem, entries, events::json -> 0 ->> 'record_id' FROM changefeed.pull(2, 'midway', 'counter', with_data => false)"
        )
        #expect(next == ["|1|4"])
        await service.close()
        await cluster.remove()
    }
}

extension String {
    /// Without the names of NOT NULL constraints: PostgreSQL 18 has such, and a restore gives them to partitions.
    fileprivate var plainLines: [String] {
        split(separator: "\n").map { String($0).replacing(#/CONSTRAINT \w+_not_null /#, with: "") }
    }

    /// The parts of a plain dump that speak of one schema.
    fileprivate func parts(of schema: String) -> [String] {
        var isOurs = false
        return plainLines.filter { line in
            if line.hasPrefix("-- Name: ") { isOurs = line.contains("Schema: \(schema);") }
            return isOurs
        }
    }
}
