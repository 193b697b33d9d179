-- Only for `changefeed bench`: copies of one of Odoo's tables, with its columns, indexes, constraints and foreign keys,
-- so that nothing of Odoo's is written. bench/teardown.sql removes them.
--
-- bare: no trigger. captured: the feed's triggers, with the rule columns of the copied table's model. silent: the
-- same trigger without the doorbell. notifying: the same trigger with a NOTIFY for every statement. The last two are
-- made from the present text of captured's trigger function, so that nothing else differs.
DROP SCHEMA IF EXISTS changefeed_bench CASCADE;
CREATE SCHEMA changefeed_bench;
COMMENT ON SCHEMA changefeed_bench IS 'Tables of `changefeed bench`; may be dropped at any time.';
GRANT USAGE ON SCHEMA changefeed_bench TO changefeed_owner;

CREATE PROCEDURE changefeed_bench.make(source regclass, wanted_rows int, copies text[])
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- Generated columns fill themselves.
    columns text := (
        SELECT string_agg(format('%I', a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = source AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'id'
          AND a.attgenerated = '');
    copy text;
    foreign_key record;
    capture text;
    text_of_capture text;
    tracked record;
BEGIN
    FOREACH copy IN ARRAY copies LOOP
        EXECUTE format('CREATE TABLE changefeed_bench.%I (LIKE %s INCLUDING ALL)', copy, source);
        EXECUTE format('ALTER TABLE changefeed_bench.%I OWNER TO %s', copy,
                       (SELECT c.relowner::regrole FROM pg_class c WHERE c.oid = source));
        EXECUTE format(
            'INSERT INTO changefeed_bench.%I (id, %s) SELECT row_number() OVER (), %s FROM %s '
            'CROSS JOIN generate_series(1, %s) LIMIT %s', copy, columns, columns, source, wanted_rows, wanted_rows);
        FOR foreign_key IN
            SELECT c.conname, pg_get_constraintdef(c.oid) AS definition FROM pg_constraint c
            WHERE c.conrelid = source AND c.contype = 'f' AND c.conparentid = 0
        LOOP
            EXECUTE format('ALTER TABLE changefeed_bench.%I ADD CONSTRAINT %I %s', copy, foreign_key.conname,
                           foreign_key.definition);
        END LOOP;
    END LOOP;

    PERFORM changefeed.track('bench.captured', 'changefeed_bench.captured');
    SELECT m.rule_columns, m.keeps_followers INTO tracked FROM changefeed.tracked_model m
    WHERE to_regclass(format('%I.%I', m.table_schema, m.table_name)) = source;
    IF FOUND AND changefeed.own_capture('bench.captured', 'update') IS NOT NULL THEN
        PERFORM changefeed.write_captures('bench.captured', 'changefeed_bench.captured', tracked.rule_columns,
                                          tracked.keeps_followers);
    END IF;
    capture := changefeed.trigger_function('bench.captured', 'update')::text;
    text_of_capture := pg_get_functiondef(changefeed.trigger_function('bench.captured', 'update'));
    EXECUTE replace(replace(text_of_capture, capture, 'changefeed_bench.capture_silent'),
                    'pg_try_advisory_xact_lock_shared(' || changefeed.bell_key() || ')', 'true');
    EXECUTE replace(replace(text_of_capture, capture, 'changefeed_bench.capture_notifying'),
                    'pg_try_advisory_xact_lock_shared(' || changefeed.bell_key() || ')', 'false');
    FOREACH copy IN ARRAY ARRAY['silent', 'notifying'] LOOP
        CONTINUE WHEN copy <> ALL (copies);
        EXECUTE format('ALTER FUNCTION changefeed_bench.%I() OWNER TO changefeed_owner', 'capture_' || copy);
        EXECUTE format(
            'CREATE TRIGGER changefeed_update AFTER UPDATE ON changefeed_bench.%I '
            'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT '
            'EXECUTE FUNCTION changefeed_bench.%I(%L)', copy, 'capture_' || copy, 'bench.' || copy);
        EXECUTE format('ALTER TABLE changefeed_bench.%I ENABLE ALWAYS TRIGGER changefeed_update', copy);
    END LOOP;
END $$;
