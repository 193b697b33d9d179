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
    OUT problem text, OUT events_json text, OUT entries int, OUT last_id bigint)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    only_fields jsonb := coalesce(fields, '{}');
    -- What may be seen of the records that these list.
    lists record;
    asked record;
    scope changefeed.model_scope;
    names text[];
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
    -- Of each line: bytes and id.
    line_bytes bigint[];
    line_ids bigint[];
BEGIN
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
            scope := (SELECT s FROM unnest(scopes) s WHERE s.model = asked.model);
            CONTINUE WHEN scope.model IS NULL;
            names := CASE WHEN only_fields ? asked.model
                          THEN ARRAY(SELECT jsonb_array_elements_text(only_fields -> asked.model)) END;
            -- Not in FROM, which would copy all of it twice more.
            page := changefeed.odoo_page_data(user_id, asked.model, names, scope, asked.record_ids, NULL, NULL, NULL,
                                              lists.scopes, stamp, lists.shape);
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
                IF scope.predicate IS NOT NULL OR scope.filter IS NOT NULL THEN
                    hidden := ARRAY(SELECT unnest(asked.record_ids) EXCEPT SELECT unnest(page.shown)
                                    EXCEPT SELECT unnest(page.record_ids) EXCEPT SELECT unnest(page.missing));
                    read_ids := read_ids || hidden;
                    read_texts := read_texts || array_fill(NULL::text, ARRAY[cardinality(hidden)]);
                    gone := gone || array_fill(true, ARRAY[cardinality(hidden)]);
                    still := CASE WHEN scope.filter IS NOT NULL
                                  THEN changefeed.rules_visible(scope, hidden) ELSE '{}' END;
                    gone_reasons := gone_reasons
                        || ARRAY(SELECT CASE WHEN h.id = ANY (still) THEN 'filter' ELSE 'access' END
                                 FROM unnest(hidden) WITH ORDINALITY h (id, place) ORDER BY h.place);
                END IF;
            END IF;
            read_models := read_models
                || array_fill(asked.model, ARRAY[cardinality(read_ids) - cardinality(read_models)]);
        END LOOP;
    END IF;
    -- Texts are long, and each step that hands them on copies them: they are looked up where their line is written.
    SELECT string_agg(l.text, ','), array_agg(octet_length(l.text)), array_agg(l.id)
    INTO events_json, line_bytes, line_ids
    FROM (
        SELECT s.id, concat(CASE WHEN s.number = 1 THEN '[' END,
                   '{"id":', s.id, ',"model":', to_json(s.model), ',"record_id":', s.record_id, ',"event":"',
                   CASE WHEN s.is_gone OR s.event IN ('access', 'filter') THEN 'unlink'
                        WHEN s.event = 'copy' THEN 'create' ELSE s.event END,
                   -- As json_time() writes it: a call for each line was a tenth of a page.
                   '","', time_name, '":"', to_char(s.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                   '"',
                   CASE WHEN s.event IN ('access', 'filter') THEN format(',"reason":"%s"', s.event)
                        WHEN s.reason IS NOT NULL THEN format(',"reason":"%s"', s.reason)
                        WHEN s.event = 'copy' AND s.is_gone IS NOT TRUE THEN ',"reason":"copy"' END,
                   CASE WHEN with_data THEN ',"data":' END,
                   CASE WHEN with_data THEN coalesce(read_texts[s.place], 'null') END,
                   CASE WHEN with_hash THEN ',"data_hash":' || changefeed.data_hash(read_texts[s.place]) END, '}',
                   CASE WHEN s.number = cardinality(ids) THEN ']' END) AS text
        FROM (
            SELECT e.*, r.place, r.is_gone, r.reason, row_number() OVER (ORDER BY e.id) AS number
            FROM unnest(ids, models, record_ids, events, times) AS e (id, model, record_id, event, occurred_at)
            LEFT JOIN unnest(read_models, read_ids, gone, gone_reasons) WITH ORDINALITY
                      r (model, record_id, is_gone, reason, place)
              ON r.model = e.model AND r.record_id = e.record_id AND e.event IN ('create', 'write', 'copy')
            ORDER BY e.id) s
        OFFSET 0) l;
    entries := coalesce(cardinality(line_ids), 0);
    IF octet_length(events_json) - 2 >= max_bytes THEN
        -- At least one, or nobody would ever get past a record that is larger.
        entries := (
            SELECT count(*) FROM (
                SELECT x.number, sum(x.bytes + 1) OVER (ORDER BY x.number) AS bytes
                FROM unnest(line_bytes) WITH ORDINALITY x (bytes, number)) s
            -- The first line begins with a bracket.
            WHERE s.bytes <= max_bytes + 1 OR s.number = 1);
        IF entries < cardinality(line_ids) THEN
            events_json := convert_from(substr(convert_to(events_json, getdatabaseencoding()), 1,
                (SELECT sum(x + 1) - 1 FROM unnest(line_bytes[:entries]) x)::int), getdatabaseencoding()) || ']';
        END IF;
    END IF;
    last_id := line_ids[entries];
    events_json := coalesce(events_json, '[]');
END $$;
COMMENT ON FUNCTION changefeed.sync_page(int, changefeed.model_scope[], bigint[], text[], bigint[], text[],
                                         timestamptz[], boolean, jsonb, int[], bigint, text, boolean, text) IS
    'Entries (as shown_entries() has them) as a JSON array, with the records'' present data if wanted (fields: {model: '
    '[names]}; companies, stamp: as known_access() takes them) and, with_hash, data_hash() of these, cut at max_bytes. '
    'problem: as in known_access().';

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
