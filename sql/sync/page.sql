-- A page of entries as JSON, with the records' data.

CREATE OR REPLACE FUNCTION changefeed.data_hash(data text) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN ('x' || encode(substr(sha256(convert_to(data, 'UTF8')), 1, 6), 'hex'))::bit(48)::bigint;
END $$;
COMMENT ON FUNCTION changefeed.data_hash(text) IS
    'The first 48 bits of SHA-256 of a record''s data as they are handed out, as a whole number.';

CREATE OR REPLACE FUNCTION changefeed.sync_page(
    user_id int, scopes changefeed.model_scope[], ids bigint[], models text[], record_ids bigint[], events text[],
    times timestamptz[], with_data boolean, fields jsonb, companies int[], max_bytes bigint, time_name text,
    with_hash boolean, stamp text,
    OUT problem text, OUT events_json text, OUT entries int, OUT last_id bigint, OUT all_shown boolean)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    only_fields jsonb := coalesce(fields, '{}');
    -- What may be seen of the records that these list.
    lists record;
    asked record;
    page record;
    -- Of each record that was read: its data, or why there are none.
    read_models text[] := '{}';
    read_ids bigint[] := '{}';
    read_texts text[] := '{}';
    gone boolean[] := '{}';
    gone_reasons text[] := '{}';
    hidden bigint[];
    -- Those of hidden that the rules show.
    still bigint[];
    -- The lines, and of each: bytes and id.
    joined text;
    line_bytes bigint[];
    line_ids bigint[];
