-- Restores what settings.sql changed.
DO $$
DECLARE
    changed record;
BEGIN
    FOR changed IN
        -- The search path last: this block uses the server's names.
        SELECT s.key, s.value FROM jsonb_each_text(current_setting('changefeed.settings_before')::jsonb) s
        ORDER BY s.key = 'search_path'
    LOOP
        PERFORM pg_catalog.set_config(changed.key, changed.value, false);
    END LOOP;
END $$;
