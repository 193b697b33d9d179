-- Which records a model has, by the id of its table, and digests of them.

CREATE OR REPLACE FUNCTION changefeed.odoo_tracked_table(model text) RETURNS regclass
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.target FROM changefeed.tracked_model t
    CROSS JOIN LATERAL to_regclass(format('%I.%I', t.table_schema, t.table_name)) c (target)
    WHERE t.model = odoo_tracked_table.model AND has_column_privilege(c.target, 'id', 'SELECT')
$$;
COMMENT ON FUNCTION changefeed.odoo_tracked_table(text) IS
    'The table of a tracked model; null where there is none whose ids may be read.';

CREATE OR REPLACE FUNCTION changefeed.odoo_record_ids(model text, after_id bigint, last_id bigint, max_rows int)
RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
    target regclass := changefeed.odoo_tracked_table(model);
BEGIN
    IF target IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT r.id::bigint FROM %s r WHERE r.id > $1 AND r.id <= $2 ORDER BY r.id LIMIT $3', target)
    USING after_id, last_id, max_rows;
END $$;
COMMENT ON FUNCTION changefeed.odoo_record_ids(text, bigint, bigint, int) IS
    'Ids of the records of a tracked model above after_id and up to last_id, in order. Whoever calls it sees to access rights.';

CREATE OR REPLACE FUNCTION changefeed.odoo_missing_records(model text, ids bigint[]) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
    target regclass := changefeed.odoo_tracked_table(model);
BEGIN
    IF target IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT i FROM unnest($1) i WHERE NOT EXISTS (SELECT FROM %s r WHERE r.id = i)', target)
    USING ids;
END $$;
COMMENT ON FUNCTION changefeed.odoo_missing_records(text, bigint[]) IS
    'Those of the ids that are no record of the tracked model; none where that cannot be told.';

CREATE OR REPLACE FUNCTION changefeed.odoo_record_digest(model text, buckets int)
RETURNS TABLE (from_id bigint, to_id bigint, records bigint, hash bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
    target regclass := changefeed.odoo_tracked_table(model);
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
    EXECUTE format('SELECT min(r.id), (max(r.id) - min(r.id)) / $1 + 1 FROM %s r', target)
    INTO lowest, width USING buckets;
    -- A table without the column still has ids to compare.
    written := CASE WHEN EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = target AND a.attname = 'write_date'
                                 AND NOT a.attisdropped AND has_column_privilege(target, a.attnum, 'SELECT'))
                    THEN 'to_char(r.write_date, ''YYYY-MM-DD HH24:MI:SS'')' ELSE 'NULL' END;
    RETURN QUERY EXECUTE format(
        $query$
        SELECT $1 + b.number * $2, $1 + (b.number + 1) * $2 - 1, b.records, (b.hash %% 281474976710656)::bigint
        FROM (SELECT (r.id - $1) / $2 AS number, count(*) AS records,
                     sum(('x' || encode(substr(sha256(convert_to(concat(r.id, ',', %s), 'UTF8')), 1, 6), 'hex'))::bit(48)::bigint) AS hash
              FROM %s r WHERE r.id >= $1 GROUP BY 1) b
        ORDER BY 1
        $query$, written, target)
    USING lowest, width;
END $$;
COMMENT ON FUNCTION changefeed.odoo_record_digest(text, int) IS
    'Per range of ids of a tracked model, how many records there are and a hash that does not depend on their order: the sum, modulo 2^48, of the first 48 bits of SHA-256 of "id,write_date" (write_date as YYYY-MM-DD HH:MM:SS). Whoever calls it sees to access rights.';
