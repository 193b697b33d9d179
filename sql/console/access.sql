-- Decisions about access for the console, and why a user sees a record.

CREATE OR REPLACE FUNCTION changefeed.console_access() RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT json_build_object(
        'rules', (SELECT coalesce(json_agg(json_build_object(
                      'id', s.rule_id, 'name', s.rule_name, 'model', s.model, 'models', s.models, 'groups', s.groups,
                      'domain', s.domain, 'reason', f.reason, 'decision', s.decision,
                      'decision_counts', s.decision_counts, 'decided_domain', s.decided_domain,
                      'decided_at', changefeed.json_time(s.decided_at), 'decided_by', s.decided_by,
                      'decision_reason', s.reason) ORDER BY s.model, s.rule_id), '[]')
                  FROM changefeed.rule_states() s
                  LEFT JOIN LATERAL (SELECT r.reason FROM changefeed.rule_finding r WHERE r.rule_id = s.rule_id
                                     ORDER BY r.found_at DESC LIMIT 1) f ON true
                  WHERE f.reason IS NOT NULL OR s.decision IS NOT NULL),
        'models', (SELECT coalesce(json_agg(json_build_object(
                       'model', m.model, 'state', m.state, 'code', m.code, 'decision', m.decision,
                       'decision_counts', m.decision_counts, 'decided_at', changefeed.json_time(m.decided_at),
                       'decided_by', m.decided_by, 'decision_reason', m.reason, 'extended_by', m.extended_by)
                       ORDER BY m.model), '[]')
                   FROM changefeed.model_states() m
                   WHERE m.state <> 'open' OR m.decision IS NOT NULL OR m.kind IS NOT NULL),
        'fields', (SELECT coalesce(json_agg(json_build_object(
                       'model', d.model, 'field', d.field, 'decision', d.decision, 'reason', d.reason,
                       'decided_at', changefeed.json_time(d.decided_at), 'decided_by', d.decided_by)
                       ORDER BY d.model, d.field), '[]')
                   FROM (SELECT DISTINCT ON (c.model, c.field) c.* FROM changefeed.field_decision c
                         ORDER BY c.model, c.field, c.id DESC) d
                   WHERE d.decision <> 'clear'))
$$;
COMMENT ON FUNCTION changefeed.console_access() IS
    'Record rules that are not understood or were decided about, models whose access code decides, decisions about '
    'fields.';

CREATE OR REPLACE FUNCTION changefeed.console_explain(arguments jsonb, OUT problem text, OUT answer json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    facts jsonb;
    seen record;
BEGIN
    facts := changefeed.explain_access(arguments ->> 'login', arguments ->> 'model');
    IF facts IS NULL THEN
        answer := json_build_object('facts', NULL);
        RETURN;
    END IF;
    IF arguments ->> 'record' IS NOT NULL THEN
        SELECT * INTO seen FROM changefeed.explain_record(
            (facts #>> '{user,id}')::int, arguments ->> 'model', (arguments ->> 'record')::bigint);
        IF seen.problem = 'rules_not_compiled' THEN
            problem := seen.problem;
            answer := json_build_object('user_id', (facts #>> '{user,id}')::int);
            RETURN;
        END IF;
        answer := json_build_object(
            'facts', facts, 'is_tracked',
            EXISTS (SELECT FROM changefeed.tracked_model t WHERE t.model = arguments ->> 'model'),
            'record', json_build_object(
                'problem', seen.problem, 'is_readable', seen.is_readable, 'is_closed', seen.is_closed,
                'is_there', seen.is_there, 'is_visible', seen.is_visible, 'failure', seen.failure));
    ELSE
        answer := json_build_object(
            'facts', facts, 'is_tracked',
            EXISTS (SELECT FROM changefeed.tracked_model t WHERE t.model = arguments ->> 'model'));
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.console_explain(jsonb) IS
    'explain_access(), and explain_record() if a record is given: arguments login, model, record. facts null: no such '
    'user. problem: rules_not_compiled, with the user whose rules the service has to compile.';

-- The conditions come from the service, which compiled them, and never from a browser. They run as changefeed_reader,
-- like those that keep_rules() takes from the service.
CREATE OR REPLACE FUNCTION changefeed.console_verdicts(arguments jsonb) RETURNS json
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
        SELECT coalesce(json_agg(json_build_object('lets_pass', v.lets_pass, 'failure', v.failure) ORDER BY c.place),
                        '[]')
        FROM jsonb_array_elements(arguments -> 'conditions') WITH ORDINALITY c (item, place)
        CROSS JOIN LATERAL changefeed.explain_rule(
            (arguments ->> 'user_id')::int, (arguments ->> 'company')::int,
            ARRAY(SELECT i.id::int FROM jsonb_array_elements_text(arguments -> 'companies') WITH ORDINALITY i (id, n)
                  ORDER BY i.n),
            arguments ->> 'model', (arguments ->> 'record')::bigint, c.item ->> 'sql',
            ARRAY(SELECT i.number::bigint
                  FROM jsonb_array_elements_text(c.item -> 'numbers') WITH ORDINALITY i (number, n) ORDER BY i.n),
            ARRAY(SELECT i.string FROM jsonb_array_elements_text(c.item -> 'texts') WITH ORDINALITY i (string, n)
                  ORDER BY i.n)) v);
END $$;
COMMENT ON FUNCTION changefeed.console_verdicts(jsonb) IS
    'Whether each of these compiled conditions matches a record, as explain_rule() says, in their order: arguments '
    'user_id, company, companies, model, record, conditions (sql, numbers, texts).';
