-- The doorbell: its keys, and ringing by hand.

CREATE OR REPLACE FUNCTION changefeed.bell_key() RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$ SELECT 4846791580151137091::bigint $$;
COMMENT ON FUNCTION changefeed.bell_key() IS 'Advisory lock key K of the doorbell: held exclusively by the tailer while it sleeps.';

CREATE OR REPLACE FUNCTION changefeed.leader_key() RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$ SELECT 4846791580151137092::bigint $$;
COMMENT ON FUNCTION changefeed.leader_key() IS 'Advisory lock key that the leading replica of the service holds.';

CREATE OR REPLACE FUNCTION changefeed.follower_key() RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS 'SELECT 4846791580151137093';
COMMENT ON FUNCTION changefeed.follower_key() IS 'Advisory lock key that replicas which do not lead share, so that the leader relays to them.';

CREATE OR REPLACE FUNCTION changefeed.archiver_key() RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$ SELECT 4846791580151137094::bigint $$;
COMMENT ON FUNCTION changefeed.archiver_key() IS 'Advisory lock key of the session that runs a step of retention.';

CREATE OR REPLACE FUNCTION changefeed.ring() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF pg_try_advisory_xact_lock_shared(4846791580151137091) THEN
        RETURN false;
    END IF;
    IF pg_notification_queue_usage() < 0.5 THEN
        PERFORM pg_notify('changefeed_bell', '');
        RETURN true;
    END IF;
    RETURN false;
END $$;
COMMENT ON FUNCTION changefeed.ring() IS
    'Rings the doorbell through the path of the captures. True when the bell rings at commit, false when no tailer sleeps.';
