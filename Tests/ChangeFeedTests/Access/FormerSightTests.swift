import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres
import Testing

/// What left a user's sight, or went, together with the rows on which that sight hung. In the fixture template 1 costs 100 and template 2
/// costs 40, each with one variant; orders are user 6's; expense 1 and picking 1 are of order 1.
@Suite("What hung on rows that are gone or changed", .timeLimit(.minutes(10)))
struct FormerSightTests {
    static let dear = RuleDecisionTests.rule(901, "[('list_price', '>', 50)]", model: "product.template")
    static let ofOwnOrders = RuleDecisionTests.rule(902, "[('sale_id.user_id', '=', user.id)]", model: "stock.picking")

    struct Devices {
        let here: RuleDatabase

        /// Both users' devices, up to date.
        init(_ rules: String, setUp: String = "", models: [String]) async throws {
            let database = try await PrivateCluster.shared().createDatabase(.installed)
            try await database.psql(setUp + rules, user: "odoo")
            try await database.psql("SELECT changefeed.track(model) FROM changefeed.tracked_model")
            here = try await RuleDatabase(database)
            for user in [2, 6] {
                try await here.compile(for: user)
                _ = try await pull(user, models)
                // What the set-up did is no news.
                _ = try await here.service.query(
                    Query("SELECT changefeed.reset_device($1::int, 'phone')", [.int(user)]))
            }
        }

        /// Everything that waits, acknowledged: what happened to which record, and why. A pull with data, which asks
        /// rules as it reads them, tells of the same.
        func pull(_ user: Int, _ models: [String]) async throws -> [String] {
            let (told, _) = try await pull(user, models, withData: true)
            let (same, ids) = try await pull(user, models, withData: false)
            #expect(told == same)
            if !ids.isEmpty {
                _ = try await here.service.query(
                    Query(
                        "SELECT changefeed.acknowledge($1::int, 'phone', $2::bigint[])", [.int(user), .intArray(ids)]))
            }
            return same
        }

