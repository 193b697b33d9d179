-- Findings about access: rules that close models, rights that rules lack, decisions that no longer count.

CREATE OR REPLACE FUNCTION changefeed.verify_access()
RETURNS TABLE (code text, level text, object text, detail text, remediation text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH rule AS MATERIALIZED (
        SELECT r.*, md5(r.domain) AS digest FROM changefeed.odoo_read_rules() r
    ), outdated AS MATERIALIZED (
        SELECT DISTINCT c.key FROM changefeed.compiled_rules c CROSS JOIN LATERAL jsonb_each_text(c.rules) k
        LEFT JOIN rule r ON r.rule_id = k.key::int AND r.digest = k.value
        WHERE r.rule_id IS NULL
    ), compiled AS MATERIALIZED (
        -- For existing texts; results for earlier texts say nothing about the present.
        SELECT c.* FROM changefeed.compiled_rules c JOIN changefeed.tracked_model t ON t.model = c.model
        WHERE NOT EXISTS (SELECT FROM outdated o WHERE o.key = c.key)
    ), unreadable AS MATERIALIZED (
        SELECT DISTINCT c.model, u.source || '.' || u.name AS item
        FROM (SELECT DISTINCT c.model, c.reads FROM compiled c) c
        CROSS JOIN LATERAL changefeed.unreadable_columns(c.reads) u
    ), finding AS MATERIALIZED (
        SELECT f.* FROM changefeed.rule_finding f JOIN rule r ON r.rule_id = f.rule_id AND r.digest = f.rule_digest
        JOIN changefeed.tracked_model t ON t.model = f.model
        -- CF124 reports this once.
        WHERE NOT starts_with(f.reason, 'changefeed_reader may not read ')
    ), decision AS MATERIALIZED (
        SELECT DISTINCT ON (d.rule_id) d.* FROM changefeed.rule_decision d ORDER BY d.rule_id, d.id DESC
    )
    SELECT 'CF123', 'warning', f.model,
           format('record rule %s (%s) closes it to all users to whom the rule applies: %s', f.rule_id,
                  changefeed.plain_line(f.rule_name), changefeed.plain_line(f.reason)),
           format('changefeed rule override %s DOMAIN  -- or allow, or deny to confirm it.', f.rule_id)
    FROM finding f
    UNION ALL
    SELECT DISTINCT 'CF123', 'warning', c.model,
           format('record rules %s together close it to all users to whom they apply, '
                  'because they exceed the limits of one condition: %s',
                  (SELECT string_agg(k.id, ', ' ORDER BY k.id::int) FROM jsonb_object_keys(c.rules) k (id)),
                  changefeed.plain_line(c.closed_by)),
           'changefeed rule override RULE DOMAIN  -- replace the longest rule by a shorter domain.'
    FROM compiled c
    -- Any other reason is also that of a single rule, or was temporary: they will be compiled again soon.
    WHERE c.is_closed AND c.closed_by ~ '[(]too_(long|deep)[)]$'
      AND NOT EXISTS (SELECT FROM finding f WHERE f.model = c.model AND c.rules ? f.rule_id::text)
    UNION ALL
    SELECT 'CF124', 'error', u.model,
           format('record rules need columns that changefeed_reader may not read, and close it: %s',
                  string_agg(u.item, ', ' ORDER BY u.item)),
           format('SELECT changefeed.grant_rules(%L);', u.model)
    FROM unreadable u GROUP BY u.model
    UNION ALL
    SELECT 'CF125', 'warning', c.model,
           format('record rules read columns whose old values its triggers do not keep, '
                  'so devices that lose access to a record get no unlink: %s', string_agg(DISTINCT n.name, ', ')),
           format('SELECT changefeed.track(%L);', c.model)
    FROM (SELECT DISTINCT c.model, c.own_columns FROM compiled c) c
    JOIN changefeed.tracked_model t ON t.model = c.model
    CROSS JOIN LATERAL unnest(c.own_columns) n (name)
    WHERE n.name <> 'id' AND n.name <> ALL (t.rule_columns::text[])
    GROUP BY c.model
    UNION ALL
    SELECT 'CF126', 'info', c.model,
           format('access to its records also depends on other models: %s; a change of these alone is no event of this '
                  'model: devices find it by digest, or when the record is next written',
                  string_agg(DISTINCT n.name, ', ')),
           'No action needed; devices that must know compare digests from time to time.'
    FROM (SELECT DISTINCT c.model, c.crossings FROM compiled c) c CROSS JOIN LATERAL unnest(c.crossings) n (name)
    GROUP BY c.model
    UNION ALL
    SELECT DISTINCT 'CF146', 'info', c.model,
           format('record rules %s depend on the time: a record that becomes visible or invisible as time passes makes '
                  'no event; devices find it by digest, or when the record is next written',
                  (SELECT string_agg(k.id, ', ' ORDER BY k.id::int) FROM jsonb_object_keys(c.rules) k (id))),
           'No action needed; devices that must know compare digests from time to time.'
    FROM compiled c WHERE 'time' = ANY (c.uses)
    UNION ALL
    SELECT 'CF127', 'warning', coalesce(r.model, 'ir.rule'),
           CASE WHEN r.rule_id IS NULL
                THEN format('decision %s about record rule %s (%s) no longer counts: '
                            'Odoo has no such active read rule', d.decision, d.rule_id,
                            changefeed.plain_line(d.rule_name))
                ELSE format('decision %s about record rule %s (%s) no longer counts: '
                            'the rule''s text in Odoo has changed', d.decision, d.rule_id,
                            changefeed.plain_line(r.rule_name)) END,
           format('changefeed rule clear %s', d.rule_id)
               || CASE WHEN r.rule_id IS NOT NULL THEN '  -- or decide again.' ELSE '' END
    FROM decision d LEFT JOIN rule r ON r.rule_id = d.rule_id
    WHERE d.decision <> 'clear' AND (r.rule_id IS NULL OR r.domain IS DISTINCT FROM d.rule_domain)
$$;
COMMENT ON FUNCTION changefeed.verify_access() IS
    'The part of verify() about access, from the record rules compiled so far; '
    'changefeed verify first compiles them all.';
