-- A pull with data that leaves nothing behind, to check whether devices would get any.

CREATE OR REPLACE FUNCTION changefeed.try_pull(OUT user_id int, OUT records int, OUT stand_ins int, OUT problem text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    device_name CONSTANT text := 'changefeed trial ' || gen_random_uuid();
    app_type CONSTANT text := 'changefeed_trial';
    missing record;
    access record;
    last_id bigint;
    tried text[];
    pulled record;
    state text;
    message text;
    context text;
BEGIN
    records := 0;
    stand_ins := 0;
    -- Everything in here is rolled back, whatever the result; variables keep their values.
    BEGIN
        user_id := changefeed.odoo_trial_user();
        IF user_id IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'CFT01', MESSAGE = 'rolled back';
        END IF;
        -- Rules are compiled outside of the database. Rules not compiled yet filter nothing here:
        -- the records are sent nowhere.
        FOR missing IN SELECT DISTINCT r.key, r.model FROM changefeed.access_rules(user_id) r LOOP
            PERFORM changefeed.keep_rules(missing.key, missing.model, 'true', NULL, NULL, NULL, NULL, NULL, NULL, 0);
            stand_ins := stand_ins + 1;
        END LOOP;
        SELECT a.problem, a.scopes INTO access
        FROM changefeed.access_scopes(user_id, ARRAY(SELECT t.model FROM changefeed.tracked_model t), NULL) a;
        IF access.problem IS NOT NULL THEN
            RAISE EXCEPTION 'the user''s rights cannot be evaluated: %', access.problem USING ERRCODE = 'CFT02';
        END IF;
        -- Operators may have changed any existing one.
        INSERT INTO changefeed.app_type (name) VALUES (app_type) ON CONFLICT DO NOTHING;
        PERFORM changefeed.register_device(user_id, device_name, 2147483647);
        SELECT p.low_id INTO last_id FROM changefeed.log_position() p;
        -- A device that has seen the present log, so that it gets only these changes: of transaction 3, the lowest
        -- possible number, which every snapshot has seen, and which belongs to no transaction of the present log.
        UPDATE changefeed.device d SET seen_log_id = last_id, seen_next = '3'
        WHERE d.user_id = try_pull.user_id AND d.device_id = device_name;
        WITH change AS (
            INSERT INTO changefeed.event (slot, epoch, xid, model, event, occurred_at, ids)
            SELECT c.slot, c.epoch, '3', s.model, 'write', clock_timestamp(), v.ids[1:3]
            FROM changefeed.control c CROSS JOIN unnest(access.scopes) s
            -- Few rows, so that a rule that shows hardly any costs no scan of the whole table.
            CROSS JOIN LATERAL changefeed.rules_record_ids(
                jsonb_populate_record(s, '{"predicate": null}'), 0, 9223372036854775807, 200) r (ids)
            CROSS JOIN LATERAL changefeed.rules_visible(s, r.ids) v (ids)
            WHERE v.ids <> '{}' ORDER BY s.model LIMIT 150
            RETURNING event.model
        )
        SELECT array_agg(c.model) INTO tried FROM change c;
        SELECT p.problem, p.events, p.entries INTO pulled
        FROM changefeed.pull(user_id, device_name, app_type, NULL, NULL, 500, true, max_devices => 2147483647) p;
        IF pulled.problem IS NOT NULL THEN
            RAISE EXCEPTION 'the pull was refused: %', pulled.problem USING ERRCODE = 'CFT02';
        END IF;
        records := pulled.entries;
        SELECT string_agg(t.model, ', ' ORDER BY t.model) INTO message
        FROM unnest(tried) t (model)
        WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(pulled.events::jsonb) e
                          WHERE e ->> 'model' = t.model AND jsonb_typeof(e -> 'data') = 'object');
        IF message IS NOT NULL THEN
            RAISE EXCEPTION 'the pull returned no data of %', message USING ERRCODE = 'CFT02';
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'CFT01', MESSAGE = 'rolled back';
    EXCEPTION
        WHEN SQLSTATE 'CFT01' THEN
            NULL;
        WHEN SQLSTATE 'CFT02' THEN
            problem := SQLERRM;
        WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, context = PG_EXCEPTION_CONTEXT;
            problem := format('%s (SQLSTATE %s%s)', message, state,
                              coalesce(', in ' || substring(context FROM 'function ([^([:cntrl:]]+)[(]'), ''));
    END;
END $$;
COMMENT ON FUNCTION changefeed.try_pull() IS
    'A pull with data, for the active internal user with the lowest number, of up to three records of each tracked '
    'model, rolled back. user_id: null if there is no such user; records: how many were sent; stand_ins: sets of '
    'record rules that were not compiled yet and filtered nothing; problem: why it failed, null if it did not.';

CREATE OR REPLACE FUNCTION changefeed.verify_pull()
RETURNS TABLE (code text, level text, object text, detail text, remediation text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    trial record;
BEGIN
    -- verify() reports these: a standby, missing objects, and roles that may not use Odoo's schema.
    IF pg_is_in_recovery() OR EXISTS (SELECT FROM changefeed.verify_objects())
       OR EXISTS (SELECT FROM changefeed.verify_rights()) THEN
        RETURN;
    END IF;
    SELECT * INTO trial FROM changefeed.try_pull();
    IF trial.problem IS NOT NULL THEN
        RETURN QUERY SELECT 'CF134', 'error', 'pull',
            format('a trial pull with data%s failed, so the requests of devices fail too: %s',
                   ' for user ' || trial.user_id, changefeed.plain_line(trial.problem)),
            'psql -f sql/install.sql  -- if that does not help, '
            'the object that the message names differs from what the feed expects.';
    ELSIF trial.user_id IS NULL AND changefeed.odoo_version() IS NOT NULL THEN
        RETURN QUERY SELECT 'CF134', 'info', 'pull', 'no active internal user was found, so no trial pull was run',
                            'No action needed if this is correct.';
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.verify_pull() IS
    'A finding in the form of verify() when try_pull() fails. It is separate from verify(), which writes nothing: '
    'this one writes, and rolls back.';

CREATE OR REPLACE FUNCTION changefeed.tell_installed() RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here record;
    finding record;
    failed boolean := false;
BEGIN
    SELECT * INTO here FROM changefeed.surroundings();
    FOR finding IN
        SELECT p.* FROM changefeed.verify_pull() p
        UNION ALL SELECT v.* FROM changefeed.verify() v WHERE v.code IN ('CF113', 'CF133')
    LOOP
        failed := failed OR finding.level = 'error';
        RAISE WARNING '% %: %', finding.code, finding.object, finding.detail USING HINT = finding.remediation;
    END LOOP;
    IF failed THEN
        RAISE WARNING 'changefeed: everything is in place, but it does not work here. %', here.line;
    ELSIF here.odoo IS NOT NULL AND here.odoo_was_run AND here.server_was_run THEN
        RAISE NOTICE 'changefeed: installed. %', here.line;
    ELSIF here.odoo IS NULL THEN
        RAISE NOTICE 'changefeed: everything is in place. %', here.line;
    ELSE
        RAISE WARNING 'changefeed: everything is in place. %', here.line;
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.tell_installed() IS
    'Reports to the installer, by notices and warnings, the state of the feed and whether a trial pull succeeded.';
