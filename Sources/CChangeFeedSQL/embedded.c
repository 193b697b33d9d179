// Written by scripts/embed-sql.sh: one entry per file of sql/.
#include "CChangeFeedSQL.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char install_sql[] = {
#embed "../../sql/install.sql"
};

static const unsigned char migrations_0001_event_log_sql[] = {
#embed "../../sql/migrations/0001_event_log.sql"
};

static const unsigned char migrations_0002_tracked_models_sql[] = {
#embed "../../sql/migrations/0002_tracked_models.sql"
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

static const unsigned char objects_10_capture_sql[] = {
#embed "../../sql/objects/10_capture.sql"
};

static const unsigned char objects_20_track_sql[] = {
#embed "../../sql/objects/20_track.sql"
};

static const unsigned char objects_21_tracked_sql[] = {
#embed "../../sql/objects/21_tracked.sql"
};

static const unsigned char objects_30_ring_sql[] = {
#embed "../../sql/objects/30_ring.sql"
};

static const unsigned char objects_40_identity_sql[] = {
#embed "../../sql/objects/40_identity.sql"
};

static const unsigned char objects_50_tail_sql[] = {
#embed "../../sql/objects/50_tail.sql"
};

static const changefeed_sql_file files[] = {
    {"install.sql", install_sql, sizeof install_sql},
    {"migrations/0001_event_log.sql", migrations_0001_event_log_sql, sizeof migrations_0001_event_log_sql},
    {"migrations/0002_tracked_models.sql", migrations_0002_tracked_models_sql, sizeof migrations_0002_tracked_models_sql},
    {"objects/00_roles.sql", objects_00_roles_sql, sizeof objects_00_roles_sql},
    {"objects/01_schema.sql", objects_01_schema_sql, sizeof objects_01_schema_sql},
    {"objects/02_migration.sql", objects_02_migration_sql, sizeof objects_02_migration_sql},
    {"objects/10_capture.sql", objects_10_capture_sql, sizeof objects_10_capture_sql},
    {"objects/20_track.sql", objects_20_track_sql, sizeof objects_20_track_sql},
    {"objects/21_tracked.sql", objects_21_tracked_sql, sizeof objects_21_tracked_sql},
    {"objects/30_ring.sql", objects_30_ring_sql, sizeof objects_30_ring_sql},
    {"objects/40_identity.sql", objects_40_identity_sql, sizeof objects_40_identity_sql},
    {"objects/50_tail.sql", objects_50_tail_sql, sizeof objects_50_tail_sql},
};

const changefeed_sql_file *changefeed_sql_files(ptrdiff_t *count) {
    *count = sizeof files / sizeof files[0];
    return files;
}
