-- Record rules at work. The condition comes from changefeed.compiled_rules, where the service wrote it, so it runs as
-- changefeed_reader: whatever it says, it can read the columns that record rules need, and nothing else of the database.

-- In plpgsql, whose plans last for the session: planning cost more than the answer.
CREATE OR REPLACE FUNCTION changefeed.rules_table(model text) RETURNS regclass
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    target regclass;
BEGIN
    SELECT to_regclass(format('%I.%I', t.table_schema, t.table_name)) INTO target
    FROM changefeed.tracked_model t WHERE t.model = rules_table.model;
    IF NOT FOUND THEN
        -- A model that is not tracked, but that lists of ids refer to.
        SELECT c.oid INTO target FROM pg_class c
        WHERE c.relnamespace = to_regnamespace('public') AND c.relname = replace(rules_table.model, '.', '_')::name AND c.relkind = 'r';
    END IF;
    RETURN CASE WHEN has_column_privilege(target, 'id', 'SELECT') THEN target END;
END $$;
COMMENT ON FUNCTION changefeed.rules_table(text) IS 'The table of a model; null where there is none whose ids changefeed_reader may read.';

CREATE OR REPLACE FUNCTION changefeed.rules_failed(model text, state text, reason text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- A resource that is short, or somebody who stops it, says nothing about the rule.
    RAISE EXCEPTION USING
        MESSAGE = CASE WHEN state ~ '^(53|55|57|58|40)' THEN reason ELSE format('the record rules of %s failed: %s', model, reason) END,
        ERRCODE = CASE WHEN state ~ '^(53|55|57|58|40)' THEN state ELSE 'CFR01' END;
END $$;
COMMENT ON FUNCTION changefeed.rules_failed(text, text, text) IS
    'Raises CFR01 for record rules that failed while they ran, so that it is known whose fault it was.';

CREATE OR REPLACE FUNCTION changefeed.rules_visible(scope changefeed.model_scope, ids bigint[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off SET jit = off AS $$
DECLARE
    target regclass;
    found bigint[];
BEGIN
    IF scope.predicate IS NULL OR coalesce(cardinality(ids), 0) = 0 THEN
        RETURN CASE WHEN scope.model IS NULL OR ids IS NULL THEN '{}' ELSE ids END;
    END IF;
    target := changefeed.rules_table(scope.model);
    IF target IS NULL THEN
        RETURN '{}';
    END IF;
    EXECUTE format('SELECT coalesce(array_agg(t.id::bigint), ''{}'') FROM %s t WHERE t.id = ANY ($6) AND (%s)', target, scope.predicate)
    INTO found
    USING scope.user_id, scope.company_id, scope.company_ids, scope.numbers, scope.texts, ids;
    RETURN found;
EXCEPTION WHEN OTHERS THEN
    PERFORM changefeed.rules_failed(scope.model, SQLSTATE, SQLERRM);
END $$;
COMMENT ON FUNCTION changefeed.rules_visible(changefeed.model_scope, bigint[]) IS
    'Those of the ids that are records which the scope shows now, in no order. A scope without a condition gives all ids back; no scope (null) gives none.';

-- The condition with the rows of other tables as they were: former has the values of those that changed or went, first ones first.
CREATE OR REPLACE FUNCTION changefeed.rules_former_condition(
    scope changefeed.model_scope, condition text, former jsonb, at_any_time boolean) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $$
DECLARE
    other record;
BEGIN
    FOR other IN
        SELECT r.key AS source, c.names, c.plain, former ? r.key AS has_changed,
               -- Followers are kept with the records that they follow.
               r.key = 'public.mail_followers' OR EXISTS (
                   SELECT FROM changefeed.tracked_model t
                   WHERE format('%I.%I', t.table_schema, t.table_name) = r.key AND c.plain <@ t.rule_columns::text[]) AS is_kept
        FROM jsonb_each(scope.reads) r
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(n.name), '{}') AS names, coalesce(array_agg((parse_ident(n.name))[1]), '{}') AS plain
            FROM jsonb_array_elements_text(r.value) n (name) WHERE n.name <> 'id') c
    LOOP
        condition := replace(condition, format('@?%s?', other.source), (NOT other.is_kept)::text);
        condition := replace(condition, format(' @%s ', other.source), format(' %s ', other.source));
        IF other.has_changed THEN
            -- In place of a table's name, which an alias follows. What the log did not keep is as it is now.
            condition := replace(condition, format(' %s ', other.source), format(
                $query$ (SELECT c.id%1$s FROM %3$s c WHERE %7$s
                UNION ALL SELECT p.id%2$s FROM jsonb_each($10 -> %4$L) f CROSS JOIN LATERAL %8$s v (old)
                LEFT JOIN %3$s n ON n.id = f.key::bigint
                CROSS JOIN LATERAL jsonb_populate_record(NULL::%3$s,
                    CASE WHEN n.id IS NULL THEN '{}' ELSE jsonb_build_object(%5$s) END || v.old || jsonb_build_object('id', f.key::bigint)) p
                WHERE n.id IS NOT NULL OR v.old ?& %6$L) $query$,
                (SELECT string_agg(', c.' || n, '') FROM unnest(other.names) n), (SELECT string_agg(', p.' || n, '') FROM unnest(other.names) n),
                other.source, other.source,
                (SELECT string_agg(format('%L, n.%s', p, n), ', ') FROM unnest(other.plain, other.names) v (p, n)), other.plain,
                CASE WHEN at_any_time THEN 'true' ELSE format('NOT $10 -> %L ? c.id::text', other.source) END,
                CASE WHEN at_any_time THEN 'jsonb_array_elements(f.value)' ELSE '(SELECT f.value -> 0)' END));
        END IF;
    END LOOP;
    -- A table that the condition does not read itself, such as ir_property behind its function: nothing is known of how it was.
    RETURN regexp_replace(condition, '@[?][^?]+[?]', 'true', 'g');
END $$;
COMMENT ON FUNCTION changefeed.rules_former_condition(changefeed.model_scope, text, jsonb, boolean) IS
    'A condition of a scope, its predicate or formerly, over other tables'' rows as they were first, or at any time from then until now. former, the parameter $10 of what comes of it: per table (of scope.reads), the old values by id, first ones first.';

CREATE OR REPLACE FUNCTION changefeed.rules_were_visible(
    scope changefeed.model_scope, ids bigint[], olds jsonb[], former jsonb DEFAULT NULL,
    is_gone boolean DEFAULT false, at_any_time boolean DEFAULT false) RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER 
SET search_path = pg_catalog, pg_temp SET row_security = off SET jit = off SET quote_all_identifiers = off AS $$
DECLARE
    target regclass;
    found bigint[];
    condition text := scope.predicate;
BEGIN
    IF scope.predicate IS NULL OR coalesce(cardinality(ids), 0) = 0 THEN
        RETURN CASE WHEN scope.model IS NULL OR ids IS NULL THEN '{}' ELSE ids END;
    END IF;
    target := changefeed.rules_table(scope.model);
    IF target IS NULL THEN
        RETURN '{}';
    END IF;
    IF is_gone OR former IS NOT NULL THEN
        condition := changefeed.rules_former_condition(scope, CASE WHEN is_gone THEN scope.formerly ELSE scope.predicate END,
                                                 coalesce(former, '{}'), at_any_time);
    END IF;
    -- A column that was not kept is unknown, and then so is the answer: no. Followers go with the records: those that they had.
    EXECUTE format(
        $query$
        WITH kept_followers (res_model, res_id, partner_id) AS (
            SELECT $9, x.id, p.id::int FROM unnest($6, $7) x (id, old)
            CROSS JOIN LATERAL jsonb_array_elements_text(
                CASE WHEN jsonb_typeof(x.old -> 'message_partner_ids') = 'array' THEN x.old -> 'message_partner_ids' ELSE '[]' END) p (id)
            UNION ALL
            SELECT m.model, r.key::bigint, p.id::int
            FROM jsonb_each($10) t JOIN changefeed.tracked_model m ON m.keeps_followers AND format('%%I.%%I', m.table_schema, m.table_name) = t.key
            CROSS JOIN LATERAL jsonb_each(t.value) r CROSS JOIN LATERAL jsonb_array_elements(r.value) v (old)
            CROSS JOIN LATERAL jsonb_array_elements_text(
                CASE WHEN jsonb_typeof(v.old -> 'message_partner_ids') = 'array' THEN v.old -> 'message_partner_ids' ELSE '[]' END) p (id)
        )
        SELECT coalesce(array_agg(x.id), '{}')
        FROM %s
        CROSS JOIN LATERAL jsonb_populate_record(NULL::%s, x.old || jsonb_build_object('id', x.id)) t
        WHERE x.old ?& $8 AND (%s)
        $query$,
        CASE WHEN array_position(olds, NULL) IS NULL THEN 'unnest($6, $7) x (id, old)' ELSE format(
            -- Where nothing was kept, the row is as it was.
            '(SELECT k.id, coalesce(k.old, CASE WHEN w.id IS NOT NULL THEN jsonb_build_object(%s) END) AS old FROM unnest($6, $7) k (id, old) LEFT JOIN %s w ON w.id = k.id AND k.old IS NULL) x',
            (SELECT string_agg(format('%1$L, w.%1$I', c), ', ') FROM unnest(scope.own_columns) c), target) END,
        target, replace(condition, ' public.mail_followers ',
            ' (SELECT k.* FROM kept_followers k UNION ALL SELECT f.res_model, f.res_id, f.partner_id FROM public.mail_followers f) '))
    INTO found
    USING scope.user_id, scope.company_id, scope.company_ids, scope.numbers, scope.texts, ids, olds, scope.own_columns, scope.model, former;
    RETURN found;
EXCEPTION WHEN OTHERS THEN
    PERFORM changefeed.rules_failed(scope.model, SQLSTATE, SQLERRM);
END $$;
COMMENT ON FUNCTION changefeed.rules_were_visible(changefeed.model_scope, bigint[], jsonb[], jsonb, boolean, boolean) IS
    'Those of the ids that the scope showed while their rows had these values (event.olds; null: those that they have now). What hangs on other tables is looked up as it is now, but for the rows in former: per table, the values that they had, by id, of which the first count, or, at_any_time, each of them and those of now. is_gone: records that are no more; also those of which cannot be told any more whether the scope showed them.';

CREATE OR REPLACE FUNCTION changefeed.rules_record_ids(
    scope changefeed.model_scope, after_id bigint, last_id bigint, max_rows int) RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off SET jit = off AS $$
DECLARE
    target regclass := changefeed.rules_table(scope.model);
    found bigint[];
BEGIN
    IF target IS NULL THEN
        RETURN '{}';
    END IF;
    EXECUTE format(
        'SELECT ARRAY(SELECT t.id::bigint FROM %s t WHERE t.id > $6 AND t.id <= $7 AND (%s) ORDER BY t.id LIMIT $8)',
        target, coalesce(scope.predicate, 'true'))
    INTO found
    USING scope.user_id, scope.company_id, scope.company_ids, scope.numbers, scope.texts, after_id, last_id, max_rows;
    RETURN found;
EXCEPTION WHEN OTHERS THEN
    PERFORM changefeed.rules_failed(scope.model, SQLSTATE, SQLERRM);
END $$;
COMMENT ON FUNCTION changefeed.rules_record_ids(changefeed.model_scope, bigint, bigint, int) IS
    'Ids of the records that the scope shows, above after_id and up to last_id, in order.';

CREATE OR REPLACE FUNCTION changefeed.rules_missing_records(model text, ids bigint[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
    target regclass := changefeed.rules_table(model);
    found bigint[];
BEGIN
    IF target IS NULL THEN
        RETURN '{}';
    END IF;
    EXECUTE format('SELECT ARRAY(SELECT i FROM unnest($1) i WHERE NOT EXISTS (SELECT FROM %s r WHERE r.id = i))', target)
    INTO found USING ids;
    RETURN found;
END $$;
COMMENT ON FUNCTION changefeed.rules_missing_records(text, bigint[]) IS
    'Those of the ids that are no record of the model at all; none where that cannot be told.';

CREATE OR REPLACE FUNCTION changefeed.rules_record_digest(scope changefeed.model_scope, buckets int)
RETURNS TABLE (from_id bigint, to_id bigint, records bigint, hash bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET row_security = off SET datestyle = 'ISO, YMD' SET jit = off AS $$
DECLARE
    target regclass := changefeed.rules_table(scope.model);
    condition text := coalesce(scope.predicate, 'true');
    written text;
    lowest bigint;
    width bigint;
BEGIN
    IF target IS NULL THEN
        RETURN;
    END IF;
    IF buckets NOT BETWEEN 1 AND 10000 THEN
        RAISE EXCEPTION 'buckets are 1 to 10000' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- The ranges, too, are those of what the user sees.
    EXECUTE format('SELECT min(t.id), (max(t.id) - min(t.id)) / $6 + 1 FROM %s t WHERE %s', target, condition)
    INTO lowest, width
    USING scope.user_id, scope.company_id, scope.company_ids, scope.numbers, scope.texts, buckets;
    -- A table without the column still has ids to compare. The text is the one that records are shown with.
    written := coalesce((
        SELECT changefeed.odoo_shown_moment('(' || f.expression || ')', 'datetime', f.fitted_type)
        FROM pg_attribute a CROSS JOIN LATERAL changefeed.odoo_fitted('t.write_date', 'datetime', a.atttypid, 'en_US') f
        WHERE a.attrelid = target AND a.attname = 'write_date' AND NOT a.attisdropped
          AND has_column_privilege(target, a.attnum, 'SELECT')), 'NULL');
    RETURN QUERY EXECUTE format(
        $query$
        SELECT $6 + b.number * $7, $6 + (b.number + 1) * $7 - 1, b.records, (b.hash %% 281474976710656)::bigint
        FROM (SELECT (t.id - $6) / $7 AS number, count(*) AS records,
                     sum(('x' || encode(substr(sha256(convert_to(concat(t.id, ',', %s), 'UTF8')), 1, 6), 'hex'))::bit(48)::bigint) AS hash
              FROM %s t WHERE t.id >= $6 AND (%s) GROUP BY 1) b
        ORDER BY 1
        $query$, written, target, condition)
    USING scope.user_id, scope.company_id, scope.company_ids, scope.numbers, scope.texts, lowest, width;
EXCEPTION WHEN invalid_parameter_value THEN
    RAISE;
WHEN OTHERS THEN
    PERFORM changefeed.rules_failed(scope.model, SQLSTATE, SQLERRM);
END $$;
COMMENT ON FUNCTION changefeed.rules_record_digest(changefeed.model_scope, int) IS
    'Per range of ids, how many records the scope shows and a hash that does not depend on their order: the sum, modulo 2^48, of the first 48 bits of SHA-256 of "id,write_date" (write_date as YYYY-MM-DD HH:MM:SS).';

REVOKE ALL ON FUNCTION
    changefeed.rules_table(text), changefeed.rules_failed(text, text, text), changefeed.rules_visible(changefeed.model_scope, bigint[]),
    changefeed.rules_former_condition(changefeed.model_scope, text, jsonb, boolean),
    changefeed.rules_were_visible(changefeed.model_scope, bigint[], jsonb[], jsonb, boolean, boolean),
    changefeed.rules_record_ids(changefeed.model_scope, bigint, bigint, int),
    changefeed.rules_missing_records(text, bigint[]), changefeed.rules_record_digest(changefeed.model_scope, int)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    changefeed.rules_table(text), changefeed.rules_visible(changefeed.model_scope, bigint[]),
    changefeed.rules_were_visible(changefeed.model_scope, bigint[], jsonb[], jsonb, boolean, boolean),
    changefeed.rules_record_ids(changefeed.model_scope, bigint, bigint, int),
    changefeed.rules_missing_records(text, bigint[]), changefeed.rules_record_digest(changefeed.model_scope, int)
TO changefeed_owner;
GRANT EXECUTE ON FUNCTION changefeed.rules_visible(changefeed.model_scope, bigint[]) TO changefeed_definer;
