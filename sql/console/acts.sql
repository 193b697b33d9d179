-- What the console does. Each act is one transaction with its row in the audit.

CREATE OR REPLACE FUNCTION changefeed.console_do(user_id int, action text, arguments jsonb) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name CONSTANT text := arguments ->> 'name';
    reason CONSTANT text := nullif(btrim(arguments ->> 'reason'), '');
    -- Decisions and pauses name the role that made them, which is the service's: the user stands in the reason.
    signed CONSTANT text := concat(reason, CASE WHEN reason IS NOT NULL THEN ' ' END, '(console: ',
        (SELECT l.login FROM changefeed.odoo_logins(ARRAY[console_do.user_id]) l), ')');
    done record;
BEGIN
    CASE action
        WHEN 'pause' THEN
            IF reason IS NULL THEN
                RAISE EXCEPTION 'a pause needs a reason' USING ERRCODE = 'invalid_parameter_value';
            END IF;
            RETURN CASE WHEN changefeed.pause(signed) THEN 'paused' ELSE 'it was paused already' END;
        WHEN 'resume' THEN
            RETURN CASE WHEN changefeed.resume() THEN 'resumed' ELSE 'it was not paused' END;
        WHEN 'rotate_log' THEN
            RETURN coalesce('slot ' || changefeed.rotate(), 'the next slot is not empty');
        WHEN 'archive' THEN
            RETURN changefeed.archive_before((arguments ->> 'before')::timestamptz, 'user ' || console_do.user_id)
                || ' events';
        WHEN 'device_reset' THEN
            SELECT r.problem INTO done
            FROM changefeed.reset_device((arguments ->> 'user_id')::int, arguments ->> 'device_id',
                                         coalesce(arguments ->> 'start', 'now'), NULL, 2147483647) r
            WHERE EXISTS (SELECT FROM changefeed.device d
                          WHERE d.user_id = (arguments ->> 'user_id')::int
                            AND d.device_id = arguments ->> 'device_id'
                            AND NOT starts_with(d.device_id, 'endpoint:'));
            IF NOT FOUND THEN
                RAISE EXCEPTION 'there is no such device' USING ERRCODE = 'no_data_found';
            END IF;
            RETURN coalesce(done.problem, 'reset');
        WHEN 'device_forget' THEN
            IF starts_with(arguments ->> 'device_id', 'endpoint:')
               OR NOT changefeed.forget_device((arguments ->> 'user_id')::int, arguments ->> 'device_id') THEN
                RAISE EXCEPTION 'there is no such device' USING ERRCODE = 'no_data_found';
            END IF;
            RETURN 'forgotten';
        WHEN 'endpoint_pause' THEN
            RETURN CASE WHEN changefeed.endpoint_set_state(name, 'paused', reason) THEN 'paused'
                        ELSE 'it was paused already' END;
        WHEN 'endpoint_resume' THEN
            RETURN CASE WHEN changefeed.endpoint_set_state(name, 'active') THEN 'resumed'
                        ELSE 'it was active already' END;
        WHEN 'endpoint_retry' THEN
            RETURN changefeed.endpoint_retry(name, arguments ->> 'model', (arguments ->> 'record')::bigint)
                || ' records';
        WHEN 'endpoint_drop' THEN
            RETURN changefeed.endpoint_drop(name, arguments ->> 'model', (arguments ->> 'record')::bigint)
                || ' dead letters';
        WHEN 'endpoint_replay' THEN
            PERFORM changefeed.endpoint_replay(name, arguments ->> 'start', (arguments ->> 'since')::timestamptz);
            RETURN 'replayed';
        WHEN 'endpoint_remove' THEN
            PERFORM changefeed.endpoint_remove(name);
            RETURN 'removed';
        WHEN 'rule_decide' THEN
            RETURN coalesce(
                (SELECT string_agg(d.to_run, ' ')
                 FROM changefeed.decide_rule((arguments ->> 'rule_id')::int, arguments ->> 'decision',
                                             arguments ->> 'domain', signed) d), 'decided');
        WHEN 'model_decide' THEN
            RETURN (SELECT d.state FROM changefeed.decide_model(arguments ->> 'model', arguments ->> 'decision',
                                                                signed) d);
        WHEN 'field_decide' THEN
            RETURN 'decision ' || changefeed.decide_field(arguments ->> 'model', arguments ->> 'field',
                                                          arguments ->> 'decision', signed);
    END CASE;
END $$;
COMMENT ON FUNCTION changefeed.console_do(int, text, jsonb) IS
    'Does one act of the console for a user. Returns what came of it. Only for console_act(): no role may call it.';

CREATE OR REPLACE FUNCTION changefeed.console_act(
    method text, subject int, proof text, session text, idle_seconds double precision, database text,
    operators text, readers text, client text, action text, arguments jsonb)
RETURNS TABLE (user_id int, standing text, outcome text, detail text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    state text;
BEGIN
    SELECT c.user_id, c.standing INTO user_id, standing
    FROM changefeed.console_caller(method, subject, proof, session, idle_seconds, database, operators, readers) c;
    IF user_id IS NULL THEN
        RETURN;
    END IF;
    IF action IN ('sign_in', 'sign_out') THEN
        outcome := CASE WHEN standing IS NULL THEN 'refused' ELSE 'done' END;
    ELSIF standing IS DISTINCT FROM 'operator' THEN
        outcome := 'refused';
    ELSIF starts_with(action, 'note_') THEN
        -- The service does these itself, with its key: it says what came of it.
        outcome := CASE WHEN (arguments ->> 'failed')::boolean THEN 'failed' ELSE 'done' END;
        detail := arguments ->> 'detail';
    ELSE
        BEGIN
            detail := changefeed.console_do(user_id, action, arguments);
            outcome := 'done';
        EXCEPTION WHEN invalid_parameter_value OR no_data_found OR undefined_object OR undefined_column
                       OR undefined_table OR case_not_found OR lock_not_available OR invalid_text_representation
                       OR numeric_value_out_of_range OR datetime_field_overflow OR invalid_datetime_format
                       OR invalid_transaction_state OR not_null_violation OR check_violation THEN
            GET STACKED DIAGNOSTICS detail = MESSAGE_TEXT, state = RETURNED_SQLSTATE;
            outcome := 'failed';
            -- These messages repeat what was sent.
            IF state LIKE '22P%' OR state LIKE '22007' OR state LIKE '22008' OR state = '22003' THEN
                detail := 'a value has the wrong form';
            ELSIF state = '20000' THEN
                detail := 'there is no such action';
            END IF;
        END;
    END IF;
    -- Whoever is refused must not push the acts of others out of the audit: one row per user, action and hour.
    IF outcome = 'refused' AND EXISTS (
        SELECT FROM changefeed.console_audit a
        WHERE a.user_id = console_act.user_id AND a.outcome = 'refused'
          AND a.action = regexp_replace(console_act.action, '^note_', '')
          AND a.at > clock_timestamp() - interval '1 hour') THEN
        RETURN NEXT;
        RETURN;
    END IF;
    PERFORM changefeed.console_note(
        user_id, client, regexp_replace(action, '^note_', ''), arguments - '{failed,detail}'::text[], outcome, detail);
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION changefeed.console_act(text, int, text, text, double precision, text, text, text, text, text,
                                           jsonb) IS
    'Does one act of the console, for a user in the operators'' group, and adds it to the audit; of what is refused, '
    'one row per user, action and hour. '
    'outcome: done, refused, failed; detail: what came of it, or why not. No row: the credential is not valid.';
