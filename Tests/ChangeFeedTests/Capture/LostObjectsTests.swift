import ChangeFeedTesting
import Postgres
import Testing

@Suite("Objects of an installation that were lost", .timeLimit(.minutes(10)))
struct LostObjectsTests {
    @Test(
        "is found by verify, by its name, until it is installed again",
        arguments: [
            ("FUNCTION changefeed.probe()", "changefeed.probe()"), ("VIEW changefeed.v1_event", "changefeed.v1_event"),
            ("PROCEDURE changefeed.refresh_captures()", "changefeed.refresh_captures()"),
            // Of what verify() itself is made of.
            ("FUNCTION changefeed.verify_feed()", "changefeed.verify_feed()"),
            ("FUNCTION changefeed.odoo_field_states(text[])", "changefeed.odoo_field_states(text[])"),
            ("FUNCTION changefeed.try_pull()", "changefeed.try_pull()"),
            ("FUNCTION changefeed.installed_objects()", "changefeed.installed_objects()"),
        ])
    func lost(what: String, name: String) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql("DROP \(what) CASCADE")
        let service = try await database.connect(user: "changefeed_login")
        #expect(
            try await service.lines("SELECT code, level, object FROM changefeed.verify()").contains(
                "CF135|error|\(name)"))
        #expect(try await service.lines("SELECT code FROM changefeed.verify_pull()") == [])
        try await database.run(script: Fixture.sqlFolder + "/install.sql")
        #expect(try await service.lines("SELECT code FROM changefeed.verify()") == [])
    }

    @Test("does not count what track() makes for single models")
    func ofModels() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql("SELECT changefeed.untrack('sale.order')")
        #expect(try await database.psql("SELECT count(*) FROM changefeed.verify() WHERE code = 'CF135'") == "0")
        #expect(
            try await database.psql(
                "SELECT count(*) FROM changefeed.installed_objects() WHERE name ~ 'capture_(update|delete|parent)_'")
                == "0")
    }
}
