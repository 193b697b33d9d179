import ChangeFeedTesting
import Foundation
import Postgres
import Testing

@testable import ChangeFeed

/// An estimate knows of a database without the feed what the feed knows of it once it is installed.
@Suite("An estimate", .timeLimit(.minutes(10)))
struct EstimateTests {
    private static let models = [
        "account.journal", "account.move", "hr.employee", "hr.expense", "product.category", "product.product",
        "product.template", "purchase.order", "res.partner", "sale.order", "stock.picking",
    ]

    private static func estimate(
        _ database: TestDatabase, user: String? = nil, models: [String] = Self.models,
        _ basis: EstimateReading.Basis = .counters
    ) async throws -> Estimate {
        let connection = try await database.connect(user: user)
        var reading = EstimateReading(on: connection)
        let estimate = try await reading.read(models, basis)
        await connection.close()
        return estimate
    }

    /// `MODEL: columns|fields|secret|unknown|closed|rules` of the models that an installation tracks.
    private static let installed = """
        SELECT t.model || ': ' || concat_ws('|', array_to_string(t.rule_columns, ','), t.keeps_followers,
            (SELECT count(*) FROM changefeed.odoo_field_states(ARRAY[t.model])),
            (SELECT count(*) FROM changefeed.odoo_field_states(ARRAY[t.model]) f WHERE f.state = 'groups'),
            (SELECT coalesce(string_agg(f.field, ',' ORDER BY f.field), '') FROM changefeed.odoo_field_states(ARRAY[t.model]) f
             WHERE f.state = 'secret'),
            (SELECT coalesce(string_agg(f.field, ',' ORDER BY f.field), '') FROM changefeed.odoo_field_states(ARRAY[t.model]) f
             WHERE f.state = 'unknown'),
            (SELECT count(*) FROM changefeed.odoo_code_states(ARRAY[t.model]) c WHERE c.kind IS NOT NULL),
            (SELECT count(*) FROM changefeed.rule_states() r WHERE t.model = ANY (r.models)))
        FROM changefeed.tracked_model t ORDER BY t.model
        """

    private static func line(_ model: Estimate.Model) -> String {
        let (rules, fields) = (model.rules, model.fields)
        return "\(model.model): "
            + [
                (rules?.columns ?? []).joined(separator: ","), rules?.keepsFollowers == true ? "t" : "f",
                "\(fields?.count ?? -1)", "\(fields?.groups ?? -1)",
                (fields?.secret ?? []).sorted().joined(separator: ","),
                (fields?.unknown ?? []).sorted().joined(separator: ","), model.closed == nil ? "0" : "1",
                "\(rules?.count ?? -1)",
            ].joined(separator: "|")
    }

    private static func compare(_ bare: TestDatabase, _ installed: TestDatabase) async throws {
        let estimate = try await estimate(bare)
        #expect(estimate.notRead == [])
        let lines = estimate.models.filter { $0.table != nil }.map(line)
        let expected = try await installed.psql(Self.installed).split(separator: "\n").map(String.init)
        #expect(lines == expected)
        #expect(lines.count >= 5)
        // What the compiler says of the rules with the feed's own functions.
        let connection = try await installed.connect()
        var review = RuleReview { try await connection.query($0) }
        let closes = try await review.entries().filter { !$0.compiles }.map(\.id).sorted()
        let failed = Set(estimate.models.flatMap { $0.rules?.notCompiled.map(\.id) ?? [] })
        #expect(failed.sorted() == closes)
        await connection.close()
    }

    @Test(
        "knows rules, fields and code as the installation will, in the shape of each release",
        arguments: [16, 17, 18, 19])
    func shapes(release: Int) async throws {
        let cluster = try await PrivateCluster.shared()
        try await Self.compare(
            try await cluster.createDatabase(release == 18 ? .odoo : .shape(release)),
            try await cluster.createDatabase(release == 18 ? .installed : .shapeInstalled(release)))
    }

    @Test("and in the real databases", arguments: Fixture.releases)
    func releases(release: Int) async throws {
        let cluster = try await PrivateCluster.shared()
        try await Self.compare(
            try await cluster.createDatabase(.release(release)),
            try await cluster.createDatabase(.releaseInstalled(release)))
    }

