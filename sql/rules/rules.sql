-- Record rules at run time. The condition comes from changefeed.compiled_rules, where the service wrote it, so it runs
-- as changefeed_reader: whatever it says, it can read only the columns that record rules need.

-- In plpgsql, whose plans last for the session: planning cost more than the answer.
CREATE OR REPLACE FUNCTION changefeed.rules_table(model text) RETURNS regclass
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    target CONSTANT regclass := changefeed.odoo_model_table(model);
BEGIN
    RETURN CASE WHEN has_column_privilege(target, 'id', 'SELECT') THEN target END;
END $$;
COMMENT ON FUNCTION changefeed.rules_table(text) IS
    'The table of a model; null if there is none whose ids changefeed_reader may read.';

CREATE OR REPLACE FUNCTION changefeed.rules_failed(model text, state text, reason text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- A lack of resources, a cancellation, or an unreadable table says nothing about the rule.
    RAISE EXCEPTION USING
        MESSAGE = CASE WHEN state ~ '^(53|55|57|58|40)' THEN reason
                       ELSE format('the record rules of %s failed: %s', model, reason) END,
        ERRCODE = CASE WHEN state ~ '^(53|55|57|58|40)' THEN state WHEN state = '42501' THEN 'CFR02' ELSE 'CFR01' END;
END $$;
COMMENT ON FUNCTION changefeed.rules_failed(text, text, text) IS
    'Raises CFR01 for record rules that failed at run time, CFR02 if they read a table or column that may not be read, '
    'so that the fault can be attributed.';

-- Planning a condition costs several times its run. make_condition() makes a function of it, which a session plans once
-- and which, like the text, runs as its caller: changefeed_reader. Without a function the text is used.
CREATE OR REPLACE FUNCTION changefeed.rules_condition_name(target regclass, predicate text) RETURNS name
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $$
BEGIN
    RETURN 'condition_' || left(encode(sha256(convert_to(concat(target, ' ', predicate), 'UTF8')), 'hex'), 40);
END $$;
COMMENT ON FUNCTION changefeed.rules_condition_name(regclass, text) IS
    'The name of the function that make_condition() creates for a condition on the records of a table.';

-- As a cursor: a text with more than one statement, or a part of one, is invalid.
-- It does not wait for a lock on the table.
CREATE OR REPLACE FUNCTION changefeed.rules_is_condition(target regclass, predicate text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET lock_timeout = '10ms' AS $$
DECLARE
    tried refcursor;
BEGIN
    OPEN tried FOR EXECUTE format('SELECT t.id FROM %s t WHERE t.id = ANY ($6) AND (%s)', target, predicate)
        USING NULL::int, NULL::int, NULL::int[], NULL::bigint[], NULL::text[], NULL::bigint[];
    CLOSE tried;
    RETURN true;
EXCEPTION WHEN OTHERS THEN
    RETURN false;
END $$;
COMMENT ON FUNCTION changefeed.rules_is_condition(regclass, text) IS
    'True when a text is a condition on the records of a table that changefeed_reader may run; false also while '
    'another session locks the table.';

CREATE OR REPLACE FUNCTION changefeed.rules_visible(scope changefeed.model_scope, ids bigint[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET jit = off AS $$
DECLARE
    target regclass;
    condition name;
    found bigint[];
BEGIN
    IF scope.predicate IS NULL OR coalesce(cardinality(ids), 0) = 0 THEN
        RETURN CASE WHEN scope.model IS NULL OR ids IS NULL THEN '{}' ELSE ids END;
    END IF;
    target := changefeed.rules_table(scope.model);
    IF target IS NULL THEN
        RETURN '{}';
    END IF;
    condition := changefeed.rules_condition_name(target, scope.predicate);
    EXECUTE CASE
        WHEN to_regproc('changefeed.' || condition) IS NOT NULL THEN
            format('SELECT changefeed.%I($1, $2, $3, $4, $5, $6, NULL, NULL, NULL)', condition)
        ELSE format('SELECT coalesce(array_agg(t.id::bigint), ''{}'') FROM %s t WHERE t.id = ANY ($6) AND (%s)', target,
                    scope.predicate) END
    INTO found
    USING scope.user_id, scope.company_id, scope.company_ids, scope.numbers, scope.texts, ids;
    RETURN found;
EXCEPTION WHEN OTHERS THEN
    PERFORM changefeed.rules_failed(scope.model, SQLSTATE, SQLERRM);
END $$;
COMMENT ON FUNCTION changefeed.rules_visible(changefeed.model_scope, bigint[]) IS
    'Those of the ids that are records which the scope shows now, in no order. A scope without a condition returns all '
    'ids; no scope (null) returns none.';

-- The input of the compiler's condition on former rows. If nothing was kept of a table, its present rows are used; for
-- former rows, columns that the log did not keep have their present values.
CREATE OR REPLACE FUNCTION changefeed.rules_former_tables(
    scope changefeed.model_scope, former jsonb, at_any_time boolean, OUT definitions text, OUT unknown boolean[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    other record;
BEGIN
    definitions := '';
    unknown := '{}';
    FOR other IN
        SELECT t.place, t.source, c.names, c.plain, coalesce(former ? t.source, false) AS has_changed,
               (SELECT string_agg(', p.' || n, '') FROM unnest(c.names) n) AS of_former,
               (SELECT string_agg(', c.' || n, '') FROM unnest(c.names) n) AS of_now
        FROM unnest(scope.former_tables) WITH ORDINALITY t (source, place)
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(n.name), '{}') AS names,
                   coalesce(array_agg((parse_ident(n.name))[1]), '{}') AS plain
            FROM jsonb_array_elements_text(scope.reads -> t.source) n (name) WHERE n.name <> 'id') c
        ORDER BY t.place
    LOOP
        IF other.source = 'public.mail_followers' THEN
            -- Followers are kept with the records that they follow.
            unknown := unknown || false;
            definitions := definitions
                || format(', former_%s (%s) AS NOT MATERIALIZED (SELECT %s FROM kept_followers k UNION ALL SELECT %s '
                          'FROM public.mail_followers c)',
                other.place, array_to_string(other.names, ', '),
                (SELECT string_agg(CASE WHEN n = ANY ('{res_model,res_id,partner_id}') THEN 'k.' || n ELSE 'NULL' END,
                                   ', ') FROM unnest(other.names) n),
                substr(other.of_now, 3));
            CONTINUE;
        END IF;
        unknown := unknown || NOT EXISTS (
            SELECT FROM changefeed.tracked_model t
            WHERE format('%I.%I', t.table_schema, t.table_name) = other.source
              AND other.plain <@ t.rule_columns::text[]);
        IF NOT other.has_changed THEN
            definitions := definitions || format(', former_%s AS NOT MATERIALIZED (SELECT %s FROM %s c)', other.place,
                (SELECT string_agg('c.' || n.name, ', ')
                 FROM jsonb_array_elements_text(scope.reads -> other.source) n (name)), other.source);
            CONTINUE;
        END IF;
        definitions := definitions || format(
            $query$, former_%9$s AS NOT MATERIALIZED (SELECT c.id%1$s FROM %3$s c WHERE %7$s
            UNION ALL SELECT p.id%2$s FROM jsonb_each($10 -> %4$L) f CROSS JOIN LATERAL %8$s v (old)
            LEFT JOIN %3$s n ON n.id = f.key::bigint
            CROSS JOIN LATERAL jsonb_populate_record(NULL::%3$s,
                CASE WHEN n.id IS NULL THEN '{}' ELSE jsonb_build_object(%5$s) END || v.old
                    || jsonb_build_object('id', f.key::bigint)) p
            WHERE n.id IS NOT NULL OR v.old ?& %6$L)$query$,
            other.of_now, other.of_former, other.source, other.source,
            (SELECT string_agg(format('%L, n.%s', p, n), ', ') FROM unnest(other.plain, other.names) v (p, n)),
            other.plain,
            CASE WHEN at_any_time THEN 'true' ELSE format('NOT $10 -> %L ? c.id::text', other.source) END,
            CASE WHEN at_any_time THEN 'jsonb_array_elements(f.value)' ELSE '(SELECT f.value -> 0)' END, other.place);
    END LOOP;
END $$;
COMMENT ON FUNCTION changefeed.rules_former_tables(changefeed.model_scope, jsonb, boolean) IS
    'The former rows of a scope''s other tables (former_1 ...), as parts of a WITH clause: in their first state, or in '
    'any state from then until now. former, the result''s parameter $10: per table, the old values by id, in order. '
    'unknown: for each whether the former state of its rows is unknown.';

CREATE OR REPLACE FUNCTION changefeed.rules_were_visible(
    scope changefeed.model_scope, ids bigint[], olds jsonb[], former jsonb DEFAULT NULL,
    is_gone boolean DEFAULT false, at_any_time boolean DEFAULT false) RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET row_security = off SET jit = off SET quote_all_identifiers = off AS $$
DECLARE
    target regclass;
    found bigint[];
    others record;
BEGIN
    IF scope.predicate IS NULL OR coalesce(cardinality(ids), 0) = 0 THEN
        RETURN CASE WHEN scope.model IS NULL OR ids IS NULL THEN '{}' ELSE ids END;
    END IF;
    target := changefeed.rules_table(scope.model);
    IF target IS NULL THEN
        RETURN '{}';
    END IF;
    others := changefeed.rules_former_tables(scope, former, at_any_time);
    -- A column that was not kept is unknown, and so the result is false.
    -- Followers are deleted with the records: those that they had.
    EXECUTE format(
        $query$
        WITH kept_followers (res_model, res_id, partner_id) AS (
            SELECT $9, x.id, p.id::int FROM unnest($6, $7) x (id, old)
            CROSS JOIN LATERAL jsonb_array_elements_text(
                CASE WHEN jsonb_typeof(x.old -> 'message_partner_ids') = 'array' THEN x.old -> 'message_partner_ids'
                     ELSE '[]' END) p (id)
            UNION ALL
            SELECT m.model, r.key::bigint, p.id::int
            FROM jsonb_each($10) t JOIN changefeed.tracked_model m
              ON m.keeps_followers AND format('%%I.%%I', m.table_schema, m.table_name) = t.key
            CROSS JOIN LATERAL jsonb_each(t.value) r CROSS JOIN LATERAL jsonb_array_elements(r.value) v (old)
            CROSS JOIN LATERAL jsonb_array_elements_text(
                CASE WHEN jsonb_typeof(v.old -> 'message_partner_ids') = 'array' THEN v.old -> 'message_partner_ids'
                     ELSE '[]' END) p (id)
        )
        %4$s
        SELECT coalesce(array_agg(x.id), '{}')
        FROM %1$s
        CROSS JOIN LATERAL jsonb_populate_record(NULL::%2$s, x.old || jsonb_build_object('id', x.id)) t
        WHERE x.old ?& $8 AND (%3$s)
        $query$,
        CASE WHEN array_position(olds, NULL) IS NULL THEN 'unnest($6, $7) x (id, old)' ELSE format(
            -- If nothing was kept, the row has not changed.
            '(SELECT k.id, coalesce(k.old, CASE WHEN w.id IS NOT NULL THEN jsonb_build_object(%s) END) AS old '
            'FROM unnest($6, $7) k (id, old) LEFT JOIN %s w ON w.id = k.id AND k.old IS NULL) x',
            (SELECT string_agg(format('%1$L, w.%1$I', c), ', ') FROM unnest(scope.own_columns) c), target) END,
        target,
        -- For a set from an older compiler, formerly is valid only for deleted rows.
        CASE WHEN is_gone OR scope.former_tables <> '{}' THEN coalesce(scope.formerly, scope.predicate)
             ELSE scope.predicate END,
        others.definitions)
    INTO found
    USING scope.user_id, scope.company_id, scope.company_ids, scope.numbers, scope.texts, ids, olds, scope.own_columns,
          scope.model, former, is_gone, others.unknown;
    RETURN found;
EXCEPTION WHEN data_exception THEN
    -- A kept value that no longer fits its column's type. One record at a time; for that one the result is unknown.
    IF cardinality(ids) = 1 THEN
        RETURN CASE WHEN is_gone THEN ids ELSE '{}' END;
    END IF;
    RETURN changefeed.rules_were_visible(scope, ids[:cardinality(ids) / 2], olds[:cardinality(ids) / 2], former,
                                         is_gone, at_any_time)
        || changefeed.rules_were_visible(scope, ids[cardinality(ids) / 2 + 1:], olds[cardinality(ids) / 2 + 1:], former,
                                         is_gone, at_any_time);
WHEN OTHERS THEN
    PERFORM changefeed.rules_failed(scope.model, SQLSTATE, SQLERRM);
END $$;
COMMENT ON FUNCTION changefeed.rules_were_visible(changefeed.model_scope, bigint[], jsonb[], jsonb, boolean, boolean) IS
    'Those of the ids that the scope showed while their rows had these values (event.olds; null: their present ones). '
    'Other tables are read in their present state, except for the rows in former: per table, their old values by id, '
    'of which the first count, or, at_any_time, each of them and the present ones. is_gone: deleted records; also '
    'those for which it is no longer known whether the scope showed them.';

CREATE OR REPLACE FUNCTION changefeed.rules_record_ids(
    scope changefeed.model_scope, after_id bigint, last_id bigint, max_rows int) RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET jit = off AS $$
DECLARE
    target regclass := changefeed.rules_table(scope.model);
    condition name;
    found bigint[];
BEGIN
    IF target IS NULL THEN
        RETURN '{}';
    END IF;
    condition := changefeed.rules_condition_name(target, coalesce(scope.predicate, 'true'));
    EXECUTE CASE
        WHEN to_regproc('changefeed.' || condition) IS NOT NULL THEN
            format('SELECT changefeed.%I($1, $2, $3, $4, $5, NULL, $6, $7, $8)', condition)
        ELSE format('SELECT ARRAY(SELECT t.id::bigint FROM %s t WHERE t.id > $6 AND t.id <= $7 AND (%s) ORDER BY t.id '
                    'LIMIT $8)', target, coalesce(scope.predicate, 'true')) END
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
    EXECUTE format('SELECT ARRAY(SELECT i FROM unnest($1) i WHERE NOT EXISTS (SELECT FROM %s r WHERE r.id = i))',
                   target)
    INTO found USING ids;
    RETURN found;
END $$;
COMMENT ON FUNCTION changefeed.rules_missing_records(text, bigint[]) IS
    'Those of the ids that are not records of the model at all; none if that is unknown.';

CREATE OR REPLACE FUNCTION changefeed.rules_record_digest(
    scope changefeed.model_scope, buckets int, ids bigint[] DEFAULT NULL)
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
    IF ids IS NOT NULL THEN
        condition := format('t.id = ANY ($9) AND (%s)', condition);
    END IF;
    -- The ranges, too, are those of the records that the user sees.
    EXECUTE format('SELECT min(t.id), (max(t.id)::bigint - min(t.id)) / $6 + 1 FROM %s t WHERE %s', target, condition)
    INTO lowest, width
    USING scope.user_id, scope.company_id, scope.company_ids, scope.numbers, scope.texts, buckets, NULL::bigint,
          NULL::bigint, ids;
    -- A table without the column still has ids to compare. The text is the one in the records' data.
    written := coalesce((
        SELECT changefeed.odoo_shown_moment('(' || f.expression || ')', 'datetime', f.fitted_type)
        FROM pg_attribute a CROSS JOIN LATERAL changefeed.odoo_fitted('t.write_date', 'datetime', a.atttypid, 'en_US') f
        WHERE a.attrelid = target AND a.attname = 'write_date' AND NOT a.attisdropped
          AND has_column_privilege(target, a.attnum, 'SELECT')), 'NULL');
    RETURN QUERY EXECUTE format(
        $query$
        SELECT $6 + b.number * $7, $6 + (b.number + 1) * $7 - 1, b.records, (b.hash %% 281474976710656)::bigint
        FROM (SELECT (t.id - $6) / $7 AS number, count(*) AS records,
                     sum(('x' || encode(substr(sha256(convert_to(concat(t.id, ',', %s), 'UTF8')), 1, 6),
                                        'hex'))::bit(48)::bigint) AS hash
              FROM %s t WHERE t.id >= $6 AND (%s) GROUP BY 1) b
        ORDER BY 1
        $query$, written, target, condition)
    USING scope.user_id, scope.company_id, scope.company_ids, scope.numbers, scope.texts, lowest, width,
          NULL::bigint, ids;
EXCEPTION WHEN invalid_parameter_value THEN
    RAISE;
WHEN OTHERS THEN
    PERFORM changefeed.rules_failed(scope.model, SQLSTATE, SQLERRM);
END $$;
COMMENT ON FUNCTION changefeed.rules_record_digest(changefeed.model_scope, int, bigint[]) IS
    'Per range of ids, how many records the scope shows (of these ids; null: of all) and a hash that does not depend '
    'on their order: the sum, modulo 2^48, of the first 48 bits of SHA-256 of '
    '"id,write_date" (write_date as YYYY-MM-DD HH:MM:SS).';

-- Days in a filter are those of the user's time zone.
CREATE OR REPLACE FUNCTION changefeed.rules_user_zone(user_id int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    RETURN coalesce((SELECT nullif(p.tz, '') FROM public.res_users u JOIN public.res_partner p ON p.id = u.partner_id
                     WHERE u.id = rules_user_zone.user_id), 'UTC');
EXCEPTION WHEN undefined_table OR undefined_column OR insufficient_privilege THEN
    RETURN 'UTC';
END $$;
COMMENT ON FUNCTION changefeed.rules_user_zone(int) IS 'The time zone of a user; UTC if there is none.';

REVOKE ALL ON FUNCTION changefeed.rules_user_zone(int),
    changefeed.rules_condition_name(regclass, text), changefeed.rules_is_condition(regclass, text),
    changefeed.rules_table(text), changefeed.rules_failed(text, text, text),
    changefeed.rules_visible(changefeed.model_scope, bigint[]),
    changefeed.rules_former_tables(changefeed.model_scope, jsonb, boolean),
    changefeed.rules_were_visible(changefeed.model_scope, bigint[], jsonb[], jsonb, boolean, boolean),
    changefeed.rules_record_ids(changefeed.model_scope, bigint, bigint, int),
    changefeed.rules_missing_records(text, bigint[]),
    changefeed.rules_record_digest(changefeed.model_scope, int, bigint[])
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION changefeed.rules_user_zone(int),
    changefeed.rules_condition_name(regclass, text), changefeed.rules_is_condition(regclass, text),
    changefeed.rules_table(text), changefeed.rules_visible(changefeed.model_scope, bigint[]),
    changefeed.rules_were_visible(changefeed.model_scope, bigint[], jsonb[], jsonb, boolean, boolean),
    changefeed.rules_record_ids(changefeed.model_scope, bigint, bigint, int),
    changefeed.rules_missing_records(text, bigint[]),
    changefeed.rules_record_digest(changefeed.model_scope, int, bigint[])
TO changefeed_owner;
GRANT EXECUTE ON FUNCTION
    changefeed.rules_visible(changefeed.model_scope, bigint[]),
    changefeed.rules_record_ids(changefeed.model_scope, bigint, bigint, int),
    changefeed.rules_missing_records(text, bigint[])
TO changefeed_definer;
