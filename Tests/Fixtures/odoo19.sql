-- What makes the small database one of the shape of Odoo 19: versions of employees, translate as text, and a value by company
-- whose default is false for a company without a chart of accounts.
SET ROLE odoo;
UPDATE ir_module_module SET latest_version = '19.0.1.3' WHERE name = 'base';
ALTER TABLE ir_model_fields ALTER COLUMN translate TYPE varchar USING CASE WHEN translate THEN 'standard' END;
INSERT INTO ir_model (model, name) VALUES ('hr.version', '{"en_US": "hr.version"}'), ('hr.job', '{"en_US": "hr.job"}');
CREATE TABLE hr_job (id serial PRIMARY KEY, name jsonb NOT NULL);
INSERT INTO hr_job (name) VALUES ('{"en_US": "Developer"}'), ('{"en_US": "Consultant"}');
CREATE TABLE hr_version (id serial PRIMARY KEY, name varchar, employee_id int REFERENCES hr_employee, job_id int REFERENCES hr_job, job_title varchar, date_version date NOT NULL, create_date timestamp, write_date timestamp);
ALTER TABLE hr_employee ADD COLUMN current_version_id int REFERENCES hr_version ON DELETE SET NULL;
INSERT INTO hr_version (employee_id, job_id, job_title, date_version) VALUES (1, 1, 'Junior', '2020-01-01'), (1, 2, 'Senior', '2024-03-05');
UPDATE hr_employee SET current_version_id = 2 WHERE id = 1;
INSERT INTO ir_model_fields (model, name, ttype, relation, related, required, store) VALUES
    ('hr.version', 'name', 'char', NULL, NULL, false, true), ('hr.version', 'employee_id', 'many2one', 'hr.employee', NULL, false, true),
    ('hr.version', 'job_id', 'many2one', 'hr.job', NULL, false, true), ('hr.version', 'job_title', 'char', NULL, NULL, false, true),
    ('hr.version', 'date_version', 'date', NULL, NULL, true, true), ('hr.version', 'id', 'integer', NULL, NULL, false, true),
    ('hr.job', 'id', 'integer', NULL, NULL, false, true), ('hr.job', 'name', 'char', NULL, NULL, true, true),
    ('hr.employee', 'version_id', 'many2one', 'hr.version', NULL, true, false),
    ('hr.employee', 'current_version_id', 'many2one', 'hr.version', NULL, false, true),
    ('hr.employee', 'job_id', 'many2one', 'hr.job', 'version_id.job_id', false, false),
    ('hr.employee', 'job_title', 'char', NULL, 'version_id.job_title', false, false);
INSERT INTO ir_model_access (name, model_id, group_id, perm_read) SELECT 'internal ' || model, id, 1, true FROM ir_model WHERE model IN ('hr.version', 'hr.job');
INSERT INTO ir_model_inherit (model_id, parent_id, parent_field_id)
    SELECT m.id, p.id, f.id FROM ir_model m JOIN ir_model p ON p.model = 'hr.version'
    JOIN ir_model_fields f ON f.model = m.model AND f.name = 'version_id' WHERE m.model = 'hr.employee';
ALTER TABLE res_partner ADD COLUMN property_payment_term_id jsonb;
INSERT INTO ir_model_fields (model, name, ttype, relation, company_dependent, store) VALUES ('res.partner', 'property_payment_term_id', 'many2one', 'account.journal', true, true);
INSERT INTO ir_default (field_id, company_id, json_value) SELECT id, 1, 'false' FROM ir_model_fields WHERE model = 'res.partner' AND name = 'property_payment_term_id';
RESET ROLE;
