-- The numbered migrations that this database has had.
CREATE TABLE IF NOT EXISTS changefeed.migration (
    version int PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE changefeed.migration IS 'The numbered migrations of sql/migrations/ that this database has had.';
COMMENT ON COLUMN changefeed.migration.version IS 'Number of the migration file.';
COMMENT ON COLUMN changefeed.migration.applied_at IS 'When it was applied.';

CREATE OR REPLACE FUNCTION changefeed.migrated(migration_version int) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM changefeed.migration m WHERE m.version = migration_version)
$$;
COMMENT ON FUNCTION changefeed.migrated(int) IS 'True when the migration of that number was applied.';

CREATE OR REPLACE FUNCTION changefeed.schema_version() RETURNS int
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(max(m.version), 0) FROM changefeed.migration m
$$;
COMMENT ON FUNCTION changefeed.schema_version() IS 'Number of the newest migration applied.';
