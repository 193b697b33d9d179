-- The facts that the service needs to answer "nothing new" from its own memory: docs/design/idle.md.

-- Sending and settling events is not included: it follows events, which the service reads in the log.
CREATE OR REPLACE FUNCTION changefeed.note_device_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO changefeed.device_change (xid, device_id)
    VALUES (pg_current_xact_id(), CASE WHEN TG_LEVEL = 'ROW' THEN OLD.device_id END);
    PERFORM changefeed.ring();
    RETURN NULL;
END $$;
COMMENT ON FUNCTION changefeed.note_device_change() IS
    'Trigger function: records that a device was removed or changed other than by receiving and settling events '
    '(emptied: all of them), and rings.';

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger t
                   WHERE t.tgrelid = 'changefeed.device'::regclass AND t.tgname = 'device_changed') THEN
        CREATE TRIGGER device_changed AFTER UPDATE ON changefeed.device FOR EACH ROW
        -- last_resync_at: of a device that starts over.
        WHEN (ROW(OLD.user_id, OLD.device_id, OLD.app_type, OLD.models, OLD.scopes, OLD.epoch, OLD.bases, OLD.resync,
                  OLD.last_resync_at, OLD.token_epoch, OLD.retired_at, OLD.data_stamp, OLD.data_scopes,
                  OLD.told_batch, OLD.told_id)
              IS DISTINCT FROM
              ROW(NEW.user_id, NEW.device_id, NEW.app_type, NEW.models, NEW.scopes, NEW.epoch, NEW.bases, NEW.resync,
                  NEW.last_resync_at, NEW.token_epoch, NEW.retired_at, NEW.data_stamp, NEW.data_scopes,
                  NEW.told_batch, NEW.told_id))
        EXECUTE FUNCTION changefeed.note_device_change();
        ALTER TABLE changefeed.device ENABLE ALWAYS TRIGGER device_changed;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_trigger t
                   WHERE t.tgrelid = 'changefeed.device'::regclass AND t.tgname = 'device_removed') THEN
        CREATE TRIGGER device_removed AFTER DELETE ON changefeed.device FOR EACH ROW
        EXECUTE FUNCTION changefeed.note_device_change();
        ALTER TABLE changefeed.device ENABLE ALWAYS TRIGGER device_removed;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_trigger t
                   WHERE t.tgrelid = 'changefeed.device'::regclass AND t.tgname = 'device_emptied') THEN
        CREATE TRIGGER device_emptied AFTER TRUNCATE ON changefeed.device FOR EACH STATEMENT
        EXECUTE FUNCTION changefeed.note_device_change();
        ALTER TABLE changefeed.device ENABLE ALWAYS TRIGGER device_emptied;
    END IF;
END $$;

