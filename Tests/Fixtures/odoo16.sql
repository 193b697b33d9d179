-- What makes the small database one of the shape of Odoo 16: that of 17, and nothing says which model delegates.
\ir odoo17.sql
SET ROLE odoo;
UPDATE ir_module_module SET latest_version = '16.0.1.3' WHERE name = 'base';
DROP TABLE ir_model_inherit;
ALTER TABLE res_company DROP COLUMN parent_path;
ALTER TABLE res_company ADD COLUMN active boolean DEFAULT true;
RESET ROLE;
