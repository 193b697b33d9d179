-- Events of deleted records: the webhook mixin's daily clean-up, without touching the log.

CREATE OR REPLACE FUNCTION changefeed.hide_orphans(dry_run boolean) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    hidden bigint := 0;
    found bigint;
    shown record;
BEGIN
    -- Events that version 1 no longer shows need no hiding.
    IF NOT dry_run THEN
        DELETE FROM changefeed.orphan o
        WHERE o.event_id / 4096 < (SELECT coalesce(min(e.id), 9223372036854775807) FROM changefeed.event e);
    END IF;
    FOR shown IN
        SELECT e.model, array_agg(e.record_id) AS ids
        FROM changefeed.v1_event e
        WHERE NOT e.archived AND e.event IN ('create', 'write')
        GROUP BY e.model
    LOOP
        IF dry_run THEN
            SELECT count(*) INTO found
            FROM unnest(shown.ids) i (id)
            WHERE i.id IN (SELECT unnest(changefeed.rules_missing_records(shown.model, shown.ids)));
        ELSE
            WITH gone AS MATERIALIZED (
                SELECT i.id, count(*) AS events FROM unnest(shown.ids) i (id)
                WHERE i.id IN (SELECT unnest(changefeed.rules_missing_records(shown.model, shown.ids)))
                GROUP BY i.id
            ), noted AS (
                INSERT INTO changefeed.orphan (model, record_id, event_id)
                -- Up to their newest event, because a hidden create uncovers the writes behind it.
                SELECT shown.model, r.record_id, max(e.id * 4096 + r.ordinal - 1)
                FROM changefeed.event e CROSS JOIN LATERAL unnest(e.ids) WITH ORDINALITY r (record_id, ordinal)
                WHERE e.model = shown.model AND e.event IN ('create', 'write')
                  AND r.record_id IN (SELECT g.id FROM gone g)
                GROUP BY r.record_id
                ON CONFLICT (model, record_id) DO UPDATE SET event_id = excluded.event_id
            )
            SELECT coalesce(sum(g.events), 0) INTO found FROM gone g;
        END IF;
        hidden := hidden + found;
    END LOOP;
    -- For cached answers of version 1: the log does not show it.
    IF hidden > 0 AND NOT dry_run THEN
        PERFORM changefeed.access_changed();
    END IF;
    RETURN hidden;
END $$;
COMMENT ON FUNCTION changefeed.hide_orphans(boolean) IS
    'Hides from version 1 the creates and writes of records that Odoo no longer has. Returns the number of events '
    '(dry_run: that would be hidden).';
