-- The trigger functions of models that have rule columns, written by track(): capture_update() and capture_delete() with
-- the old values of these columns in event.olds. Static SQL, so that it costs next to nothing and can be read.
--
-- They may not fail whatever an upgrade of Odoo does to the columns, and nothing may stand in the upgrade's way. So each
-- column is looked for in the rows first and, where it is gone, in a row "gone" that stands behind them (a subquery sees
-- the columns of what stands before it in FROM): the name is found either way, and a column that is gone is told by its
-- type, tid, and left out. A look at the catalog first would not do: PostgreSQL plans by the catalog of this moment, but a
-- REPEATABLE READ transaction, Odoo's level, reads it as of its snapshot. Rows are compared by their bytes (*<>), which
-- every type allows, and texts of more than 1,000 bytes are kept as a beginning with a digest, so that no value is too long.
-- Compiling (jit) took longer than pairing 100,000 rows. Floats are kept in full, whatever the session's extra_float_digits:
-- a clause for that costs a microsecond or two, so only functions that keep floats have it.

CREATE OR REPLACE FUNCTION changefeed.capture_text(kind text, target regclass, columns name[], followers boolean) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $$
DECLARE
    gone text;
    lost text;
    kept text[];
    floats boolean;
    template text;
    of_o text[] := ARRAY(SELECT 'o.k' || n FROM generate_series(1, cardinality(columns)) n);
    of_n text[] := ARRAY(SELECT 'n.k' || n FROM generate_series(1, cardinality(columns)) n);
BEGIN
    IF kind NOT IN ('update', 'delete') OR columns = '{}' AND (kind = 'update' OR NOT followers) THEN
        RETURN NULL;
    ELSIF EXISTS (SELECT FROM unnest(columns) c WHERE c ~ '[[:cntrl:]<>]') THEN
        RAISE EXCEPTION 'a rule column''s name holds "<", ">" or a control character' USING ERRCODE = 'invalid_name';
    END IF;
    SELECT string_agg(format('NULL::tid AS %I', c.name), ', ' ORDER BY c.place),
           string_agg(format('CASE WHEN pg_typeof(%I) = ''tid''::regtype THEN %L END', c.name, c.name), ', ' ORDER BY c.place),
           array_agg(CASE
               WHEN a.atttypid IN ('text'::regtype, 'varchar'::regtype)
               THEN format('CASE WHEN octet_length(%1$I::text) > 1000 THEN left(%1$I::text, 500) || md5(%1$I::text) ELSE %1$I::text END', c.name)
               WHEN a.atttypid = 'jsonb'::regtype
               THEN format('CASE WHEN octet_length(%1$I::text) > 1000 THEN to_jsonb(md5(%1$I::text)) ELSE to_jsonb(%1$I) END', c.name)
               ELSE quote_ident(c.name) END ORDER BY c.place),
           bool_or(a.atttypid IN ('float4'::regtype, 'float8'::regtype))
    INTO gone, lost, kept, floats
    FROM unnest(columns) WITH ORDINALITY c (name, place)
    LEFT JOIN pg_attribute a ON a.attrelid = target AND a.attname = c.name AND NOT a.attisdropped;
    template := CASE kind WHEN 'update' THEN changefeed.capture_update_template() ELSE changefeed.capture_delete_template(followers) END;
    RETURN replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(template,
        '<gone>', coalesce(gone, 'NULL::tid AS nothing')),
        '<lost>', coalesce(lost, '')),
        '<columns>', array_to_string(columns, ', ') || CASE WHEN floats THEN ', with extra_float_digits = 1' ELSE '' END),
        '<kept>', coalesce(array_to_string(kept, ', '), '')),
        '<kept, named>', coalesce((SELECT string_agg(format('%s AS k%s', k.value, k.place), ', ' ORDER BY k.place)
                                   FROM unnest(kept) WITH ORDINALITY k (value, place)), 'NULL AS k1')),
        '<object>', changefeed.capture_object(columns, kept)),
        '<kept of o>', array_to_string(of_o, ', ')),
        '<kept of n>', array_to_string(of_n, ', ')),
        '<object of o>', changefeed.capture_object(columns, of_o)),
        '<object of n>', changefeed.capture_object(columns, of_n));
END $$;
COMMENT ON FUNCTION changefeed.capture_text(text, regclass, name[], boolean) IS
    'Body of the trigger function (update or delete) that keeps these columns of a table; null where the general one does.';

