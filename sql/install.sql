-- odoo-changefeed: installs or upgrades schema changefeed in the current database.
--
--   psql -v ON_ERROR_STOP=1 -d ODOO_DATABASE -f sql/install.sql
--
-- Run it as a superuser, or as a role with the rights that docs/managed.md lists. Running it again is safe: tables
-- change by numbered migrations, functions and views are replaced whole,
-- triggers are attached only where they are missing.
\set ON_ERROR_STOP on
-- Only the steps, and what went wrong.
\set QUIET on
\ir settings.sql

BEGIN;
-- One installation at a time; the others queue here and then find everything in place.
DO $$ BEGIN PERFORM pg_advisory_xact_lock(4846791580151137090); END $$;
\echo 'changefeed: roles'
\ir install/installer_rights.sql
\ir install/roles.sql
SET LOCAL client_min_messages = warning;
-- Give up rather than wait behind a running pg_dump; nothing has changed then, and it can be run again.
SET LOCAL lock_timeout = '5s';
\echo 'changefeed: schema, migrations'
\ir install/schema.sql
SET LOCAL ROLE changefeed_owner;
\ir install/replaced_objects.sql
\ir install/migrated.sql
\ir install/early_database.sql
SELECT NOT changefeed.migrated(1) AS migration_1 \gset
\if :migration_1
\ir migrations/0001_event_log.sql
\endif
SELECT NOT changefeed.migrated(2) AS migration_2 \gset
\if :migration_2
\ir migrations/0002_tracked_models.sql
\endif
SELECT NOT changefeed.migrated(3) AS migration_3 \gset
\if :migration_3
\ir migrations/0003_archive.sql
\endif
SELECT NOT changefeed.migrated(4) AS migration_4 \gset
\if :migration_4
\ir migrations/0004_rate_limit.sql
\endif
SELECT NOT changefeed.migrated(5) AS migration_5 \gset
\if :migration_5
\ir migrations/0005_probe.sql
\endif
SELECT NOT changefeed.migrated(6) AS migration_6 \gset
\if :migration_6
\ir migrations/0006_sync.sql
\endif
SELECT NOT changefeed.migrated(7) AS migration_7 \gset
\if :migration_7
\ir migrations/0007_retention.sql
\endif
SELECT NOT changefeed.migrated(8) AS migration_8 \gset
\if :migration_8
\ir migrations/0008_access.sql
\endif
SELECT NOT changefeed.migrated(9) AS migration_9 \gset
\if :migration_9
\ir migrations/0009_early_database.sql
\endif
SELECT NOT changefeed.migrated(10) AS migration_10 \gset
\if :migration_10
\ir migrations/0010_former_sight_and_data.sql
\endif
SELECT NOT changefeed.migrated(11) AS migration_11 \gset
\if :migration_11
\ir migrations/0011_model_decision.sql
\endif
SELECT NOT changefeed.migrated(12) AS migration_12 \gset
\if :migration_12
\ir migrations/0012_home.sql
\endif
SELECT NOT changefeed.migrated(13) AS migration_13 \gset
\if :migration_13
\ir migrations/0013_set_back.sql
\endif
SELECT NOT changefeed.migrated(14) AS migration_14 \gset
\if :migration_14
\ir migrations/0014_former_tables.sql
\endif
SELECT NOT changefeed.migrated(15) AS migration_15 \gset
\if :migration_15
\ir migrations/0015_access_version.sql
\endif
SELECT NOT changefeed.migrated(16) AS migration_16 \gset
\if :migration_16
\ir migrations/0016_idle.sql
\endif
SELECT NOT changefeed.migrated(17) AS migration_17 \gset
\if :migration_17
\ir migrations/0017_first_copy.sql
\endif
SELECT NOT changefeed.migrated(18) AS migration_18 \gset
\if :migration_18
\ir migrations/0018_filter.sql
\endif
SELECT NOT changefeed.migrated(19) AS migration_19 \gset
\if :migration_19
\ir migrations/0019_endpoint.sql
\endif
SELECT NOT changefeed.migrated(20) AS migration_20 \gset
\if :migration_20
\ir migrations/0020_console.sql
\endif
SELECT NOT changefeed.migrated(21) AS migration_21 \gset
\if :migration_21
\ir migrations/0021_kept_window.sql
\endif
SELECT NOT changefeed.migrated(22) AS migration_22 \gset
\if :migration_22
\ir migrations/0022_indexes.sql
\endif
\echo 'changefeed: functions and views'
\ir log/doorbell.sql

