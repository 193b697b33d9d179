-- What a user may see, cached for as long as none of its dependencies has changed.

CREATE OR REPLACE FUNCTION changefeed.access_stamp(user_id int) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- If nothing can be written, or an older snapshot may be in use, nothing is cached.
    IF current_setting('transaction_isolation') <> 'read committed'
       OR current_setting('transaction_read_only') <> 'off' THEN
        RETURN NULL;
    END IF;
    RETURN changefeed.odoo_access_stamp(user_id, changefeed.odoo_recent_mark());
END $$;
COMMENT ON FUNCTION changefeed.access_stamp(int) IS
    'odoo_access_stamp(), with odoo_recent_mark(); null also if this transaction caches nothing.';

CREATE OR REPLACE FUNCTION changefeed.known_access(
    kind text, user_id int, models text[], fields jsonb, companies int[], stamp text,
    OUT problem text, OUT scopes changefeed.model_scope[], OUT data_stamp text, OUT shape text)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    asked CONSTANT bytea := sha256(convert_to(ROW(kind, user_id, models, fields, companies, stamp)::text, 'UTF8'));
    stamped text;
BEGIN
    IF stamp IS NOT NULL THEN
        SELECT k.scopes, k.data_stamp, k.shape INTO scopes, data_stamp, shape
        FROM changefeed.kept_access k WHERE k.question = asked AND k.until > clock_timestamp() LIMIT 1;
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;
    -- The stamp from the same statement: the result belongs to it.
    CASE kind
        WHEN 'models' THEN
            SELECT a.problem, a.scopes, a.data_stamp,
                   CASE WHEN stamp IS NOT NULL THEN changefeed.odoo_access_stamp(user_id, split_part(stamp, ':', 1)) END
            INTO problem, scopes, data_stamp, stamped
            FROM changefeed.access_scopes(user_id, models, companies) a;
        WHEN 'lists' THEN
            SELECT l.problem, l.scopes, CASE WHEN stamp IS NOT NULL THEN changefeed.odoo_data_shape(user_id) END,
                   CASE WHEN stamp IS NOT NULL THEN changefeed.odoo_access_stamp(user_id, split_part(stamp, ':', 1)) END
            INTO problem, scopes, shape, stamped
            FROM changefeed.list_scopes(user_id, models, fields, companies) l;
        WHEN 'fields' THEN
            SELECT CASE WHEN changefeed.unknown_fields(user_id, models, fields) IS NOT NULL THEN 'field_unknown' END,
                   '{}',
                   CASE WHEN stamp IS NOT NULL THEN changefeed.odoo_access_stamp(user_id, split_part(stamp, ':', 1)) END
            INTO problem, scopes, stamped;
        WHEN 'data' THEN
            -- Until Odoo 17 it depends on ir_property as well, which is no part of the stamp.
            SELECT '{}', changefeed.odoo_data_scopes(user_id, models, companies)::text,
                   CASE WHEN stamp IS NOT NULL AND changefeed.odoo_release() >= 18
                        THEN changefeed.odoo_access_stamp(user_id, split_part(stamp, ':', 1)) END
            INTO scopes, shape, stamped;
        WHEN 'filters' THEN
            SELECT '{}', changefeed.odoo_filter_fields(user_id, models[1])::text,
                   CASE WHEN stamp IS NOT NULL THEN changefeed.odoo_access_stamp(user_id, split_part(stamp, ':', 1)) END
            INTO scopes, shape, stamped;
    END CASE;
    IF problem IS NOT NULL OR stamped IS DISTINCT FROM stamp OR stamp IS NULL THEN
        -- Of another moment than the rest of the request.
        shape := CASE WHEN kind IN ('data', 'filters') THEN shape END;
        RETURN;
    END IF;
    INSERT INTO changefeed.kept_access (question, until, scopes, data_stamp, shape)
    VALUES (asked, clock_timestamp() + interval '5 minutes', scopes, data_stamp, shape);
    -- Occasionally, so that it stays small.
    IF random() < 0.02 THEN
        PERFORM changefeed.forget_access();
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.known_access(text, int, text[], jsonb, int[], text) IS
    'The result of access_scopes() (kind models), list_scopes() (lists), unknown_fields() (fields; problem: '
    'field_unknown), odoo_data_scopes() (data; in shape) or, for the first model, odoo_filter_fields() (filters; in '
    'shape), computed at most once in five minutes while access_stamp() stays the same. shape: of lists, from '
    'odoo_data_shape().';

CREATE OR REPLACE FUNCTION changefeed.forget_access() RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    over timestamptz := clock_timestamp();
BEGIN
    -- An answer takes a kilobyte or more.
    IF pg_table_size('changefeed.kept_access') > 33554432 THEN
        over := greatest(over, (SELECT n.until FROM changefeed.kept_access n
                                ORDER BY n.until DESC OFFSET 50000 LIMIT 1));
    END IF;
    -- No session waits for another one that does the same.
    DELETE FROM changefeed.kept_access k WHERE k.ctid = ANY (ARRAY(
        SELECT o.ctid FROM changefeed.kept_access o WHERE o.until < over FOR UPDATE SKIP LOCKED));
END $$;
COMMENT ON FUNCTION changefeed.forget_access() IS
    'Drops cached answers that are no longer valid, and the oldest beyond 50,000.';

-- With a new row: an earlier version's set of rows never recurs, in whatever order transactions commit. Each request
-- reads all of them, twice: 0.2 microseconds for a row.
CREATE OR REPLACE FUNCTION changefeed.prune_access_changes() RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone bigint;
BEGIN
    IF (SELECT count(*) FROM changefeed.access_change) < 50 THEN
        RETURN 0;
    END IF;
    -- No session waits for another one that does the same.
    DELETE FROM changefeed.access_change c
    WHERE c.ctid = ANY (ARRAY(SELECT o.ctid FROM changefeed.access_change o FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS gone = ROW_COUNT;
    IF gone > 0 THEN
        INSERT INTO changefeed.access_change (xid) VALUES (pg_current_xact_id());
    END IF;
    RETURN gone;
END $$;
COMMENT ON FUNCTION changefeed.prune_access_changes() IS
    'Replaces the rows of access_change with one, if there are many. Returns how many were removed.';

CREATE OR REPLACE FUNCTION changefeed.access_changed() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO changefeed.access_change (xid) VALUES (pg_current_xact_id())
$$;
COMMENT ON FUNCTION changefeed.access_changed() IS
    'Invalidates everything cached about access, after rights were granted.';
