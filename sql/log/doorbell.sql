-- The keys of the feed's advisory locks, and ringing the doorbell by hand.
--
-- Where a call would cost too much, or before this file has run, the number itself is written: in
-- capture/capture.sql, odoo/access_version.sql and install.sql. A test (SQLScriptTests) compares them.

CREATE OR REPLACE FUNCTION changefeed.installation_key() RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$ SELECT 4846791580151137090::bigint $$;
COMMENT ON FUNCTION changefeed.installation_key() IS
    'Advisory lock key of an installation, and of all else that creates trigger functions or changes rights.';

CREATE OR REPLACE FUNCTION changefeed.bell_key() RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$ SELECT 4846791580151137091::bigint $$;
COMMENT ON FUNCTION changefeed.bell_key() IS
    'Advisory lock key K of the doorbell: held exclusively by the tailer while it sleeps.';

CREATE OR REPLACE FUNCTION changefeed.leader_key() RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$ SELECT 4846791580151137092::bigint $$;
COMMENT ON FUNCTION changefeed.leader_key() IS 'Advisory lock key that the leading replica of the service holds.';

CREATE OR REPLACE FUNCTION changefeed.follower_key() RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS 'SELECT 4846791580151137093';
COMMENT ON FUNCTION changefeed.follower_key() IS
    'Advisory lock key that replicas which do not lead share, so that the leader relays to them.';

CREATE OR REPLACE FUNCTION changefeed.archiver_key() RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$ SELECT 4846791580151137094::bigint $$;
COMMENT ON FUNCTION changefeed.archiver_key() IS 'Advisory lock key of the session that runs a step of retention.';

CREATE OR REPLACE FUNCTION changefeed.ring() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF pg_try_advisory_xact_lock_shared(changefeed.bell_key()) THEN
        RETURN false;
    END IF;
    IF pg_notification_queue_usage() < 0.5 THEN
        PERFORM pg_notify('changefeed_bell', '');
        RETURN true;
    END IF;
    RETURN false;
END $$;
COMMENT ON FUNCTION changefeed.ring() IS
    'Rings the doorbell through the path of the captures. True when the bell rings at commit, '
    'false when no tailer sleeps.';
