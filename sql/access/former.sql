-- What users saw before, evaluated with the log's old values of the records and of those on which they depend.

CREATE OR REPLACE FUNCTION changefeed.former_rows(scope changefeed.model_scope, log_ids bigint[], since_id bigint)
RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
SET quote_all_identifiers = off AS $$
DECLARE
    -- Maximum number of log rows per model, from each of the positions below.
    most CONSTANT int := 4096;
    others text[];
    sources text[];
    xids xid8[];
BEGIN
    SELECT array_agg(t.model), array_agg(s.source) INTO others, sources
    FROM changefeed.tracked_model t CROSS JOIN LATERAL (SELECT format('%I.%I', t.table_schema, t.table_name)) s (source)
    WHERE s.source = ANY (scope.former_tables) AND t.rule_columns <> '{}' AND t.model <> 'mail.followers';
    IF others IS NULL THEN
        RETURN NULL;
    END IF;
    xids := ARRAY(SELECT DISTINCT e.xid FROM changefeed.event e WHERE e.id = ANY (log_ids));
    RETURN (
        WITH log AS MATERIALIZED (
            -- Odoo changes related rows in one transaction, one after the other.
            SELECT w.id, w.model, w.ids, w.olds, false AS is_apart
            FROM (SELECT e.* FROM changefeed.event e WHERE e.xid = ANY (xids) AND e.model = ANY (others)
                  ORDER BY e.xid, e.id LIMIT most) w
            UNION ALL
            SELECT w.id, w.model, w.ids, w.olds, since_id IS NULL
            FROM unnest(others) m (name)
            CROSS JOIN (VALUES (since_id), ((SELECT min(l) - 1 FROM unnest(log_ids) l))) p (after_id)
            CROSS JOIN LATERAL (
                SELECT e.id, e.model, e.ids, e.olds, e.event FROM changefeed.event e
                WHERE e.model = m.name AND -e.id < -p.after_id ORDER BY -e.id DESC LIMIT most) w
            -- Events of one moment each: a row changed before or after others of them is unrelated to these.
            WHERE p.after_id IS NOT NULL AND (since_id IS NOT NULL OR w.event = 'unlink')
        ), kept AS (
            SELECT l.model, r.record_id, jsonb_agg(r.old ORDER BY l.is_apart, l.id) AS olds
            FROM log l CROSS JOIN LATERAL unnest(l.ids, l.olds) r (record_id, old)
            WHERE l.olds IS NOT NULL AND r.old IS NOT NULL
            GROUP BY l.model, r.record_id
        )
        SELECT jsonb_object_agg(f.source, f.rows)
        FROM (SELECT o.source, jsonb_object_agg(k.record_id, k.olds) AS rows
              FROM unnest(others, sources) o (model, source) JOIN kept k ON k.model = o.model GROUP BY o.source) f);
END $$;
COMMENT ON FUNCTION changefeed.former_rows(changefeed.model_scope, bigint[], bigint) IS
    'Rows of other tables that the rules of a scope read, as they were before these rows of the log, as {table: {id: '
    '[values]}}, in order: the old values since since_id, and in the transactions of those rows and after them. '
    'since_id null: each on its own, by the old values in their transactions, and of rows deleted since. '
    'Null: no change is known.';

CREATE OR REPLACE FUNCTION changefeed.seen_before(
    scope changefeed.model_scope, ids bigint[], record_ids bigint[], events text[], olds jsonb[], since_id bigint)
RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found bigint[];
    former jsonb;
    rest record;
BEGIN
    IF scope.predicate IS NULL THEN
        RETURN QUERY SELECT unnest(record_ids);
        RETURN;
    END IF;
    -- Conditions that read nothing of the row but its id: nothing of it is kept, and everything is known.
    IF scope.own_columns = '{}' THEN
        olds := ARRAY(SELECT CASE WHEN e.event = 'unlink' THEN coalesce(e.old, '{}') ELSE e.old END
                      FROM unnest(events, olds) WITH ORDINALITY e (event, old, place) ORDER BY e.place);
    END IF;
    -- A write that changed no column that rules read hid nothing. Of several changes each may have hidden it: a page
    -- shows a record as it is when it is read, which is later than the end of its batch.
    SELECT array_agg(e.record_id) AS record_ids, array_agg(o.old) AS olds INTO rest
    FROM unnest(record_ids, olds) e (record_id, olds)
    CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(e.olds) WHEN 'array' THEN e.olds
                                                 ELSE jsonb_build_array(e.olds) END) o (old)
    WHERE e.olds IS NOT NULL;
    found := changefeed.rules_were_visible(scope, rest.record_ids, rest.olds);
    RETURN QUERY SELECT unnest(found);
    IF scope.formerly IS NULL OR scope.former_tables = '{public.mail_followers}' OR record_ids <@ found THEN
        RETURN;
    END IF;
    -- Dependencies on other rows: with their former states. If nothing was kept of its own row, that has not changed.
    SELECT array_agg(e.id / 4096) AS log_ids, array_agg(e.record_id) AS record_ids, array_agg(o.old) AS olds,
           array_agg(e.record_id) FILTER (WHERE e.event = 'unlink' AND o.old IS NOT NULL) AS gone_ids,
           array_agg(o.old) FILTER (WHERE e.event = 'unlink' AND o.old IS NOT NULL) AS gone_olds
    INTO rest
    FROM unnest(ids, record_ids, events, olds) e (id, record_id, event, olds)
    CROSS JOIN LATERAL (
        SELECT jsonb_array_elements(CASE jsonb_typeof(e.olds) WHEN 'array' THEN e.olds
                                         ELSE jsonb_build_array(e.olds) END) WHERE e.olds IS NOT NULL
        UNION ALL SELECT NULL WHERE e.event <> 'unlink') o (old)
    WHERE e.record_id <> ALL (found);
    former := changefeed.former_rows(scope, rest.log_ids, since_id);
    IF former IS NOT NULL THEN
        RETURN QUERY SELECT unnest(changefeed.rules_were_visible(scope, rest.record_ids, rest.olds, former));
        IF since_id IS NOT NULL THEN
            RETURN QUERY
            SELECT unnest(changefeed.rules_were_visible(
                scope, rest.record_ids, rest.olds, former, at_any_time => true));
        END IF;
    END IF;
    -- The id of a deleted record is a smaller harm than a copy that keeps it.
    RETURN QUERY
    SELECT unnest(changefeed.rules_were_visible(scope, rest.gone_ids, rest.gone_olds, former, true,
                                                since_id IS NOT NULL));
END $$;
COMMENT ON FUNCTION changefeed.seen_before(changefeed.model_scope, bigint[], bigint[], text[], jsonb[], bigint) IS
    'Of the records of write and unlink events that the scope does not show now: those that it showed before, by the '
    'log''s values since since_id of them (olds: values, or an array of them) and of the rows on which they depend; '
    'and of deleted records also those for which that is unknown. A record may occur twice.';
