-- odoo-changefeed: installs or upgrades schema changefeed in the current database.
--
--   psql -v ON_ERROR_STOP=1 -d ODOO_DATABASE -f sql/install.sql
--
-- Run it as a superuser, or as a role with the rights that docs/managed.md lists. Running it again is safe: tables
-- change by numbered migrations, functions and views are replaced whole, triggers are attached only where they are
-- missing.
\set ON_ERROR_STOP on
\ir settings.sql

BEGIN;
-- One installation at a time; the others queue here and then find everything in place.
DO $$ BEGIN PERFORM pg_advisory_xact_lock(4846791580151137090); END $$;
\echo 'changefeed: roles'
\ir objects/00_rights.sql
\ir objects/00_roles.sql
SET LOCAL client_min_messages = warning;
-- Give up rather than wait behind a running pg_dump; nothing has changed then, and it can be run again.
SET LOCAL lock_timeout = '5s';
\echo 'changefeed: schema, migrations'
\ir objects/01_schema.sql
SET LOCAL ROLE changefeed_owner;
\ir objects/03_made_anew.sql
\ir objects/02_migration.sql
\ir objects/04_early_database.sql
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
\echo 'changefeed: functions and views'
\ir objects/09_doorbell.sql
GRANT USAGE, CREATE ON SCHEMA changefeed TO changefeed_definer;
SET LOCAL ROLE changefeed_definer;
\ir objects/10_capture.sql
\ir objects/11_odoo.sql
\ir objects/12_caller.sql
\ir objects/14_data_standard.sql
\ir objects/14_facts_16.sql
\ir objects/14_facts_17.sql
\ir objects/14_facts_18.sql
\ir objects/14_facts_19.sql
\ir objects/14_known_models.sql
\ir objects/14_code_access.sql
\ir objects/14_data_names.sql
\ir objects/14_data_known.sql
\ir objects/14_data_judged.sql
\ir objects/14_data_values.sql
\ir objects/14_data_unfit.sql
\ir objects/14_data_fields.sql
\ir objects/14_data.sql
\ir objects/14_access_version.sql
\ir objects/14_data_page.sql
\ir objects/14_filter.sql
\ir objects/17_access.sql
\ir objects/17_company_values.sql
\ir objects/17_access_shown.sql
\ir objects/18_rule_columns.sql
\ir objects/19_rule_captures.sql
\ir objects/19_parent_captures.sql
\ir objects/17_access_rules.sql
\ir objects/13_definer_grants.sql
SET LOCAL ROLE changefeed_owner;
REVOKE CREATE ON SCHEMA changefeed FROM changefeed_definer;
GRANT USAGE, CREATE ON SCHEMA changefeed TO changefeed_reader;
SET LOCAL ROLE changefeed_reader;
\ir objects/18_rules.sql
\ir objects/18_rules_sample.sql
SET LOCAL ROLE changefeed_owner;
REVOKE CREATE ON SCHEMA changefeed FROM changefeed_reader;
\ir objects/19_rule_tracking.sql
\ir objects/20_parents.sql
\ir objects/20_track.sql
\ir objects/21_tracked.sql
\ir objects/21_watch.sql
\ir objects/22_data_grants.sql
\ir objects/23_rule_grants.sql
\ir objects/30_ring.sql
\ir objects/40_identity.sql
\ir objects/41_delivery.sql
\ir objects/42_stand_aside.sql
\ir objects/43_locked.sql
\ir objects/50_tail.sql
\ir objects/55_archive.sql
\ir objects/56_error.sql
\ir objects/57_retention.sql
\ir objects/58_log_budget.sql
\ir objects/59_access.sql
\ir objects/59_known_access.sql
\ir objects/59_filter.sql
\ir objects/59_former.sql
\ir objects/60_events.sql
\ir objects/61_orphan.sql
\ir objects/62_fields.sql
\ir objects/62_webhook.sql
\ir objects/65_sync.sql
\ir objects/66_shown.sql
\ir objects/66_hints.sql
\ir objects/66_data.sql
\ir objects/66_first_copy.sql
\ir objects/66_pull.sql
\ir objects/66_news.sql
\ir objects/67_snapshot.sql
\ir objects/68_acknowledge.sql
\ir objects/69_device.sql
\ir objects/69_idle.sql
\ir objects/70_rate_limit.sql
\ir objects/71_rule_decision.sql
\ir objects/71_model_decision.sql
\ir objects/72_explain.sql
\ir objects/73_audit.sql
\ir objects/80_status.sql
\ir objects/80_surroundings.sql
\ir objects/80_verify_access.sql
\ir objects/80_verify_models.sql
\ir objects/80_verify_values.sql
\ir objects/80_verify_grants.sql
\ir objects/80_granted.sql
\ir objects/80_verify_objects.sql
\ir objects/80_verify_rights.sql
\ir objects/81_verify.sql
\ir objects/82_probe.sql
\ir objects/83_trial_pull.sql
\ir objects/89_installed_objects.sql
\ir objects/90_grants.sql
-- Back to the installing role, which is not the login role after a SET ROLE.
DO $$ BEGIN PERFORM set_config('role', current_setting('changefeed.installer'), true); END $$;
\ir objects/91_odoo_grants.sql
\ir objects/92_kept_grants.sql
COMMIT;

-- Outside a transaction: one table at a time, with a commit after each.
\echo 'changefeed: triggers, one table at a time'
CALL changefeed.attach_default_models();
CALL changefeed.refresh_captures();
CALL changefeed.watch_access();
DO $$ BEGIN PERFORM changefeed.grant_data(t.model), changefeed.grant_rules(t.model) FROM changefeed.tracked_model t; END $$;
DO $$ BEGIN PERFORM changefeed.check_identity(); END $$;
DO $$ BEGIN PERFORM changefeed.make_conditions(); END $$;
\echo 'changefeed: a trial pull'
DO $$ BEGIN PERFORM changefeed.tell_installed(); END $$;
\ir settings_end.sql
