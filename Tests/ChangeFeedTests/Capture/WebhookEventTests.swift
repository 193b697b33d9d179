import ChangeFeedTesting
import Postgres
import Testing

@Suite("The webhook mixin's rules")
struct WebhookEventTests {
    static let view = "SELECT model, record_id, event FROM changefeed.v1_event ORDER BY id"
    static let page =
        "SELECT id, model, record_id, event, occurred_at FROM changefeed.v1_events($1, $2, $3, $4::timestamptz, $5, $6)"
    static let models: Parameter = .textArray(InstallTests.eleven)

    struct History: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let sql: String
        let events: [String]
    }

    static let histories = [
        History(
            testDescription: "two writes of a record are one event, the newer",
            sql: "UPDATE res_partner SET phone = '1' WHERE id <= 2; UPDATE res_partner SET phone = '2' WHERE id = 1",
            events: ["res.partner|2|write", "res.partner|1|write"]),
        History(
            testDescription: "a create hides the record's writes and no other's",
            sql: """
                INSERT INTO res_partner (id, name) VALUES (901, 'a');
                UPDATE res_partner SET phone = '1' WHERE id IN (1, 901);
                """,
            events: ["res.partner|901|create", "res.partner|1|write"]),
        History(
            testDescription: "a create of another model's record with the same id hides nothing",
            sql:
                "INSERT INTO sale_order (id, name, partner_id) VALUES (7, 'S7', 1); UPDATE res_partner SET phone = '1' WHERE id = 7",
            events: ["sale.order|7|create", "res.partner|7|write"]),
        History(
            testDescription: "an unlink stands beside the create",
            sql: """
                INSERT INTO res_partner (id, name) VALUES (901, 'a');
                UPDATE res_partner SET phone = '1' WHERE id = 901;
                DELETE FROM res_partner WHERE id = 901;
                """,
            events: ["res.partner|901|create", "res.partner|901|unlink"]),
        History(testDescription: "a TRUNCATE names no record", sql: "TRUNCATE account_move", events: []),
    ]

    @Test("a history becomes these events", arguments: histories)
    func rules(_ history: History) async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        try await connection.execute(script: history.sql)
        #expect(try await connection.lines(Self.view) == history.events)
        let page = try await connection.query(Self.page, [Self.models, nil, nil, nil, 1000, 0])
        #expect(
            page.reversed().map { "\($0["model"].text!)|\($0["record_id"].text!)|\($0["event"].text!)" }
                == history.events)
    }

    @Test("the view has the mixin's field names")
    func names() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        #expect(
            try await connection.query("SELECT * FROM changefeed.v1_event").columns
                == ["id", "model", "record_id", "event", "timestamp", "archived", "archived_at"])
    }

    @Test("pages of the function are the view's rows, whatever the filter and the size", arguments: [1, 2, 3])
    func pagesAgree(_ seed: Int) async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        try await connection.execute(script: Self.randomHistory(seed))
        let middle = try await connection.value(
            "SELECT occurred_at FROM changefeed.event ORDER BY id OFFSET 150 LIMIT 1")
        let filters: [(Parameter, Parameter, Parameter, Parameter)] = [
            (Self.models, nil, nil, nil), (.textArray(["res.partner"]), nil, nil, nil),
            (.textArray(["res.partner", "sale.order"]), nil, "write", nil), (Self.models, 3, nil, nil),
            (Self.models, nil, nil, .text(middle)), (.textArray(["sale.order"]), 2, "write", .text(middle)),
            (.textArray([]), nil, nil, nil), (.textArray(["no.model"]), nil, nil, nil),
            (Self.models, nil, "unlink", nil),
        ]
        let expected = """
            SELECT id, model, record_id, event, timestamp FROM changefeed.v1_event
            WHERE model = ANY ($1) AND record_id = coalesce($2::bigint, record_id) AND event = coalesce($3::text, event)
              AND timestamp >= coalesce($4::timestamptz, '-infinity')
            ORDER BY id DESC LIMIT $5::int OFFSET $6::int
            """
        for filter in filters {
            for (limit, offset) in [(1000, 0), (1, 0), (7, 3), (50, 40), (10, 5000)] {
                let parameters = [filter.0, filter.1, filter.2, filter.3, .int(limit), .int(offset)]
                let view = try await connection.lines(expected, parameters)
                #expect(try await connection.lines(Self.page, parameters) == view, "limit \(limit), offset \(offset)")
            }
        }
    }

    /// 400 statements on 12 partners and 6 orders, the same for the same seed.
    private static func randomHistory(_ seed: Int) -> String {
        var state = UInt64(seed)
        func next(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        return (0..<400).map { step in
            let partner = next(12) + 1
            switch next(12) {
            case 0: return "INSERT INTO res_partner (id, name) VALUES (\(1000 + partner), 'n') ON CONFLICT DO NOTHING;"
            case 1: return "DELETE FROM res_partner WHERE id = \(1000 + partner);"
            case 2: return "UPDATE res_partner SET phone = '\(step)' WHERE id > 1000;"
            case 3: return "UPDATE res_partner SET phone = '\(step)' WHERE id <= \(partner);"
            case 4...7: return "UPDATE sale_order SET amount_total = \(step) WHERE id = \(partner % 6);"
            default: return "UPDATE res_partner SET phone = '\(step)' WHERE id = \(partner);"
            }
        }.joined(separator: "\n")
    }

    @Test("no list of models is an error, never all of them")
    func noModels() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        await #expect(throws: PostgresError.self) {
            try await connection.query(Self.page, [nil, nil, nil, nil, 10, 0])
        }
    }

    @Test(
        "hostile text in the filters finds nothing and harms nothing",
        arguments: ["' OR true --", "%", "\\", "'; DROP TABLE res_partner; --", "write\u{202E}"])
    func hostileFilters(_ text: String) async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        try await connection.execute(script: "UPDATE res_partner SET phone = '1' WHERE id = 1")
        #expect(
            try await connection.query(Self.page, [.textArray([text, "\(text),{}\""]), nil, nil, nil, 10, 0]).isEmpty)
        #expect(try await connection.query(Self.page, [Self.models, nil, .text(text), nil, 10, 0]).isEmpty)
        #expect(try await connection.value("SELECT count(*) FROM changefeed.v1_event") == "1")
    }
}
