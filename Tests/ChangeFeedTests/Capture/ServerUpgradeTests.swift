import ChangeFeedTesting
import Foundation
import Postgres
import Testing

/// A feed with events, devices and decisions inside that moves to a newer PostgreSQL.
@Suite("From one PostgreSQL release to the next", .serialized, .timeLimit(.minutes(10)))
struct ServerUpgradeTests {
    enum Way: CaseIterable {
        case upgraded, restored
    }

    /// From one server to the other.
    struct Move: Sendable, CustomTestStringConvertible {
        let older: (release: Int, server: ServerPrograms)
        let newer: (release: Int, server: ServerPrograms)
        let way: Way
        var testDescription: String { "\(older.release) to \(newer.release), \(way)" }
    }

    /// To each newer release in both ways, from the first of the others that the way allows.
    private static let all: [Move] = [17, 18].flatMap { release in
        Way.allCases.compactMap { way in
            guard let newer = ServerPrograms.fetched(release) else { return nil }
            let older = [15, 16, 14, 13].lazy.compactMap { release in
                ServerPrograms.fetched(release).map { (release, $0) }
            }.first { way == .restored || newer.canTakeOver(from: $0.1) }
            return older.map { Move(older: $0, newer: (release, newer), way: way) }
        }
    }
    private static let restores = all.filter { $0.way == .restored }
    private static let missing: Comment =
        "scripts/servers.sh has not fetched a newer PostgreSQL (17, 18) and an older one that it can take over (15, 16, 14, 13)"

    @Test(
        "after pg_upgrade or a restore devices are told, nothing is lost, and an installation goes through",
        .enabled(if: !all.isEmpty, missing), arguments: all)
    func moves(_ move: Move) async throws {
        let old = try await PrivateCluster.make(server: move.older.server)
        let database = try await old.createDatabase(.installed)
        let before = try await Facts.make(in: database)

        let new: PrivateCluster
        let moved: TestDatabase
        switch move.way {
        case .upgraded:
            new = try await old.upgraded(to: move.newer.server)
            moved = new.database(named: database.name)
        case .restored:
            new = try await PrivateCluster.make(server: move.newer.server)
            moved = try await new.restored(database)
        }
        // Without an installation: the copy knows that it is one, and says so to devices.
        let service = try await moved.connect(user: "changefeed_login")
        #expect(try await service.value("SELECT changed FROM changefeed.check_identity()") == "t")
        #expect(try await service.value("SELECT resync ->> 'code' FROM \(Facts.pull(before.token))") == "epoch_changed")
        #expect(try await Facts.kept(in: moved) == before.kept)
        // A restored dump may be a second one; what pg_upgrade made takes the first one's place.
        let home = "SELECT cause FROM changefeed.home ORDER BY id DESC LIMIT 1"
        switch move.way {
        case .upgraded:
            #expect(try await moved.psql(home) == "server upgrade")
        case .restored:
            #expect(try await moved.psql(home) == "first")
            #expect(try await moved.psql(Self.findings).hasPrefix("CF140|delivery|"))
            try await moved.psql("SELECT changefeed.adopt('moved')")
        }
        #expect(try await moved.psql("SELECT changefeed.delivery_allowed()") == "t")
        #expect(try await moved.psql(Self.findings) == "")

        try await moved.run(script: InstallTests.install)
        #expect(try await moved.psql(Self.findings) == "")
        #expect(try await Facts.kept(in: moved) == before.kept)
        try await Self.goesOn(moved, service)
        await service.close()
        for cluster in [old, new] { await cluster.remove() }
    }

    @Test(
        "a restore that lost functions, views and triggers is mended by an installation",
        .enabled(if: !restores.isEmpty, missing), arguments: restores)
    func mended(_ move: Move) async throws {
        let old = try await PrivateCluster.make(server: move.older.server)
        let database = try await old.createDatabase(.installed)
        let before = try await Facts.make(in: database)
        let new = try await PrivateCluster.make(server: move.newer.server)
        let moved = try await new.restored(database)
        // As where the newer release does not take a definition that the older one wrote.
        try await moved.psql(
            """
            DROP FUNCTION changefeed.sync_page, changefeed.status, changefeed.verify, changefeed.capture_update_sale_order CASCADE;
            DROP VIEW changefeed.v1_event CASCADE;
            DROP TRIGGER changefeed_delete ON res_partner;
            """)
        try await moved.run(script: InstallTests.install)
        try await moved.psql("SELECT changefeed.adopt('moved')")
        #expect(try await moved.psql(Self.findings) == "")
        #expect(try await Facts.kept(in: moved) == before.kept)
        let service = try await moved.connect(user: "changefeed_login")
        #expect(try await service.value("SELECT resync ->> 'code' FROM \(Facts.pull(before.token))") == "epoch_changed")
        try await Self.goesOn(moved, service)
        await service.close()
        for cluster in [old, new] { await cluster.remove() }
    }

