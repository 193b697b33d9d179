-- What a user may see, ready for use: for each model the compiled condition of its record rules.

CREATE OR REPLACE FUNCTION changefeed.access_scopes(
    user_id int, models text[], companies int[], in_lists boolean DEFAULT false,
    OUT problem text, OUT scopes changefeed.model_scope[], OUT data_stamp text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    here record;
    closed text[];
BEGIN
    SELECT * INTO here FROM changefeed.odoo_access(user_id, models, companies);
    problem := here.problem;
    data_stamp := here.data_stamp;
    scopes := '{}';
    IF problem IS NOT NULL OR here.readable = '{}' THEN
        RETURN;
    END IF;
    -- Closed by Odoo's Python code, whatever the rules.
    closed := changefeed.odoo_closed_models(user_id, here.readable, in_lists);
    SELECT coalesce(array_agg(ROW(w.model, access_scopes.user_id, here.company_id, here.company_ids,
               -- Rules, and the facts about the user that they read; fields that are closed to the user.
               md5(concat_ws(':', w.key, w.as_model,
                   CASE WHEN c.uses && '{company_id,company_ids}'
                        THEN here.company_id || ',' || here.company_ids::text END,
                   CASE WHEN c.uses && '{uid,user}' THEN access_scopes.user_id END,
                   CASE WHEN c.uses && '{groups}' THEN here.member::text END,
                   w.closed_fields)),
               c.predicate, c.numbers, c.texts, c.own_columns,
               c.formerly, CASE WHEN c.formerly IS NOT NULL THEN c.reads END, c.former_tables,
               NULL)::changefeed.model_scope ORDER BY w.model)
             FILTER (WHERE w.key IS NULL OR NOT c.is_closed), '{}'),
           CASE WHEN bool_or(w.key IS NOT NULL AND c.key IS NULL) THEN 'rules_not_compiled' END
    INTO scopes, problem
    FROM unnest(here.readable, here.as_models, here.keys, here.closed_fields) w (model, as_model, key, closed_fields)
    LEFT JOIN changefeed.compiled_rules c ON c.key = w.model || ':' || w.key
    WHERE w.model <> ALL (closed);
END $$;
COMMENT ON FUNCTION changefeed.access_scopes(int, text[], int[], boolean) IS
    'What a user may see of each of the models that may be read. Models closed by their rules or by Odoo''s Python '
    'code are omitted. in_lists: for lists of their records. data_stamp: from odoo_data_stamp(). problem: '
    'company_not_allowed, or rules_not_compiled: call keep_rules() for the result of access_rules(), and retry.';

CREATE OR REPLACE FUNCTION changefeed.list_scopes(
    user_id int, models text[], fields jsonb, companies int[], OUT problem text, OUT scopes changefeed.model_scope[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    listed text[] := changefeed.odoo_list_models(models, fields);
BEGIN
    -- Without the parts used only for events, and without rules that show everything.
    SELECT a.problem, ARRAY(
        SELECT ROW(s.model, s.user_id, s.company_id, s.company_ids, NULL, nullif(s.predicate, 'true'), s.numbers,
                   s.texts, NULL, NULL, NULL, NULL, NULL)::changefeed.model_scope
        FROM unnest(a.scopes) s)
    INTO problem, scopes FROM changefeed.access_scopes(user_id, listed, companies, true) a;
    -- Models that are closed to the user: none of their records.
    scopes := scopes || ARRAY(
        SELECT ROW(m, list_scopes.user_id, NULL, '{}', NULL, 'false', '{}', '{}', NULL, NULL, NULL, NULL,
                   NULL)::changefeed.model_scope
        FROM changefeed.odoo_model_rights(user_id, listed) r CROSS JOIN LATERAL unnest(r.models_readable) m
        WHERE m <> ALL (ARRAY(SELECT (unnest(scopes)).model)));
END $$;
COMMENT ON FUNCTION changefeed.list_scopes(int, text[], jsonb, int[]) IS
    'What a user may see of the records that the one2many and many2many fields of models list. '
    'problem: as in access_scopes().';

CREATE OR REPLACE FUNCTION changefeed.shared_scope(scopes changefeed.model_scope[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT md5(string_agg(s.model || ':' || s.digest, ' ' ORDER BY s.model)) FROM unnest(scopes) s);
END $$;
COMMENT ON FUNCTION changefeed.shared_scope(changefeed.model_scope[]) IS
    'A digest that is the same for users who see the same records of the same models; null for no model.';

CREATE OR REPLACE FUNCTION changefeed.counted_domain(domain text, decision text, decided_domain text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE decision WHEN 'allow' THEN '[(1, ''='', 1)]' WHEN 'deny' THEN '[(0, ''='', 1)]'
                WHEN 'override' THEN decided_domain
                         ELSE domain END
$$;
COMMENT ON FUNCTION changefeed.counted_domain(text, text, text) IS
    'The effective domain of a record rule: Odoo''s, or the operator''s decision about it (decision null: none).';

CREATE OR REPLACE FUNCTION changefeed.access_rules(
    user_id int, companies int[] DEFAULT NULL, only_models text[] DEFAULT NULL)
RETURNS TABLE (model text, key text, holder text, rule_id int, rule_name text, is_global boolean,
               digest text, domain text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT w.model, w.model || ':' || w.key, a.holder, a.rule_id, a.rule_name, a.is_global, md5(a.domain),
           changefeed.counted_domain(a.domain, a.decision, a.decided_domain)
    FROM changefeed.odoo_access(access_rules.user_id,
             coalesce(only_models, ARRAY(
                 SELECT t.model FROM changefeed.tracked_model t
                 UNION
                 SELECT unnest(changefeed.odoo_list_models(ARRAY(SELECT t.model FROM changefeed.tracked_model t))))),
             companies) h
    CROSS JOIN LATERAL unnest(h.readable, h.as_models, h.keys) w (model, as_model, key)
    CROSS JOIN LATERAL changefeed.odoo_applicable_rules(access_rules.user_id, ARRAY[w.model], ARRAY[w.as_model]) a
    WHERE w.key IS NOT NULL
      AND NOT EXISTS (SELECT FROM changefeed.compiled_rules c WHERE c.key = w.model || ':' || w.key)
    ORDER BY 1, 2, a.holder, a.rule_id
$$;
COMMENT ON FUNCTION changefeed.access_rules(int, int[], text[]) IS
    'The sets of record rules that apply to a user, of the tracked models and of those whose records they list, and '
    'are not compiled yet, one row per rule: the model, the key of the set, the rule''s model, and its domain, '
    'or the operator''s decision instead.';

CREATE OR REPLACE FUNCTION changefeed.unreadable_columns(reads jsonb) RETURNS TABLE (source text, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $$
    SELECT t.key, c.name
    FROM jsonb_each(reads) t CROSS JOIN LATERAL jsonb_array_elements_text(t.value) c (name)
    WHERE NOT coalesce(has_column_privilege('changefeed_reader', to_regclass(t.key),
              (SELECT a.attnum FROM pg_attribute a
               WHERE a.attrelid = to_regclass(t.key) AND quote_ident(a.attname) = c.name
               AND NOT a.attisdropped), 'SELECT'), false)
    ORDER BY 1, 2
$$;
COMMENT ON FUNCTION changefeed.unreadable_columns(jsonb) IS
    'Of columns by table (compiled_rules.reads), those that changefeed_reader may not read.';

-- The condition is the text that the service compiled. Its function is not SECURITY DEFINER: rules_visible() calls it
-- as changefeed_reader.
CREATE OR REPLACE FUNCTION changefeed.make_condition(model text, predicate text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- Maximum number; beyond that, conditions run from their text.
    most CONSTANT int := 1000;
    target CONSTANT regclass := changefeed.odoo_model_table(model);
    condition CONSTANT name := changefeed.rules_condition_name(target, predicate);
    made int;
BEGIN
    IF target IS NULL OR predicate IS NULL OR to_regproc('changefeed.' || condition) IS NOT NULL
       OR NOT changefeed.rules_is_condition(target, predicate) THEN
        RETURN;
    END IF;
    made := (SELECT count(*) FROM pg_proc p
             WHERE p.pronamespace = 'changefeed'::regnamespace AND p.proname ~ '^condition_[0-9a-f]{40}$');
    IF made >= most AND made - changefeed.forget_conditions() >= most THEN
        RETURN;
    END IF;
    EXECUTE format(
        'CREATE FUNCTION changefeed.%1$I(int, int, int[], bigint[], text[], bigint[], bigint, '
        'bigint, int) RETURNS bigint[] '
        'LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp '
        'SET plan_cache_mode = force_generic_plan AS %2$L', condition, format(
            $body$
#variable_conflict use_column
BEGIN
    IF $6 IS NOT NULL THEN
        RETURN (SELECT coalesce(array_agg(t.id::bigint), '{}') FROM %1$s t WHERE t.id = ANY ($6) AND (%2$s));
    END IF;
    RETURN ARRAY(SELECT t.id::bigint FROM %1$s t WHERE t.id > $7 AND t.id <= $8 AND (%2$s) ORDER BY t.id LIMIT $9);
END $body$, target, predicate));
    EXECUTE format('COMMENT ON FUNCTION changefeed.%I IS %L', condition, format(
        'Which records of %s a compiled set of record rules shows. $1 to $5: of the scope; $6: ids, or null and $7, '
        '$8, $9: above, up to, how many. Made by make_condition().', model));
    EXECUTE format('REVOKE ALL ON FUNCTION changefeed.%I FROM PUBLIC', condition);
    EXECUTE format('GRANT EXECUTE ON FUNCTION changefeed.%I TO changefeed_reader', condition);
EXCEPTION WHEN duplicate_function OR unique_violation THEN
    -- Another session creates it at the same time.
    NULL;
END $$;
COMMENT ON FUNCTION changefeed.make_condition(text, text) IS
    'Makes a function of a condition on the records of a model, so that sessions plan it once. Does nothing if there '
    'is one, if there is no table or changefeed_reader may not run it, and beyond 1,000.';

CREATE OR REPLACE FUNCTION changefeed.make_conditions() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM changefeed.make_condition(c.model, c.predicate)
    FROM (SELECT DISTINCT r.model, r.predicate FROM changefeed.compiled_rules r WHERE r.predicate IS NOT NULL) c;
END $$;
COMMENT ON FUNCTION changefeed.make_conditions() IS 'make_condition() for every compiled set of record rules.';

CREATE OR REPLACE FUNCTION changefeed.forget_conditions() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone regprocedure[] := ARRAY(
        SELECT p.oid FROM pg_proc p
        WHERE p.pronamespace = 'changefeed'::regnamespace AND p.proname ~ '^condition_[0-9a-f]{40}$'
          AND p.proname <> ALL (
              ARRAY(SELECT changefeed.rules_condition_name(changefeed.odoo_model_table(c.model), c.predicate)
                    FROM changefeed.compiled_rules c WHERE c.predicate IS NOT NULL)));
BEGIN
    IF gone <> '{}' THEN
        EXECUTE 'DROP FUNCTION ' || array_to_string(gone, ', ');
    END IF;
    RETURN cardinality(gone);
END $$;
COMMENT ON FUNCTION changefeed.forget_conditions() IS
    'Drops functions of make_condition() that no compiled set of record rules uses any more. Returns how many.';

CREATE OR REPLACE FUNCTION changefeed.keep_rules(
    key text, model text, predicate text, numbers bigint[], texts text[], own_columns text[], uses text[],
    crossings text[], reads jsonb, compiler int, findings jsonb DEFAULT '[]', formerly text DEFAULT NULL,
    former_tables text[] DEFAULT '{}') RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    problem text;
BEGIN
    IF left(key, length(model) + 1) <> model || ':' THEN
        RAISE EXCEPTION 'the key does not belong to this model' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- A column that it could not read would fail at every request.
    IF predicate IS NOT NULL THEN
        SELECT format('changefeed_reader may not read %1$s.%2$s: GRANT SELECT (%2$s) ON %1$s TO changefeed_reader;',
                      u.source, u.name)
        INTO problem FROM changefeed.unreadable_columns(reads) u LIMIT 1;
        IF problem IS NOT NULL THEN
            findings := (SELECT jsonb_agg(f || jsonb_build_object('reason', problem))
                         FROM jsonb_array_elements(findings) f);
            predicate := NULL;
            formerly := NULL;
            former_tables := '{}';
        END IF;
    END IF;
    -- Compilers up to 5 wrote formerly in another form.
    -- For a deleted record the result is unknown then: its id is sent.
    IF compiler < 6 AND formerly IS NOT NULL THEN
        formerly := 'true';
    END IF;
    DELETE FROM changefeed.rule_finding f
    USING jsonb_to_recordset(findings) AS r (id int, name text, digest text, reason text)
    WHERE f.model = keep_rules.model AND f.rule_id = r.id;
    INSERT INTO changefeed.rule_finding (rule_id, model, rule_name, rule_digest, reason)
    SELECT r.id, keep_rules.model, coalesce(r.name, ''), r.digest, r.reason
    FROM jsonb_to_recordset(findings) AS r (id int, name text, digest text, reason text) WHERE r.reason IS NOT NULL
    ON CONFLICT DO NOTHING;
    INSERT INTO changefeed.compiled_rules AS c
        (key, model, predicate, formerly, former_tables, numbers, texts, own_columns, uses, crossings, reads, rules,
         is_closed, closed_by, compiler)
    VALUES (key, model, predicate, formerly, coalesce(former_tables, '{}'), coalesce(numbers, '{}'),
            coalesce(texts, '{}'), coalesce(own_columns, '{}'), coalesce(uses, '{}'), coalesce(crossings, '{}'),
            coalesce(reads, '{}'),
            coalesce((SELECT jsonb_object_agg(r.id, r.digest)
                      FROM jsonb_to_recordset(findings) AS r (id int, digest text)), '{}'),
            predicate IS NULL,
            CASE WHEN predicate IS NULL THEN (SELECT min(r.reason)
                                              FROM jsonb_to_recordset(findings) AS r (reason text)) END, compiler)
    ON CONFLICT ON CONSTRAINT compiled_rules_pkey DO UPDATE
    SET predicate = excluded.predicate, formerly = excluded.formerly, former_tables = excluded.former_tables,
        numbers = excluded.numbers, texts = excluded.texts, own_columns = excluded.own_columns,
        uses = excluded.uses, crossings = excluded.crossings, reads = excluded.reads, rules = excluded.rules,
        is_closed = excluded.is_closed, closed_by = excluded.closed_by, compiler = excluded.compiler,
        compiled_at = clock_timestamp();
    -- Sets that no longer apply to any user: bounded, oldest first.
    DELETE FROM changefeed.compiled_rules o
    WHERE (SELECT count(*) FROM changefeed.compiled_rules) > 10000
      AND o.key IN (SELECT d.key FROM changefeed.compiled_rules d ORDER BY d.compiled_at LIMIT 1000);
    PERFORM changefeed.make_condition(model, predicate);
    RETURN predicate IS NOT NULL;
END $$;
COMMENT ON FUNCTION changefeed.keep_rules(text, text, text, bigint[], text[], text[], text[], text[], jsonb, int,
                                          jsonb, text, text[]) IS
    'Stores a compiled set of record rules; predicate null: it is closed. formerly, former_tables: as in '
    'compiled_rules. findings: per rule {id, name, digest, reason}, reason null for one that compiles. False when it '
    'is closed, also because changefeed_reader may not read the columns that it needs.';

CREATE OR REPLACE FUNCTION changefeed.forget_rules(compiler int, only_closed boolean DEFAULT false) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- The service asks every minute, and each set that goes is a change of access for everybody. Another text of a rule
    -- and a decision make another key; what Odoo says of its fields lets the service forget all.
    over CONSTANT text[] := ARRAY(
        SELECT c.key FROM changefeed.compiled_rules c
        WHERE c.compiler < forget_rules.compiler
           OR NOT only_closed AND (c.is_closed OR c.compiler = forget_rules.compiler)
           OR c.is_closed AND (c.compiled_at < clock_timestamp() - interval '1 hour'
                               -- It had been compiled, and lacked rights.
                               OR c.reads <> '{}' AND NOT EXISTS (SELECT FROM changefeed.unreadable_columns(c.reads))));
BEGIN
    IF over <> '{}' THEN
        DELETE FROM changefeed.compiled_rules c WHERE c.key = ANY (over);
    END IF;
    RETURN cardinality(over);
END $$;
COMMENT ON FUNCTION changefeed.forget_rules(int, boolean) IS
    'Drops compiled sets of record rules, so that they are compiled again when needed: those of older compilers, '
    'closed ones whose columns can be read now or that are an hour old, and, unless only_closed, all closed ones and '
    'all others of this compiler, too.';
