-- The operator's decisions about models whose access Odoo's Python code decides.

CREATE OR REPLACE FUNCTION changefeed.model_states(only_model text DEFAULT NULL)
RETURNS TABLE (model text, kind text, code text, state text, decision text, decision_counts boolean,
               decided_at timestamptz, decided_by text, reason text, extended_by text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH asked AS (
        SELECT array_agg(t.model) AS models FROM changefeed.tracked_model t
        WHERE only_model IS NULL OR t.model = only_model
    )
    SELECT s.model, s.kind, s.reason, s.state, s.decision, s.decision_counts, s.decided_at, s.decided_by,
           s.decision_reason, e.modules
    FROM asked a
    CROSS JOIN LATERAL changefeed.odoo_code_states(a.models) s
    LEFT JOIN LATERAL changefeed.odoo_code_extensions(a.models) e ON e.model = s.model
    ORDER BY s.model
$$;
COMMENT ON FUNCTION changefeed.model_states(text) IS
    'The tracked models, or one of them: whether Odoo''s Python code decides who reads it (kind code: known to decide; '
    'unknown; null: does not decide) and how, open or closed, the last decision and whether it counts, and modules '
    'other than Odoo''s own that create or extend it.';

CREATE OR REPLACE FUNCTION changefeed.decide_model(
    model text, decision text, reason text DEFAULT NULL, OUT code text, OUT state text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF coalesce(decision, '') <> ALL ('{allow,deny,clear}') THEN
        RAISE EXCEPTION 'a model''s decision must be allow, deny or clear' USING ERRCODE = 'invalid_parameter_value';
    -- A decision can outlive its model.
    ELSIF NOT changefeed.odoo_has_model(decide_model.model)
          AND NOT (decision = 'clear' AND EXISTS (SELECT FROM changefeed.model_decision d
                                                  WHERE d.model = decide_model.model)) THEN
        RAISE EXCEPTION 'model "%" does not exist in this database', model
            USING ERRCODE = 'no_data_found', HINT = 'SELECT model FROM ir_model ORDER BY 1 lists the models.';
    END IF;
    INSERT INTO changefeed.model_decision (model, decision, code, reason)
    SELECT decide_model.model, decide_model.decision,
           coalesce((SELECT s.reason FROM changefeed.odoo_code_states(ARRAY[decide_model.model]) s), ''),
           decide_model.reason;
    SELECT s.reason, s.state INTO decide_model.code, decide_model.state
    FROM changefeed.odoo_code_states(ARRAY[decide_model.model]) s;
END $$;
COMMENT ON FUNCTION changefeed.decide_model(text, text, text) IS
    'Decides about a model whose access Odoo decides in Python: allow (rights and record rules alone count), deny '
    '(closed to all users) or clear. Returns the known facts about its code and the resulting state.';

CREATE OR REPLACE FUNCTION changefeed.tell_closed_models(only_model text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    closed record;
BEGIN
    FOR closed IN
        SELECT * FROM changefeed.model_states(only_model) s
        WHERE s.state <> 'open' AND s.decision IS DISTINCT FROM 'deny'
    LOOP
        RAISE NOTICE '% is %: %', closed.model, closed.state, changefeed.plain_line(closed.code)
            USING HINT = format('changefeed rule allow %1$s opens it to rights and record rules; changefeed rule deny '
                                '%1$s confirms that it stays closed. Or: SELECT * '
                                'FROM changefeed.decide_model(%1$L, ''allow'', ''why'');', closed.model);
    END LOOP;
END $$;
COMMENT ON FUNCTION changefeed.tell_closed_models(text) IS
    'Reports by notices which tracked models, or whether one, are closed until an operator decides.';