    /// What verify() says, but for a release that is newer than those it knows.
    private static let findings = "SELECT code, object, detail FROM changefeed.verify() WHERE code <> 'CF126'"

    /// The device takes its model anew, and then gets what happens.
    private static func goesOn(_ database: TestDatabase, _ service: Connection) async throws {
        let page = "SELECT entries, complete FROM changefeed.snapshot_page(6, 'phone', 'sale.order', NULL, 500)"
        #expect(try await service.lines(page).first?.hasSuffix("|t") == true)
        try await database.psql("UPDATE sale_order SET state = 'done' WHERE id = 2", user: "odoo")
        let news =
            "SELECT e ->> 'event', e ->> 'record_id' FROM \(Facts.pull(nil)) p, jsonb_array_elements(p.events::jsonb) e WHERE p.problem IS NULL"
        #expect(try await service.lines(news) == ["write|2"])
    }

    /// What must be the same before and after.
    private struct Facts {
        let token: String
        let kept: [String]

        static func make(in database: TestDatabase) async throws -> Facts {
            try await database.psql(
                """
                INSERT INTO ir_rule (model_id, name, domain_force, global)
                    SELECT id, 'Personal Orders', $$['|', ('user_id', '=', user.id), ('user_id', '=', False)]$$, false FROM ir_model WHERE model = 'sale.order';
                INSERT INTO rule_group_rel (rule_group_id, group_id) SELECT id, 2 FROM ir_rule;
                """, user: "odoo")
            try await database.psql(
                """
                SELECT changefeed.track('sale.order');
                SELECT changefeed.decide_rule(id, 'override', $$[('user_id', '=', user.id)]$$, 'a test') FROM ir_rule WHERE name = 'Personal Orders';
                SELECT changefeed.decide_field('sale.order', 'state', 'allow', 'a test');
                SELECT changefeed.check_identity();
                """)
            try await database.psql(
                "UPDATE sale_order SET user_id = 6 WHERE id <= 3; UPDATE sale_order SET user_id = 2 WHERE id = 3; DELETE FROM sale_order WHERE id = 1",
                user: "odoo")
            let rules = try await RuleDatabase(database)
            try await rules.compile(for: 6)
            let token = try await rules.service.value("SELECT next_sync_token FROM \(pull(nil))")
            #expect(token != "")
            let kept = try await kept(in: database)
            for connection in [rules.service, rules.superuser] { await connection.close() }
            return Facts(token: token, kept: kept)
        }

        static func pull(_ token: String?) -> String {
            "changefeed.pull(6, 'phone', 'all', '{sale.order}', \(token.map { "'\($0)'" } ?? "NULL"))"
        }

        static func kept(in database: TestDatabase) async throws -> [String] {
            let rules = try await RuleDatabase(database)
            let lines = try await rules.superuser.lines(
                """
                SELECT 'event', id::text, model, event, ids::text, olds::text FROM changefeed.event UNION ALL
                SELECT 'device', id::text, device_id, models::text, scopes::text, '' FROM changefeed.device UNION ALL
                SELECT 'rule', rule_id::text, decision, domain, reason, decided_at::text FROM changefeed.rule_decision UNION ALL
                SELECT 'field', model, field, decision, reason, decided_at::text FROM changefeed.field_decision UNION ALL
                SELECT 'tracked', model, table_name, rule_columns::text, keeps_followers::text, '' FROM changefeed.tracked_model
                ORDER BY 1, 2, 3
                """)
            let visible = try await rules.visible("sale.order", to: 6)
            for connection in [rules.service, rules.superuser] { await connection.close() }
            return lines + ["sees \(visible ?? [])"]
        }
    }

    @Test("no name in the schema is a word that a release reserves there")
    func keywords() async throws {
        let newest = [18, 17].lazy.compactMap { ServerPrograms.fetched($0) }.first
        let other = try await PrivateCluster.make(server: newest)
        let words = try await other.createDatabase(.empty).psql(
            "SELECT word || ' ' || catcode::text FROM pg_get_keywords()"
        ).split(separator: "\n")
        await other.remove()
        // U may stand anywhere, C names columns and tables, T names functions and parameters, R nothing.
        func reserved(_ kinds: String) -> Set<String> {
            Set(words.filter { kinds.contains($0.last!) }.map { String($0.dropLast(2)) })
        }
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        let routines = Set(
            try await connection.lines(
                """
                SELECT unnest(p.proargnames) FROM pg_proc p WHERE p.pronamespace = 'changefeed'::regnamespace
                UNION SELECT p.proname::text FROM pg_proc p WHERE p.pronamespace = 'changefeed'::regnamespace
                """))
        let relations = Set(
            try await connection.lines(
                """
                SELECT a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                WHERE c.relnamespace = 'changefeed'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
                UNION SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'changefeed'::regnamespace
                """))
        #expect(
            reserved("R").contains("select") && routines.contains("sync_token") && relations.contains("occurred_at"))
        #expect(routines.intersection(reserved("RC")) == [])
        #expect(relations.intersection(reserved("RT")) == [])
    }
}