    @Test("leaves the database as it was, and says what a login without rights could not read")
    func plainLogin() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.odoo)
        try await database.psql(
            """
            CREATE ROLE estimate_reader LOGIN;
            GRANT SELECT ON ir_model, ir_model_fields, ir_module_module TO estimate_reader
            """)
        let before = try await database.dump("-s")
        let estimate = try await Self.estimate(database, user: "estimate_reader")
        #expect(try await database.dump("-s") == before)
        #expect(estimate.notRead.contains { $0.hasPrefix("public.ir_rule: GRANT SELECT") }, "\(estimate.notRead)")
        #expect(estimate.models.allSatisfy { $0.rules == nil && $0.closed == nil })
        let partner = estimate.models.first { $0.model == "res.partner" }
        #expect(partner?.fields != nil && partner?.table == "public.res_partner")
        #expect(partner?.notes.contains { $0.hasPrefix("it belongs to ") } == true, "\(partner?.notes ?? [])")
        try await database.psql("DROP OWNED BY estimate_reader; DROP ROLE estimate_reader")
    }

    @Test("reckons rows per day, log and processor time from the counters, over the days that it is told")
    func figures() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.odoo)
        let counted = "SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'res_partner'"
        let before = Int(try await database.psql(counted)) ?? 0
        try await database.psql("UPDATE res_partner SET phone = '1' WHERE id <= 5", user: "odoo")
        // Sessions report what they counted when they end, or a second later.
        try await eventually("the counters moved") { (Int(try await database.psql(counted)) ?? 0) > before }
        let estimate = try await Self.estimate(database, models: ["res.partner"], .days(2))
        let partner = try #require(estimate.models.first)
        let writes = try #require(partner.writesPerDay)
        #expect(writes.updates == Double(partner.counted?.updates ?? 0) / 2 && writes.updates > 0)
        let rows = writes.rows
        #expect(partner.logBytesPerDay?.low == rows * 3.6)
        #expect(partner.logBytesPerDay?.high == writes.inserts * 250 + (writes.updates + writes.deletes) * 390)
        #expect(partner.cpuSecondsPerDay?.low == rows * 14 / 1_000_000)
        #expect(estimate.period?.basis == "days" && estimate.period?.seconds == 172_800)
        #expect(estimate.logBytesPerDay?.high == partner.logBytesPerDay?.high)
    }

    @Test("a sample counts only what was written while it watched")
    func sample() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.odoo)
        let quiet = try await Self.estimate(database, models: ["product.category"], .sample(.milliseconds(10)))
        #expect(quiet.models.first?.writesPerDay?.rows == 0 && quiet.period?.basis == "sample")
    }

    @Test("names models that this Odoo does not have, and rules that do not compile, each with its reason")
    func findings() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.odoo)
        try await database.psql(
            """
            INSERT INTO ir_rule (id, model_id, name, active, perm_read, domain_force)
            SELECT 990001, id, 'code', true, true, '[(''id'', ''in'', user.some_method())]' FROM ir_model
            WHERE model = 'res.partner'
            """, user: "odoo")
        let estimate = try await Self.estimate(database, models: ["res.partner", "not.there"])
        let failed = estimate.models.flatMap { $0.rules?.notCompiled ?? [] }
        #expect(failed.map(\.id) == [990_001] && failed.allSatisfy { !$0.reason.isEmpty }, "\(failed)")
        let absent = estimate.models.first { $0.model == "not.there" }
        #expect(absent?.table == nil && absent?.notes == ["this Odoo does not have it: not tracked"])
    }

    @Test("a database without Odoo is said to be one")
    func withoutOdoo() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.empty)
        let estimate = try await Self.estimate(database)
        #expect(estimate.notRead.contains { $0.contains("ir_model is missing") })
        #expect(estimate.models.allSatisfy { $0.table == nil })
    }

    @Test("the default models are those that an installation tracks; the parts of sql/ are found")
    func parts() throws {
        #expect(try EstimateReading.defaultModels() == Self.models)
        #expect(throws: ChangeFeedError.self) { try EmbeddedSQL.rows(of: "no_such_function", in: "data/standard.sql") }
        for release in 16...20 {
            let sql = EstimateSQL(release: release, readable: Set(EstimateSQL.needed))
            for text in [try sql.catalog(), try sql.fieldStates(), try sql.codeStates(), try sql.ruleColumns()] {
                #expect(!text.contains("changefeed."), "\(text)")
            }
        }
    }
}