BEGIN
    all_shown := true;
    IF with_data THEN
        SELECT l.* INTO lists FROM changefeed.known_access(
            'lists', user_id, ARRAY(SELECT DISTINCT m FROM unnest(models) m ORDER BY 1), fields, companies, stamp) l;
        problem := lists.problem;
        IF problem IS NOT NULL THEN
            RETURN;
        END IF;
        -- Each model by one statement: whether its records may be seen, and what they hold, are of the same moment.
        FOR asked IN
            SELECT e.model, array_agg(DISTINCT e.record_id) AS record_ids
            FROM unnest(models, record_ids, events) AS e (model, record_id, event)
            WHERE e.event IN ('create', 'write', 'copy') GROUP BY e.model ORDER BY e.model
        LOOP
            SELECT p.*, s.predicate IS NOT NULL OR s.filter IS NOT NULL AS has_rules, s AS scope INTO page
            FROM unnest(scopes) s CROSS JOIN LATERAL changefeed.odoo_page_data(s.user_id, asked.model,
                CASE WHEN only_fields ? asked.model
                     THEN ARRAY(SELECT jsonb_array_elements_text(only_fields -> asked.model)) END,
                s, asked.record_ids, NULL, NULL, NULL, lists.scopes, stamp, lists.shape) p
            WHERE s.model = asked.model;
            IF NOT FOUND THEN
                all_shown := false;
                CONTINUE;
            END IF;
            read_ids := read_ids || page.record_ids;
            read_texts := read_texts || page.data;
            gone := gone || array_fill(false, ARRAY[cardinality(page.record_ids)]);
            gone_reasons := gone_reasons || array_fill(NULL::text, ARRAY[cardinality(page.record_ids)]);
            IF cardinality(page.record_ids) < cardinality(asked.record_ids) THEN
                -- A record that went in the meantime is told as gone; its unlink comes later, too.
                -- One whose data cannot be read is not.
                read_ids := read_ids || page.missing;
                read_texts := read_texts || array_fill(NULL::text, ARRAY[cardinality(page.missing)]);
                gone := gone || array_fill(true, ARRAY[cardinality(page.missing)]);
                gone_reasons := gone_reasons || array_fill(NULL::text, ARRAY[cardinality(page.missing)]);
                -- One that left the user's sight a moment ago.
                IF page.has_rules THEN
                    hidden := ARRAY(SELECT unnest(asked.record_ids) EXCEPT SELECT unnest(page.shown)
                                    EXCEPT SELECT unnest(page.record_ids) EXCEPT SELECT unnest(page.missing));
                    read_ids := read_ids || hidden;
                    read_texts := read_texts || array_fill(NULL::text, ARRAY[cardinality(hidden)]);
                    gone := gone || array_fill(true, ARRAY[cardinality(hidden)]);
                    still := CASE WHEN (page.scope).filter IS NOT NULL
                                  THEN changefeed.rules_visible(page.scope, hidden) ELSE '{}' END;
                    gone_reasons := gone_reasons
                        || ARRAY(SELECT CASE WHEN h.id = ANY (still) THEN 'filter' ELSE 'access' END
                                 FROM unnest(hidden) WITH ORDINALITY h (id, place) ORDER BY h.place);
                END IF;
            END IF;
            read_models := read_models
                || array_fill(asked.model, ARRAY[cardinality(read_ids) - cardinality(read_models)]);
        END LOOP;
        all_shown := all_shown AND true <> ALL (gone);
    END IF;
    SELECT string_agg(l.text, ','), array_agg(octet_length(l.text)), array_agg(l.id)
    INTO joined, line_bytes, line_ids
    FROM (
        SELECT e.id, concat('{"id":', e.id, ',"model":', to_json(e.model), ',"record_id":', e.record_id, ',"event":"',
                   CASE WHEN r.is_gone OR e.event IN ('access', 'filter') THEN 'unlink'
                        WHEN e.event = 'copy' THEN 'create' ELSE e.event END,
                   -- As json_time() writes it: a call for each line was a tenth of a page.
                   '","', time_name, '":"', to_char(e.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                   '"',
                   CASE WHEN e.event IN ('access', 'filter') THEN format(',"reason":"%s"', e.event)
                        WHEN r.reason IS NOT NULL THEN format(',"reason":"%s"', r.reason)
                        WHEN e.event = 'copy' AND r.is_gone IS NOT TRUE THEN ',"reason":"copy"' END,
                   CASE WHEN with_data THEN ',"data":' END, CASE WHEN with_data THEN coalesce(r.data, 'null') END,
                   CASE WHEN with_hash THEN ',"data_hash":' || changefeed.data_hash(r.data) END, '}') AS text
        FROM unnest(ids, models, record_ids, events, times) AS e (id, model, record_id, event, occurred_at)
        LEFT JOIN unnest(read_models, read_ids, read_texts, gone, gone_reasons)
                  r (model, record_id, data, is_gone, reason)
          ON r.model = e.model AND r.record_id = e.record_id AND e.event IN ('create', 'write', 'copy')
        ORDER BY e.id) l;
    entries := coalesce(cardinality(line_ids), 0);
    IF octet_length(joined) >= max_bytes THEN
        -- At least one, or nobody would ever get past a record that is larger.
        entries := (
            SELECT count(*) FROM (
                SELECT x.number, sum(x.bytes + 1) OVER (ORDER BY x.number) AS bytes
                FROM unnest(line_bytes) WITH ORDINALITY x (bytes, number)) s
            WHERE s.bytes <= max_bytes OR s.number = 1);
        joined := convert_from(substr(convert_to(joined, getdatabaseencoding()), 1,
            (SELECT sum(x + 1) - 1 FROM unnest(line_bytes[:entries]) x)::int), getdatabaseencoding());
    END IF;
    last_id := line_ids[entries];
    events_json := concat('[', joined, ']');
END $$;
COMMENT ON FUNCTION changefeed.sync_page(int, changefeed.model_scope[], bigint[], text[], bigint[], text[],
                                         timestamptz[], boolean, jsonb, int[], bigint, text, boolean, text) IS
    'Entries (as shown_entries() has them) as a JSON array, with the records'' present data if wanted (fields: {model: '
    '[names]}; companies, stamp: as known_access() takes them) and, with_hash, data_hash() of these, cut at max_bytes. '
    'all_shown: none of the records that were read has gone, or left the user''s sight. problem: as in known_access().';

CREATE OR REPLACE FUNCTION changefeed.unknown_fields(user_id int, models text[], fields jsonb) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT array_agg(DISTINCT f.key || '.' || n.name)
    FROM jsonb_each(fields) f CROSS JOIN LATERAL jsonb_array_elements_text(f.value) n (name)
    WHERE f.key <> ALL (models)
       OR NOT EXISTS (SELECT FROM changefeed.odoo_data_fields(user_id, f.key) o WHERE o.name = n.name)
$$;
COMMENT ON FUNCTION changefeed.unknown_fields(int, text[], jsonb) IS
    'Of the fields asked for ({model: [names]}) those that the models do not have, '
    'or that this user may not see; null: none.';
