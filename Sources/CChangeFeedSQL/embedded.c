// Written by scripts/embed-sql.sh: one entry per file of sql/.
#include "CChangeFeedSQL.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char access_access_sql[] = {
#embed "../../sql/access/access.sql"
};

static const unsigned char access_audit_sql[] = {
#embed "../../sql/access/audit.sql"
};

static const unsigned char access_explain_sql[] = {
#embed "../../sql/access/explain.sql"
};

static const unsigned char access_field_decision_sql[] = {
#embed "../../sql/access/field_decision.sql"
};

static const unsigned char access_filter_sql[] = {
#embed "../../sql/access/filter.sql"
};

static const unsigned char access_former_sql[] = {
#embed "../../sql/access/former.sql"
};

static const unsigned char access_known_access_sql[] = {
#embed "../../sql/access/known_access.sql"
};

static const unsigned char access_model_decision_sql[] = {
#embed "../../sql/access/model_decision.sql"
};

static const unsigned char access_rule_decision_sql[] = {
#embed "../../sql/access/rule_decision.sql"
};

static const unsigned char bench_setup_sql[] = {
#embed "../../sql/bench/setup.sql"
};

static const unsigned char bench_teardown_sql[] = {
#embed "../../sql/bench/teardown.sql"
};

static const unsigned char capture_capture_sql[] = {
#embed "../../sql/capture/capture.sql"
};

static const unsigned char capture_parent_captures_sql[] = {
#embed "../../sql/capture/parent_captures.sql"
};

static const unsigned char capture_rule_captures_sql[] = {
#embed "../../sql/capture/rule_captures.sql"
};

static const unsigned char capture_rule_columns_sql[] = {
#embed "../../sql/capture/rule_columns.sql"
};

static const unsigned char console_access_sql[] = {
#embed "../../sql/console/access.sql"
};

static const unsigned char console_acts_sql[] = {
#embed "../../sql/console/acts.sql"
};

static const unsigned char console_audit_sql[] = {
#embed "../../sql/console/audit.sql"
};

static const unsigned char console_devices_sql[] = {
#embed "../../sql/console/devices.sql"
};

static const unsigned char console_events_sql[] = {
#embed "../../sql/console/events.sql"
};

static const unsigned char console_gate_sql[] = {
#embed "../../sql/console/gate.sql"
};

static const unsigned char console_models_sql[] = {
#embed "../../sql/console/models.sql"
};

static const unsigned char console_overview_sql[] = {
#embed "../../sql/console/overview.sql"
};

static const unsigned char data_facts_16_sql[] = {
#embed "../../sql/data/facts_16.sql"
};

static const unsigned char data_facts_17_sql[] = {
#embed "../../sql/data/facts_17.sql"
};

static const unsigned char data_facts_18_sql[] = {
#embed "../../sql/data/facts_18.sql"
};

static const unsigned char data_facts_19_sql[] = {
#embed "../../sql/data/facts_19.sql"
};

static const unsigned char data_fields_sql[] = {
#embed "../../sql/data/fields.sql"
};

static const unsigned char data_judged_fields_sql[] = {
#embed "../../sql/data/judged_fields.sql"
};

static const unsigned char data_known_fields_sql[] = {
#embed "../../sql/data/known_fields.sql"
};

static const unsigned char data_names_sql[] = {
#embed "../../sql/data/names.sql"
};

static const unsigned char data_page_sql[] = {
#embed "../../sql/data/page.sql"
};

static const unsigned char data_record_data_sql[] = {
#embed "../../sql/data/record_data.sql"
};

static const unsigned char data_standard_sql[] = {
#embed "../../sql/data/standard.sql"
};

static const unsigned char data_unfit_sql[] = {
#embed "../../sql/data/unfit.sql"
};

static const unsigned char data_values_sql[] = {
#embed "../../sql/data/values.sql"
};

