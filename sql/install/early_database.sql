-- Databases from before migrations were frozen: their tables lack columns of the present files. The contents of the
-- devices' tables are set aside, and migration 6 creates the tables again;
-- migration 9 restores the contents and does the rest.
DO $$
BEGIN
    IF changefeed.migrated(6) AND NOT changefeed.migrated(9) AND NOT EXISTS (
        SELECT FROM pg_attribute a
        WHERE a.attrelid = to_regclass('changefeed.device') AND a.attname = 'hidden' AND NOT a.attisdropped) THEN
        CREATE TABLE changefeed.early_device AS SELECT to_jsonb(d) AS device FROM changefeed.device d;
        CREATE TABLE changefeed.early_app_type AS SELECT * FROM changefeed.app_type;
        DROP TABLE changefeed.device, changefeed.app_type;
        DELETE FROM changefeed.migration m WHERE m.version = 6;
    END IF;
END $$;
