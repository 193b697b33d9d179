// Written by scripts/embed-sql.sh: one entry per file of sql/.
#include "CChangeFeedSQL.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char bench_setup_sql[] = {
#embed "../../sql/bench/setup.sql"
};

static const unsigned char bench_teardown_sql[] = {
#embed "../../sql/bench/teardown.sql"
};

static const unsigned char install_sql[] = {
#embed "../../sql/install.sql"
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

static const unsigned char objects_00_rights_sql[] = {
#embed "../../sql/objects/00_rights.sql"
};

static const unsigned char objects_00_roles_sql[] = {
#embed "../../sql/objects/00_roles.sql"
};

static const unsigned char objects_01_schema_sql[] = {
#embed "../../sql/objects/01_schema.sql"
};

static const unsigned char objects_02_migration_sql[] = {
#embed "../../sql/objects/02_migration.sql"
};

static const unsigned char objects_03_made_anew_sql[] = {
#embed "../../sql/objects/03_made_anew.sql"
};

static const unsigned char objects_04_early_database_sql[] = {
#embed "../../sql/objects/04_early_database.sql"
};

static const unsigned char objects_09_doorbell_sql[] = {
#embed "../../sql/objects/09_doorbell.sql"
};

static const unsigned char objects_10_capture_sql[] = {
#embed "../../sql/objects/10_capture.sql"
};

static const unsigned char objects_11_odoo_sql[] = {
#embed "../../sql/objects/11_odoo.sql"
};

static const unsigned char objects_12_caller_sql[] = {
#embed "../../sql/objects/12_caller.sql"
};

static const unsigned char objects_13_definer_grants_sql[] = {
#embed "../../sql/objects/13_definer_grants.sql"
};

static const unsigned char objects_14_access_version_sql[] = {
#embed "../../sql/objects/14_access_version.sql"
};

static const unsigned char objects_14_code_access_sql[] = {
#embed "../../sql/objects/14_code_access.sql"
};

static const unsigned char objects_14_data_sql[] = {
#embed "../../sql/objects/14_data.sql"
};

static const unsigned char objects_14_data_fields_sql[] = {
#embed "../../sql/objects/14_data_fields.sql"
};

static const unsigned char objects_14_data_judged_sql[] = {
#embed "../../sql/objects/14_data_judged.sql"
};

static const unsigned char objects_14_data_known_sql[] = {
#embed "../../sql/objects/14_data_known.sql"
};

static const unsigned char objects_14_data_names_sql[] = {
#embed "../../sql/objects/14_data_names.sql"
};

static const unsigned char objects_14_data_page_sql[] = {
#embed "../../sql/objects/14_data_page.sql"
};

static const unsigned char objects_14_data_standard_sql[] = {
#embed "../../sql/objects/14_data_standard.sql"
};

static const unsigned char objects_14_data_unfit_sql[] = {
#embed "../../sql/objects/14_data_unfit.sql"
};

static const unsigned char objects_14_data_values_sql[] = {
#embed "../../sql/objects/14_data_values.sql"
};

static const unsigned char objects_14_facts_16_sql[] = {
#embed "../../sql/objects/14_facts_16.sql"
};

static const unsigned char objects_14_facts_17_sql[] = {
#embed "../../sql/objects/14_facts_17.sql"
};

static const unsigned char objects_14_facts_18_sql[] = {
#embed "../../sql/objects/14_facts_18.sql"
};

static const unsigned char objects_14_facts_19_sql[] = {
#embed "../../sql/objects/14_facts_19.sql"
};

static const unsigned char objects_14_filter_sql[] = {
#embed "../../sql/objects/14_filter.sql"
};

static const unsigned char objects_14_known_models_sql[] = {
#embed "../../sql/objects/14_known_models.sql"
};

static const unsigned char objects_17_access_sql[] = {
#embed "../../sql/objects/17_access.sql"
};

static const unsigned char objects_17_access_rules_sql[] = {
#embed "../../sql/objects/17_access_rules.sql"
};

static const unsigned char objects_17_access_shown_sql[] = {
#embed "../../sql/objects/17_access_shown.sql"
};

static const unsigned char objects_17_company_values_sql[] = {
#embed "../../sql/objects/17_company_values.sql"
};

static const unsigned char objects_18_rule_columns_sql[] = {
#embed "../../sql/objects/18_rule_columns.sql"
};

static const unsigned char objects_18_rules_sql[] = {
#embed "../../sql/objects/18_rules.sql"
};

static const unsigned char objects_18_rules_sample_sql[] = {
#embed "../../sql/objects/18_rules_sample.sql"
};

static const unsigned char objects_19_parent_captures_sql[] = {
#embed "../../sql/objects/19_parent_captures.sql"
};

static const unsigned char objects_19_rule_captures_sql[] = {
#embed "../../sql/objects/19_rule_captures.sql"
};

static const unsigned char objects_19_rule_tracking_sql[] = {
#embed "../../sql/objects/19_rule_tracking.sql"
};

static const unsigned char objects_20_parents_sql[] = {
#embed "../../sql/objects/20_parents.sql"
};

static const unsigned char objects_20_track_sql[] = {
#embed "../../sql/objects/20_track.sql"
};

static const unsigned char objects_21_tracked_sql[] = {
#embed "../../sql/objects/21_tracked.sql"
};

static const unsigned char objects_21_watch_sql[] = {
#embed "../../sql/objects/21_watch.sql"
};

static const unsigned char objects_22_data_grants_sql[] = {
#embed "../../sql/objects/22_data_grants.sql"
};

static const unsigned char objects_23_rule_grants_sql[] = {
#embed "../../sql/objects/23_rule_grants.sql"
};

static const unsigned char objects_30_ring_sql[] = {
#embed "../../sql/objects/30_ring.sql"
};

static const unsigned char objects_40_identity_sql[] = {
#embed "../../sql/objects/40_identity.sql"
};

static const unsigned char objects_41_delivery_sql[] = {
#embed "../../sql/objects/41_delivery.sql"
};

static const unsigned char objects_42_stand_aside_sql[] = {
#embed "../../sql/objects/42_stand_aside.sql"
};

static const unsigned char objects_43_locked_sql[] = {
#embed "../../sql/objects/43_locked.sql"
};

static const unsigned char objects_50_tail_sql[] = {
#embed "../../sql/objects/50_tail.sql"
};

static const unsigned char objects_55_archive_sql[] = {
#embed "../../sql/objects/55_archive.sql"
};

static const unsigned char objects_56_error_sql[] = {
#embed "../../sql/objects/56_error.sql"
};

static const unsigned char objects_57_retention_sql[] = {
#embed "../../sql/objects/57_retention.sql"
};

static const unsigned char objects_58_log_budget_sql[] = {
#embed "../../sql/objects/58_log_budget.sql"
};

static const unsigned char objects_59_access_sql[] = {
#embed "../../sql/objects/59_access.sql"
};

static const unsigned char objects_59_filter_sql[] = {
#embed "../../sql/objects/59_filter.sql"
};

static const unsigned char objects_59_former_sql[] = {
#embed "../../sql/objects/59_former.sql"
};

static const unsigned char objects_59_known_access_sql[] = {
#embed "../../sql/objects/59_known_access.sql"
};

static const unsigned char objects_60_events_sql[] = {
#embed "../../sql/objects/60_events.sql"
};

static const unsigned char objects_61_orphan_sql[] = {
#embed "../../sql/objects/61_orphan.sql"
};

static const unsigned char objects_62_fields_sql[] = {
#embed "../../sql/objects/62_fields.sql"
};

static const unsigned char objects_62_webhook_sql[] = {
#embed "../../sql/objects/62_webhook.sql"
};

static const unsigned char objects_65_sync_sql[] = {
#embed "../../sql/objects/65_sync.sql"
};

static const unsigned char objects_66_data_sql[] = {
#embed "../../sql/objects/66_data.sql"
};

static const unsigned char objects_66_first_copy_sql[] = {
#embed "../../sql/objects/66_first_copy.sql"
};

static const unsigned char objects_66_hints_sql[] = {
#embed "../../sql/objects/66_hints.sql"
};

static const unsigned char objects_66_news_sql[] = {
#embed "../../sql/objects/66_news.sql"
};

static const unsigned char objects_66_pull_sql[] = {
#embed "../../sql/objects/66_pull.sql"
};

static const unsigned char objects_66_shown_sql[] = {
#embed "../../sql/objects/66_shown.sql"
};

static const unsigned char objects_67_snapshot_sql[] = {
#embed "../../sql/objects/67_snapshot.sql"
};

static const unsigned char objects_68_acknowledge_sql[] = {
#embed "../../sql/objects/68_acknowledge.sql"
};

static const unsigned char objects_69_device_sql[] = {
#embed "../../sql/objects/69_device.sql"
};

static const unsigned char objects_69_idle_sql[] = {
#embed "../../sql/objects/69_idle.sql"
};

static const unsigned char objects_70_rate_limit_sql[] = {
#embed "../../sql/objects/70_rate_limit.sql"
};

static const unsigned char objects_71_model_decision_sql[] = {
#embed "../../sql/objects/71_model_decision.sql"
};

static const unsigned char objects_71_rule_decision_sql[] = {
#embed "../../sql/objects/71_rule_decision.sql"
};

static const unsigned char objects_72_explain_sql[] = {
#embed "../../sql/objects/72_explain.sql"
};

static const unsigned char objects_73_audit_sql[] = {
#embed "../../sql/objects/73_audit.sql"
};

static const unsigned char objects_80_granted_sql[] = {
#embed "../../sql/objects/80_granted.sql"
};

static const unsigned char objects_80_status_sql[] = {
#embed "../../sql/objects/80_status.sql"
};

static const unsigned char objects_80_surroundings_sql[] = {
#embed "../../sql/objects/80_surroundings.sql"
};

static const unsigned char objects_80_verify_access_sql[] = {
#embed "../../sql/objects/80_verify_access.sql"
};

static const unsigned char objects_80_verify_grants_sql[] = {
#embed "../../sql/objects/80_verify_grants.sql"
};

static const unsigned char objects_80_verify_models_sql[] = {
#embed "../../sql/objects/80_verify_models.sql"
};

static const unsigned char objects_80_verify_objects_sql[] = {
#embed "../../sql/objects/80_verify_objects.sql"
};

static const unsigned char objects_80_verify_rights_sql[] = {
#embed "../../sql/objects/80_verify_rights.sql"
};

static const unsigned char objects_80_verify_values_sql[] = {
#embed "../../sql/objects/80_verify_values.sql"
};

static const unsigned char objects_81_verify_sql[] = {
#embed "../../sql/objects/81_verify.sql"
};

static const unsigned char objects_82_probe_sql[] = {
#embed "../../sql/objects/82_probe.sql"
};

static const unsigned char objects_83_trial_pull_sql[] = {
#embed "../../sql/objects/83_trial_pull.sql"
};

static const unsigned char objects_89_installed_objects_sql[] = {
#embed "../../sql/objects/89_installed_objects.sql"
};

static const unsigned char objects_90_grants_sql[] = {
#embed "../../sql/objects/90_grants.sql"
};

static const unsigned char objects_91_odoo_grants_sql[] = {
#embed "../../sql/objects/91_odoo_grants.sql"
};

static const unsigned char objects_92_kept_grants_sql[] = {
#embed "../../sql/objects/92_kept_grants.sql"
};

static const unsigned char objects_94_uninstall_rights_sql[] = {
#embed "../../sql/objects/94_uninstall_rights.sql"
};

static const unsigned char objects_95_uninstall_sql[] = {
#embed "../../sql/objects/95_uninstall.sql"
};

static const unsigned char objects_96_drop_roles_sql[] = {
#embed "../../sql/objects/96_drop_roles.sql"
};

static const unsigned char roles_sql[] = {
#embed "../../sql/roles.sql"
};

static const unsigned char settings_sql[] = {
#embed "../../sql/settings.sql"
};

static const unsigned char settings_end_sql[] = {
#embed "../../sql/settings_end.sql"
};

static const unsigned char uninstall_sql[] = {
#embed "../../sql/uninstall.sql"
};

static const changefeed_sql_file files[] = {
    {"bench/setup.sql", bench_setup_sql, sizeof bench_setup_sql},
    {"bench/teardown.sql", bench_teardown_sql, sizeof bench_teardown_sql},
    {"install.sql", install_sql, sizeof install_sql},
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
    {"objects/00_rights.sql", objects_00_rights_sql, sizeof objects_00_rights_sql},
    {"objects/00_roles.sql", objects_00_roles_sql, sizeof objects_00_roles_sql},
    {"objects/01_schema.sql", objects_01_schema_sql, sizeof objects_01_schema_sql},
    {"objects/02_migration.sql", objects_02_migration_sql, sizeof objects_02_migration_sql},
    {"objects/03_made_anew.sql", objects_03_made_anew_sql, sizeof objects_03_made_anew_sql},
    {"objects/04_early_database.sql", objects_04_early_database_sql, sizeof objects_04_early_database_sql},
    {"objects/09_doorbell.sql", objects_09_doorbell_sql, sizeof objects_09_doorbell_sql},
    {"objects/10_capture.sql", objects_10_capture_sql, sizeof objects_10_capture_sql},
    {"objects/11_odoo.sql", objects_11_odoo_sql, sizeof objects_11_odoo_sql},
    {"objects/12_caller.sql", objects_12_caller_sql, sizeof objects_12_caller_sql},
    {"objects/13_definer_grants.sql", objects_13_definer_grants_sql, sizeof objects_13_definer_grants_sql},
    {"objects/14_access_version.sql", objects_14_access_version_sql, sizeof objects_14_access_version_sql},
    {"objects/14_code_access.sql", objects_14_code_access_sql, sizeof objects_14_code_access_sql},
    {"objects/14_data.sql", objects_14_data_sql, sizeof objects_14_data_sql},
    {"objects/14_data_fields.sql", objects_14_data_fields_sql, sizeof objects_14_data_fields_sql},
    {"objects/14_data_judged.sql", objects_14_data_judged_sql, sizeof objects_14_data_judged_sql},
    {"objects/14_data_known.sql", objects_14_data_known_sql, sizeof objects_14_data_known_sql},
    {"objects/14_data_names.sql", objects_14_data_names_sql, sizeof objects_14_data_names_sql},
    {"objects/14_data_page.sql", objects_14_data_page_sql, sizeof objects_14_data_page_sql},
    {"objects/14_data_standard.sql", objects_14_data_standard_sql, sizeof objects_14_data_standard_sql},
    {"objects/14_data_unfit.sql", objects_14_data_unfit_sql, sizeof objects_14_data_unfit_sql},
    {"objects/14_data_values.sql", objects_14_data_values_sql, sizeof objects_14_data_values_sql},
    {"objects/14_facts_16.sql", objects_14_facts_16_sql, sizeof objects_14_facts_16_sql},
    {"objects/14_facts_17.sql", objects_14_facts_17_sql, sizeof objects_14_facts_17_sql},
    {"objects/14_facts_18.sql", objects_14_facts_18_sql, sizeof objects_14_facts_18_sql},
    {"objects/14_facts_19.sql", objects_14_facts_19_sql, sizeof objects_14_facts_19_sql},
    {"objects/14_filter.sql", objects_14_filter_sql, sizeof objects_14_filter_sql},
    {"objects/14_known_models.sql", objects_14_known_models_sql, sizeof objects_14_known_models_sql},
    {"objects/17_access.sql", objects_17_access_sql, sizeof objects_17_access_sql},
    {"objects/17_access_rules.sql", objects_17_access_rules_sql, sizeof objects_17_access_rules_sql},
    {"objects/17_access_shown.sql", objects_17_access_shown_sql, sizeof objects_17_access_shown_sql},
    {"objects/17_company_values.sql", objects_17_company_values_sql, sizeof objects_17_company_values_sql},
    {"objects/18_rule_columns.sql", objects_18_rule_columns_sql, sizeof objects_18_rule_columns_sql},
    {"objects/18_rules.sql", objects_18_rules_sql, sizeof objects_18_rules_sql},
    {"objects/18_rules_sample.sql", objects_18_rules_sample_sql, sizeof objects_18_rules_sample_sql},
    {"objects/19_parent_captures.sql", objects_19_parent_captures_sql, sizeof objects_19_parent_captures_sql},
    {"objects/19_rule_captures.sql", objects_19_rule_captures_sql, sizeof objects_19_rule_captures_sql},
    {"objects/19_rule_tracking.sql", objects_19_rule_tracking_sql, sizeof objects_19_rule_tracking_sql},
    {"objects/20_parents.sql", objects_20_parents_sql, sizeof objects_20_parents_sql},
    {"objects/20_track.sql", objects_20_track_sql, sizeof objects_20_track_sql},
    {"objects/21_tracked.sql", objects_21_tracked_sql, sizeof objects_21_tracked_sql},
    {"objects/21_watch.sql", objects_21_watch_sql, sizeof objects_21_watch_sql},
    {"objects/22_data_grants.sql", objects_22_data_grants_sql, sizeof objects_22_data_grants_sql},
    {"objects/23_rule_grants.sql", objects_23_rule_grants_sql, sizeof objects_23_rule_grants_sql},
    {"objects/30_ring.sql", objects_30_ring_sql, sizeof objects_30_ring_sql},
    {"objects/40_identity.sql", objects_40_identity_sql, sizeof objects_40_identity_sql},
    {"objects/41_delivery.sql", objects_41_delivery_sql, sizeof objects_41_delivery_sql},
    {"objects/42_stand_aside.sql", objects_42_stand_aside_sql, sizeof objects_42_stand_aside_sql},
    {"objects/43_locked.sql", objects_43_locked_sql, sizeof objects_43_locked_sql},
    {"objects/50_tail.sql", objects_50_tail_sql, sizeof objects_50_tail_sql},
    {"objects/55_archive.sql", objects_55_archive_sql, sizeof objects_55_archive_sql},
    {"objects/56_error.sql", objects_56_error_sql, sizeof objects_56_error_sql},
    {"objects/57_retention.sql", objects_57_retention_sql, sizeof objects_57_retention_sql},
    {"objects/58_log_budget.sql", objects_58_log_budget_sql, sizeof objects_58_log_budget_sql},
    {"objects/59_access.sql", objects_59_access_sql, sizeof objects_59_access_sql},
    {"objects/59_filter.sql", objects_59_filter_sql, sizeof objects_59_filter_sql},
    {"objects/59_former.sql", objects_59_former_sql, sizeof objects_59_former_sql},
    {"objects/59_known_access.sql", objects_59_known_access_sql, sizeof objects_59_known_access_sql},
    {"objects/60_events.sql", objects_60_events_sql, sizeof objects_60_events_sql},
    {"objects/61_orphan.sql", objects_61_orphan_sql, sizeof objects_61_orphan_sql},
    {"objects/62_fields.sql", objects_62_fields_sql, sizeof objects_62_fields_sql},
    {"objects/62_webhook.sql", objects_62_webhook_sql, sizeof objects_62_webhook_sql},
    {"objects/65_sync.sql", objects_65_sync_sql, sizeof objects_65_sync_sql},
    {"objects/66_data.sql", objects_66_data_sql, sizeof objects_66_data_sql},
    {"objects/66_first_copy.sql", objects_66_first_copy_sql, sizeof objects_66_first_copy_sql},
    {"objects/66_hints.sql", objects_66_hints_sql, sizeof objects_66_hints_sql},
    {"objects/66_news.sql", objects_66_news_sql, sizeof objects_66_news_sql},
    {"objects/66_pull.sql", objects_66_pull_sql, sizeof objects_66_pull_sql},
    {"objects/66_shown.sql", objects_66_shown_sql, sizeof objects_66_shown_sql},
    {"objects/67_snapshot.sql", objects_67_snapshot_sql, sizeof objects_67_snapshot_sql},
    {"objects/68_acknowledge.sql", objects_68_acknowledge_sql, sizeof objects_68_acknowledge_sql},
    {"objects/69_device.sql", objects_69_device_sql, sizeof objects_69_device_sql},
    {"objects/69_idle.sql", objects_69_idle_sql, sizeof objects_69_idle_sql},
    {"objects/70_rate_limit.sql", objects_70_rate_limit_sql, sizeof objects_70_rate_limit_sql},
    {"objects/71_model_decision.sql", objects_71_model_decision_sql, sizeof objects_71_model_decision_sql},
    {"objects/71_rule_decision.sql", objects_71_rule_decision_sql, sizeof objects_71_rule_decision_sql},
    {"objects/72_explain.sql", objects_72_explain_sql, sizeof objects_72_explain_sql},
    {"objects/73_audit.sql", objects_73_audit_sql, sizeof objects_73_audit_sql},
    {"objects/80_granted.sql", objects_80_granted_sql, sizeof objects_80_granted_sql},
    {"objects/80_status.sql", objects_80_status_sql, sizeof objects_80_status_sql},
    {"objects/80_surroundings.sql", objects_80_surroundings_sql, sizeof objects_80_surroundings_sql},
    {"objects/80_verify_access.sql", objects_80_verify_access_sql, sizeof objects_80_verify_access_sql},
    {"objects/80_verify_grants.sql", objects_80_verify_grants_sql, sizeof objects_80_verify_grants_sql},
    {"objects/80_verify_models.sql", objects_80_verify_models_sql, sizeof objects_80_verify_models_sql},
    {"objects/80_verify_objects.sql", objects_80_verify_objects_sql, sizeof objects_80_verify_objects_sql},
    {"objects/80_verify_rights.sql", objects_80_verify_rights_sql, sizeof objects_80_verify_rights_sql},
    {"objects/80_verify_values.sql", objects_80_verify_values_sql, sizeof objects_80_verify_values_sql},
    {"objects/81_verify.sql", objects_81_verify_sql, sizeof objects_81_verify_sql},
    {"objects/82_probe.sql", objects_82_probe_sql, sizeof objects_82_probe_sql},
    {"objects/83_trial_pull.sql", objects_83_trial_pull_sql, sizeof objects_83_trial_pull_sql},
    {"objects/89_installed_objects.sql", objects_89_installed_objects_sql, sizeof objects_89_installed_objects_sql},
    {"objects/90_grants.sql", objects_90_grants_sql, sizeof objects_90_grants_sql},
    {"objects/91_odoo_grants.sql", objects_91_odoo_grants_sql, sizeof objects_91_odoo_grants_sql},
    {"objects/92_kept_grants.sql", objects_92_kept_grants_sql, sizeof objects_92_kept_grants_sql},
    {"objects/94_uninstall_rights.sql", objects_94_uninstall_rights_sql, sizeof objects_94_uninstall_rights_sql},
    {"objects/95_uninstall.sql", objects_95_uninstall_sql, sizeof objects_95_uninstall_sql},
    {"objects/96_drop_roles.sql", objects_96_drop_roles_sql, sizeof objects_96_drop_roles_sql},
    {"roles.sql", roles_sql, sizeof roles_sql},
    {"settings.sql", settings_sql, sizeof settings_sql},
    {"settings_end.sql", settings_end_sql, sizeof settings_end_sql},
    {"uninstall.sql", uninstall_sql, sizeof uninstall_sql},
};

const changefeed_sql_file *changefeed_sql_files(ptrdiff_t *count) {
    *count = sizeof files / sizeof files[0];
    return files;
}
