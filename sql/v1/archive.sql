-- The archive: watermarks that remove old events from version 1, without touching the log that devices read.

CREATE OR REPLACE FUNCTION changefeed.archived_at(model text, occurred_at timestamptz, xid xid8) RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT min(a.archived_at) FROM changefeed.archived a
    WHERE (a.model IS NULL OR a.model = $1) AND $2 < a.before AND pg_visible_in_snapshot($3, a.seen)
      AND (a.settled IS NULL OR $3 < a.settled)
$$;
COMMENT ON FUNCTION changefeed.archived_at(text, timestamptz, xid8) IS
    'Since when an existing watermark has archived this row of the log; null if none does.';

-- Below from_log_id only transactions that were running then can have rows that are not archived.
-- In plpgsql, whose plans last for the session: planning for all slots of the log cost more than the answer.
CREATE OR REPLACE FUNCTION changefeed.archive_floors(models text[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
        WITH mark AS MATERIALIZED (
            SELECT a.model, least(a.from_log_id, (
                       SELECT min(e.id) FROM changefeed.event e
                       WHERE e.xid = ANY (ARRAY(SELECT x FROM pg_snapshot_xip(a.seen) x)))) AS log_id
            FROM changefeed.archived a
        )
        SELECT array_agg(coalesce((
            SELECT max(k.log_id) FROM mark k WHERE k.model IS NULL OR k.model = m.name), 0) ORDER BY m.place)
        FROM unnest(models) WITH ORDINALITY m (name, place)
        HAVING EXISTS (SELECT FROM mark));
END $$;
COMMENT ON FUNCTION changefeed.archive_floors(text[]) IS
    'For each of these models a log id below which everything is archived; null if nothing ever was.';

CREATE OR REPLACE FUNCTION changefeed.archivable(
    model text, before timestamptz, settled xid8, since timestamptz DEFAULT '-infinity') RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT count(*) FROM changefeed.v1_event e
            WHERE NOT e.archived AND e.timestamp < archivable.before AND e.timestamp >= archivable.since
              AND (archivable.model IS NULL OR e.model = archivable.model)
              AND (archivable.settled IS NULL
                   OR (SELECT l.xid FROM changefeed.event l WHERE l.id = e.id / 4096) < archivable.settled));
END $$;
COMMENT ON FUNCTION changefeed.archivable(text, timestamptz, xid8, timestamptz) IS
    'How many events version 1 would lose if these were archived: of a model (null: all), from since to before, of '
    'transactions below settled (null: all).';

CREATE OR REPLACE FUNCTION changefeed.add_watermark(model text, before timestamptz, settled xid8, archived_by text)
RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    moment timestamptz := least(before, clock_timestamp());
    fresh changefeed.archived;
BEGIN
    IF before IS NULL OR archived_by IS NULL THEN
        RAISE EXCEPTION 'before and archived_by are required' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- One at a time; readers are not blocked.
    LOCK TABLE changefeed.archived IN SHARE ROW EXCLUSIVE MODE;
    -- One statement, one snapshot: what it counts is what it archives.
    INSERT INTO changefeed.archived AS a (model, before, seen, settled, from_log_id, events, archived_by)
    SELECT add_watermark.model, moment, pg_current_snapshot(), add_watermark.settled,
           -- Ids and times may disagree where a clock was set back, ids and transactions always.
           least(changefeed.first_id_since(moment),
                 (SELECT min(e.id) FROM changefeed.event e WHERE e.occurred_at >= moment),
                 (SELECT min(e.id) FROM changefeed.event e WHERE e.xid >= add_watermark.settled)),
           w.events, add_watermark.archived_by
    FROM changefeed.archivable(add_watermark.model, moment, add_watermark.settled) w (events)
    WHERE w.events > 0
    RETURNING a.* INTO fresh;
    -- The new watermark covers every earlier one that does not extend further.
    DELETE FROM changefeed.archived a
    WHERE a.id <> fresh.id AND a.before <= fresh.before AND (fresh.model IS NULL OR a.model = fresh.model)
      AND (fresh.settled IS NULL OR a.settled <= fresh.settled);
    RETURN coalesce(fresh.events, 0);
END $$;
COMMENT ON FUNCTION changefeed.add_watermark(text, timestamptz, xid8, text) IS
    'Archives visible events before this time, of this model and of transactions below settled (null: all). Returns '
    'how many events version 1 lost; if none, there is no watermark.';

CREATE OR REPLACE FUNCTION changefeed.archive_model(model text, before timestamptz, archived_by text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM changefeed.require_read_committed();
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        RAISE EXCEPTION 'archiving needs its own transaction' USING ERRCODE = 'active_sql_transaction';
    END IF;
    -- A restored database whose transaction ids have not been settled yet.
    PERFORM changefeed.check_identity();
    RETURN changefeed.add_watermark(model, before, NULL, archived_by);
END $$;
COMMENT ON FUNCTION changefeed.archive_model(text, timestamptz, text) IS
    'Archives visible events of a model (null: all) before this time (at most now), settled or not: version 1 stops '
    'showing them, the log keeps them. Returns how many of its events disappeared.';

CREATE OR REPLACE FUNCTION changefeed.archive_before(before timestamptz, archived_by text) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT changefeed.archive_model(NULL, before, archived_by)
$$;
COMMENT ON FUNCTION changefeed.archive_before(timestamptz, text) IS
    'Archives visible events before this time (at most now): version 1 stops showing them, the log keeps them. Returns '
    'how many of its events disappeared.';
