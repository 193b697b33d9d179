-- A page of records for a user: which of them are seen, and what they hold, by one statement that a session plans once.

CREATE OR REPLACE FUNCTION changefeed.odoo_page_statement(
    user_id int, model text, fields text[], company int, scoped text[], OUT name name, OUT statement text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
    query CONSTANT text := changefeed.odoo_record_query(user_id, model, fields, company, scoped,
                                                        '(SELECT a.ids FROM asked a)::bigint[]');
BEGIN
    IF query IS NULL THEN
        RETURN;
    END IF;
    -- It tells itself under which access it ran: what was changed since the stamp was made is not passed over.
    statement := format(
        'WITH asked AS MATERIALIZED (SELECT CASE WHEN $1 IS NULL THEN changefeed.odoo_shown_ids($3, $4, $5, $6) '
        'WHEN ($3).filter IS NULL THEN changefeed.rules_visible($3, $1) '
        'ELSE changefeed.odoo_shown_now($3, $1) END AS ids), '
        'data (id, data) AS MATERIALIZED (%s), found AS MATERIALIZED (SELECT array_agg(d.id) AS ids, '
        'array_agg(d.data) AS data FROM data d) '
        'SELECT a.ids, f.ids, f.data, CASE WHEN NOT $1 <@ coalesce(f.ids, ''{}'') THEN '
        'changefeed.rules_missing_records(%L, '
        'ARRAY(SELECT unnest($1) EXCEPT SELECT unnest(f.ids))) END, changefeed.odoo_access_stamp($7, $8) '
        'FROM asked a, found f', query, model);
    name := 'changefeed_' || left(encode(sha256(convert_to(statement, 'UTF8')), 'hex'), 40);
    statement := format('PREPARE %I (bigint[], changefeed.model_scope[], changefeed.model_scope, bigint, '
                        'bigint, int, int, text) AS ', name) || statement;
END $$;
COMMENT ON FUNCTION changefeed.odoo_page_statement(int, text, text[], int, text[]) IS
    'What odoo_page_data() prepares, and under which name. $1: ids, or null; $2: scopes of lists; $3: the scope; $4, '
    '$5, $6: above, up to, and how many, where $1 is null; $7: the user; $8: odoo_access_mark(). '
    'Null: there are no data.';

-- Whoever has the session may have prepared what they like under the name: what counts is what the session says of it.
CREATE OR REPLACE FUNCTION changefeed.odoo_prepared(name name, statement text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- What one session plans at most; each plan takes about a megabyte.
    most CONSTANT int := 32;
    other record;
BEGIN
    SELECT p.statement,
           p.from_sql AND p.parameter_types =
               '{bigint[],changefeed.model_scope[],changefeed.model_scope,bigint,bigint,int,int,text}'::regtype[]
               AS is_ours
    INTO other FROM pg_prepared_statements p WHERE p.name = odoo_prepared.name;
    IF FOUND THEN
        IF other.is_ours AND other.statement = odoo_prepared.statement THEN
            RETURN true;
        END IF;
        EXECUTE format('DEALLOCATE %I', odoo_prepared.name);
    END IF;
    FOR other IN
        SELECT p.name FROM pg_prepared_statements p WHERE p.name ~ '^changefeed_[0-9a-f]{40}$'
        ORDER BY p.prepare_time DESC OFFSET most - 1
    LOOP
        EXECUTE format('DEALLOCATE %I', other.name);
    END LOOP;
    EXECUTE odoo_prepared.statement;
    RETURN false;
END $$;
COMMENT ON FUNCTION changefeed.odoo_prepared(name, text) IS
    'Prepares a statement of odoo_page_statement() unless the session has it; bounded, the oldest go.';

CREATE OR REPLACE FUNCTION changefeed.odoo_page_data(
    user_id int, model text, fields text[], scope changefeed.model_scope, ids bigint[], after_id bigint,
    last_id bigint, max_rows int, lists changefeed.model_scope[], stamp text, shape text,
    OUT shown bigint[], OUT record_ids bigint[], OUT data text[], OUT missing bigint[])
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET datestyle = 'ISO, YMD'
SET extra_float_digits = 1 SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    scoped CONSTANT text[] := ARRAY(
        SELECT CASE WHEN s.predicate IS NOT NULL THEN s.model END
        FROM unnest(lists) WITH ORDINALITY s ORDER BY s.ordinality);
    asked bytea;
    kept record;
    stamped text;
    is_wrong boolean := false;
BEGIN
    IF stamp IS NOT NULL AND shape IS NOT NULL THEN
        -- The row of the table changes when a column comes. Where one goes, or a right on one, the statement fails.
        asked := sha256(convert_to(ROW(split_part(stamp, ' ', 1), shape, scope.company_id, model, fields, scoped,
            (SELECT c.xmin FROM pg_class c WHERE c.oid = changefeed.odoo_model_table(model)))::text, 'UTF8'));
        SELECT k.name, k.statement INTO kept FROM changefeed.kept_statement k
        WHERE k.question = asked AND k.until > clock_timestamp() LIMIT 1;
        IF NOT FOUND THEN
            SELECT * INTO kept FROM changefeed.odoo_page_statement(user_id, model, fields, scope.company_id, scoped);
            IF kept.statement IS NOT NULL THEN
                INSERT INTO changefeed.kept_statement (question, until, name, statement)
                SELECT asked, least(clock_timestamp() + interval '5 minutes', min(o.asked_at) + interval '1 day'),
                       kept.name, kept.statement
                FROM changefeed.odoo_fields o
                WHERE o.model = odoo_page_data.model AND o.asked_at > clock_timestamp() - interval '1 day';
                PERFORM changefeed.odoo_forget_statements(NULL);
            END IF;
        END IF;
        IF kept.statement IS NOT NULL THEN
            BEGIN
                PERFORM changefeed.odoo_prepared(kept.name, kept.statement);
                EXECUTE format('EXECUTE %I (%L, %L, %L, %L, %L, %L, %L, %L)', kept.name, ids, lists, scope, after_id,
                               last_id, max_rows, user_id, split_part(stamp, ':', 1))
                INTO shown, record_ids, data, missing, stamped;
                IF stamped = stamp THEN
                    record_ids := coalesce(record_ids, '{}');
                    data := coalesce(data, '{}');
                    missing := coalesce(missing, '{}');
                    RETURN;
                END IF;
            EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
                -- A value in the page: below, each field by itself.
                NULL;
            WHEN syntax_error_or_access_rule_violation OR feature_not_supported OR invalid_sql_statement_name THEN
                -- Tables or rights are others than when it was written.
                is_wrong := true;
            END;
            IF is_wrong THEN
                PERFORM changefeed.odoo_forget_statements(asked);
            END IF;
        END IF;
    END IF;
    -- One statement: what may be seen, and what it holds, are of the same moment.
    WITH asked AS MATERIALIZED (
        SELECT CASE WHEN odoo_page_data.ids IS NULL THEN changefeed.odoo_shown_ids(scope, after_id, last_id, max_rows)
                    ELSE changefeed.odoo_shown_now(scope, odoo_page_data.ids) END AS ids
    ), found AS MATERIALIZED (
        SELECT array_agg(r.record_id) AS ids, array_agg(r.data::text) AS data
        FROM asked a
        CROSS JOIN LATERAL changefeed.odoo_record_data(user_id, model, a.ids, fields, scope.company_id, lists) r
    )
    SELECT a.ids, coalesce(f.ids, '{}'), coalesce(f.data, '{}'),
           CASE WHEN NOT odoo_page_data.ids <@ coalesce(f.ids, '{}') THEN changefeed.rules_missing_records(
                    model, ARRAY(SELECT unnest(odoo_page_data.ids) EXCEPT SELECT unnest(f.ids))) ELSE '{}' END
    INTO shown, record_ids, data, missing
    FROM asked a, found f;
    -- The user was archived, or lost the model, after the request began:
    -- records would be sent without data, and settled.
    IF cardinality(shown) > 0 AND cardinality(record_ids) = 0
       AND (stamp IS DISTINCT FROM changefeed.odoo_access_stamp(user_id) AND stamp IS NOT NULL
            OR has_column_privilege(to_regclass('public.res_users')::oid, 'active', 'SELECT')
               AND NOT EXISTS (SELECT FROM public.res_users u WHERE u.id = odoo_page_data.user_id AND u.active)) THEN
        RAISE EXCEPTION USING MESSAGE = 'access changed while records were read', ERRCODE = 'CFR04';
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.odoo_page_data(int, text, text[], changefeed.model_scope, bigint[], bigint, bigint, int,
                                              changefeed.model_scope[], text, text) IS
    'Of these ids (null: of the records above after_id and up to last_id, max_rows at most) those that the scope '
    'shows, and the data of those as odoo_record_data() has them; missing: of the ids without data those that are no '
    'record at all. stamp, shape: odoo_access_stamp() and odoo_data_shape() of the user; null: nothing that was kept '
    'is used. Raises CFR04 where the user has lost all of these data since stamp was taken.';

CREATE OR REPLACE FUNCTION changefeed.odoo_forget_statements(asked bytea) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Nobody waits for somebody who is at the same.
    DELETE FROM changefeed.kept_statement k WHERE k.ctid = ANY (ARRAY(
        SELECT o.ctid FROM changefeed.kept_statement o
        WHERE o.question = asked OR asked IS NULL AND (o.until < clock_timestamp() OR o.until < (
            SELECT n.until FROM changefeed.kept_statement n ORDER BY n.until DESC OFFSET 2000 LIMIT 1))
        FOR UPDATE SKIP LOCKED));
END $$;
COMMENT ON FUNCTION changefeed.odoo_forget_statements(bytea) IS
    'Forgets the kept statements of a question, or, null, '
    'those that do not count any more and the oldest beyond 2,000.';
