-- A small database in the shape of Odoo 18: the tables, columns and access rows that the change feed reads.
-- Users and their API keys (made for this file, they open nothing): 2 admin, 6 sales (may not read account.move),
-- 7 inactive, 8 portal, 2 expired; see TestKeys.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'odoo') THEN
        CREATE ROLE odoo LOGIN;
    END IF;
END $$;
GRANT CREATE ON SCHEMA public TO odoo;
SET ROLE odoo;

CREATE TABLE ir_model (id serial PRIMARY KEY, model varchar NOT NULL UNIQUE, name jsonb NOT NULL, transient boolean, "order" varchar NOT NULL DEFAULT 'id');
CREATE TABLE ir_model_fields (id serial PRIMARY KEY, model varchar NOT NULL, name varchar NOT NULL, ttype varchar NOT NULL, relation varchar, relation_field varchar, relation_table varchar, column1 varchar, column2 varchar, related varchar, required boolean, translate boolean, company_dependent boolean, store boolean, UNIQUE (model, name));
CREATE TABLE ir_model_fields_group_rel (field_id int NOT NULL, group_id int NOT NULL);
CREATE TABLE ir_default (id serial PRIMARY KEY, field_id int NOT NULL, user_id int, company_id int, condition varchar, json_value varchar NOT NULL);
CREATE TABLE res_lang (id serial PRIMARY KEY, code varchar NOT NULL UNIQUE, active boolean);
CREATE TABLE ir_module_module (id serial PRIMARY KEY, name varchar NOT NULL UNIQUE, latest_version varchar, state varchar);
CREATE TABLE ir_config_parameter (id serial PRIMARY KEY, key varchar NOT NULL UNIQUE, value text NOT NULL);
CREATE TABLE ir_model_data (id serial PRIMARY KEY, module varchar NOT NULL, name varchar NOT NULL, model varchar NOT NULL, res_id int, UNIQUE (module, name));
CREATE TABLE res_company (id serial PRIMARY KEY, name varchar NOT NULL, parent_id int REFERENCES res_company, parent_path varchar, partner_id int);
CREATE TABLE res_groups (id serial PRIMARY KEY, name jsonb NOT NULL);
CREATE TABLE res_users (id serial PRIMARY KEY, login varchar NOT NULL UNIQUE, password varchar, active boolean DEFAULT true, company_id int REFERENCES res_company, partner_id int, share boolean DEFAULT false);
CREATE TABLE res_groups_users_rel (gid int NOT NULL REFERENCES res_groups, uid int NOT NULL REFERENCES res_users, PRIMARY KEY (gid, uid));
CREATE TABLE res_groups_implied_rel (gid int NOT NULL REFERENCES res_groups, hid int NOT NULL REFERENCES res_groups, PRIMARY KEY (gid, hid));
CREATE TABLE ir_model_access (id serial PRIMARY KEY, name varchar NOT NULL, model_id int NOT NULL REFERENCES ir_model, group_id int REFERENCES res_groups, active boolean DEFAULT true, perm_read boolean, perm_write boolean, perm_create boolean, perm_unlink boolean);
CREATE TABLE res_users_apikeys (id serial PRIMARY KEY, name varchar NOT NULL, user_id int NOT NULL REFERENCES res_users, scope varchar, expiration_date timestamp, index varchar(8), key varchar, create_date timestamp DEFAULT (now() AT TIME ZONE 'utc'));

