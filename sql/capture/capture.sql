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
--
-- The trigger functions are written from templates: by the end of this file, and by track() for models with rule
-- columns, which have their own functions instead of capture_update() and capture_delete()
-- (capture/rule_captures.sql), and for tables whose fields another model carries (capture/parent_captures.sql). The
-- parts that the templates share stand once, in capture_filled(). The functions contain them, and the value of
-- bell_key(), in full, because a call would cost more than the lock.

CREATE OR REPLACE FUNCTION changefeed.capture_filled(template text, event text, numbered text DEFAULT '') RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    -- Each line of a part is indented as the line of the template that names it.
    SELECT replace(replace(
        string_agg(coalesce(repeat(' ', l.indent) || replace(substr(p.text, 2), E'\n', E'\n' || repeat(' ', l.indent)),
                            l.text),
                   E'\n' ORDER BY l.number),
        '<numbered>', capture_filled.numbered),
        '<event>', capture_filled.event)
    FROM (SELECT t.text, t.number, length(t.text) - length(ltrim(t.text, ' ')) AS indent
          FROM unnest(string_to_array(capture_filled.template, E'\n')) WITH ORDINALITY t (text, number)) l
    LEFT JOIN (VALUES
        -- One row of the log, from the variables chunk and olds.
        ('<append chunk>', $part$
INSERT INTO changefeed.event (slot, epoch, xid, model, event, occurred_at, ids, olds)
SELECT coalesce(c.slot, 0), coalesce(c.epoch, 1), pg_current_xact_id(), TG_ARGV[0], '<event>',
       clock_timestamp(), chunk, olds
FROM (SELECT) here LEFT JOIN changefeed.control c ON true
WHERE c.paused IS NOT TRUE;$part$),
        -- Any number of ids, up to 4,096 in a row of the log.
        ('<append chunks>', $part$
INSERT INTO changefeed.event (slot, epoch, xid, model, event, occurred_at, ids)
SELECT coalesce(c.slot, 0), coalesce(c.epoch, 1), pg_current_xact_id(), TG_ARGV[0], '<event>',
       clock_timestamp(), chunked.ids
FROM (
    SELECT (numbered.position - 1) / 4096 AS number, array_agg(numbered.id ORDER BY numbered.position) AS ids
    FROM (<numbered>) numbered
    GROUP BY 1
) chunked
LEFT JOIN changefeed.control c ON true
WHERE c.paused IS NOT TRUE
ORDER BY chunked.number;$part$),
        -- After an INSERT into the log: rings if it wrote anything.
        ('<ring>', $part$
IF FOUND AND NOT pg_try_advisory_xact_lock_shared(4846791580151137091) THEN
    IF pg_notification_queue_usage() < 0.5 THEN
        PERFORM pg_notify('changefeed_bell', '');
    END IF;
END IF;$part$)) p (name, text) ON p.name = ltrim(l.text, ' ')
$function$;
COMMENT ON FUNCTION changefeed.capture_filled(text, text, text) IS
    'The text of a trigger function from its template: each line <append chunk>, <append chunks> or <ring> becomes '
    'that part, <event> the kind of event that it writes, '
    '<numbered> the query of the ids that <append chunks> writes, with their positions.';

DO $do$
DECLARE
    -- Of an INSERT, UPDATE or DELETE. <rows> is the transition table.
    of_rows CONSTANT text := $template$
BEGIN
    INSERT INTO changefeed.event (slot, epoch, xid, model, event, occurred_at, ids)
    SELECT n.*
    FROM (SELECT c.slot, c.epoch, pg_current_xact_id(), TG_ARGV[0], '<event>', clock_timestamp(),
                 ARRAY(SELECT r.id::bigint FROM <rows> r LIMIT 4097) AS ids
          FROM changefeed.control c WHERE NOT c.paused OFFSET 0) n
    WHERE cardinality(n.ids) BETWEEN 1 AND 4096;
    IF NOT FOUND THEN
        -- No rows or many, paused, or a snapshot that does not see the control row. Sorting spills to disk, so that
        -- memory stays bounded whatever the size of the statement.
        <append chunks>
    END IF;
    <ring>
    RETURN NULL;
END $template$;
    of_truncate CONSTANT text := $template$
BEGIN
    INSERT INTO changefeed.event (slot, epoch, xid, model, event, occurred_at, ids)
    SELECT coalesce(c.slot, 0), coalesce(c.epoch, 1), pg_current_xact_id(), TG_ARGV[0], '<event>',
           clock_timestamp(), '{}'
    FROM (SELECT) here LEFT JOIN changefeed.control c ON true
    WHERE c.paused IS NOT TRUE;
    <ring>
    RETURN NULL;
END $template$;
    made record;
BEGIN
    FOR made IN
        SELECT * FROM (VALUES
            ('capture_insert', 'create', replace(of_rows, '<rows>', 'new_rows'), 'new_rows',
             'logs the records of one INSERT statement as create.'),
            ('capture_update', 'write', replace(of_rows, '<rows>', 'new_rows'), 'new_rows',
             'logs the records of one UPDATE statement as write.'),
            ('capture_delete', 'unlink', replace(of_rows, '<rows>', 'old_rows'), 'old_rows',
             'logs the records of one DELETE statement as unlink.'),
            ('capture_truncate', 'truncate', of_truncate, '',
             'logs one truncate event for the model, without record ids.')) v (name, event, template, rows, description)
    LOOP
        EXECUTE format(
            'CREATE OR REPLACE FUNCTION changefeed.%I() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER '
            'SET search_path = pg_catalog, pg_temp AS %L',
            made.name, changefeed.capture_filled(
                made.template, made.event,
                format('SELECT r.id::bigint AS id, row_number() OVER () AS position FROM %s r', made.rows)));
        EXECUTE format('COMMENT ON FUNCTION changefeed.%I() IS %L', made.name,
                       format('Trigger function: %s Argument: the model.', made.description));
    END LOOP;
END $do$;