static const unsigned char delivery_concerned_sql[] = {
#embed "../../sql/delivery/concerned.sql"
};

static const unsigned char delivery_endpoint_sql[] = {
#embed "../../sql/delivery/endpoint.sql"
};

static const unsigned char delivery_lease_sql[] = {
#embed "../../sql/delivery/lease.sql"
};

static const unsigned char delivery_queue_sql[] = {
#embed "../../sql/delivery/queue.sql"
};

static const unsigned char delivery_request_sql[] = {
#embed "../../sql/delivery/request.sql"
};

static const unsigned char delivery_verify_sql[] = {
#embed "../../sql/delivery/verify.sql"
};

static const unsigned char install_sql[] = {
#embed "../../sql/install.sql"
};

static const unsigned char install_definer_grants_sql[] = {
#embed "../../sql/install/definer_grants.sql"
};

static const unsigned char install_drop_roles_sql[] = {
#embed "../../sql/install/drop_roles.sql"
};

static const unsigned char install_early_database_sql[] = {
#embed "../../sql/install/early_database.sql"
};

static const unsigned char install_grants_sql[] = {
#embed "../../sql/install/grants.sql"
};

static const unsigned char install_installed_objects_sql[] = {
#embed "../../sql/install/installed_objects.sql"
};

static const unsigned char install_installer_rights_sql[] = {
#embed "../../sql/install/installer_rights.sql"
};

static const unsigned char install_kept_grants_sql[] = {
#embed "../../sql/install/kept_grants.sql"
};

static const unsigned char install_migrated_sql[] = {
#embed "../../sql/install/migrated.sql"
};

static const unsigned char install_odoo_grants_sql[] = {
#embed "../../sql/install/odoo_grants.sql"
};

static const unsigned char install_replaced_objects_sql[] = {
#embed "../../sql/install/replaced_objects.sql"
};

static const unsigned char install_roles_sql[] = {
#embed "../../sql/install/roles.sql"
};

static const unsigned char install_schema_sql[] = {
#embed "../../sql/install/schema.sql"
};

static const unsigned char install_uninstall_rights_sql[] = {
#embed "../../sql/install/uninstall_rights.sql"
};

static const unsigned char install_uninstall_triggers_sql[] = {
#embed "../../sql/install/uninstall_triggers.sql"
};

static const unsigned char log_doorbell_sql[] = {
#embed "../../sql/log/doorbell.sql"
};

static const unsigned char log_identity_sql[] = {
#embed "../../sql/log/identity.sql"
};

static const unsigned char log_position_sql[] = {
#embed "../../sql/log/position.sql"
};

static const unsigned char log_ring_sql[] = {
#embed "../../sql/log/ring.sql"
};

static const unsigned char log_tail_sql[] = {
#embed "../../sql/log/tail.sql"
};

static const unsigned char migrations_0001_event_log_sql[] = {
#embed "../../sql/migrations/0001_event_log.sql"
};

static const unsigned char migrations_0002_tracked_models_sql[] = {
#embed "../../sql/migrations/0002_tracked_models.sql"
};

static const unsigned char migrations_0003_archive_sql[] = {
#embed "../../sql/migrations/0003_archive.sql"
};

static const unsigned char migrations_0004_rate_limit_sql[] = {
#embed "../../sql/migrations/0004_rate_limit.sql"
};

static const unsigned char migrations_0005_probe_sql[] = {
#embed "../../sql/migrations/0005_probe.sql"
};

static const unsigned char migrations_0006_sync_sql[] = {
#embed "../../sql/migrations/0006_sync.sql"
};

static const unsigned char migrations_0007_retention_sql[] = {
#embed "../../sql/migrations/0007_retention.sql"
};

static const unsigned char migrations_0008_access_sql[] = {
#embed "../../sql/migrations/0008_access.sql"
};

static const unsigned char migrations_0009_early_database_sql[] = {
#embed "../../sql/migrations/0009_early_database.sql"
};

