-- odoo-changefeed: the roles alone, for an installer that may not create any.
--
--   psql -v ON_ERROR_STOP=1 -d DATABASE -v installer=ROLE -f sql/roles.sql
--
-- Run it as a role with CREATEROLE, in any database of the cluster. ROLE may then run sql/install.sql and needs no
-- CREATEROLE. Running it again is safe. docs/managed.md lists the other rights that ROLE needs.
\set ON_ERROR_STOP on
-- Only the steps, and what went wrong.
\set QUIET on
\if :{?installer}
\else
DO $$ BEGIN
    RAISE EXCEPTION 'name the role that will install: psql -d DATABASE -v installer=ROLE -f sql/roles.sql';
END $$;
\endif
\ir settings.sql
BEGIN;
SELECT pg_catalog.set_config('changefeed.installer', :'installer', true) AS installer \gset
\ir install/roles.sql
COMMIT;
\echo 'changefeed: the roles are there, for' :installer
\ir settings_end.sql