CREATE TABLE res_partner (id serial PRIMARY KEY, name varchar, email varchar, phone varchar, active boolean DEFAULT true, company_id int REFERENCES res_company, parent_id int REFERENCES res_partner ON DELETE SET NULL, lang varchar, create_date timestamp, write_date timestamp);
CREATE TABLE product_category (id serial PRIMARY KEY, name varchar NOT NULL, parent_id int REFERENCES product_category ON DELETE CASCADE, create_date timestamp, write_date timestamp);
CREATE TABLE product_template (id serial PRIMARY KEY, name jsonb NOT NULL, categ_id int REFERENCES product_category, list_price numeric, active boolean DEFAULT true, create_date timestamp, write_date timestamp);
CREATE TABLE product_product (id serial PRIMARY KEY, product_tmpl_id int NOT NULL REFERENCES product_template ON DELETE CASCADE, default_code varchar, standard_price jsonb, active boolean DEFAULT true, create_date timestamp, write_date timestamp);
CREATE TABLE sale_order (id serial PRIMARY KEY, name varchar NOT NULL, partner_id int NOT NULL REFERENCES res_partner ON DELETE RESTRICT, state varchar DEFAULT 'draft', amount_total numeric, user_id int REFERENCES res_users, create_date timestamp, write_date timestamp);
CREATE TABLE sale_order_line (id serial PRIMARY KEY, order_id int NOT NULL REFERENCES sale_order ON DELETE CASCADE, product_id int REFERENCES product_product, product_uom_qty numeric, create_date timestamp, write_date timestamp);
CREATE TABLE purchase_order (id serial PRIMARY KEY, name varchar NOT NULL, partner_id int REFERENCES res_partner, state varchar DEFAULT 'draft', create_date timestamp, write_date timestamp);
CREATE TABLE account_journal (id serial PRIMARY KEY, name jsonb NOT NULL, code varchar NOT NULL, create_date timestamp, write_date timestamp);
CREATE TABLE account_move (id serial PRIMARY KEY, name varchar, journal_id int REFERENCES account_journal, partner_id int REFERENCES res_partner, state varchar DEFAULT 'draft', amount_total numeric, create_date timestamp, write_date timestamp);
CREATE TABLE hr_employee (id serial PRIMARY KEY, name varchar, user_id int REFERENCES res_users, parent_id int REFERENCES hr_employee, create_date timestamp, write_date timestamp);
CREATE TABLE hr_expense (id serial PRIMARY KEY, name varchar, employee_id int REFERENCES hr_employee, sale_order_id int REFERENCES sale_order ON DELETE SET NULL, total_amount numeric, create_date timestamp, write_date timestamp);
CREATE TABLE stock_picking (id serial PRIMARY KEY, name varchar, partner_id int REFERENCES res_partner, sale_id int REFERENCES sale_order ON DELETE SET NULL, state varchar DEFAULT 'draft', create_date timestamp, write_date timestamp);

INSERT INTO ir_config_parameter (key, value) VALUES ('database.uuid', '2f0c4b0e-0000-4000-8000-c0ffee000001'), ('database.secret', 'fixture-secret');
INSERT INTO res_company (name) VALUES ('My Company');
INSERT INTO res_groups (name) VALUES ('{"en_US": "Internal User"}'), ('{"en_US": "Sales"}'), ('{"en_US": "Accounting"}'), ('{"en_US": "Settings"}');
INSERT INTO res_groups_implied_rel (gid, hid) VALUES (2, 1), (3, 1), (4, 3);
INSERT INTO res_users (id, login, password, active, company_id) VALUES (1, '__system__', NULL, false, 1), (2, 'admin', NULL, true, 1), (6, 'sales', NULL, true, 1), (7, 'inactive', NULL, false, 1);
INSERT INTO res_users (id, login, password, active, company_id, share) VALUES (8, 'portal', '$pbkdf2-sha512$600000$x$y', true, 1, true);
SELECT setval('res_users_id_seq', 10);
INSERT INTO res_groups_users_rel (gid, uid) VALUES (4, 2), (2, 2), (2, 6), (4, 7);
INSERT INTO ir_model_data (module, name, model, res_id) VALUES ('base', 'group_user', 'res.groups', 1), ('base', 'group_system', 'res.groups', 4);

INSERT INTO ir_model (model, name) VALUES ('res.partner', '{"en_US": "res.partner"}'), ('sale.order', '{"en_US": "sale.order"}'), ('purchase.order', '{"en_US": "purchase.order"}'), ('product.template', '{"en_US": "product.template"}'), ('product.product', '{"en_US": "product.product"}'), ('product.category', '{"en_US": "product.category"}'), ('account.move', '{"en_US": "account.move"}'), ('account.journal', '{"en_US": "account.journal"}'), ('hr.employee', '{"en_US": "hr.employee"}'), ('hr.expense', '{"en_US": "hr.expense"}'), ('stock.picking', '{"en_US": "stock.picking"}'), ('sale.order.line', '{"en_US": "sale.order.line"}'), ('res.users', '{"en_US": "res.users"}'), ('ir.model', '{"en_US": "ir.model"}');