static const unsigned char migrations_0010_former_sight_and_data_sql[] = {
#embed "../../sql/migrations/0010_former_sight_and_data.sql"
};

static const unsigned char migrations_0011_model_decision_sql[] = {
#embed "../../sql/migrations/0011_model_decision.sql"
};

static const unsigned char migrations_0012_home_sql[] = {
#embed "../../sql/migrations/0012_home.sql"
};

static const unsigned char migrations_0013_set_back_sql[] = {
#embed "../../sql/migrations/0013_set_back.sql"
};

static const unsigned char migrations_0014_former_tables_sql[] = {
#embed "../../sql/migrations/0014_former_tables.sql"
};

static const unsigned char migrations_0015_access_version_sql[] = {
#embed "../../sql/migrations/0015_access_version.sql"
};

static const unsigned char migrations_0016_idle_sql[] = {
#embed "../../sql/migrations/0016_idle.sql"
};

static const unsigned char migrations_0017_first_copy_sql[] = {
#embed "../../sql/migrations/0017_first_copy.sql"
};

static const unsigned char migrations_0018_filter_sql[] = {
#embed "../../sql/migrations/0018_filter.sql"
};

static const unsigned char migrations_0019_endpoint_sql[] = {
#embed "../../sql/migrations/0019_endpoint.sql"
};

static const unsigned char migrations_0020_console_sql[] = {
#embed "../../sql/migrations/0020_console.sql"
};

static const unsigned char migrations_0021_kept_window_sql[] = {
#embed "../../sql/migrations/0021_kept_window.sql"
};

static const unsigned char migrations_0022_indexes_sql[] = {
#embed "../../sql/migrations/0022_indexes.sql"
};

static const unsigned char odoo_access_sql[] = {
#embed "../../sql/odoo/access.sql"
};

static const unsigned char odoo_access_rules_sql[] = {
#embed "../../sql/odoo/access_rules.sql"
};

static const unsigned char odoo_access_shown_sql[] = {
#embed "../../sql/odoo/access_shown.sql"
};

static const unsigned char odoo_access_version_sql[] = {
#embed "../../sql/odoo/access_version.sql"
};

static const unsigned char odoo_caller_sql[] = {
#embed "../../sql/odoo/caller.sql"
};

static const unsigned char odoo_code_access_sql[] = {
#embed "../../sql/odoo/code_access.sql"
};

static const unsigned char odoo_company_values_sql[] = {
#embed "../../sql/odoo/company_values.sql"
};

static const unsigned char odoo_filter_sql[] = {
#embed "../../sql/odoo/filter.sql"
};

static const unsigned char odoo_known_models_sql[] = {
#embed "../../sql/odoo/known_models.sql"
};

static const unsigned char odoo_logins_sql[] = {
#embed "../../sql/odoo/logins.sql"
};

static const unsigned char odoo_tables_sql[] = {
#embed "../../sql/odoo/tables.sql"
};

static const unsigned char odoo_touched_sql[] = {
#embed "../../sql/odoo/touched.sql"
};

static const unsigned char operate_delivery_sql[] = {
#embed "../../sql/operate/delivery.sql"
};

static const unsigned char operate_error_sql[] = {
#embed "../../sql/operate/error.sql"
};

static const unsigned char operate_granted_sql[] = {
#embed "../../sql/operate/granted.sql"
};

static const unsigned char operate_locked_sql[] = {
#embed "../../sql/operate/locked.sql"
};

static const unsigned char operate_plain_line_sql[] = {
#embed "../../sql/operate/plain_line.sql"
};

static const unsigned char operate_probe_sql[] = {
#embed "../../sql/operate/probe.sql"
};

static const unsigned char operate_rate_limit_sql[] = {
#embed "../../sql/operate/rate_limit.sql"
};

static const unsigned char operate_stand_aside_sql[] = {
#embed "../../sql/operate/stand_aside.sql"
};

