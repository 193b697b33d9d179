import ChangeFeedTesting

/// The fixture with some of the record rules that Odoo's modules bring, and followers, tracked after that.
enum RuledDatabase {
    /// - Parameter cluster: nil: the one that tests share.
    static func create(in cluster: PrivateCluster? = nil) async throws -> TestDatabase {
        let shared = try await PrivateCluster.shared()
        let database = try await (cluster ?? shared).createDatabase(.installed)
        try await database.psql(rules, user: "odoo")
        try await database.psql("SELECT changefeed.track(model) FROM changefeed.tracked_model")
        return database
    }

    private static let rules = """
        INSERT INTO ir_rule (model_id, name, domain_force, global)
            SELECT m.id, r.name, r.domain_force, r.global FROM (VALUES
                ('res.partner', 'res.partner company', $$['|', ('company_id', 'parent_of', company_ids), ('company_id', '=', False)]$$, true),
                ('res.partner', 'portal: my commercial partner', $$[('id', 'child_of', user.commercial_partner_id.id)]$$, false),
                ('sale.order', 'Portal Personal Orders', $$[('message_partner_ids','child_of',[user.commercial_partner_id.id])]$$, false),
                ('sale.order', 'Personal Orders', $$['|',('user_id','=',user.id),('user_id','=',False)]$$, false),
                ('sale.order', 'All Orders', $$[(1,'=',1)]$$, false),
                ('hr.expense', 'Employee Expense', $$[('employee_id.user_id', '=', user.id)]$$, false)
            ) AS r (model, name, domain_force, global) JOIN ir_model m ON m.model = r.model;
        INSERT INTO rule_group_rel (rule_group_id, group_id)
            SELECT id, CASE name WHEN 'All Orders' THEN 4 WHEN 'Personal Orders' THEN 2 ELSE 1 END FROM ir_rule WHERE NOT global;
        INSERT INTO mail_followers (res_model, res_id, partner_id) VALUES ('sale.order', 1, 3), ('sale.order', 1, 1), ('sale.order', 2, 2), ('res.partner', 3, 1);
        """
}
