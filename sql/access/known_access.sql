-- What a user may see, kept for as long as nothing by which it is decided has changed.

CREATE OR REPLACE FUNCTION changefeed.access_stamp(user_id int) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Where nothing can be written down, or an older snapshot may be in use, nothing is kept.
    IF current_setting('transaction_isolation') <> 'read committed' OR current_setting('transaction_read_only') <> 'off' THEN
        RETURN NULL;
    END IF;
    RETURN changefeed.odoo_access_stamp(user_id);
END $$;
COMMENT ON FUNCTION changefeed.access_stamp(int) IS
    'odoo_access_stamp(); null also where this transaction keeps nothing.';

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
    -- The stamp by the same statement: what was found out belongs to it.
    CASE kind
        WHEN 'models' THEN
            SELECT a.problem, a.scopes, a.data_stamp, CASE WHEN stamp IS NOT NULL THEN changefeed.odoo_access_stamp(user_id, split_part(stamp, ':', 1)) END
            INTO problem, scopes, data_stamp, stamped
            FROM changefeed.access_scopes(user_id, models, companies) a;
        WHEN 'lists' THEN
            SELECT l.problem, l.scopes, CASE WHEN stamp IS NOT NULL THEN changefeed.odoo_data_shape(user_id) END,
                   CASE WHEN stamp IS NOT NULL THEN changefeed.odoo_access_stamp(user_id, split_part(stamp, ':', 1)) END
            INTO problem, scopes, shape, stamped
            FROM changefeed.list_scopes(user_id, models, fields, companies) l;
        WHEN 'fields' THEN
            SELECT CASE WHEN changefeed.unknown_fields(user_id, models, fields) IS NOT NULL THEN 'field_unknown' END, '{}',
                   CASE WHEN stamp IS NOT NULL THEN changefeed.odoo_access_stamp(user_id, split_part(stamp, ':', 1)) END
            INTO problem, scopes, stamped;
        WHEN 'filters' THEN
            SELECT '{}', changefeed.odoo_filter_fields(user_id, models[1])::text,
                   CASE WHEN stamp IS NOT NULL THEN changefeed.odoo_access_stamp(user_id, split_part(stamp, ':', 1)) END
            INTO scopes, shape, stamped;
    END CASE;
    IF problem IS NOT NULL OR stamped IS DISTINCT FROM stamp OR stamp IS NULL THEN
        -- Of another moment than the rest of the request.
        shape := CASE kind WHEN 'filters' THEN shape END;
        RETURN;
    END IF;
    INSERT INTO changefeed.kept_access (question, until, scopes, data_stamp, shape)
    VALUES (asked, clock_timestamp() + interval '5 minutes', scopes, data_stamp, shape);
    -- Now and then, so that it stays small.
    IF random() < 0.02 THEN
        PERFORM changefeed.forget_access();
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.known_access(text, int, text[], jsonb, int[], text) IS
    'What access_scopes() (kind models), list_scopes() (lists), unknown_fields() (fields; problem: field_unknown) or, of the first model, odoo_filter_fields() (filters; in shape) say, found out at most once in five minutes while access_stamp() stays the same. shape: of lists, as odoo_data_shape() has it.';

CREATE OR REPLACE FUNCTION changefeed.forget_access() RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Nobody waits for somebody who is at the same.
    DELETE FROM changefeed.kept_access k WHERE k.ctid = ANY (ARRAY(
        SELECT o.ctid FROM changefeed.kept_access o
        WHERE o.until < clock_timestamp() OR o.until < (SELECT n.until FROM changefeed.kept_access n ORDER BY n.until DESC OFFSET 50000 LIMIT 1)
        FOR UPDATE SKIP LOCKED));
END $$;
COMMENT ON FUNCTION changefeed.forget_access() IS 'Forgets kept answers that do not count any more, and the oldest beyond 50,000.';

-- A new row with it: a set of rows that was a version before does not come back, whoever commits in which order.
CREATE OR REPLACE FUNCTION changefeed.prune_access_changes() RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone bigint;
BEGIN
    IF (SELECT count(*) FROM changefeed.access_change) < 50 THEN
        RETURN 0;
    END IF;
    DELETE FROM changefeed.access_change;
    GET DIAGNOSTICS gone = ROW_COUNT;
    INSERT INTO changefeed.access_change (xid) VALUES (pg_current_xact_id());
    RETURN gone;
END $$;
COMMENT ON FUNCTION changefeed.prune_access_changes() IS
    'Puts one row in the place of all of access_change, where there are many. How many went.';

CREATE OR REPLACE FUNCTION changefeed.access_changed() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO changefeed.access_change (xid) VALUES (pg_current_xact_id())
$$;
COMMENT ON FUNCTION changefeed.access_changed() IS 'Lets nothing that was kept about access count any more: after rights were granted.';
