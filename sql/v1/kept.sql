-- Version 1's answers are cached as long as nothing has happened on which they depend: docs/design/cost.md.

-- The log as a snapshot sees it: the highest transaction in it, and those below that are still running. Two snapshots
-- for which these are the same see the same rows, unless a slot was emptied in between. A change of a record commits
-- together with its row of the log, so they see the same records of tracked models, too, unless capture was paused or
-- a trigger was missing. No state comes back: transactions end for good, numbers of gaps, archives and epochs rise, and
-- a trigger that was disabled has another xmin.
CREATE OR REPLACE FUNCTION changefeed.v1_state(stamp text, before text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    slots record;
BEGIN
    -- Changes by this transaction itself have no state. Since the state before it has only cached something.
    IF stamp IS NULL OR before IS NULL AND pg_current_xact_id_if_assigned() IS NOT NULL THEN
        RETURN NULL;
    END IF;
    slots := changefeed.used_slots();
    RETURN (
        SELECT concat_ws(
            ':', stamp, c.epoch, n.xid,
            (SELECT string_agg(x::text, ',' ORDER BY x) FROM pg_snapshot_xip(pg_current_snapshot()) x WHERE x <= n.xid),
            (SELECT string_agg(concat_ws(' ', s.slot, s.emptied_snapshot), ',' ORDER BY s.slot)
             FROM changefeed.slot s WHERE s.emptied_snapshot IS NOT NULL),
            (SELECT concat_ws(' ', 'archived', count(*), max(a.id)) FROM changefeed.archived a), 'gaps', g.last_id,
            k.mark)
        FROM changefeed.control c
        CROSS JOIN (SELECT max(p.id) AS last_id, bool_or(p.to_snapshot IS NULL AND (p.model IS NULL OR EXISTS (
                               SELECT FROM changefeed.tracked_model t WHERE t.model = p.model))) AS is_open
                    FROM changefeed.gap p) g
        CROSS JOIN (SELECT count(r.oid) = 4 * count(DISTINCT o.oid) AS is_whole,
                           sum(hashint8extended((r.oid::bigint << 32) | r.xmin::text::bigint, 0)) AS mark
                    FROM changefeed.tracked_model t
                    JOIN pg_namespace s ON s.nspname = t.table_schema
                    JOIN pg_class o ON o.relnamespace = s.oid AND o.relname = t.table_name
                    LEFT JOIN pg_trigger r ON r.tgrelid = o.oid AND r.tgenabled = 'A' AND r.tgname = ANY (
                        '{changefeed_insert,changefeed_update,changefeed_delete,changefeed_truncate}'::name[])) k
        LEFT JOIN (SELECT e.xid FROM changefeed.event e WHERE e.slot BETWEEN slots.first_slot AND slots.last_slot
                   ORDER BY e.xid DESC LIMIT 1) n ON true
        -- A pause is an open gap until the last transaction of that time has ended: till then, and without triggers,
        -- records change in silence.
        WHERE k.is_whole AND g.is_open IS NOT TRUE);
END $$;
COMMENT ON FUNCTION changefeed.v1_state(text, text) IS
    'A text that differs for every state of the log and of what decides what a user sees (stamp, from access_stamp()). '
    'Null: unknown, or this transaction writes. before: what it was earlier in the same request.';

CREATE OR REPLACE FUNCTION changefeed.v1_lasting(scopes changefeed.model_scope[]) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
SET quote_all_identifiers = off AS $$
DECLARE
    known CONSTANT text[] := ARRAY(
        SELECT format('%I.%I', m.table_schema, m.table_name) FROM changefeed.tracked_model m
        UNION ALL SELECT format('public.%I', w) FROM unnest(changefeed.odoo_watched_tables('public')) w);
BEGIN
    RETURN ARRAY(
        SELECT s.model FROM unnest(scopes) s
        WHERE s.predicate IS NULL
           -- Not the time of day, and no functions, which may read anything.
           OR concat_ws(' ', s.predicate, s.formerly) !~ 'now[(]|changefeed[.]'
              AND EXISTS (SELECT FROM changefeed.compiled_rules c
                          WHERE c.model = s.model AND c.predicate = s.predicate)
              AND NOT EXISTS (
                  SELECT FROM changefeed.compiled_rules c CROSS JOIN LATERAL jsonb_object_keys(c.reads) r (source)
                  WHERE c.model = s.model AND c.predicate = s.predicate AND r.source <> ALL (known)));
END $$;
COMMENT ON FUNCTION changefeed.v1_lasting(changefeed.model_scope[]) IS
    'The models of which scopes show the same as long as v1_state() stays: their conditions read only tables of '
    'tracked models and those whose changes are changes of access.';

CREATE OR REPLACE FUNCTION changefeed.v1_keep(question bytea, scopes changefeed.model_scope[], answer text) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO changefeed.kept_access (question, until, scopes, shape)
    VALUES (question, clock_timestamp() + interval '1 minute', scopes, answer);
    -- Occasionally, so that it stays small.
    IF random() < 0.02 THEN
        PERFORM changefeed.forget_access();
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.v1_keep(bytea, changefeed.model_scope[], text) IS
    'Caches an answer of version 1 for a minute, beside those of known_access().';
