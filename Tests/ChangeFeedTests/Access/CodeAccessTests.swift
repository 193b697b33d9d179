import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres
import Testing

/// Models whose access Odoo decides in Python. Users 6 (internal) and 8 (portal) may read each by right, and no rule narrows it.
@Suite("A model whose access Odoo decides in Python", .timeLimit(.minutes(10)))
struct CodeAccessTests {
    static let listed = [
        "mail.message", "mail.activity", "mail.mail", "mail.scheduled.message", "ir.attachment", "product.document",
        "calendar.event",
        "res.users", "ir.ui.menu", "discuss.channel", "hr.leave", "hr.leave.allocation",
    ]

    /// Odoo's tables of a model with two records, and a right for everybody; what Odoo itself would know of it.
    static func model(_ name: String, module: String? = nil, columns: String = "name varchar") -> String {
        let table = name.replacingOccurrences(of: ".", with: "_")
        return """
            INSERT INTO ir_model (model, name) VALUES ('\(name)', '{}') ON CONFLICT DO NOTHING;
            CREATE TABLE IF NOT EXISTS \(table) (id serial PRIMARY KEY, \(columns), create_date timestamp, write_date timestamp);
            INSERT INTO ir_model_access (name, model_id, active, perm_read) SELECT 'all', id, true, true FROM ir_model WHERE model = '\(name)';
            INSERT INTO ir_model_data (module, name, model, res_id)
                SELECT '\(module ?? "")', 'model_\(table)', 'ir.model', id FROM ir_model WHERE model = '\(name)' AND '\(module ?? "")' <> '';
            """
                + (name == "res.users" ? "" : "INSERT INTO \(table) (create_date) VALUES (now()), (now());")
    }

    private func database(_ sql: String, track: [String]) async throws -> RuleDatabase {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(sql, user: "odoo")
        for model in track { try await database.psql("SELECT changefeed.track('\(model)')") }
        return try await RuleDatabase(database)
    }

    private func findings(_ here: RuleDatabase) async throws -> [String] {
        try await here.superuser.lines(
            "SELECT code || ' ' || level || ' ' || object FROM changefeed.verify() WHERE code IN ('CF136', 'CF137', 'CF138') ORDER BY 1"
        )
    }

    private func decide(_ here: RuleDatabase, _ model: String, _ word: String) async throws {
        _ = try await here.superuser.query(
            Query("SELECT changefeed.decide_model($1::text, $2::text, 'test')", [.text(model), .text(word)]))
    }

