-- Findings of verify() about access that Odoo decides in Python.

CREATE OR REPLACE FUNCTION changefeed.verify_models()
RETURNS TABLE (code text, level text, object text, detail text, remediation text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH tracked AS MATERIALIZED (
        SELECT s.*, changefeed.plain_line(coalesce(s.code, '')) AS line FROM changefeed.model_states() s
    )
    SELECT 'CF136', CASE s.state WHEN 'closed' THEN 'warning' ELSE 'info' END, s.model,
           CASE s.kind WHEN 'code'
                THEN format('it is %s, because Odoo''s Python code decides who reads it: %s', s.state, s.line)
                       ELSE format('it is %s until an operator decides: %s', s.state, s.line) END
               || CASE WHEN s.decision = 'allow'
                       THEN format('; the decision allow of %s no longer counts, because it was about other code',
                                   s.decided_at) ELSE '' END,
           format('changefeed rule allow %1$s  -- if rights and record rules alone decide; changefeed audit checks '
                  'that. deny confirms that it stays closed.', s.model)
    FROM tracked s WHERE s.state <> 'open' AND s.decision IS DISTINCT FROM 'deny'
    UNION ALL
    SELECT 'CF137', 'info', s.model,
           format('%s by a decision of %s at %s%s%s', CASE s.decision WHEN 'deny' THEN 'closed' ELSE 'opened' END,
                  s.decided_by, s.decided_at, coalesce(' (' || changefeed.plain_line(s.reason) || ')', ''),
                  CASE WHEN s.decision = 'allow' AND s.kind IS NOT NULL
                       THEN ', though Odoo''s Python code may decide otherwise: ' || s.line ELSE '' END),
           format('No action needed if this is intended; changefeed rule clear %s revokes the decision.', s.model)
    FROM tracked s WHERE s.decision = 'deny' OR s.decision = 'allow' AND s.kind IS NOT NULL AND s.decision_counts
    UNION ALL
    SELECT 'CF138', 'info', s.model,
           format('unknown modules extend it: %s; if their Python code restricts who reads it, '
                  'the feed shows more than Odoo', s.extended_by),
           format('changefeed audit --model %1$s  -- and changefeed rule deny %1$s if it finds too much.', s.model)
    FROM tracked s WHERE s.extended_by IS NOT NULL AND s.kind IS DISTINCT FROM 'unknown'
    UNION ALL
    SELECT 'CF138', 'info', e.model,
           format('unknown modules extend every model: %s; their Python code may restrict who reads records',
                  e.modules),
           'changefeed audit  -- and changefeed rule deny MODEL if it finds too much.'
    FROM changefeed.odoo_code_extensions('{base}') e
$$;
COMMENT ON FUNCTION changefeed.verify_models() IS
    'The part of verify() about access that Odoo decides in Python: models closed for it, opened by decision, '
    'or extended by unknown modules.';