CREATE OR REPLACE FUNCTION changefeed.capture_object(columns name[], what text[]) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    -- PostgreSQL takes at most 100 arguments a call.
    SELECT coalesce(string_agg(format('jsonb_build_object(%s)', p.pairs), ' || ' ORDER BY p.part), '''{}''::jsonb')
    FROM (SELECT c.place / 50 AS part, string_agg(format('%L, %s', c.name, c.value), ', ' ORDER BY c.place) AS pairs
          FROM unnest(columns, what) WITH ORDINALITY c (name, value, place) GROUP BY 1) p
$$;
COMMENT ON FUNCTION changefeed.capture_object(name[], text[]) IS 'SQL text of a JSON object: columns'' names and what stands for their values.';

CREATE OR REPLACE FUNCTION changefeed.capture_update_template() RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT $template$
-- Written by changefeed.track() from sql/capture/rule_captures.sql. Keeps: <columns>
#variable_conflict use_column
DECLARE
    chunk bigint[];
    olds jsonb[];
    lost text[];
    compiling text;
BEGIN
    -- Both hold the rows in the same order. The limits are for the planner, which may first meet a large statement here.
    INSERT INTO changefeed.event (slot, epoch, xid, model, event, occurred_at, ids)
    SELECT n.*
    FROM (SELECT c.slot, c.epoch, pg_current_xact_id(), TG_ARGV[0], 'write', clock_timestamp(),
                 ARRAY(SELECT r.id::bigint FROM new_rows r LIMIT 4097) AS ids
          FROM changefeed.control c WHERE NOT c.paused OFFSET 0) n
    WHERE CASE WHEN cardinality(n.ids) BETWEEN 1 AND 4096 THEN
              ROW(ARRAY(SELECT v.* FROM (SELECT <gone>) gone CROSS JOIN LATERAL (SELECT ROW(<kept>) FROM old_rows r) v LIMIT 4097))::record
              *= ROW(ARRAY(SELECT v.* FROM (SELECT <gone>) gone CROSS JOIN LATERAL (SELECT ROW(<kept>) FROM new_rows r) v LIMIT 4097))::record
          END;
    IF NOT FOUND THEN
        -- One of the columns has changed, or the rows are none or many, or capture is paused, or the snapshot does not see the
        -- control row.
        chunk := ARRAY(SELECT r.id::bigint FROM new_rows r LIMIT 4097);
        IF cardinality(chunk) = 0 THEN
            RETURN NULL;
        END IF;
        lost := (
            SELECT v.lost FROM (SELECT <gone>) gone
            CROSS JOIN LATERAL (SELECT array_remove(ARRAY[<lost>]::text[], NULL) AS lost FROM old_rows r LIMIT 1) v);
        IF cardinality(chunk) <= 4096 THEN
            olds := ARRAY(
                SELECT CASE WHEN pair.was IS DISTINCT FROM pair.now THEN pair.was - lost END
                FROM unnest(
                    ARRAY(SELECT v.* FROM (SELECT <gone>) gone CROSS JOIN LATERAL (SELECT <object> FROM old_rows r) v),
                    ARRAY(SELECT v.* FROM (SELECT <gone>) gone CROSS JOIN LATERAL (SELECT <object> FROM new_rows r) v)) pair (was, now));
            IF array_remove(olds, NULL) = '{}' THEN
                olds := NULL;
            END IF;
            INSERT INTO changefeed.event (slot, epoch, xid, model, event, occurred_at, ids, olds)
            SELECT coalesce(c.slot, 0), coalesce(c.epoch, 1), pg_current_xact_id(), TG_ARGV[0], 'write', clock_timestamp(), chunk, olds
            FROM (SELECT) here LEFT JOIN changefeed.control c ON true
            WHERE c.paused IS NOT TRUE;
        ELSE
            -- A clause of the function for this would be paid by every statement. As after a loop, FOUND is true behind it.
            compiling := current_setting('jit');
            PERFORM set_config('jit', 'off', true);
            INSERT INTO changefeed.event (slot, epoch, xid, model, event, occurred_at, ids, olds)
            SELECT coalesce(c.slot, 0), coalesce(c.epoch, 1), pg_current_xact_id(), TG_ARGV[0], 'write', clock_timestamp(),
                   chunked.ids, CASE WHEN chunked.changed > 0 THEN chunked.olds END
            FROM (
                SELECT (paired.position - 1) / 4096 AS number, array_agg(paired.id ORDER BY paired.position) AS ids,
                       count(paired.old) AS changed, array_agg(paired.old ORDER BY paired.position) AS olds
                FROM (
                    SELECT n.position, n.id, CASE WHEN ROW(<kept of o>)::record *<> ROW(<kept of n>)::record THEN (
                               SELECT CASE WHEN pair.was IS DISTINCT FROM pair.now THEN pair.was - lost END
                               FROM (SELECT <object of o>, <object of n>) pair (was, now)) END AS old
                    FROM (SELECT v.* FROM (SELECT <gone>) gone
                          CROSS JOIN LATERAL (SELECT row_number() OVER () AS position, <kept, named> FROM old_rows r) v) o
                    JOIN (SELECT v.* FROM (SELECT <gone>) gone
                          CROSS JOIN LATERAL (SELECT row_number() OVER () AS position, <kept, named>, r.id::bigint AS id FROM new_rows r) v) n
                      ON n.position = o.position
                ) paired
                GROUP BY 1
            ) chunked
            LEFT JOIN changefeed.control c ON true
            WHERE c.paused IS NOT TRUE
            ORDER BY chunked.number;
            PERFORM set_config('jit', compiling, true);
        END IF;
    END IF;
    IF FOUND AND NOT pg_try_advisory_xact_lock_shared(4846791580151137091) THEN
        IF pg_notification_queue_usage() < 0.5 THEN
            PERFORM pg_notify('changefeed_bell', '');
        END IF;
    END IF;
    RETURN NULL;
END $template$
$function$;
COMMENT ON FUNCTION changefeed.capture_update_template() IS 'What capture_text() makes the UPDATE functions from.';

CREATE OR REPLACE FUNCTION changefeed.capture_delete_template(followers boolean) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT replace(replace($template$
-- Written by changefeed.track() from sql/capture/rule_captures.sql. Keeps: <columns>
#variable_conflict use_column
DECLARE
    chunk bigint[] := ARRAY(SELECT r.id::bigint FROM old_rows r LIMIT 4097);
    olds jsonb[];
    lost text[];
    followed boolean := false;
    -- Sorting spills to disk, so that memory stays bounded whatever the size of the statement.
    chunks CURSOR FOR
        SELECT array_agg(numbered.id ORDER BY numbered.position) AS ids,
               array_agg(numbered.old - lost ORDER BY numbered.position) AS olds
        FROM (SELECT v.* FROM (SELECT <gone>) gone CROSS JOIN LATERAL (
                  SELECT row_number() OVER () AS position, r.id::bigint AS id, <object> AS old FROM old_rows r) v) numbered
        GROUP BY (numbered.position - 1) / 4096
        ORDER BY (numbered.position - 1) / 4096;
    part record;
BEGIN
    IF cardinality(chunk) = 0 THEN
        RETURN NULL;
    END IF;
    lost := (
        SELECT v.lost FROM (SELECT <gone>) gone
        CROSS JOIN LATERAL (SELECT array_remove(ARRAY[<lost>]::text[], NULL) AS lost FROM old_rows r LIMIT 1) v);<may read>
    IF cardinality(chunk) <= 4096 THEN
        olds := ARRAY(
            SELECT v.old - lost
            FROM (SELECT <gone>) gone CROSS JOIN LATERAL (SELECT <object> AS old FROM old_rows r) v);<followers of chunk>
        INSERT INTO changefeed.event (slot, epoch, xid, model, event, occurred_at, ids, olds)
        SELECT coalesce(c.slot, 0), coalesce(c.epoch, 1), pg_current_xact_id(), TG_ARGV[0], 'unlink', clock_timestamp(), chunk, olds
        FROM (SELECT) here LEFT JOIN changefeed.control c ON true
        WHERE c.paused IS NOT TRUE;
    ELSE
        FOR part IN chunks LOOP
            chunk := part.ids;
            olds := part.olds;<followers of chunk>
            INSERT INTO changefeed.event (slot, epoch, xid, model, event, occurred_at, ids, olds)
            SELECT coalesce(c.slot, 0), coalesce(c.epoch, 1), pg_current_xact_id(), TG_ARGV[0], 'unlink', clock_timestamp(), chunk, olds
            FROM (SELECT) here LEFT JOIN changefeed.control c ON true
            WHERE c.paused IS NOT TRUE;
        END LOOP;
    END IF;
    -- What FOUND is after a loop: whether it had a turn. A bell that rings while capture is paused harms nobody.
    IF FOUND AND NOT pg_try_advisory_xact_lock_shared(4846791580151137091) THEN
        IF pg_notification_queue_usage() < 0.5 THEN
            PERFORM pg_notify('changefeed_bell', '');
        END IF;
    END IF;
    RETURN NULL;
END $template$,
    '<may read>', CASE WHEN followers THEN $may$
    -- Where mail_followers is not as expected, or not to be read, the event goes without followers. First what hangs on rights,
    -- which these functions know as of this moment; then its columns and their types, without reading a row.
    followed := (
        SELECT count(*) = 3 FROM pg_namespace s
        JOIN pg_class t ON t.relnamespace = s.oid AND t.relname = 'mail_followers' AND t.relkind = 'r' AND NOT row_security_active(t.oid)
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname IN ('res_model', 'res_id', 'partner_id') AND NOT a.attisdropped
        WHERE s.nspname = 'public' AND has_schema_privilege(s.oid, 'USAGE') AND has_column_privilege(t.oid, a.attnum, 'SELECT'));
    IF followed THEN
        followed := (
            SELECT v.model_type IN ('varchar'::regtype, 'text'::regtype)
                   AND v.id_type IN ('int4'::regtype, 'int8'::regtype) AND v.partner_type IN ('int4'::regtype, 'int8'::regtype)
            FROM (SELECT NULL::tid AS res_model, NULL::tid AS res_id, NULL::tid AS partner_id) gone
            CROSS JOIN LATERAL (
                SELECT pg_typeof(res_model), pg_typeof(res_id), pg_typeof(partner_id)
                FROM (SELECT) nothing LEFT JOIN public.mail_followers f ON false) v (model_type, id_type, partner_type));
    END IF;$may$ ELSE '' END),
    '<followers of chunk>', CASE WHEN followers THEN $chunk$
        IF followed THEN
            olds := ARRAY(
                SELECT u.old || jsonb_build_object('message_partner_ids', ARRAY(
                    SELECT f.partner_id FROM public.mail_followers f
                    WHERE f.res_model = TG_ARGV[0] AND f.res_id = u.id ORDER BY 1))
                FROM unnest(chunk, olds) u (id, old));
        END IF;$chunk$ ELSE '' END)
$function$;
COMMENT ON FUNCTION changefeed.capture_delete_template(boolean) IS 'What capture_text() makes the DELETE functions from, with or without a look at who follows the records.';

CREATE OR REPLACE FUNCTION changefeed.capture_name(model text, kind text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT concat('capture_', kind, '_',
                  CASE WHEN model ~ '^[a-z0-9.]{1,40}$' THEN replace(model, '.', '_')
                       ELSE left(replace(model, '.', '_'), 31) || '_' || left(md5(model), 8) END)
$$;
COMMENT ON FUNCTION changefeed.capture_name(text, text) IS
    'Name of a model''s own trigger function, with a digest where the model''s name would be too long or not the only one to give it.';

CREATE OR REPLACE FUNCTION changefeed.capture_write(model text, kind text, target regclass, columns name[], followers boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    own text := format('changefeed.%I()', changefeed.capture_name(model, kind));
    body text := changefeed.capture_text(kind, target, columns, followers);
    floats CONSTANT boolean := EXISTS (
        SELECT FROM pg_attribute a WHERE a.attrelid = target AND a.attname = ANY (columns) AND NOT a.attisdropped
        AND a.atttypid IN ('float4'::regtype, 'float8'::regtype));
BEGIN
    IF body IS NULL THEN
        EXECUTE format('DROP FUNCTION IF EXISTS %s', own);
        RETURN;
    END IF;
    EXECUTE format(
        'CREATE OR REPLACE FUNCTION %s RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp %s %s AS %L',
        own, CASE kind WHEN 'delete' THEN 'SET jit = off' END, CASE WHEN floats THEN 'SET extra_float_digits = 1' END, body);
    EXECUTE format('COMMENT ON FUNCTION %s IS %L', own, format(
        'Trigger function of %s: as capture_%s(), and keeps the old values of %s. Written by track().', model, kind,
        array_to_string(columns || CASE WHEN followers AND kind = 'delete' THEN '{message_partner_ids}'::name[] END, ', ')));
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', own);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO changefeed_owner', own);
END $$;
COMMENT ON FUNCTION changefeed.capture_write(text, text, regclass, name[], boolean) IS
    'Writes a model''s own trigger function, or takes it away where the general one does. For write_captures().';
