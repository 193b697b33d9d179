-- What the live test's stand-in for Odoo has beside Tests/Fixtures/odoo.sql: tags, a second company, groups of sales, record
-- rules, and the fields of it. Run before sql/install.sql.
SET ROLE odoo;
CREATE TABLE res_partner_category (id serial PRIMARY KEY, name jsonb NOT NULL, active boolean DEFAULT true, create_date timestamp, write_date timestamp);
CREATE TABLE res_partner_res_partner_category_rel (
    category_id int NOT NULL REFERENCES res_partner_category ON DELETE CASCADE,
    partner_id int NOT NULL REFERENCES res_partner ON DELETE CASCADE, PRIMARY KEY (category_id, partner_id));
ALTER TABLE product_template ADD company_id int REFERENCES res_company, ADD sale_ok boolean DEFAULT true;
-- Of a variant's name; no product of the stand-in has attributes.
CREATE TABLE product_attribute (id serial PRIMARY KEY, name jsonb, create_variant varchar, sequence int);
CREATE TABLE product_attribute_value (id serial PRIMARY KEY, name jsonb, attribute_id int, sequence int);
CREATE TABLE product_template_attribute_line (id serial PRIMARY KEY, product_tmpl_id int, attribute_id int, active boolean, sequence int, value_count int);
CREATE TABLE product_template_attribute_value (id serial PRIMARY KEY, product_attribute_value_id int, attribute_line_id int, attribute_id int, product_tmpl_id int, ptav_active boolean);
CREATE TABLE product_variant_combination (product_product_id int, product_template_attribute_value_id int);
INSERT INTO ir_model (model, name) VALUES ('res.partner.category', '{}'), ('res.company', '{}');
INSERT INTO ir_model_fields (model, name, ttype, relation, translate, store, relation_field, relation_table, column1, column2, state) VALUES
    ('res.partner.category', 'id', 'integer', NULL, false, true, NULL, NULL, NULL, NULL, 'base'),
    ('res.partner.category', 'name', 'char', NULL, true, true, NULL, NULL, NULL, NULL, 'base'),
    ('res.partner.category', 'active', 'boolean', NULL, false, true, NULL, NULL, NULL, NULL, 'base'),
    ('res.partner.category', 'create_date', 'datetime', NULL, false, true, NULL, NULL, NULL, NULL, 'base'),
    ('res.partner.category', 'write_date', 'datetime', NULL, false, true, NULL, NULL, NULL, NULL, 'base'),
    ('res.partner.category', 'partner_ids', 'many2many', 'res.partner', false, true, NULL, 'res_partner_res_partner_category_rel', 'category_id', 'partner_id', 'base'),
    ('res.partner', 'category_id', 'many2many', 'res.partner.category', false, true, NULL, 'res_partner_res_partner_category_rel', 'partner_id', 'category_id', 'base'),
    ('res.partner', 'child_ids', 'one2many', 'res.partner', false, true, 'parent_id', NULL, NULL, NULL, 'base'),
    ('sale.order', 'order_line', 'one2many', 'sale.order.line', false, true, 'order_id', NULL, NULL, NULL, 'base'),
    ('product.template', 'company_id', 'many2one', 'res.company', false, true, NULL, NULL, NULL, NULL, 'base'),
    ('product.template', 'sale_ok', 'boolean', NULL, false, true, NULL, NULL, NULL, NULL, 'base');
INSERT INTO ir_model_fields (model, name, ttype, relation, related, translate, store)
    SELECT 'product.product', f.name, f.ttype, f.relation, 'product_tmpl_id.' || f.name, false, false FROM ir_model_fields f
    WHERE f.model = 'product.template' AND f.name IN ('company_id', 'sale_ok');
UPDATE ir_model_fields SET relation = 'res.company' WHERE name = 'company_id';
UPDATE ir_model_fields SET ttype = 'many2one', relation = 'res.partner' WHERE model = 'res.users' AND name = 'partner_id';

-- Groups: 5 own documents, 6 all documents, 7 the portal.
INSERT INTO res_groups (id, name) VALUES (5, '{"en_US": "Own documents"}'), (6, '{"en_US": "All documents"}'), (7, '{"en_US": "Portal"}');
SELECT setval('res_groups_id_seq', 10);
INSERT INTO res_groups_implied_rel (gid, hid) VALUES (5, 1), (6, 5), (4, 6);
INSERT INTO ir_model_data (module, name, model, res_id) VALUES
    ('sales_team', 'group_sale_salesman', 'res.groups', 5), ('sales_team', 'group_sale_salesman_all_leads', 'res.groups', 6),
    ('account', 'group_account_invoice', 'res.groups', 3), ('base', 'group_portal', 'res.groups', 7);
INSERT INTO ir_model_access (name, model_id, group_id, perm_read)
    SELECT model, id, 1, true FROM ir_model WHERE model IN ('res.partner.category', 'res.company')
    UNION ALL SELECT 'portal ' || model, id, 7, true FROM ir_model WHERE model IN ('sale.order', 'sale.order.line', 'res.partner');
INSERT INTO ir_rule (id, name, model_id, domain_force)
    SELECT r.id, r.name, m.id, r.domain FROM (VALUES
        (1, 'partners by company', 'res.partner', $$['|', ('company_id', '=', False), ('company_id', 'in', company_ids)]$$),
        (2, 'products by company', 'product.template', $$['|', ('company_id', '=', False), ('company_id', 'in', company_ids)]$$),
        (3, 'variants by company', 'product.product', $$['|', ('product_tmpl_id.company_id', '=', False), ('product_tmpl_id.company_id', 'in', company_ids)]$$),
        (4, 'own orders', 'sale.order', $$['|', ('user_id', '=', user.id), ('user_id', '=', False)]$$),
        (5, 'all orders', 'sale.order', $$[(1, '=', 1)]$$),
        (6, 'orders of the customer', 'sale.order', $$[('partner_id', '=', user.partner_id.id)]$$),
        (7, 'own lines', 'sale.order.line', $$['|', ('order_id.user_id', '=', user.id), ('order_id.user_id', '=', False)]$$),
        (8, 'all lines', 'sale.order.line', $$[(1, '=', 1)]$$),
        (9, 'lines of the customer', 'sale.order.line', $$[('order_id.partner_id', '=', user.partner_id.id)]$$)
    ) r (id, name, model, domain) JOIN ir_model m ON m.model = r.model;
INSERT INTO rule_group_rel (rule_group_id, group_id) VALUES (4, 5), (5, 6), (6, 7), (7, 5), (8, 6), (9, 7);

INSERT INTO res_partner (id, name, lang) SELECT 100 + id, login, 'en_US' FROM res_users;
SELECT setval('res_partner_id_seq', 200);
UPDATE res_users SET partner_id = 100 + id;
UPDATE res_company SET partner_id = 1;
-- As Odoo 18 keeps them: with what the groups imply.
INSERT INTO res_groups_users_rel (gid, uid) VALUES (1, 2), (3, 2), (5, 2), (6, 2), (1, 6), (1, 7), (3, 7);
INSERT INTO res_partner_category (name, create_date, write_date)
    SELECT jsonb_build_object('en_US', 'Tag ' || n), now() AT TIME ZONE 'utc', now() AT TIME ZONE 'utc' FROM generate_series(1, 4) n;
INSERT INTO res_partner_res_partner_category_rel SELECT 1 + n % 4, n FROM generate_series(1, 12) n;
RESET ROLE;
