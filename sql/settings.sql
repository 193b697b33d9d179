-- Sets the settings that the scripts depend on, overriding ALTER SYSTEM, ALTER DATABASE, ALTER ROLE and PGOPTIONS. The
-- previous values are kept in changefeed.settings_before; settings_end.sql restores them for the rest of the session.
DO $$
DECLARE
    wanted record;
    before pg_catalog.jsonb;
BEGIN
    -- First and separately: an object in schema public must not replace one of the server's functions or operators.
    before := pg_catalog.jsonb_build_object('search_path', pg_catalog.current_setting('search_path'));
    PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false);
    FOR wanted IN
        SELECT v.name, v.value, s.setting
        FROM (VALUES
            -- After waiting for a lock, a statement must see what the previous holder committed.
            ('default_transaction_isolation', 'read committed'),
            ('default_transaction_read_only', 'off'),
            ('default_transaction_deferrable', 'off'),
            -- Limits meant for the ERP's requests must not abort an installation half-way; locks have separate limits.
            ('statement_timeout', '0'),
            ('lock_timeout', '0'),
            ('transaction_timeout', '0'),
            ('idle_in_transaction_session_timeout', '0'),
            ('idle_session_timeout', '0'),
            -- How the server parses the scripts and quotes names.
            ('standard_conforming_strings', 'on'),
            ('quote_all_identifiers', 'off'),
            ('transform_null_equals', 'off'),
            ('array_nulls', 'on'),
            ('check_function_bodies', 'on'),
            -- Compiling would take longer than running these statements.
            ('jit', 'off'),
            ('plpgsql.extra_errors', 'none'),
            ('plpgsql.extra_warnings', 'none'),
            -- Tablespace and access method of new tables: changefeed_owner has no right on other tablespaces.
            ('default_tablespace', ''),
            ('default_table_access_method', 'heap'),
            -- Errors that are caught do not end the session.
            ('exit_on_error', 'off')) v (name, value)
        -- Every role may set these. Some exist only in later releases.
        JOIN pg_settings s ON s.name = v.name AND s.setting <> v.value
    LOOP
        before := before || jsonb_build_object(wanted.name, wanted.setting);
        PERFORM set_config(wanted.name, wanted.value, false);
    END LOOP;
    PERFORM set_config('changefeed.settings_before', before::text, false);
END $$;
