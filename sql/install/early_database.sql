-- Databases of before migrations were frozen: their tables lack columns that the files of the same number have now. What
-- the devices' tables hold is put aside, and migration 6 makes them once more; migration 9 puts it back and does the rest.
DO $$
BEGIN
    IF changefeed.migrated(6) AND NOT changefeed.migrated(9) AND NOT EXISTS (
        SELECT FROM pg_attribute a WHERE a.attrelid = to_regclass('changefeed.device') AND a.attname = 'hidden' AND NOT a.attisdropped) THEN
        CREATE TABLE changefeed.early_device AS SELECT to_jsonb(d) AS device FROM changefeed.device d;
        CREATE TABLE changefeed.early_app_type AS SELECT * FROM changefeed.app_type;
        DROP TABLE changefeed.device, changefeed.app_type;
        DELETE FROM changefeed.migration m WHERE m.version = 6;
    END IF;
END $$;