INSERT INTO ir_model_access (name, model_id, group_id, perm_read, perm_write, perm_create, perm_unlink)
    SELECT 'internal ' || model, id, 1, true, false, false, false FROM ir_model WHERE model <> 'account.move' AND model <> 'account.journal';
INSERT INTO ir_model_access (name, model_id, group_id, perm_read, perm_write, perm_create, perm_unlink)
    SELECT 'accounting ' || model, id, 3, true, true, true, true FROM ir_model WHERE model IN ('account.move', 'account.journal');

INSERT INTO ir_module_module (name, latest_version, state) VALUES ('base', '18.0.1.3', 'installed');
INSERT INTO res_users_apikeys (name, user_id, scope, expiration_date, index, key) VALUES
    ('admin', 2, 'rpc', NULL, 'd033e22a', '$pbkdf2-sha512$6000$ISMvKXpXpadDiUoOSoAfww$.JYi7II7iJOIRrwus5lJcdEa9bMS3BiJGPPHqosUNp7FFDbP8p69rivKBELGxIC91dd0log8am8IUQ8mU7Z8Hg'),
    ('sales', 6, 'rpc', NULL, '59248c4d', '$pbkdf2-sha512$6000$ntCDsUNuX0DvmEsoJV7vGA$JAG0kczDWaO1PrXbERwdsmLz30r2X83NycQCE3V92d0/WddYJV8bcYt9FoBAtul483hnOAR9RZ2EJlcBJnDI6w'),
    ('inactive', 7, 'rpc', NULL, 'd436a3f4', '$pbkdf2-sha512$6000$GdOJT1POecP4NvJs.KO.Ow$ESnK/dpVMMPraNisGTrNkPVFN8FZ.QL3r968pwPkkib6HdUibiuVnMI/NfUyAZOf5dIbyUslDF/u7yySp6LRBw'),
    ('portal', 8, NULL, NULL, '77de68da', '$pbkdf2-sha512$6000$AAECAwQFBgcICQoLDA0ODw$nhNVmu83v9bo99HgNDUpxmTXGb.iX8zS5RjiO42RbLQVdoIUkLlRGtV3fqNNoZ/IP/mbA0lO/PigyS9pxFc1rw'),
    ('expired', 2, 'rpc', '2020-01-01', '45a6f9ad', '$pbkdf2-sha512$6000$xL.yoLqw6RvH3Pvju.wkbg$I1k5rePoYfGeRatC7hTNj0V62iR7f1yopVWSwvXCaOSPQ17.COQN6Xe3PqxCtxw5MrRN19BB3BaKVl8/UXsePg');

INSERT INTO res_partner (name, email, company_id, create_date, write_date)
    SELECT 'Partner ' || n, 'partner' || n || '@example.com', 1, now() AT TIME ZONE 'utc', now() AT TIME ZONE 'utc' FROM generate_series(1, 20) n;
INSERT INTO product_category (name) VALUES ('All'), ('Saleable');
INSERT INTO product_template (name, categ_id, list_price) VALUES ('{"en_US": "Desk"}', 2, 100), ('{"en_US": "Chair"}', 2, 40);
INSERT INTO product_product (product_tmpl_id, default_code) VALUES (1, 'DESK'), (2, 'CHAIR');
INSERT INTO account_journal (name, code) VALUES ('{"en_US": "Sales"}', 'INV');
INSERT INTO sale_order (name, partner_id, amount_total, user_id) SELECT 'S0000' || n, n, 100 * n, 6 FROM generate_series(1, 5) n;
INSERT INTO sale_order_line (order_id, product_id, product_uom_qty) SELECT n, 1 + n % 2, n FROM generate_series(1, 5) n;
INSERT INTO hr_employee (name, user_id) VALUES ('Mitchell Admin', 2);
INSERT INTO hr_expense (name, employee_id, sale_order_id) VALUES ('Taxi', 1, 1);
INSERT INTO stock_picking (name, partner_id, sale_id) VALUES ('WH/OUT/00001', 1, 1);
INSERT INTO account_move (name, journal_id, partner_id, amount_total) VALUES ('INV/2026/0001', 1, 1, 100);

