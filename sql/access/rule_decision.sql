-- The operator's decisions about record rules.

CREATE OR REPLACE FUNCTION changefeed.rule_holders() RETURNS TABLE (model text, holder text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH asked AS (
        SELECT t.model, t.model AS as_model FROM changefeed.tracked_model t
        UNION ALL
        SELECT t.model, 'hr.employee.public' FROM changefeed.tracked_model t WHERE t.model = 'hr.employee'
    )
    SELECT DISTINCT s.model, s.holder
    FROM (SELECT array_agg(a.model) AS models, array_agg(a.as_model) AS as_models FROM asked a) w
    CROSS JOIN LATERAL changefeed.odoo_rule_sources(w.models, w.as_models) o
    CROSS JOIN LATERAL unnest(o.held, o.holders) s (model, holder)
$$;
COMMENT ON FUNCTION changefeed.rule_holders() IS
    'The tracked models, each with the models whose record rules apply to it: its own, those that it delegates to, '
    'hr.employee.public for hr.employee.';

CREATE OR REPLACE FUNCTION changefeed.rule_states(only_model text DEFAULT NULL)
RETURNS TABLE (rule_id int, rule_name text, model text, models text[], groups text[], domain text,
               counted_domain text, decision text, decided_domain text, decision_counts boolean, decided_at timestamptz,
               decided_by text, reason text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.rule_id, r.rule_name, r.model, h.models, r.groups, r.domain,
           changefeed.counted_domain(r.domain, CASE WHEN d.rule_domain = r.domain THEN d.decision END, d.domain),
           d.decision, d.domain, d.rule_domain = r.domain, d.decided_at, d.decided_by, d.reason
    FROM changefeed.odoo_read_rules() r
    JOIN (SELECT k.holder, array_agg(k.model ORDER BY k.model) AS models FROM changefeed.rule_holders() k
          WHERE only_model IS NULL OR only_model IN (k.model, k.holder) GROUP BY k.holder) h ON h.holder = r.model
    LEFT JOIN LATERAL (
        SELECT l.*
        FROM (SELECT c.* FROM changefeed.rule_decision c WHERE c.rule_id = r.rule_id ORDER BY c.id DESC LIMIT 1) l
        WHERE l.decision <> 'clear') d ON true
    ORDER BY r.model, r.rule_id
$$;
COMMENT ON FUNCTION changefeed.rule_states(text) IS
    'The read rules of the tracked models, or of one: each rule''s model and the tracked models that it filters, its '
    'groups (none: global), its text, the effective text, and the last decision. decision_counts false: '
    'it was about another text.';

CREATE OR REPLACE FUNCTION changefeed.decide_rule(rule_id int, decision text, domain text DEFAULT NULL,
                                                  reason text DEFAULT NULL)
RETURNS TABLE (model text, to_run text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rule record;
BEGIN
    IF coalesce(decision, '') <> ALL ('{allow,deny,override,clear}') THEN
        RAISE EXCEPTION 'a decision must be allow, deny, override or clear' USING ERRCODE = 'invalid_parameter_value';
    ELSIF (decision = 'override') <> (coalesce(domain, '') ~ '[^[:space:]]')
          OR decision <> 'override' AND domain IS NOT NULL THEN
        RAISE EXCEPTION 'override takes a domain; the other decisions do not' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT * INTO rule FROM changefeed.odoo_read_rules() r WHERE r.rule_id = decide_rule.rule_id;
    -- A decision can outlive its rule.
    IF NOT FOUND
       AND NOT (decision = 'clear' AND EXISTS (SELECT FROM changefeed.rule_decision d
                                               WHERE d.rule_id = decide_rule.rule_id)) THEN
        RAISE EXCEPTION 'Odoo has no active read rule with id %', rule_id
            USING ERRCODE = 'no_data_found', HINT = 'SELECT rule_id, model, rule_name FROM changefeed.rule_states();';
    END IF;
    INSERT INTO changefeed.rule_decision (rule_id, decision, domain, rule_name, rule_domain, reason)
    VALUES (decide_rule.rule_id, decide_rule.decision, decide_rule.domain, rule.rule_name, rule.domain,
            decide_rule.reason);
    -- Findings and compiled rules from before the decision; the next request compiles again.
    DELETE FROM changefeed.rule_finding f WHERE f.rule_id = decide_rule.rule_id;
    DELETE FROM changefeed.compiled_rules c WHERE c.rules ? decide_rule.rule_id::text;
    RETURN QUERY
    SELECT h.model, format('SELECT changefeed.grant_rules(%L);', h.model)
    FROM changefeed.rule_holders() h
    WHERE h.holder = rule.model AND decide_rule.decision = 'override' AND EXISTS (
        SELECT FROM changefeed.odoo_rule_reads(h.model) n (item)
        WHERE NOT coalesce(has_column_privilege('changefeed_reader', split_part(n.item, ':', 1)::oid,
                                                split_part(n.item, ':', 2)::smallint, 'SELECT'), false))
    ORDER BY 1;
END $$;
COMMENT ON FUNCTION changefeed.decide_rule(int, text, text, text) IS
    'Decides about a record rule''s present text: allow, deny, override (a domain that replaces it) or clear. For an '
    'override that needs columns which changefeed_reader may not read, returns the models, each with the statement to '
    'run; no row: nothing is missing.';
