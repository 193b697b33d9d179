-- odoo-changefeed: removes everything that sql/install.sql created in this database. The log is deleted with it.
--
--   psql -v ON_ERROR_STOP=1 -d ODOO_DATABASE -f sql/uninstall.sql
--
-- Triggers go first, one table at a time, with a short wait for each lock and a commit in between, so that no write
-- of Odoo's ever queues behind it. If a table stays in use, it says so; then run it again.
\set ON_ERROR_STOP on
-- Only the steps, and what went wrong.
\set QUIET on
\ir settings.sql

SELECT to_regnamespace('changefeed') IS NOT NULL AS installed \gset
\ir install/uninstall_rights.sql
\if :installed
\echo 'changefeed: triggers, one table at a time'
\ir install/uninstall_triggers.sql
\echo 'changefeed: schema and rights'
BEGIN;
-- Without it, psql would name each dropped object.
SET LOCAL client_min_messages = warning;
DROP SCHEMA changefeed CASCADE;
COMMIT;
\endif
\echo 'changefeed: roles'
\ir install/drop_roles.sql
\echo 'changefeed: removed'
\ir settings_end.sql
