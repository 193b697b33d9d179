-- The settings that the scripts depend on, whatever ALTER SYSTEM, ALTER DATABASE, ALTER ROLE or PGOPTIONS say. What they
-- were is kept in changefeed.settings_before; settings_end.sql puts it back, for whoever goes on in the same session.
DO $$
DECLARE
    wanted record;
    before pg_catalog.jsonb;
BEGIN
    -- First and by itself: what somebody put into schema public must not stand in for a function or an operator of the server's.
    before := pg_catalog.jsonb_build_object('search_path', pg_catalog.current_setting('search_path'));
    PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false);
    FOR wanted IN
        SELECT v.name, v.value, s.setting
        FROM (VALUES
            -- Who waits for a lock must see afterwards what the one before him has done.
            ('default_transaction_isolation', 'read committed'),
            ('default_transaction_read_only', 'off'),
            ('default_transaction_deferrable', 'off'),
            -- A limit that is meant for the ERP's requests ends no installation half-way; locks have limits of their own.
            ('statement_timeout', '0'),
            ('lock_timeout', '0'),
            ('transaction_timeout', '0'),
            ('idle_in_transaction_session_timeout', '0'),
            ('idle_session_timeout', '0'),
            -- How the scripts' texts are read, and what is made of names.
            ('standard_conforming_strings', 'on'),
            ('quote_all_identifiers', 'off'),
            ('transform_null_equals', 'off'),
            ('array_nulls', 'on'),
            ('check_function_bodies', 'on'),
            -- Compiling takes longer than what is compiled here.
            ('jit', 'off'),
            ('plpgsql.extra_errors', 'none'),
            ('plpgsql.extra_warnings', 'none'),
            -- Where tables go and what they are: changefeed_owner has no right on other tablespaces.
            ('default_tablespace', ''),
            ('default_table_access_method', 'heap'),
            -- Errors that are caught do not end the session.
            ('exit_on_error', 'off')) v (name, value)
        -- Everybody may set these. Some are of later releases.
        JOIN pg_settings s ON s.name = v.name AND s.setting <> v.value
    LOOP
        before := before || jsonb_build_object(wanted.name, wanted.setting);
        PERFORM set_config(wanted.name, wanted.value, false);
    END LOOP;
    PERFORM set_config('changefeed.settings_before', before::text, false);
END $$;
