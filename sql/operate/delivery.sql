-- Whether this database may push: not a copy, not a database that Odoo marks as neutralized, not where
-- an operator forbids it. Devices that pull notice a copy by the epoch, and continue.

-- Cluster and oid stay the same when a server fails over, recovers to a point in time, or the database is renamed.
-- pg_upgrade makes another cluster of the same files. A restored dump has the same rows in another table, written by
-- another transaction, and pg_createsubscriber, which keeps the files, too, does not change the release.
CREATE OR REPLACE FUNCTION changefeed.origin(OUT is_copy boolean, OUT is_upgraded boolean, OUT differs text,
                                             OUT home_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    home record;
    here record;
BEGIN
    SELECT h.*, h.xmin::text::bigint AS stored_by INTO home FROM changefeed.home h ORDER BY h.id DESC LIMIT 1;
    home_id := home.id;
    is_copy := false;
    is_upgraded := false;
    IF home_id IS NULL THEN
        RETURN;
    END IF;
    SELECT s.system_identifier, d.oid AS database_oid, changefeed.odoo_database_uuid() AS database_uuid INTO here
    FROM pg_control_system() s, pg_database d WHERE d.datname = current_database();
    is_upgraded := coalesce(
        here.system_identifier <> home.system_identifier AND here.database_oid = home.database_oid
        AND current_setting('server_version_num')::int / 10000 > home.server_release
        AND 'changefeed.home'::regclass::oid = home.table_oid
        AND home.stored_by = home.written_in::text::numeric % 4294967296, false);
    differs := nullif(concat_ws(', ',
        CASE WHEN here.system_identifier <> home.system_identifier AND NOT is_upgraded THEN 'another cluster' END,
        CASE WHEN here.database_oid <> home.database_oid THEN 'another database' END,
        -- Odoo gives each database that it duplicates a new one; an operator can do the same for a file copy.
        CASE WHEN here.database_uuid <> home.database_uuid THEN 'another database.uuid' END), '');
    is_copy := differs IS NOT NULL;
    is_upgraded := is_upgraded AND NOT is_copy;
END $$;
COMMENT ON FUNCTION changefeed.origin() IS
    'Whether this database is a copy of the feed''s home, and how it differs. is_upgraded: pg_upgrade brought it here, '
    'and check_identity() will record that.';

CREATE OR REPLACE FUNCTION changefeed.record_home(cause text, reason text DEFAULT NULL) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO changefeed.home (cause, reason, system_identifier, database_oid, database_uuid)
    SELECT record_home.cause, nullif(btrim(record_home.reason), ''), s.system_identifier, d.oid,
           changefeed.odoo_database_uuid()
    FROM pg_control_system() s, pg_database d WHERE d.datname = current_database()
$$;
COMMENT ON FUNCTION changefeed.record_home(text, text) IS 'Records this database as the feed''s home.';

CREATE OR REPLACE FUNCTION changefeed.keep_home() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found_here record;
BEGIN
    FOR attempt IN 1..2 LOOP
        SELECT o.*, EXISTS (SELECT FROM changefeed.home h
                            WHERE h.id = o.home_id AND h.database_uuid IS NULL) AS is_nameless
        INTO found_here FROM changefeed.origin() o;
        IF found_here.home_id IS NOT NULL AND NOT found_here.is_upgraded
           AND (found_here.is_copy OR NOT found_here.is_nameless OR changefeed.odoo_database_uuid() IS NULL) THEN
            RETURN;
        ELSIF attempt = 1 THEN
            -- One at a time: the second session sees what the first wrote.
            PERFORM FROM changefeed.control FOR UPDATE;
        END IF;
    END LOOP;
    PERFORM changefeed.record_home(CASE WHEN found_here.is_upgraded THEN 'server upgrade' ELSE 'first' END);
END $$;
COMMENT ON FUNCTION changefeed.keep_home() IS
    'For check_identity(): records the feed''s home if none is known yet, after pg_upgrade, '
    'and once Odoo is there. A copy stays one.';

CREATE OR REPLACE FUNCTION changefeed.delivery_state(OUT allowed boolean, OUT reasons text[], OUT details text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    origin record;
    home changefeed.home;
    decision changefeed.delivery_decision;
BEGIN
    reasons := '{}';
    details := '{}';
    SELECT * INTO origin FROM changefeed.origin();
    IF origin.is_copy THEN
        SELECT * INTO home FROM changefeed.home h WHERE h.id = origin.home_id;
        reasons := reasons || 'copy'::text;
        details := details
            || format('it is a copy until an operator adopts it (%s; the feed is at home in database %s since %s)',
                      origin.differs, home.database_name, to_char(home.recorded_at, 'YYYY-MM-DD'));
    END IF;
    IF changefeed.odoo_is_neutralized() THEN
        reasons := reasons || 'neutralized'::text;
        details := details || 'Odoo marks it as neutralized (parameter database.is_neutralized)'::text;
    END IF;
    SELECT * INTO decision FROM changefeed.delivery_decision d ORDER BY d.id DESC LIMIT 1;
    IF decision.decision = 'forbid' THEN
        reasons := reasons || 'forbidden'::text;
        details := details || format('%s forbade it at %s%s', decision.decided_by,
                                     to_char(decision.decided_at, 'YYYY-MM-DD HH24:MI'),
                                     ': ' || decision.reason);
    END IF;
    IF pg_is_in_recovery() THEN
        reasons := reasons || 'standby'::text;
        details := details || 'the server is a standby'::text;
    END IF;
    allowed := reasons = '{}';
    details := ARRAY(SELECT changefeed.plain_line(l.line)
                     FROM unnest(details) WITH ORDINALITY l (line, place) ORDER BY l.place);
END $$;
COMMENT ON FUNCTION changefeed.delivery_state() IS
    'Whether this database may push. reasons, if it may not: copy, neutralized, forbidden, standby; details: '
    'one line for each, for people.';

CREATE OR REPLACE FUNCTION changefeed.delivery_allowed() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(s.allowed, false) FROM changefeed.delivery_state() s
$$;
COMMENT ON FUNCTION changefeed.delivery_allowed() IS
    'Every push checks this first, in the transaction that reads its data: '
    'false means that nothing leaves this database.';

CREATE OR REPLACE FUNCTION changefeed.adopt(reason text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- The epoch of the copy, if it was not served yet; refuses a standby.
    PERFORM changefeed.check_identity();
    PERFORM FROM changefeed.control FOR UPDATE;
    IF NOT (SELECT o.is_copy FROM changefeed.origin() o) THEN
        RETURN false;
    END IF;
    PERFORM changefeed.record_home('adopted', adopt.reason);
    RETURN true;
END $$;
COMMENT ON FUNCTION changefeed.adopt(text) IS
    'Declares this copy the feed''s home; false if it was not a copy. Stored in changefeed.home with the author.';

CREATE OR REPLACE FUNCTION changefeed.decide_delivery(decision text, reason text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    number bigint;
BEGIN
    IF decision IS NULL OR decision NOT IN ('forbid', 'allow') THEN
        RAISE EXCEPTION 'a decision is forbid or allow' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO changefeed.delivery_decision (decision, reason)
    VALUES (decide_delivery.decision, nullif(btrim(decide_delivery.reason), '')) RETURNING id INTO number;
    RETURN number;
END $$;
COMMENT ON FUNCTION changefeed.decide_delivery(text, text) IS
    'forbid: nothing is ever pushed from this database and its copies. allow: revokes that. '
    'Returns the decision''s number.';

CREATE OR REPLACE FUNCTION changefeed.verify_delivery()
RETURNS TABLE (code text, level text, object text, detail text, remediation text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT f.code, f.level, 'delivery', format('nothing is pushed from this database: %s', r.detail), f.remediation
    FROM changefeed.delivery_state() s
    CROSS JOIN LATERAL unnest(s.reasons, s.details) r (reason, detail)
    JOIN (VALUES
        ('CF140', 'warning', 'copy', 'If it takes the original''s place: SELECT changefeed.adopt(''why'');'),
        ('CF141', 'warning', 'neutralized',
         'No action needed on a test copy. Otherwise delete the parameter in Odoo once '
         'everything that neutralizing turned off is set up again.'),
        ('CF142', 'info', 'forbidden', 'SELECT changefeed.decide_delivery(''allow'', ''why'');')
    ) f (code, level, reason, remediation) ON f.reason = r.reason
$$;
COMMENT ON FUNCTION changefeed.verify_delivery() IS 'The part of verify() about why this database may not push.';