    @Test("is closed until an operator allows it, and verify reports it before and after", arguments: Self.listed)
    func closed(model: String) async throws {
        let here = try await database(Self.model(model, module: "mail"), track: [model])
        for user in [2, 6, 8] { #expect(try await here.visible(model, to: user) == nil) }
        #expect(try await findings(here) == ["CF136 warning \(model)"])
        try await decide(here, model, "allow")
        for user in [6, 8] { #expect(try await here.visible(model, to: user)?.prefix(2) == [1, 2]) }
        #expect(try await findings(here) == ["CF137 info \(model)"])
        try await decide(here, model, "deny")
        #expect(try await here.visible(model, to: 6) == nil)
        #expect(try await findings(here) == ["CF137 info \(model)"])
        try await decide(here, model, "clear")
        #expect(try await here.visible(model, to: 6) == nil)
        #expect(
            try await here.superuser.lines(
                "SELECT decision, reason, decided_by, code <> '' FROM changefeed.model_decision ORDER BY id")
                == ["allow|test|postgres|t", "deny|test|postgres|t", "clear|test|postgres|t"])
    }

    @Test("is closed where nothing is known of its module, and an allowed one again when a further module comes to it")
    func custom() async throws {
        let here = try await database(Self.model("library.book", module: "library"), track: ["library.book"])
        #expect(try await here.visible("library.book", to: 6) == nil)
        #expect(
            try await here.superuser.value("SELECT detail FROM changefeed.verify() WHERE code = 'CF136'").contains(
                "it comes with library;"))
        try await decide(here, "library.book", "allow")
        #expect(try await here.visible("library.book", to: 6) == [1, 2])
        try await here.database.psql(
            "INSERT INTO ir_model_data (module, name, model, res_id) SELECT 'library_extra', 'model_library_book', 'ir.model', id FROM ir_model WHERE model = 'library.book'",
            user: "odoo")
        #expect(try await here.visible("library.book", to: 6) == nil)
        #expect(
            try await here.superuser.value("SELECT detail FROM changefeed.verify() WHERE code = 'CF136'").contains(
                "no longer counts"))
    }

    @Test("is not one that was made in Odoo's interface, nor one that a module extends; that one verify names")
    func others() async throws {
        let here = try await database(
            "ALTER TABLE ir_model ADD COLUMN state varchar; GRANT SELECT (state) ON ir_model TO changefeed_definer; "
                + Self.model("x_tool")
                + "UPDATE ir_model SET state = CASE model WHEN 'x_tool' THEN 'manual' ELSE 'base' END;"
                + "INSERT INTO ir_model_data (module, name, model, res_id) SELECT 'acme', 'model_res_partner', 'ir.model', id FROM ir_model WHERE model = 'res.partner'",
            track: ["x_tool"])
        #expect(try await here.visible("x_tool", to: 6) == [1, 2])
        #expect(try await here.visible("res.partner", to: 6)?.count == 20)
        #expect(try await findings(here) == ["CF138 info res.partner"])
        // Any model can be closed.
        try await decide(here, "res.partner", "deny")
        #expect(try await here.visible("res.partner", to: 6) == nil)
    }

    /// crm, maintenance, hr_holidays and purchase_requisition are standard modules, and not all of their models were read in each release.
    @Test(
        "is open where the model is known for this release, and else closed: of standard modules, too",
        arguments: 16...19)
    func further(release: Int) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let modules = [
            "maintenance.request": "maintenance", "crm.stage": "crm",
            "purchase.requisition.type": "purchase_requisition", "repair.order": "repair",
            "hr.leave": "hr_holidays", "hr.leave.allocation": "hr_holidays",
        ]
        try await database.psql(modules.map { Self.model($0.key, module: $0.value) }.joined(), user: "odoo")
        try await database.psql("UPDATE ir_module_module SET latest_version = '\(release).0.1.3' WHERE name = 'base'")
        let connection = try await database.connect()
        let asked = "ARRAY['" + modules.keys.sorted().joined(separator: "','") + "']"
        let open =
            ["maintenance.request"] + (release > 16 ? ["crm.stage"] : ["purchase.requisition.type"])
            + (release == 19 ? ["repair.order", "hr.leave.allocation"] : [])
        #expect(
            Set(
                try await connection.lines(
                    "SELECT model FROM changefeed.odoo_code_states(\(asked)) WHERE state = 'open'")) == Set(open))
        #expect(
            Set(try await connection.lines("SELECT unnest(changefeed.odoo_closed_models(6, \(asked)))"))
                == Set(modules.keys).subtracting(open))
        #expect(
            Set(
                try await connection.lines(
                    "SELECT model FROM changefeed.odoo_code_states(\(asked)) WHERE kind = 'code'"))
                == Set(["hr.leave"] + (release < 19 ? ["hr.leave.allocation"] : [])))
    }

    @Test("of a further standard module is shown without a decision, whatever was decided while it was unknown")
    func unlocked() async throws {
        let here = try await database(
            Self.model("maintenance.request", module: "maintenance")
                + Self.model("maintenance.oddity", module: "maintenance"),
            track: ["maintenance.request", "maintenance.oddity"])
        for user in [6, 8] { #expect(try await here.visible("maintenance.request", to: user) == [1, 2]) }
        #expect(try await here.visible("maintenance.oddity", to: 6) == nil)
        #expect(try await findings(here) == ["CF136 warning maintenance.oddity"])
        // As a feed that did not know the model kept it.
        try await here.database.psql(
            "INSERT INTO changefeed.model_decision (model, decision, code) VALUES ('maintenance.request', 'allow', 'it comes with maintenance; nothing is known of what Python code decides about it')"
        )
        #expect(try await here.visible("maintenance.request", to: 6) == [1, 2])
        try await decide(here, "maintenance.request", "deny")
        #expect(try await here.visible("maintenance.request", to: 6) == nil)
    }

    @Test("appears once in each list for each release, so that the result does not depend on the order")
    func once() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.installed).connect()
        #expect(
            try await connection.lines(
                """
                SELECT m.model || ' ' || r.release FROM changefeed.odoo_known_models() k CROSS JOIN LATERAL unnest(k.releases) r (release)
                CROSS JOIN LATERAL unnest(string_to_array(btrim(k.models), ' ')) m (model) GROUP BY m.model, r.release HAVING count(*) > 1
                UNION ALL
                SELECT c.model || ' ' || r.release FROM changefeed.odoo_code_rules() c
                CROSS JOIN LATERAL generate_series(c.first_release, c.last_release) r (release) GROUP BY c.model, r.release HAVING count(*) > 1
                UNION ALL
                SELECT m.model FROM changefeed.odoo_known_models() k CROSS JOIN LATERAL regexp_split_to_table(btrim(k.models), ' ') m (model)
                WHERE m.model !~ '^[a-z0-9_]+([.][a-z0-9_]+)+$' OR k.models !~ '^ .* $'
                """
            ).isEmpty)
    }

    @Test("is closed to external users alone where its code asks for these")
    func external() async throws {
        let here = try await database(Self.model("project.task", module: "project"), track: ["project.task"])
        #expect(try await here.visible("project.task", to: 6) == [1, 2])
        #expect(try await here.visible("project.task", to: 8) == nil)
        #expect(try await findings(here) == ["CF136 info project.task"])
    }

    @Test(
        "adds neither names nor lists of its records to other models' data, except records that belong to another record, such as attachments"
    )
    func shown() async throws {
        let here = try await database(
            Self.model("calendar.event", module: "calendar")
                + Self.model(
                    "ir.attachment",
                    columns: "name varchar, res_model varchar, res_id int, res_field varchar, public boolean") + """
                    UPDATE calendar_event SET name = 'SECRET MEETING';
                    UPDATE ir_attachment SET res_model = 'sale.order', res_id = 1, name = 'contract';
                    ALTER TABLE sale_order ADD COLUMN x_event_id int;
                    CREATE TABLE x_events (order_id int, event_id int); CREATE TABLE x_files (order_id int, file_id int);
                    INSERT INTO x_events VALUES (1, 1); INSERT INTO x_files VALUES (1, 1);
                    UPDATE sale_order SET x_event_id = 1;
                    INSERT INTO ir_model_fields (model, name, ttype, relation, relation_field, relation_table, column1, column2, store, state) VALUES
                        ('calendar.event', 'name', 'char', NULL, NULL, NULL, NULL, NULL, true, 'base'),
                        ('ir.attachment', 'res_id', 'many2one_reference', NULL, NULL, NULL, NULL, NULL, true, 'base'),
                        ('sale.order', 'x_event_id', 'many2one', 'calendar.event', NULL, NULL, NULL, NULL, true, 'manual'),
                        ('sale.order', 'x_event_ids', 'many2many', 'calendar.event', NULL, 'x_events', 'order_id', 'event_id', true, 'manual'),
                        ('sale.order', 'x_file_ids', 'many2many', 'ir.attachment', NULL, 'x_files', 'order_id', 'file_id', true, 'manual'),
                        ('sale.order', 'x_attachment_ids', 'one2many', 'ir.attachment', 'res_id', NULL, NULL, NULL, true, 'manual');
                    """, track: ["sale.order"])
        func data() async throws -> String {
            try await here.compile(for: 6)
            return try await here.superuser.value("SELECT records FROM changefeed.audit_data(6, 'sale.order', '{1}')")
        }
        let closed = try await data()
        #expect(!closed.contains("SECRET") && closed.contains(#""x_event_id":[1, "calendar.event,1"]"#), "\(closed)")
        #expect(closed.contains(#""x_event_ids":[]"#) && !closed.contains("x_file_ids"), "\(closed)")
        #expect(closed.contains(#""x_attachment_ids":[1, 2]"#), "\(closed)")
        try await decide(here, "calendar.event", "allow")
        try await decide(here, "ir.attachment", "allow")
        let open = try await data()
        #expect(
            open.contains("SECRET MEETING") && open.contains(#""x_event_ids":[1]"#)
                && open.contains(#""x_file_ids":[1]"#), "\(open)")
    }

    @Test("is named by track(), and by an upgrade that finds it tracked")
    func told() async throws {
        let here = try await database(Self.model("library.book", module: "library"), track: [])
        let script = FileManager.default.temporaryDirectory.appendingPathComponent("track-\(UUID().uuidString).sql")
        defer { try? FileManager.default.removeItem(at: script) }
        try "SELECT changefeed.track('library.book');".write(to: script, atomically: true, encoding: .utf8)
        #expect(
            try await here.database.messages(of: script.path).contains("library.book is closed: it comes with library;")
        )
        #expect(
            try await here.database.messages(of: Fixture.sqlFolder + "/install.sql").contains(
                "library.book is closed: it comes with library;"))
    }

    @Test("may be decided about by an operator alone")
    func rights() async throws {
        let here = try await database("", track: [])
        for statement in [
            "SELECT changefeed.decide_model('res.users', 'allow')",
            "INSERT INTO changefeed.model_decision (model, decision, code) VALUES ('res.users', 'allow', '')",
            "SELECT changefeed.audit_ids(2, 'res.partner', 1, 9)",
            "SELECT changefeed.audit_data(2, 'res.partner', '{1}')",
        ] {
            await #expect(throws: PostgresError.self) { _ = try await here.service.query(Query(statement)) }
        }
        #expect(try await here.service.query("SELECT * FROM changefeed.model_states()").count > 0)
    }

    /// Requests ask `odoo_closed_models()`, which looks at no more than it must; people are told what `odoo_code_states()` says.
    @Test(
        "is closed to a request where it is closed to people, by whatever decision; 0 is the small database",
        arguments: [0] + Fixture.releases)
    func sameAnswer(release: Int) async throws {
        let database = try await PrivateCluster.shared().createDatabase(
            release == 0 ? .installed : .releaseInstalled(release))
        try await database.psql(
            (release > 0
                ? ""
                : ["mail.notification", "mail.message", "project.task"].map { Self.model($0, module: "mail") }.joined())
                + "SELECT changefeed.decide_model('mail.message', 'allow'), changefeed.decide_model('res.partner', 'deny'), changefeed.decide_model('res.users', 'clear');"
        )
        let connection = try await database.connect()
        let models = "(SELECT array_agg(model::text) FROM ir_model)"
        for user in try await connection.lines("SELECT (SELECT min(id) FROM res_users WHERE share) UNION VALUES (2)") {
            for inLists in [false, true] {
                let closed = try await connection.lines(
                    "SELECT unnest(changefeed.odoo_closed_models(\(user), \(models), \(inLists))) ORDER BY 1")
                let told = try await connection.lines(
                    """
                    SELECT s.model FROM changefeed.odoo_code_states(\(models)) s
                    WHERE (s.state = 'closed' OR s.state <> 'open' AND (SELECT u.share FROM res_users u WHERE u.id = \(user)))
                      AND (NOT \(inLists) OR s.decision = 'deny' OR s.lists = 'none') ORDER BY 1
                    """)
                #expect(
                    closed == told && closed.contains("res.partner") && closed.contains("mail.notification")
                        && !closed.contains("mail.message"), "user \(user)")
            }
        }
    }

    @Test(
        "shows no message of a real database to any of its users",
        .enabled(if: !Fixture.releases.isEmpty, "the real Odoo databases are not beside this checkout"),
        arguments: Fixture.releases)
    func real(release: Int) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.releaseInstalled(release))
        try await database.psql(
            """
            INSERT INTO mail_message (model, res_id, message_type, body) SELECT 'res.partner', n, 'comment', 'SECRET' FROM generate_series(1, 3) n;
            SELECT changefeed.track('mail.message'), changefeed.track('res.users'), changefeed.track('ir.attachment'), changefeed.track('mail.activity');
            """)
        let here = try await RuleDatabase(database)
        for user in try await here.superuser.query("SELECT id FROM res_users WHERE active AND id > 1") {
            for model in ["mail.message", "res.users", "ir.attachment", "mail.activity"] {
                #expect(try await here.visible(model, to: Int(try user["id"].int())) == nil)
            }
        }
        #expect(try await here.superuser.value("SELECT count(*) FROM changefeed.verify() WHERE code = 'CF136'") == "4")
    }
}