-- The fields of all that, as Odoo would describe them: relations by foreign keys, translated texts and values by company as jsonb.
INSERT INTO res_lang (code, active) VALUES ('en_US', true), ('fr_FR', true);
INSERT INTO ir_model_fields (model, name, ttype, relation, translate, company_dependent, required, store)
    SELECT m.model, a.attname,
           CASE WHEN k.confrelid IS NOT NULL THEN 'many2one' WHEN a.attname = 'standard_price' THEN 'float'
                WHEN a.atttypid = 'jsonb'::regtype THEN 'char' WHEN a.atttypid = 'boolean'::regtype THEN 'boolean'
                WHEN a.atttypid IN ('int4'::regtype, 'int8'::regtype) THEN 'integer' WHEN a.atttypid = 'numeric'::regtype THEN 'float'
                WHEN a.atttypid = 'timestamp'::regtype THEN 'datetime' ELSE 'char' END,
           (SELECT r.model FROM ir_model r WHERE replace(r.model, '.', '_') = k.confrelid::regclass::text),
           a.atttypid = 'jsonb'::regtype AND a.attname <> 'standard_price', a.attname = 'standard_price', a.attnotnull, true
    FROM ir_model m
    JOIN pg_attribute a ON a.attrelid = to_regclass(replace(m.model, '.', '_')) AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_constraint k ON k.contype = 'f' AND k.conrelid = a.attrelid AND k.conkey = ARRAY[a.attnum];
-- A variant carries the fields of its template.
INSERT INTO ir_model_fields (model, name, ttype, relation, related, translate, store)
    SELECT 'product.product', f.name, f.ttype, f.relation, 'product_tmpl_id.' || f.name, f.translate, false FROM ir_model_fields f
    WHERE f.model = 'product.template' AND f.name NOT IN (SELECT o.name FROM ir_model_fields o WHERE o.model = 'product.product');

-- Record rules and followers, as Odoo has them.
CREATE TABLE ir_rule (id serial PRIMARY KEY, model_id int NOT NULL REFERENCES ir_model ON DELETE CASCADE, name varchar, domain_force text, active boolean DEFAULT true, perm_read boolean DEFAULT true, perm_write boolean DEFAULT true, perm_create boolean DEFAULT true, perm_unlink boolean DEFAULT true, global boolean);
CREATE TABLE rule_group_rel (rule_group_id int NOT NULL REFERENCES ir_rule ON DELETE CASCADE, group_id int NOT NULL REFERENCES res_groups, PRIMARY KEY (rule_group_id, group_id));
CREATE TABLE mail_followers (id serial PRIMARY KEY, res_id int, partner_id int NOT NULL REFERENCES res_partner ON DELETE CASCADE, res_model varchar NOT NULL, UNIQUE (res_model, res_id, partner_id));
INSERT INTO ir_rule (model_id, name, domain_force, global)
    SELECT m.id, r.name, r.domain_force, r.global FROM (VALUES
        ('res.partner', 'res.partner company', $$['|', ('company_id', 'parent_of', company_ids), ('company_id', '=', False)]$$, true),
        ('res.partner', 'portal: my commercial partner', $$[('id', 'child_of', user.commercial_partner_id.id)]$$, false),
        ('sale.order', 'Portal Personal Orders', $$[('message_partner_ids','child_of',[user.commercial_partner_id.id])]$$, false),
        ('sale.order', 'Personal Orders', $$['|',('user_id','=',user.id),('user_id','=',False)]$$, false),
        ('sale.order', 'All Orders', $$[(1,'=',1)]$$, false),
        ('hr.expense', 'Employee Expense', $$[('employee_id.user_id', '=', user.id)]$$, false)
    ) AS r (model, name, domain_force, global) JOIN ir_model m ON m.model = r.model;
INSERT INTO rule_group_rel (rule_group_id, group_id) SELECT id, CASE name WHEN 'All Orders' THEN 4 WHEN 'Personal Orders' THEN 2 ELSE 1 END FROM ir_rule WHERE NOT global;
INSERT INTO mail_followers (res_model, res_id, partner_id) VALUES ('sale.order', 1, 3), ('sale.order', 1, 1), ('sale.order', 2, 2), ('res.partner', 3, 1);
RESET ROLE;
