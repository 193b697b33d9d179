-- Capture: what the triggers on Odoo's tables run, inside Odoo's own transactions.
--
-- The path is designed so that it cannot fail: no exception block (each would cost a subtransaction), no lock that
-- another session could hold against it, one INSERT. The control row supplies slot and epoch, and a pause in it stops
-- capture; a transaction whose snapshot is older than the installation does not see the row and writes as at the
-- beginning. The usual case, a few rows, is one run of the executor: starting and ending a run costs more than its
-- work, especially after a wait, when none of it is in the processor's cache. OFFSET 0 makes the array be built once.
-- The doorbell: the sleeping tailer holds K exclusively, so the shared try fails and the bell rings; while it is awake
-- the try succeeds and NOTIFY's price is not paid. A NOTIFY queue that is filling up (a listener hangs) would make
-- commits fail, so the bell stays silent then; the tailer's slow poll is the fallback.
-- Models with rule columns have their own functions instead of capture_update() and capture_delete():
-- capture/rule_captures.sql. The keys: bell_key() and leader_key(), written out here because a call would cost more
-- than the lock.

CREATE OR REPLACE FUNCTION changefeed.capture_insert() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO changefeed.event (slot, epoch, xid, model, event, occurred_at, ids)
    SELECT n.*
    FROM (SELECT c.slot, c.epoch, pg_current_xact_id(), TG_ARGV[0], 'create', clock_timestamp(),
                 ARRAY(SELECT r.id::bigint FROM new_rows r LIMIT 4097) AS ids
          FROM changefeed.control c WHERE NOT c.paused OFFSET 0) n
    WHERE cardinality(n.ids) BETWEEN 1 AND 4096;
    IF NOT FOUND THEN
        -- No rows or many, paused, or a snapshot that does not see the control row. Sorting spills to disk, so that
        -- memory stays bounded whatever the size of the statement.
        INSERT INTO changefeed.event (slot, epoch, xid, model, event, occurred_at, ids)
        SELECT coalesce(c.slot, 0), coalesce(c.epoch, 1), pg_current_xact_id(), TG_ARGV[0], 'create', clock_timestamp(), chunked.ids
        FROM (
            SELECT (numbered.position - 1) / 4096 AS number, array_agg(numbered.id ORDER BY numbered.position) AS ids
            FROM (SELECT r.id::bigint AS id, row_number() OVER () AS position FROM new_rows r) numbered
            GROUP BY 1
        ) chunked
        LEFT JOIN changefeed.control c ON true
        WHERE c.paused IS NOT TRUE
        ORDER BY chunked.number;
    END IF;
    IF FOUND AND NOT pg_try_advisory_xact_lock_shared(4846791580151137091) THEN
        IF pg_notification_queue_usage() < 0.5 THEN
            PERFORM pg_notify('changefeed_bell', '');
        END IF;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION changefeed.capture_insert() IS
    'Trigger function: logs the records of one INSERT statement as create. Argument: the model.';

CREATE OR REPLACE FUNCTION changefeed.capture_update() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO changefeed.event (slot, epoch, xid, model, event, occurred_at, ids)
    SELECT n.*
    FROM (SELECT c.slot, c.epoch, pg_current_xact_id(), TG_ARGV[0], 'write', clock_timestamp(),
                 ARRAY(SELECT r.id::bigint FROM new_rows r LIMIT 4097) AS ids
          FROM changefeed.control c WHERE NOT c.paused OFFSET 0) n
    WHERE cardinality(n.ids) BETWEEN 1 AND 4096;
    IF NOT FOUND THEN
        -- No rows or many, paused, or a snapshot that does not see the control row. Sorting spills to disk, so that
        -- memory stays bounded whatever the size of the statement.
        INSERT INTO changefeed.event (slot, epoch, xid, model, event, occurred_at, ids)
        SELECT coalesce(c.slot, 0), coalesce(c.epoch, 1), pg_current_xact_id(), TG_ARGV[0], 'write', clock_timestamp(), chunked.ids
        FROM (
            SELECT (numbered.position - 1) / 4096 AS number, array_agg(numbered.id ORDER BY numbered.position) AS ids
            FROM (SELECT r.id::bigint AS id, row_number() OVER () AS position FROM new_rows r) numbered
            GROUP BY 1
        ) chunked
        LEFT JOIN changefeed.control c ON true
        WHERE c.paused IS NOT TRUE
        ORDER BY chunked.number;
    END IF;
    IF FOUND AND NOT pg_try_advisory_xact_lock_shared(4846791580151137091) THEN
        IF pg_notification_queue_usage() < 0.5 THEN
            PERFORM pg_notify('changefeed_bell', '');
        END IF;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION changefeed.capture_update() IS
    'Trigger function: logs the records of one UPDATE statement as write. Argument: the model.';

CREATE OR REPLACE FUNCTION changefeed.capture_delete() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO changefeed.event (slot, epoch, xid, model, event, occurred_at, ids)
    SELECT n.*
    FROM (SELECT c.slot, c.epoch, pg_current_xact_id(), TG_ARGV[0], 'unlink', clock_timestamp(),
                 ARRAY(SELECT r.id::bigint FROM old_rows r LIMIT 4097) AS ids
          FROM changefeed.control c WHERE NOT c.paused OFFSET 0) n
    WHERE cardinality(n.ids) BETWEEN 1 AND 4096;
    IF NOT FOUND THEN
        -- No rows or many, paused, or a snapshot that does not see the control row. Sorting spills to disk, so that
        -- memory stays bounded whatever the size of the statement.
        INSERT INTO changefeed.event (slot, epoch, xid, model, event, occurred_at, ids)
        SELECT coalesce(c.slot, 0), coalesce(c.epoch, 1), pg_current_xact_id(), TG_ARGV[0], 'unlink', clock_timestamp(), chunked.ids
        FROM (
            SELECT (numbered.position - 1) / 4096 AS number, array_agg(numbered.id ORDER BY numbered.position) AS ids
            FROM (SELECT r.id::bigint AS id, row_number() OVER () AS position FROM old_rows r) numbered
            GROUP BY 1
        ) chunked
        LEFT JOIN changefeed.control c ON true
        WHERE c.paused IS NOT TRUE
        ORDER BY chunked.number;
    END IF;
    IF FOUND AND NOT pg_try_advisory_xact_lock_shared(4846791580151137091) THEN
        IF pg_notification_queue_usage() < 0.5 THEN
            PERFORM pg_notify('changefeed_bell', '');
        END IF;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION changefeed.capture_delete() IS
    'Trigger function: logs the records of one DELETE statement as unlink. Argument: the model.';

CREATE OR REPLACE FUNCTION changefeed.capture_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO changefeed.event (slot, epoch, xid, model, event, occurred_at, ids)
    SELECT coalesce(c.slot, 0), coalesce(c.epoch, 1), pg_current_xact_id(), TG_ARGV[0], 'truncate', clock_timestamp(), '{}'
    FROM (SELECT) here LEFT JOIN changefeed.control c ON true
    WHERE c.paused IS NOT TRUE;
    IF FOUND AND NOT pg_try_advisory_xact_lock_shared(4846791580151137091) THEN
        IF pg_notification_queue_usage() < 0.5 THEN
            PERFORM pg_notify('changefeed_bell', '');
        END IF;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION changefeed.capture_truncate() IS
    'Trigger function: logs one truncate event for the model, without record ids. Argument: the model.';
