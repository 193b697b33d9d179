import ChangeFeed
import ChangeFeedTesting
import Foundation
import OdooAccess
import Postgres
import Testing

/// What the database takes for a filter, whoever hands it in.
@Suite("Conditions of filters in the database", .timeLimit(.minutes(10)))
struct FilterLanguageTests {
    static let fields: [String: FilterCompiler.Field] = [
        "id": .init(type: "integer", columnType: "integer"),
        "name": .init(type: "char", columnType: "character varying"),
        "amount_total": .init(type: "monetary", columnType: "numeric"),
        "user_id": .init(type: "many2one", columnType: "integer"),
        "write_date": .init(type: "datetime", columnType: "timestamp without time zone"),
        "order": .init(type: "integer", columnType: "integer"),
    ]

    @Test("are all that the compiler writes, for every release", arguments: [16, 17, 18, 19])
    func plain(release: Int) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let connection = try await database.connect()
        let compiler = FilterCompiler(release: release, model: "sale.order", fields: Self.fields)
        let moments = [
            "datetime.datetime.now()", "context_today()",
            "(context_today()-relativedelta(months=3)).strftime('%Y-%m-%d')", "'today'", "'now'", "'yesterday'",
            "'-3d'", "'today -1w +2d'",
            "'now -3H +4M -5S'", "(datetime.datetime.now()-timedelta(hours=2)).strftime('%Y-%m-%d %H:%M:%S')",
            "time.strftime('%Y-01-01')", "time.strftime('%Y-%m-%d 23:59:59')",
            "time.strftime('%Y-%m-%d 00:00:00')", "'2026-01-01'", "'2026-01-01 10:00:00'", "False",
            "['2026-01-01',False]",
        ]
        let values: [String: [String]] = [
            "id": ["1", "[1,2]", "uid", "company_ids", "False", "[uid,3]", "[]"],
            "order": ["0", "1", "[0,False]", "uid"],
            "user_id": ["uid", "False", "[1,False]", "user.id", "company_id", "company_ids+[False]", "0", "[0]"],
            "amount_total": ["0", "1.5", "False", "[1,2]", "uid"],
            "name": ["'x'", "''", "False", "['a','b',False]", "5", "True"], "write_date": moments,
        ]
        var compiled = 0
        for (field, values) in values {
            for op in [
                "=", "!=", "<", ">", "<=", ">=", "=?", "in", "not in", "like", "not like", "ilike", "not ilike",
                "=like", "=ilike", "not =like",
            ] {
                for value in values {
                    for text in [
                        "[('\(field)','\(op)',\(value))]", "['!',('\(field)','\(op)',\(value))]",
                        "['|',('\(field)','\(op)',\(value)),'!',('id','=',1)]",
                    ] {
                        guard let filter = try? compiler.compile(text) else { continue }
                        compiled += 1
                        let isPlain = try await connection.value(
                            "SELECT changefeed.odoo_filter_is_plain($1)", [.text(filter.sql)])
                        #expect(isPlain == "t", "Odoo \(release), \(text): \(filter.sql)")
                    }
                }
            }
        }
        #expect(compiled > 500)
    }

    @Test(
        "are of a closed language: no query, no function, no column of another row, no end of what stands around them",
        arguments: [
            "(SELECT true)", "EXISTS (SELECT FROM res_users)", "id IN (SELECT 1)", "true) OR (true", "true)) OR ((true",
            ") OR (", "(true", "true)", "true -- x", "true /* x */", "true; DROP TABLE res_partner",
            "pg_sleep(1) IS NULL", "pg_catalog.now()", "current_user = 'x'", "current_setting('x') = ''",
            "t.id::text::regclass IS NULL", "t.name::int = 1", "t.\"name\"::timestamp > now()", "t.name::date IS NULL",
            "o.id = 1", "t.*", "t IS NULL", "(t).id = 1", "\"t\".id = 1", "t.\"na\"\"me\" = ''", "t.NAME = ''",
            "U&\"t\".id = 1", "$7", "$11", "($6)[1]", "($4)[1", "E'' = ''", "'x' = ''", "'' '' = ''x", "$$ $$ = ''",
            "true\nOR true", "true\tOR true", "trueOR true", "ORtrue", "interval '1 day; x' > interval '1 day'",
            "t.id = ANY (VALUES (1))", "t.id = ANY (TABLE x)", "CAST(t.id AS text)", "t.id COLLATE \"C\" = 1",
            "lo_import('x')",
            "t.id OPERATOR(pg_catalog.=) 1", "t.id ~ 'x'", "t.id IN (1)", "now() AT TIME ZONE 'Europe/Berlin' > now()",
            "array_agg(t.id) IS NULL", "t.id =  1 ; ", "", " ", "\u{a0}true", "t.id = 1\u{2028}OR true", "１ = 1",
        ])
    func closed(text: String) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let connection = try await database.connect()
        // One of blanks alone is no condition, which its trial finds.
        guard text != " " else { return }
        #expect(try await connection.value("SELECT changefeed.odoo_filter_is_plain($1)", [.text(text)]) == "f")
    }

    @Test(
        "are refused by a pull, a list, a digest and a look, and nothing has moved",
        arguments: [
            // Not plain, or plain and no condition; of secrets, of what another group sees, of what is not there; of values of another type.
            ("(SELECT true)", "[]", "filter_invalid"), ("true) OR (true", "[]", "filter_invalid"),
            ("t.\"password\" = ''", "[]", "filter_invalid"), ("t.\"xmin\" IS NULL", "[]", "filter_invalid"),
            ("t.\"ctid\" IS NULL", "[]", "filter_invalid"),
            ("t.\"access_token\" = ($5)[1]", "[\"x\"]", "filter_invalid"),
            ("t.\"x_margin\" = ($5)[1]", "[\"x\"]", "filter_invalid"),
            ("t.\"write_date\" > ($5)[1]::timestamp", "[\"x\"]", "filter_invalid"),
            ("t.\"name\" = $1", "[]", "filter_invalid"), (" ", "[]", "filter_invalid"),
            ("t.\"id\"", "[]", "filter_invalid"),
            ("coalesce(t.\"id\"", "[]", "filter_invalid"), ("t.\"name\" = ($5)[1]", "[\"x\"]", ""),
        ])
    func refused(condition: String, texts: String, problem: String) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            """
            ALTER TABLE sale_order ADD COLUMN x_margin varchar DEFAULT 's', ADD COLUMN access_token varchar DEFAULT 't';
            INSERT INTO ir_model_fields (model, name, ttype, store, state) VALUES ('sale.order', 'x_margin', 'char', true, 'manual'), ('sale.order', 'access_token', 'char', true, 'base');
            INSERT INTO ir_model_fields_group_rel (field_id, group_id) SELECT id, 4 FROM ir_model_fields WHERE name = 'x_margin';
            """, user: "odoo")
        try await database.psql("SELECT changefeed.grant_data('sale.order')")
        let here = try await RuleDatabase(database)
        try await here.compile(for: 6)
        let service = here.service
        _ = try await service.query("SELECT changefeed.reset_device(6, 'phone')")
        let before = try await database.psql("SELECT d FROM changefeed.device d")
        let filters =
            #"{"sale.order":{"domain":"x","condition":\#(try JSON.text(condition)),"numbers":[],"texts":\#(texts)}}"#
        for call in [
            "news(6, 'phone', 'all', '{sale.order}', filters => $1)",
            "digest(6, 'phone', 'sale.order', 3, filters => $1)",
            "snapshot_page(6, 'phone', 'sale.order', filters => $1, from_id => 1)",
            "pull(6, 'phone', 'all', '{sale.order}', filters => $1)",
        ] {
            #expect(
                try await service.value(
                    "SELECT coalesce(problem, '') FROM changefeed.\(call.replacing("$1", with: "$1::jsonb"))",
                    [.text(filters)]) == problem, "\(call)")
            if !problem.isEmpty {
                #expect(try await database.psql("SELECT d FROM changefeed.device d") == before, "\(call)")
            }
        }
    }

    private enum JSON {
        static func text(_ text: String) throws -> String {
            String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
        }
    }

    @Test("are of twenty models, 4,096 bytes and the models that are asked for at most")
    func bounds() async throws {
        let here = try await RuleDatabase(try await PrivateCluster.shared().createDatabase(.installed))
        try await here.compile(for: 6)
        func problem(_ filters: String) async throws -> String {
            try await here.service.value(
                "SELECT coalesce(problem, '') FROM changefeed.pull(6, 'phone', 'all', '{sale.order}', filters => $1::jsonb)",
                [.text(filters)])
        }
        let one = #"{"domain":"[]","condition":"true"}"#
        #expect(try await problem(#"{"sale.order":\#(one)}"#) == "")
        #expect(try await problem(#"{"res.partner":\#(one)}"#) == "filter_model")
        #expect(try await problem(#"{"no.such":\#(one)}"#) == "filter_model")
        #expect(
            try await problem(
                #"{"sale.order":{"domain":"\#(String(repeating: "x", count: 4_097))","condition":"true"}}"#)
                == "filter_invalid")
        #expect(
            try await problem(
                "{\(([#""sale.order":\#(one)"#] + (0..<20).map { #""x\#($0)":\#(one)"# }).joined(separator: ","))}")
                == "filter_invalid")
        #expect(try await problem("[]") == "filter_invalid")
        #expect(try await problem(#"{"sale.order":{}}"#) == "filter_invalid")
        #expect(try await problem(#"{"sale.order":[]}"#) == "filter_invalid")
    }

    @Test("run with no right that the service has, and are no way to the definer's")
    func rights() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let lines = try await database.psql(
            """
            SELECT p.oid::regprocedure FROM pg_proc p
            WHERE p.pronamespace = 'changefeed'::regnamespace AND p.proname ~ '^odoo_(filter|shown_(now|ids)$)' AND p.proname !~ '_is_plain|_columns|_array|_failed'
              AND (has_function_privilege('changefeed_service', p.oid, 'EXECUTE') OR has_function_privilege('changefeed_reader', p.oid, 'EXECUTE')
                   OR has_function_privilege('changefeed_monitor', p.oid, 'EXECUTE'))
            """)
        #expect(lines == "")
    }
}
