-- The console's gate. The service may call console_read() and console_act() and none of the functions behind them; both
-- check again who asks, by the credential, and that the user is in one of the console's groups.

CREATE OR REPLACE FUNCTION changefeed.console_caller(
    method text, subject int, proof text, session text, idle_seconds double precision, database text,
    operators text, readers text)
RETURNS TABLE (user_id int, standing text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.user_id,
           CASE WHEN c.refused THEN NULL
                WHEN changefeed.odoo_in_group(c.user_id, operators)
                THEN CASE WHEN (SELECT k.may_act FROM changefeed.console k) THEN 'operator' ELSE 'reader' END
                WHEN readers IS NOT NULL AND changefeed.odoo_in_group(c.user_id, readers) THEN 'reader' END
    FROM changefeed.odoo_caller(method, subject, proof, session, idle_seconds, database, false) c
    -- An endpoint is no person.
    WHERE method IN ('api_key', 'session', 'confirmed')
$$;
COMMENT ON FUNCTION changefeed.console_caller(text, int, text, text, double precision, text, text, text) IS
    'The user of a credential, as odoo_caller() has it, and what the user may do in the console: operator, reader, '
    'null. operators, readers: XML ids of Odoo groups; readers may be null. No row: the credential is not valid.';

CREATE OR REPLACE FUNCTION changefeed.console_note(
    user_id int, client text, action text, arguments jsonb, outcome text, detail text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    number bigint;
BEGIN
    INSERT INTO changefeed.console_audit (user_id, login, client, action, arguments, outcome, detail)
    VALUES (console_note.user_id,
            (SELECT l.login FROM changefeed.odoo_logins(ARRAY[console_note.user_id]) l),
            left(console_note.client, 100), left(console_note.action, 100),
            CASE WHEN octet_length(console_note.arguments::text) <= 4000 THEN console_note.arguments
                 ELSE '{"cut": true}' END,
            console_note.outcome, left(changefeed.plain_line(console_note.detail), 500))
    RETURNING id INTO number;
    -- A few at a time: each new row may remove two old ones.
    DELETE FROM changefeed.console_audit a
    WHERE a.id IN (SELECT o.id FROM changefeed.console_audit o ORDER BY o.id LIMIT 2)
      AND (a.id <= number - 10000 OR a.at < clock_timestamp() - interval '90 days');
END $$;
COMMENT ON FUNCTION changefeed.console_note(int, text, text, jsonb, text, text) IS
    'Adds a row to the audit, which keeps the newest 10,000 and none older than 90 days.';

CREATE OR REPLACE FUNCTION changefeed.console_read(
    method text, subject int, proof text, session text, idle_seconds double precision, database text,
    operators text, readers text, page text, arguments jsonb)
RETURNS TABLE (user_id int, standing text, problem text, answer json)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
BEGIN
    SELECT c.user_id, c.standing INTO user_id, standing
    FROM changefeed.console_caller(method, subject, proof, session, idle_seconds, database, operators, readers) c;
    IF user_id IS NULL THEN
        RETURN;
    END IF;
    IF standing IS NOT NULL THEN
        CASE page
            WHEN 'me' THEN answer := changefeed.console_me(user_id);
            WHEN 'overview' THEN answer := changefeed.console_overview();
            WHEN 'events' THEN answer := changefeed.console_events(arguments);
            WHEN 'event' THEN answer := changefeed.console_event(arguments);
            WHEN 'models' THEN answer := changefeed.console_models();
            WHEN 'plan' THEN answer := changefeed.console_plan(arguments);
            WHEN 'findings' THEN answer := changefeed.console_findings();
            WHEN 'devices' THEN answer := changefeed.console_devices(arguments);
            WHEN 'device' THEN answer := changefeed.console_device(arguments);
            WHEN 'endpoints' THEN answer := changefeed.console_endpoints(arguments);
            WHEN 'endpoint' THEN answer := changefeed.console_endpoint(arguments);
            WHEN 'access' THEN answer := changefeed.console_access();
            WHEN 'explain' THEN
                SELECT e.problem, e.answer INTO problem, answer FROM changefeed.console_explain(arguments) e;
            WHEN 'verdicts' THEN answer := changefeed.console_verdicts(arguments);
            WHEN 'audit' THEN answer := changefeed.console_audit_page(arguments);
        END CASE;
    END IF;
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION changefeed.console_read(text, int, text, text, double precision, text, text, text, text, jsonb) IS
    'A page of the console as JSON, for a user in one of its groups. No row: the credential is not valid. '
    'standing null: the user is in neither group, and nothing was read. problem: rules_not_compiled, as in '
    'access_scopes().';