static const unsigned char operate_status_sql[] = {
#embed "../../sql/operate/status.sql"
};

static const unsigned char operate_surroundings_sql[] = {
#embed "../../sql/operate/surroundings.sql"
};

static const unsigned char operate_trial_pull_sql[] = {
#embed "../../sql/operate/trial_pull.sql"
};

static const unsigned char operate_verify_sql[] = {
#embed "../../sql/operate/verify.sql"
};

static const unsigned char operate_verify_access_sql[] = {
#embed "../../sql/operate/verify_access.sql"
};

static const unsigned char operate_verify_grants_sql[] = {
#embed "../../sql/operate/verify_grants.sql"
};

static const unsigned char operate_verify_models_sql[] = {
#embed "../../sql/operate/verify_models.sql"
};

static const unsigned char operate_verify_objects_sql[] = {
#embed "../../sql/operate/verify_objects.sql"
};

static const unsigned char operate_verify_rights_sql[] = {
#embed "../../sql/operate/verify_rights.sql"
};

static const unsigned char operate_verify_values_sql[] = {
#embed "../../sql/operate/verify_values.sql"
};

static const unsigned char retention_log_budget_sql[] = {
#embed "../../sql/retention/log_budget.sql"
};

static const unsigned char retention_retention_sql[] = {
#embed "../../sql/retention/retention.sql"
};

static const unsigned char roles_sql[] = {
#embed "../../sql/roles.sql"
};

static const unsigned char rules_rules_sql[] = {
#embed "../../sql/rules/rules.sql"
};

static const unsigned char rules_sample_sql[] = {
#embed "../../sql/rules/sample.sql"
};

static const unsigned char settings_sql[] = {
#embed "../../sql/settings.sql"
};

static const unsigned char settings_end_sql[] = {
#embed "../../sql/settings_end.sql"
};

static const unsigned char sync_acknowledge_sql[] = {
#embed "../../sql/sync/acknowledge.sql"
};

static const unsigned char sync_cursor_sql[] = {
#embed "../../sql/sync/cursor.sql"
};

static const unsigned char sync_device_sql[] = {
#embed "../../sql/sync/device.sql"
};

static const unsigned char sync_first_copy_sql[] = {
#embed "../../sql/sync/first_copy.sql"
};

static const unsigned char sync_followed_sql[] = {
#embed "../../sql/sync/followed.sql"
};

static const unsigned char sync_hints_sql[] = {
#embed "../../sql/sync/hints.sql"
};

static const unsigned char sync_idle_sql[] = {
#embed "../../sql/sync/idle.sql"
};

static const unsigned char sync_kept_window_sql[] = {
#embed "../../sql/sync/kept_window.sql"
};

static const unsigned char sync_news_sql[] = {
#embed "../../sql/sync/news.sql"
};

static const unsigned char sync_page_sql[] = {
#embed "../../sql/sync/page.sql"
};

static const unsigned char sync_pull_sql[] = {
#embed "../../sql/sync/pull.sql"
};

static const unsigned char sync_shown_sql[] = {
#embed "../../sql/sync/shown.sql"
};

static const unsigned char sync_shown_data_sql[] = {
#embed "../../sql/sync/shown_data.sql"
};

static const unsigned char sync_snapshot_sql[] = {
#embed "../../sql/sync/snapshot.sql"
};

static const unsigned char tracking_data_grants_sql[] = {
#embed "../../sql/tracking/data_grants.sql"
};

static const unsigned char tracking_parents_sql[] = {
#embed "../../sql/tracking/parents.sql"
};

static const unsigned char tracking_rule_grants_sql[] = {
#embed "../../sql/tracking/rule_grants.sql"
};

static const unsigned char tracking_rule_tracking_sql[] = {
#embed "../../sql/tracking/rule_tracking.sql"
};

static const unsigned char tracking_track_sql[] = {
#embed "../../sql/tracking/track.sql"
};

