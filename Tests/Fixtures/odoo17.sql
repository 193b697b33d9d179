-- What makes the small database one of the shape of Odoo 17: values by company in ir_property, and no column says so.
SET ROLE odoo;
UPDATE ir_module_module SET latest_version = '17.0.1.3' WHERE name = 'base';
ALTER TABLE ir_model_fields DROP COLUMN company_dependent;
ALTER TABLE res_users_apikeys DROP COLUMN expiration_date;
ALTER TABLE product_product DROP COLUMN standard_price;
UPDATE ir_model_fields SET store = false WHERE model = 'product.product' AND name = 'standard_price';
CREATE TABLE ir_property (id serial PRIMARY KEY, name varchar, type varchar NOT NULL, fields_id int NOT NULL REFERENCES ir_model_fields ON DELETE CASCADE, company_id int REFERENCES res_company, res_id varchar, value_integer int, value_float double precision, value_text text, value_datetime timestamp, value_reference varchar, value_binary bytea);
CREATE UNIQUE INDEX ir_property_unique_index ON ir_property (fields_id, COALESCE(company_id, 0), COALESCE(res_id, ''));
INSERT INTO ir_model_fields (model, name, ttype, relation, related, store) VALUES
    ('res.partner', 'barcode', 'char', NULL, NULL, false), ('res.partner', 'trust', 'selection', NULL, NULL, false),
    ('res.partner', 'reminder_date_before_receipt', 'integer', NULL, NULL, false),
    ('res.partner', 'receipt_reminder_email', 'boolean', NULL, NULL, false),
    ('res.partner', 'property_payment_term_id', 'many2one', 'account.journal', NULL, false),
    ('product.template', 'service_to_purchase', 'boolean', NULL, NULL, false),
    ('product.product', 'service_to_purchase', 'boolean', NULL, 'product_tmpl_id.service_to_purchase', false),
    ('product.template', 'standard_price', 'float', NULL, NULL, false);
RESET ROLE;