        private func pull(_ user: Int, _ models: [String], withData: Bool) async throws -> ([String], [Int64]) {
            let row = try #require(
                try await here.service.query(
                    Query(
                        "SELECT problem, resync::text AS resync, events FROM changefeed.pull($1::int, 'phone', 'all', $2::text[], NULL, 500, $3)",
                        [.int(user), .textArray(models), .bool(withData)])
                ).first)
            if let problem = row["problem"].text { return ([row["resync"].text ?? problem], []) }
            let events = try #require(
                try JSONSerialization.jsonObject(with: Data(try row["events"].string().utf8)) as? [[String: Any]])
            return (
                events.map {
                    "\($0["event"] ?? "") \($0["model"] ?? "") \($0["record_id"] ?? "")"
                        + ($0["reason"].map { " (\($0))" } ?? "")
                }, events.compactMap { ($0["id"] as? Int).map(Int64.init) }
            )
        }

        /// The first API's deletions of a model, by record.
        func deletions(_ user: Int, _ model: String) async throws -> [String] {
            try await here.service.lines(
                """
                SELECT e ->> 'record_id' FROM changefeed.v1_list($1::int, $2::text, NULL, 'unlink', NULL, 100, 0) l,
                    json_array_elements(l.events::json) e ORDER BY 1
                """, [.int(user), .text(model)])
        }

        func counted(_ user: Int, _ model: String) async throws -> String {
            try await here.service.value(
                """
                SELECT coalesce((SELECT e ->> 'count' FROM changefeed.v1_counts($1::int, NULL) c,
                    json_array_elements(c.summary::json -> 'summary') e WHERE e ->> 'model' = $2), '0')
                """, [.int(user), .text(model)])
        }

        /// What streams and long polls are told of the newest rows of the log.
        func hinted(_ user: Int, _ model: String, rows: Int) async throws -> String {
            try await here.superuser.value(
                """
                SELECT h.counts::text FROM changefeed.hinted($1::int, NULL, ARRAY[$2::text], ARRAY(
                    SELECT e.id FROM changefeed.event e ORDER BY e.id DESC LIMIT $3::int)) h
                """, [.int(user), .text(model), .int(rows)])
        }

        func odoo(_ sql: String) async throws { try await here.database.psql(sql, user: "odoo") }
    }

    private static let products = ["product.product", "product.template"]
    private static let bare = "UPDATE sale_order_line SET product_id = NULL;"

    @Test(
        "a variant that is deleted with its template is reported like the template, in both APIs, in streams and in counts; a hidden one is not"
    )
    func variant() async throws {
        let devices = try await Devices(Self.dear, setUp: Self.bare, models: Self.products)
        try await devices.odoo("DELETE FROM product_template WHERE id IN (1, 2)")
        let waiting = try await devices.here.service.value(
            "SELECT state ->> 'pending' FROM changefeed.device_state(6, 'phone')")
        #expect(waiting == "2")
        #expect(
            try await devices.here.service.value(
                "SELECT is_waiting FROM changefeed.news(6, 'phone', 'all', '{product.product}')") == "t")
        #expect(try await devices.hinted(6, "product.product", rows: 2) == "{1}")
        #expect(
            Set(try await devices.pull(6, Self.products)) == ["unlink product.template 1", "unlink product.product 1"])
        #expect(try await devices.deletions(6, "product.product") == ["1"])
        #expect(try await devices.deletions(6, "product.template") == ["1"])
        #expect(try await devices.counted(6, "product.product") == "1")
        #expect(try await devices.pull(6, Self.products) == [])
    }

    @Test("only the variant is followed, and is deleted first, in a separate transaction")
    func apart() async throws {
        let devices = try await Devices(Self.dear, setUp: Self.bare, models: ["product.product"])
        for sql in ["DELETE FROM product_product", "DELETE FROM product_template"] { try await devices.odoo(sql) }
        #expect(try await devices.pull(6, ["product.product"]) == ["unlink product.product 1"])
        #expect(try await devices.deletions(6, "product.product") == ["1"])
    }

    @Test(
        "a variant whose template becomes invisible to the user is sent as an unlink with reason access, even if the template is not followed"
    )
    func leaves() async throws {
        let devices = try await Devices(Self.dear, models: ["product.product"])
        let touch = "UPDATE product_product SET write_date = now()"
        try await devices.odoo("BEGIN; UPDATE product_template SET list_price = 10 WHERE id = 1; \(touch); COMMIT")
        // The other one was never seen: not even its id is told.
        #expect(try await devices.pull(6, ["product.product"]) == ["unlink product.product 1 (access)"])
        try await devices.odoo(touch)
        #expect(try await devices.pull(6, ["product.product"]) == [])
        try await devices.odoo("BEGIN; UPDATE product_template SET list_price = 90; \(touch); COMMIT")
        #expect(
            Set(try await devices.pull(6, ["product.product"])) == [
                "write product.product 1", "write product.product 2",
            ])
    }

    @Test("the deletion of a record that was hidden before is sent to no user, in neither API")
    func hiddenBefore() async throws {
        let devices = try await Devices(Self.dear, setUp: Self.bare, models: Self.products)
        try await devices.odoo(
            "UPDATE product_template SET list_price = 10 WHERE id = 1; UPDATE product_product SET write_date = now()")
        _ = try await devices.pull(6, Self.products)
        try await devices.odoo("DELETE FROM product_template")
        #expect(try await devices.pull(6, Self.products) == [])
        #expect(try await devices.deletions(6, "product.product") == [])
    }

    @Test(
        "a record that was visible for a moment, while a device drained an older batch, is sent as no longer visible",
        arguments: [false, true])
    func shownForAMoment(isSpoiled: Bool) async throws {
        let devices = try await Devices(Self.dear, models: ["product.product"])
        if isSpoiled {
            // Judged by the two ends alone, as it is found nowhere but here.
            let fault = SyncCheckerTests.Fault(
                testDescription: "", function: "seen_before", replace: "former, at_any_time => true",
                by: "former, at_any_time => false")
            try await devices.here.database.psql(fault.sql)
        }
        let touch = "UPDATE product_product SET write_date = now() WHERE id = 2"
        try await devices.odoo("UPDATE product_product SET write_date = now()")
        // The batch ends here; its second page is read later.
        let service = devices.here.service
        let page = "SELECT events FROM changefeed.pull(6, 'phone', 'all', '{product.product}', NULL, 500, false)"
        #expect(try await service.value(page).contains(#""record_id":1"#))
        try await devices.odoo("BEGIN; UPDATE product_template SET list_price = 90 WHERE id = 2; \(touch); COMMIT")
        #expect(try await service.value(page).contains(#""record_id":2"#))
        for price in [10, 90, 10] {
            try await devices.odoo(
                "BEGIN; UPDATE product_template SET list_price = \(price) WHERE id = 2; \(touch); COMMIT")
        }
        _ = try await service.query(
            "SELECT changefeed.acknowledge(6, 'phone', ARRAY(SELECT (e ->> 'id')::bigint FROM changefeed.pull(6, 'phone', 'all', '{product.product}', NULL, 500, false) p, json_array_elements(p.events::json) e))"
        )
        #expect(
            try await devices.pull(6, ["product.product"]).contains("unlink product.product 2 (access)") == !isSpoiled)
    }

    @Test(
        "what a deleted record takes its link from is asked as it was: an order that is gone, with the picking that it leaves behind"
    )
    func linkToGone() async throws {
        let devices = try await Devices(Self.ofOwnOrders, models: ["stock.picking"])
        // ON DELETE SET NULL writes the picking.
        try await devices.odoo("DELETE FROM sale_order WHERE id = 1")
        #expect(try await devices.pull(6, ["stock.picking"]) == ["unlink stock.picking 1 (access)"])
        #expect(try await devices.pull(2, ["stock.picking"]) == [])
    }

    @Test(
        "an order was reassigned with its picking, which was then deleted: the previous user receives the picking's deletion"
    )
    func linkToChanged() async throws {
        let devices = try await Devices(Self.ofOwnOrders, models: ["stock.picking"])
        try await devices.odoo(
            "BEGIN; UPDATE sale_order SET user_id = 2 WHERE id = 1; DELETE FROM stock_picking WHERE id = 1; COMMIT")
        #expect(try await devices.pull(6, ["stock.picking"]) == ["unlink stock.picking 1"])
        #expect(try await devices.deletions(6, "stock.picking") == ["1"])
    }

    @Test(
        "if deleted lists leave a rule undecided, a deletion is sent to users whom the record's own columns do not exclude"
    )
    func lists() async throws {
        let models = ["sale.order"]
        let devices = try await Devices(
            RuleDecisionTests.rule(901, "[('order_line.product_uom_qty', '>', 2), ('user_id', '=', user.id)]"),
            setUp: """
                INSERT INTO ir_model_fields (model, name, ttype, store, relation, relation_field)
                    VALUES ('sale.order', 'order_line', 'one2many', true, 'sale.order.line', 'order_id');
                INSERT INTO sale_order (name, partner_id, user_id) VALUES ('hers', 1, 2);
                """, models: models)
        try await devices.odoo("DELETE FROM sale_order WHERE id IN (5, 6)")
        #expect(try await devices.pull(6, models) == ["unlink sale.order 5"])
        #expect(try await devices.deletions(6, "sale.order") == ["5"])
        #expect(try await devices.pull(2, models) == ["unlink sale.order 6"])
        // Orders that exist are another matter: what cannot be told of them is not told.
        try await devices.odoo(
            "DELETE FROM sale_order_line WHERE order_id = 4; UPDATE sale_order SET state = 'sale' WHERE id = 4")
        #expect(try await devices.pull(6, models) == [])
    }

    @Test(
        "of a rule that reads nothing but the id, or nothing of the row at all, everything is known of a deleted record",
        arguments: [
            ("[('id', '>', 1)]", ["unlink product.category 2"], ["2"]),
            ("[('id', 'in', [1, 2])]", ["unlink product.category 1", "unlink product.category 2"], ["1", "2"]),
            ("[('id', '=', user.id)]", [], []),
        ])
    func onlyID(domain: String, told: [String], deleted: [String]) async throws {
        let devices = try await Devices(
            RuleDecisionTests.rule(901, domain, model: "product.category"), models: ["product.category"])
        try await devices.here.database.psql(
            "UPDATE product_template SET categ_id = NULL; DELETE FROM product_category WHERE id <= 2", user: "odoo")
        #expect(try await devices.pull(6, ["product.category"]) == told)
        #expect(try await devices.deletions(6, "product.category") == deleted)
    }

    @Test("a list that was taken while its model could be read in between is to be dropped", arguments: [true, false])
    func readableInBetween(hasPulled: Bool) async throws {
        let devices = try await Devices("", models: ["product.category"])
        func right(_ isActive: Bool) async throws {
            try await devices.odoo(
                """
                UPDATE ir_model_access SET active = \(isActive)
                WHERE model_id = (SELECT id FROM ir_model WHERE model = 'product.category')
                """)
        }
        func resync(_ device: String) async throws -> [String] {
            try await devices.here.service.lines(
                """
                SELECT json_array_elements_text(p.resync -> 'models') FROM changefeed.pull(6, '\(device)') p
                """)
        }
        func list(_ device: String) async throws -> String {
            try await devices.here.service.value(
                """
                SELECT l.entries || ' ' || l.complete
                FROM changefeed.snapshot_page(6, '\(device)', 'product.category') l
                """)
        }
        let device = hasPulled ? "phone" : "tablet"
        if hasPulled {
            _ = try await resync(device)
            try await right(false)
            #expect(try await resync(device).contains("product.category"))
            try await right(true)
        }
        #expect(try await list(device) == "2 true")
        try await right(false)
        #expect(try await resync(device).contains("product.category"))
        #expect(try await list(device) == "0 true")
        let after = try await resync(device)
        #expect(!after.contains("product.category"))
    }

    @Test("if the log keeps no old values of a column, a deletion is sent; a write of an existing record is not")
    func notKept() async throws {
        let models = ["stock.picking"]
        let devices = try await Devices(
            RuleDecisionTests.rule(901, "[('partner_id.phone', '=', '1')]", model: "stock.picking"),
            setUp: "INSERT INTO stock_picking (name, partner_id) VALUES ('other', 2);", models: models)
        try await devices.odoo("UPDATE stock_picking SET state = 'done'")
        #expect(try await devices.pull(6, models) == [])
        try await devices.odoo("DELETE FROM stock_picking WHERE id = 2")
        #expect(try await devices.pull(6, models) == ["unlink stock.picking 2"])
    }

    @Test("followers of the order that a line is of decide about the line, now and when both are gone")
    func followersOfAnother() async throws {
        let devices = try await Devices(
            RuleDecisionTests.rule(901, "[('message_partner_ids', 'in', [3])]")
                + RuleDecisionTests.rule(902, "[('sale_order_id.message_partner_ids', 'in', [3])]", model: "hr.expense"),
            setUp: """
                INSERT INTO ir_model (model, name) VALUES ('mail.followers', '{}');
                INSERT INTO ir_model_fields (model, name, ttype, store, relation) VALUES
                    ('sale.order', 'message_partner_ids', 'many2many', false, 'res.partner'),
                    ('mail.followers', 'res_model', 'char', true, NULL), ('mail.followers', 'res_id', 'integer', true, NULL),
                    ('mail.followers', 'partner_id', 'many2one', true, 'res.partner');
                INSERT INTO mail_followers (res_model, res_id, partner_id) VALUES ('sale.order', 1, 3);
                INSERT INTO hr_expense (name, sale_order_id) VALUES ('hidden', 2);
                """, models: ["hr.expense"])
        try await devices.odoo("DELETE FROM hr_expense WHERE id = 2")
        #expect(try await devices.pull(6, ["hr.expense"]) == [])
        try await devices.odoo(
            "BEGIN; DELETE FROM hr_expense WHERE id = 1; DELETE FROM sale_order WHERE id = 1; DELETE FROM mail_followers; COMMIT"
        )
        #expect(try await devices.pull(6, ["hr.expense"]) == ["unlink hr.expense 1"])
    }

    @Test(
        "a product of a real Odoo that is deleted, or goes to another company, takes its variant with it for every user",
        .enabled(if: !Fixture.releases.isEmpty, "the real Odoo databases are not beside this checkout"),
        arguments: Fixture.releases)
    func real(release: Int) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.releaseInstalled(release))
        let here = try await RuleDatabase(database)
        let models = Self.products
        // A user of company 1 alone, and one of both.
        let users = try await here.superuser.lines(
            """
            SELECT min(u.id) FILTER (WHERE c.cids = '{1}'), min(u.id) FILTER (WHERE c.cids @> '{1,2}') FROM res_users u
            JOIN (SELECT user_id, array_agg(cid ORDER BY cid) AS cids FROM res_company_users_rel GROUP BY 1) c ON c.user_id = u.id
            WHERE u.active AND NOT u.share AND u.id <> 1 AND EXISTS (SELECT FROM changefeed.odoo_readable_models(u.id) m WHERE m = 'product.product')
            """)
        let found = try #require(users.first?.split(separator: "|").compactMap { Int($0) })
        try #require(found.count == 2)
        let devices = Devices(here: here)
        func make() async throws -> (template: String, variant: String) {
            func columns(_ table: String) async throws -> String {
                try await here.superuser.value(
                    """
                    SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
                        AND attname NOT IN ('id', 'product_tmpl_id', 'barcode', 'company_id')
                    """, [.text(table)])
            }
            let (ofTemplate, ofVariant) = (try await columns("product_template"), try await columns("product_product"))
            let template = try await database.psql(
                "INSERT INTO product_template (\(ofTemplate)) SELECT \(ofTemplate) FROM product_template ORDER BY id LIMIT 1 RETURNING id"
            )
            let variant = try await database.psql(
                "INSERT INTO product_product (product_tmpl_id, \(ofVariant)) SELECT \(template), \(ofVariant) FROM product_product ORDER BY id LIMIT 1 RETURNING id"
            )
            return (template, variant)
        }
        for user in found {
            try await here.compile(for: user)
            _ = try await devices.pull(user, models)
        }
        let first = try await make()
        let second = try await make()
        for user in found { _ = try await devices.pull(user, models) }
        try await database.psql(
            "BEGIN; DELETE FROM product_product WHERE id = \(first.variant); DELETE FROM product_template WHERE id = \(first.template); COMMIT"
        )
        for user in found {
            #expect(
                try await devices.pull(user, models) == [
                    "unlink product.product \(first.variant)", "unlink product.template \(first.template)",
                ])
            #expect(try await devices.deletions(user, "product.product") == [first.variant])
        }
        try await database.psql(
            "BEGIN; UPDATE product_template SET company_id = 2 WHERE id = \(second.template); UPDATE product_product SET write_date = now() WHERE id = \(second.variant); COMMIT"
        )
        #expect(
            Set(try await devices.pull(found[0], models))
                == [
                    "unlink product.template \(second.template) (access)",
                    "unlink product.product \(second.variant) (access)",
                ])
        #expect(
            Set(try await devices.pull(found[1], models))
                == ["write product.template \(second.template)", "write product.product \(second.variant)"])
    }
}

extension FormerSightTests.Devices {
    init(here: RuleDatabase) { self.here = here }
}