-- The tailer asks for them, for which everybody waits who follows changes: not for an upgrade that holds a table.
CREATE OR REPLACE FUNCTION changefeed.idle_facts(
    with_rights boolean, OUT server text, OUT sessions text, OUT rights text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET lock_timeout = '50ms' AS $$
BEGIN
    SELECT k.server INTO server FROM changefeed.odoo_idle_caller(NULL, NULL, NULL, NULL) k;
    sessions := changefeed.odoo_session_mark();
    -- Until Odoo 17 default values are in a table that is written too often to be watched.
    IF with_rights AND changefeed.odoo_table('ir_property') IS NOT NULL THEN
        rights := changefeed.odoo_rights_stamp();
    END IF;
EXCEPTION WHEN lock_not_available THEN
    server := '';
    sessions := NULL;
    rights := NULL;
END $$;
COMMENT ON FUNCTION changefeed.idle_facts(boolean) IS
    'What idle_state() takes from Odoo''s tables. While one of them is locked, sessions is null and server empty.';

CREATE OR REPLACE FUNCTION changefeed.idle_state(
    seen text DEFAULT NULL, with_rights boolean DEFAULT false, OUT server text, OUT state text, OUT rights text,
    OUT snapshot text,
    OUT devices json, OUT all_devices boolean, OUT changes int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    access CONSTANT text := changefeed.odoo_access_version();
    sessions text;
BEGIN
    snapshot := pg_current_snapshot();
    SELECT f.server, f.sessions, f.rights INTO server, sessions, rights FROM changefeed.idle_facts(with_rights) f;
    -- Changes of users' languages are events of their partners.
    IF access IS NOT NULL AND sessions IS NOT NULL AND NOT pg_is_in_recovery()
       AND EXISTS (SELECT FROM changefeed.tracked_model t WHERE t.model = 'res.partner')
       AND (SELECT count(*) FROM pg_trigger t
            WHERE t.tgrelid = 'changefeed.device'::regclass
              AND t.tgfoid = 'changefeed.note_device_change()'::regprocedure
              AND t.tgname IN ('device_changed', 'device_removed', 'device_emptied') AND t.tgenabled = 'A') = 3 THEN
        state := concat_ws(
            ':', access, sessions, (SELECT c::text FROM changefeed.control c WHERE NOT c.paused),
            (SELECT i::text FROM changefeed.identity i),
            (SELECT md5(string_agg(g::text, ' ' ORDER BY g.id)) FROM changefeed.gap g),
            (SELECT md5(string_agg(concat_ws(' ', s.slot, s.emptied_below, s.emptied_snapshot), ',' ORDER BY s.slot))
             FROM changefeed.slot s WHERE s.emptied_at IS NOT NULL));
        IF (SELECT c.paused FROM changefeed.control c) IS NOT FALSE THEN
            state := NULL;
        END IF;
    END IF;
    SELECT json_agg(DISTINCT c.device_id) FILTER (
        WHERE c.device_id IS NOT NULL AND NOT pg_visible_in_snapshot(c.xid, seen::pg_snapshot)),
           coalesce(bool_or(c.device_id IS NULL AND NOT pg_visible_in_snapshot(c.xid, seen::pg_snapshot)), false),
           count(*)::int
    INTO devices, all_devices, changes FROM changefeed.device_change c;
END $$;
COMMENT ON FUNCTION changefeed.idle_state(text, boolean) IS
    'server, state: a text that changes whenever a fact on which access, credentials and devices'' cursors depend has '
    'changed, other than events and devices (null: unknown, because a table of Odoo is locked, or capture is paused). '
    'rights (with_rights; until Odoo 17): odoo_rights_stamp(). snapshot: of this moment. devices, all_devices: those '
    'changed by transactions that are not visible in seen; changes: rows of device_change.';

CREATE OR REPLACE FUNCTION changefeed.idle_news(seen text, OUT access text, OUT devices boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    -- Without the triggers, which take most of the time.
    access := changefeed.odoo_access_version('');
    devices := EXISTS (SELECT FROM changefeed.device_change d
                       WHERE NOT pg_visible_in_snapshot(d.xid, idle_news.seen::pg_snapshot));
END $$;
COMMENT ON FUNCTION changefeed.idle_news(text) IS
    'The two parts of idle_state() that change most often, for a tenth of its price. access: a text that changes with '
    'every change of access that triggers note; devices: whether devices were changed by transactions that are not '
    'visible in seen.';

-- With a new row: a reader that has not seen a removed one applies this one to all devices.
CREATE OR REPLACE FUNCTION changefeed.prune_device_changes() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone bigint;
BEGIN
    IF (SELECT count(*) FROM changefeed.device_change) < 200 THEN
        RETURN 0;
    END IF;
    -- No session waits for another one that does the same.
    DELETE FROM changefeed.device_change d
    WHERE d.ctid = ANY (ARRAY(SELECT o.ctid FROM changefeed.device_change o FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS gone = ROW_COUNT;
    IF gone > 0 THEN
        INSERT INTO changefeed.device_change (xid) VALUES (pg_current_xact_id());
    END IF;
    RETURN gone;
END $$;
COMMENT ON FUNCTION changefeed.prune_device_changes() IS
    'Replaces the rows of device_change with one, if there are many. Returns how many were removed.';