-- What runs inside Odoo's transactions, and what reads Odoo's tables: owned by changefeed_definer.
GRANT USAGE, CREATE ON SCHEMA changefeed TO changefeed_definer;
SET LOCAL ROLE changefeed_definer;
\ir capture/capture.sql
\ir odoo/tables.sql
\ir odoo/caller.sql
\ir odoo/logins.sql
\ir odoo/known_models.sql
\ir odoo/code_access.sql
\ir data/standard.sql
\ir data/facts_16.sql
\ir data/facts_17.sql
\ir data/facts_18.sql
\ir data/facts_19.sql
\ir data/names.sql
\ir data/known_fields.sql
\ir data/judged_fields.sql
\ir data/values.sql
\ir data/unfit.sql
\ir data/fields.sql
\ir data/record_data.sql
\ir odoo/access_version.sql
\ir data/page.sql
\ir odoo/filter.sql
\ir odoo/touched.sql
\ir odoo/access.sql
\ir odoo/access_rules.sql
\ir odoo/access_shown.sql
\ir odoo/company_values.sql
\ir capture/rule_columns.sql
\ir capture/rule_captures.sql
\ir capture/parent_captures.sql
\ir install/definer_grants.sql
SET LOCAL ROLE changefeed_owner;
REVOKE CREATE ON SCHEMA changefeed FROM changefeed_definer;

-- What runs compiled record rules: owned by changefeed_reader.
GRANT USAGE, CREATE ON SCHEMA changefeed TO changefeed_reader;
SET LOCAL ROLE changefeed_reader;
\ir rules/rules.sql
\ir rules/sample.sql
SET LOCAL ROLE changefeed_owner;
REVOKE CREATE ON SCHEMA changefeed FROM changefeed_reader;

-- All else: owned by changefeed_owner.
-- Which models are tracked, with their triggers and grants.
\ir tracking/rule_tracking.sql
\ir tracking/parents.sql
\ir tracking/track.sql
\ir tracking/tracked.sql
\ir tracking/watch.sql
\ir tracking/data_grants.sql
\ir tracking/rule_grants.sql
-- The log.
\ir log/ring.sql
\ir log/position.sql
\ir log/identity.sql
\ir log/tail.sql
-- What a user may see.
\ir access/access.sql
\ir access/known_access.sql
\ir access/filter.sql
\ir access/former.sql
\ir access/field_decision.sql
\ir access/rule_decision.sql
\ir access/model_decision.sql
\ir access/explain.sql
\ir access/audit.sql
-- Version 1 of the API.
\ir v1/archive.sql
\ir v1/events.sql
\ir v1/orphan.sql
\ir v1/kept.sql
\ir v1/answers.sql
-- Devices: version 2.
\ir sync/followed.sql
\ir sync/cursor.sql
\ir sync/kept_window.sql
\ir sync/shown.sql
\ir sync/hints.sql
\ir sync/shown_data.sql
\ir sync/first_copy.sql
\ir sync/page.sql
\ir sync/pull.sql
\ir sync/news.sql
\ir sync/snapshot.sql
\ir sync/acknowledge.sql
\ir sync/device.sql
\ir sync/idle.sql
-- Endpoints: what the service delivers itself.
\ir delivery/endpoint.sql
\ir delivery/request.sql
\ir delivery/lease.sql
\ir delivery/queue.sql
\ir delivery/concerned.sql
-- What is old leaves.
\ir retention/retention.sql
\ir retention/log_budget.sql
-- For operators.
\ir operate/plain_line.sql
\ir operate/error.sql
\ir operate/rate_limit.sql
\ir operate/delivery.sql
\ir operate/stand_aside.sql
\ir operate/locked.sql
\ir operate/status.sql
\ir operate/surroundings.sql
\ir delivery/verify.sql
\ir operate/verify_access.sql
\ir operate/verify_models.sql
\ir operate/verify_values.sql
\ir operate/verify_grants.sql
\ir operate/granted.sql
\ir operate/verify_objects.sql
\ir operate/verify_rights.sql
\ir operate/verify.sql
\ir operate/probe.sql
\ir operate/trial_pull.sql
-- The console in the browser.
\ir console/overview.sql
\ir console/events.sql
\ir console/models.sql
\ir console/devices.sql
\ir console/access.sql
\ir console/audit.sql
\ir console/gate.sql
\ir console/acts.sql
\ir install/installed_objects.sql
\ir install/grants.sql
-- Back to the installing role, which is not the login role after a SET ROLE.
DO $$ BEGIN PERFORM set_config('role', current_setting('changefeed.installer'), true); END $$;
\ir install/odoo_grants.sql
\ir install/kept_grants.sql
COMMIT;

-- Outside a transaction: one table at a time, with a commit after each.
\echo 'changefeed: triggers, one table at a time'
CALL changefeed.attach_default_models();
CALL changefeed.refresh_captures();
CALL changefeed.watch_access();
DO $$ BEGIN PERFORM changefeed.grant_data(t.model), changefeed.grant_rules(t.model)
            FROM changefeed.tracked_model t; END $$;
DO $$ BEGIN PERFORM changefeed.check_identity(); END $$;
DO $$ BEGIN PERFORM changefeed.make_conditions(); END $$;
\echo 'changefeed: a trial pull'
DO $$ BEGIN PERFORM changefeed.tell_installed(); END $$;
\ir settings_end.sql