static const unsigned char tracking_tracked_sql[] = {
#embed "../../sql/tracking/tracked.sql"
};

static const unsigned char tracking_watch_sql[] = {
#embed "../../sql/tracking/watch.sql"
};

static const unsigned char uninstall_sql[] = {
#embed "../../sql/uninstall.sql"
};

static const unsigned char v1_answers_sql[] = {
#embed "../../sql/v1/answers.sql"
};

static const unsigned char v1_archive_sql[] = {
#embed "../../sql/v1/archive.sql"
};

static const unsigned char v1_events_sql[] = {
#embed "../../sql/v1/events.sql"
};

static const unsigned char v1_kept_sql[] = {
#embed "../../sql/v1/kept.sql"
};

static const unsigned char v1_orphan_sql[] = {
#embed "../../sql/v1/orphan.sql"
};

static const changefeed_sql_file files[] = {
    {"access/access.sql", access_access_sql, sizeof access_access_sql},
    {"access/audit.sql", access_audit_sql, sizeof access_audit_sql},
    {"access/explain.sql", access_explain_sql, sizeof access_explain_sql},
    {"access/field_decision.sql", access_field_decision_sql, sizeof access_field_decision_sql},
    {"access/filter.sql", access_filter_sql, sizeof access_filter_sql},
    {"access/former.sql", access_former_sql, sizeof access_former_sql},
    {"access/known_access.sql", access_known_access_sql, sizeof access_known_access_sql},
    {"access/model_decision.sql", access_model_decision_sql, sizeof access_model_decision_sql},
    {"access/rule_decision.sql", access_rule_decision_sql, sizeof access_rule_decision_sql},
    {"bench/setup.sql", bench_setup_sql, sizeof bench_setup_sql},
    {"bench/teardown.sql", bench_teardown_sql, sizeof bench_teardown_sql},
    {"capture/capture.sql", capture_capture_sql, sizeof capture_capture_sql},
    {"capture/parent_captures.sql", capture_parent_captures_sql, sizeof capture_parent_captures_sql},
    {"capture/rule_captures.sql", capture_rule_captures_sql, sizeof capture_rule_captures_sql},
    {"capture/rule_columns.sql", capture_rule_columns_sql, sizeof capture_rule_columns_sql},
    {"console/access.sql", console_access_sql, sizeof console_access_sql},
    {"console/acts.sql", console_acts_sql, sizeof console_acts_sql},
    {"console/audit.sql", console_audit_sql, sizeof console_audit_sql},
    {"console/devices.sql", console_devices_sql, sizeof console_devices_sql},
    {"console/events.sql", console_events_sql, sizeof console_events_sql},
    {"console/gate.sql", console_gate_sql, sizeof console_gate_sql},
    {"console/models.sql", console_models_sql, sizeof console_models_sql},
    {"console/overview.sql", console_overview_sql, sizeof console_overview_sql},
    {"data/facts_16.sql", data_facts_16_sql, sizeof data_facts_16_sql},
    {"data/facts_17.sql", data_facts_17_sql, sizeof data_facts_17_sql},
    {"data/facts_18.sql", data_facts_18_sql, sizeof data_facts_18_sql},
    {"data/facts_19.sql", data_facts_19_sql, sizeof data_facts_19_sql},
    {"data/fields.sql", data_fields_sql, sizeof data_fields_sql},
    {"data/judged_fields.sql", data_judged_fields_sql, sizeof data_judged_fields_sql},
    {"data/known_fields.sql", data_known_fields_sql, sizeof data_known_fields_sql},
    {"data/names.sql", data_names_sql, sizeof data_names_sql},
    {"data/page.sql", data_page_sql, sizeof data_page_sql},
    {"data/record_data.sql", data_record_data_sql, sizeof data_record_data_sql},
    {"data/standard.sql", data_standard_sql, sizeof data_standard_sql},
    {"data/unfit.sql", data_unfit_sql, sizeof data_unfit_sql},
    {"data/values.sql", data_values_sql, sizeof data_values_sql},
    {"delivery/concerned.sql", delivery_concerned_sql, sizeof delivery_concerned_sql},
    {"delivery/endpoint.sql", delivery_endpoint_sql, sizeof delivery_endpoint_sql},
    {"delivery/lease.sql", delivery_lease_sql, sizeof delivery_lease_sql},
    {"delivery/queue.sql", delivery_queue_sql, sizeof delivery_queue_sql},
    {"delivery/request.sql", delivery_request_sql, sizeof delivery_request_sql},
    {"delivery/verify.sql", delivery_verify_sql, sizeof delivery_verify_sql},
    {"install.sql", install_sql, sizeof install_sql},
    {"install/definer_grants.sql", install_definer_grants_sql, sizeof install_definer_grants_sql},
    {"install/drop_roles.sql", install_drop_roles_sql, sizeof install_drop_roles_sql},
    {"install/early_database.sql", install_early_database_sql, sizeof install_early_database_sql},
    {"install/grants.sql", install_grants_sql, sizeof install_grants_sql},
    {"install/installed_objects.sql", install_installed_objects_sql, sizeof install_installed_objects_sql},
    {"install/installer_rights.sql", install_installer_rights_sql, sizeof install_installer_rights_sql},
    {"install/kept_grants.sql", install_kept_grants_sql, sizeof install_kept_grants_sql},
    {"install/migrated.sql", install_migrated_sql, sizeof install_migrated_sql},
    {"install/odoo_grants.sql", install_odoo_grants_sql, sizeof install_odoo_grants_sql},
    {"install/replaced_objects.sql", install_replaced_objects_sql, sizeof install_replaced_objects_sql},
    {"install/roles.sql", install_roles_sql, sizeof install_roles_sql},
    {"install/schema.sql", install_schema_sql, sizeof install_schema_sql},
    {"install/uninstall_rights.sql", install_uninstall_rights_sql, sizeof install_uninstall_rights_sql},
    {"install/uninstall_triggers.sql", install_uninstall_triggers_sql, sizeof install_uninstall_triggers_sql},
    {"log/doorbell.sql", log_doorbell_sql, sizeof log_doorbell_sql},
    {"log/identity.sql", log_identity_sql, sizeof log_identity_sql},
    {"log/position.sql", log_position_sql, sizeof log_position_sql},
    {"log/ring.sql", log_ring_sql, sizeof log_ring_sql},
    {"log/tail.sql", log_tail_sql, sizeof log_tail_sql},
    {"migrations/0001_event_log.sql", migrations_0001_event_log_sql, sizeof migrations_0001_event_log_sql},
    {"migrations/0002_tracked_models.sql", migrations_0002_tracked_models_sql, sizeof migrations_0002_tracked_models_sql},
    {"migrations/0003_archive.sql", migrations_0003_archive_sql, sizeof migrations_0003_archive_sql},
    {"migrations/0004_rate_limit.sql", migrations_0004_rate_limit_sql, sizeof migrations_0004_rate_limit_sql},
    {"migrations/0005_probe.sql", migrations_0005_probe_sql, sizeof migrations_0005_probe_sql},
    {"migrations/0006_sync.sql", migrations_0006_sync_sql, sizeof migrations_0006_sync_sql},
    {"migrations/0007_retention.sql", migrations_0007_retention_sql, sizeof migrations_0007_retention_sql},
    {"migrations/0008_access.sql", migrations_0008_access_sql, sizeof migrations_0008_access_sql},
    {"migrations/0009_early_database.sql", migrations_0009_early_database_sql, sizeof migrations_0009_early_database_sql},
    {"migrations/0010_former_sight_and_data.sql", migrations_0010_former_sight_and_data_sql, sizeof migrations_0010_former_sight_and_data_sql},
    {"migrations/0011_model_decision.sql", migrations_0011_model_decision_sql, sizeof migrations_0011_model_decision_sql},
    {"migrations/0012_home.sql", migrations_0012_home_sql, sizeof migrations_0012_home_sql},
    {"migrations/0013_set_back.sql", migrations_0013_set_back_sql, sizeof migrations_0013_set_back_sql},
    {"migrations/0014_former_tables.sql", migrations_0014_former_tables_sql, sizeof migrations_0014_former_tables_sql},
    {"migrations/0015_access_version.sql", migrations_0015_access_version_sql, sizeof migrations_0015_access_version_sql},
    {"migrations/0016_idle.sql", migrations_0016_idle_sql, sizeof migrations_0016_idle_sql},
    {"migrations/0017_first_copy.sql", migrations_0017_first_copy_sql, sizeof migrations_0017_first_copy_sql},
    {"migrations/0018_filter.sql", migrations_0018_filter_sql, sizeof migrations_0018_filter_sql},
    {"migrations/0019_endpoint.sql", migrations_0019_endpoint_sql, sizeof migrations_0019_endpoint_sql},
    {"migrations/0020_console.sql", migrations_0020_console_sql, sizeof migrations_0020_console_sql},
    {"migrations/0021_kept_window.sql", migrations_0021_kept_window_sql, sizeof migrations_0021_kept_window_sql},
    {"migrations/0022_indexes.sql", migrations_0022_indexes_sql, sizeof migrations_0022_indexes_sql},
    {"odoo/access.sql", odoo_access_sql, sizeof odoo_access_sql},
    {"odoo/access_rules.sql", odoo_access_rules_sql, sizeof odoo_access_rules_sql},
    {"odoo/access_shown.sql", odoo_access_shown_sql, sizeof odoo_access_shown_sql},
    {"odoo/access_version.sql", odoo_access_version_sql, sizeof odoo_access_version_sql},
    {"odoo/caller.sql", odoo_caller_sql, sizeof odoo_caller_sql},
    {"odoo/code_access.sql", odoo_code_access_sql, sizeof odoo_code_access_sql},
    {"odoo/company_values.sql", odoo_company_values_sql, sizeof odoo_company_values_sql},
    {"odoo/filter.sql", odoo_filter_sql, sizeof odoo_filter_sql},
    {"odoo/known_models.sql", odoo_known_models_sql, sizeof odoo_known_models_sql},
    {"odoo/logins.sql", odoo_logins_sql, sizeof odoo_logins_sql},
    {"odoo/tables.sql", odoo_tables_sql, sizeof odoo_tables_sql},
    {"odoo/touched.sql", odoo_touched_sql, sizeof odoo_touched_sql},
    {"operate/delivery.sql", operate_delivery_sql, sizeof operate_delivery_sql},
    {"operate/error.sql", operate_error_sql, sizeof operate_error_sql},
    {"operate/granted.sql", operate_granted_sql, sizeof operate_granted_sql},
    {"operate/locked.sql", operate_locked_sql, sizeof operate_locked_sql},
    {"operate/plain_line.sql", operate_plain_line_sql, sizeof operate_plain_line_sql},
    {"operate/probe.sql", operate_probe_sql, sizeof operate_probe_sql},
    {"operate/rate_limit.sql", operate_rate_limit_sql, sizeof operate_rate_limit_sql},
    {"operate/stand_aside.sql", operate_stand_aside_sql, sizeof operate_stand_aside_sql},
    {"operate/status.sql", operate_status_sql, sizeof operate_status_sql},
    {"operate/surroundings.sql", operate_surroundings_sql, sizeof operate_surroundings_sql},
    {"operate/trial_pull.sql", operate_trial_pull_sql, sizeof operate_trial_pull_sql},
    {"operate/verify.sql", operate_verify_sql, sizeof operate_verify_sql},
    {"operate/verify_access.sql", operate_verify_access_sql, sizeof operate_verify_access_sql},
    {"operate/verify_grants.sql", operate_verify_grants_sql, sizeof operate_verify_grants_sql},
    {"operate/verify_models.sql", operate_verify_models_sql, sizeof operate_verify_models_sql},
    {"operate/verify_objects.sql", operate_verify_objects_sql, sizeof operate_verify_objects_sql},
    {"operate/verify_rights.sql", operate_verify_rights_sql, sizeof operate_verify_rights_sql},
    {"operate/verify_values.sql", operate_verify_values_sql, sizeof operate_verify_values_sql},
    {"retention/log_budget.sql", retention_log_budget_sql, sizeof retention_log_budget_sql},
    {"retention/retention.sql", retention_retention_sql, sizeof retention_retention_sql},
    {"roles.sql", roles_sql, sizeof roles_sql},
    {"rules/rules.sql", rules_rules_sql, sizeof rules_rules_sql},
    {"rules/sample.sql", rules_sample_sql, sizeof rules_sample_sql},
    {"settings.sql", settings_sql, sizeof settings_sql},
    {"settings_end.sql", settings_end_sql, sizeof settings_end_sql},
    {"sync/acknowledge.sql", sync_acknowledge_sql, sizeof sync_acknowledge_sql},
    {"sync/cursor.sql", sync_cursor_sql, sizeof sync_cursor_sql},
    {"sync/device.sql", sync_device_sql, sizeof sync_device_sql},
    {"sync/first_copy.sql", sync_first_copy_sql, sizeof sync_first_copy_sql},
    {"sync/followed.sql", sync_followed_sql, sizeof sync_followed_sql},
    {"sync/hints.sql", sync_hints_sql, sizeof sync_hints_sql},
    {"sync/idle.sql", sync_idle_sql, sizeof sync_idle_sql},
    {"sync/kept_window.sql", sync_kept_window_sql, sizeof sync_kept_window_sql},
    {"sync/news.sql", sync_news_sql, sizeof sync_news_sql},
    {"sync/page.sql", sync_page_sql, sizeof sync_page_sql},
    {"sync/pull.sql", sync_pull_sql, sizeof sync_pull_sql},
    {"sync/shown.sql", sync_shown_sql, sizeof sync_shown_sql},
    {"sync/shown_data.sql", sync_shown_data_sql, sizeof sync_shown_data_sql},
    {"sync/snapshot.sql", sync_snapshot_sql, sizeof sync_snapshot_sql},
    {"tracking/data_grants.sql", tracking_data_grants_sql, sizeof tracking_data_grants_sql},
    {"tracking/parents.sql", tracking_parents_sql, sizeof tracking_parents_sql},
    {"tracking/rule_grants.sql", tracking_rule_grants_sql, sizeof tracking_rule_grants_sql},
    {"tracking/rule_tracking.sql", tracking_rule_tracking_sql, sizeof tracking_rule_tracking_sql},
    {"tracking/track.sql", tracking_track_sql, sizeof tracking_track_sql},
    {"tracking/tracked.sql", tracking_tracked_sql, sizeof tracking_tracked_sql},
    {"tracking/watch.sql", tracking_watch_sql, sizeof tracking_watch_sql},
    {"uninstall.sql", uninstall_sql, sizeof uninstall_sql},
    {"v1/answers.sql", v1_answers_sql, sizeof v1_answers_sql},
    {"v1/archive.sql", v1_archive_sql, sizeof v1_archive_sql},
    {"v1/events.sql", v1_events_sql, sizeof v1_events_sql},
    {"v1/kept.sql", v1_kept_sql, sizeof v1_kept_sql},
    {"v1/orphan.sql", v1_orphan_sql, sizeof v1_orphan_sql},
};

const changefeed_sql_file *changefeed_sql_files(ptrdiff_t *count) {
    *count = sizeof files / sizeof files[0];
    return files;
}
