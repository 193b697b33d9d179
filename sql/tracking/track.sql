-- Tracking: which table belongs to a model, and attaching or detaching its four triggers.

CREATE OR REPLACE FUNCTION changefeed.require_read_committed() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'this needs a transaction of isolation level READ COMMITTED'
            USING ERRCODE = 'invalid_transaction_state',
                  DETAIL = 'An older snapshot does not show what other transactions have committed, '
                           'so a gap would go unnoticed.',
                  HINT = 'Call it outside a transaction, or after BEGIN ISOLATION LEVEL READ COMMITTED; if another '
                         'level is the default, first SET default_transaction_isolation = ''read committed''.';
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.require_read_committed() IS
    'Refuses a transaction whose snapshot may be older than its locks.';

CREATE OR REPLACE FUNCTION changefeed.table_of(model text) RETURNS regclass
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found regclass;
BEGIN
    IF changefeed.odoo_table('ir_model') IS NULL THEN
        RAISE EXCEPTION 'this database has no Odoo: table public.ir_model is missing'
            USING ERRCODE = 'undefined_table',
                  HINT = 'Connect to Odoo''s own database. To track a table of another kind: '
                         'SELECT changefeed.track(model, table).';
    END IF;
    IF NOT changefeed.odoo_has_model(table_of.model) THEN
        RAISE EXCEPTION 'model "%" does not exist in this database', table_of.model
            USING ERRCODE = 'undefined_object',
                  HINT = 'SELECT model FROM ir_model '
                         'ORDER BY 1 lists the models. To get a missing one, install its Odoo module.';
    END IF;
    found := changefeed.odoo_model_table(table_of.model);
    IF found IS NULL THEN
        RAISE EXCEPTION 'no ordinary table was found for model "%"', table_of.model
            USING ERRCODE = 'undefined_table',
                  HINT = 'It may be abstract or based on a view. If its table has another name: '
                         'SELECT changefeed.track(model, table).';
    END IF;
    RETURN found;
END $$;
COMMENT ON FUNCTION changefeed.table_of(text) IS
    'The table of an Odoo model, found in the database. Refuses unknown models and views.';

CREATE OR REPLACE FUNCTION changefeed.lock_holders(target regclass) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT string_agg(format('pid %s (user %s, application "%s", transaction %s old, query: %s)', a.pid, a.usename,
                             a.application_name, date_trunc('second', clock_timestamp() - a.xact_start),
                             left(regexp_replace(a.query, '[[:space:]]+', ' ', 'g'), 80)), '; ')
    FROM pg_stat_activity a
    WHERE a.pid <> pg_backend_pid()
      AND EXISTS (SELECT FROM pg_locks l
                  WHERE l.pid = a.pid AND l.relation = target AND l.granted
                    AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))
$$;
COMMENT ON FUNCTION changefeed.lock_holders(regclass) IS 'The holders of locks on a table, as one line of text.';

CREATE OR REPLACE FUNCTION changefeed.wait_for_table(target regclass, attempt int) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF attempt IN (1, 5, 10, 15, 20) THEN
        RAISE NOTICE 'table % is in use, try % of 20: %', target, attempt,
            coalesce(changefeed.lock_holders(target), 'the lock holder has just finished');
    END IF;
    IF attempt < 20 THEN
        PERFORM pg_sleep(least(0.05 * 1.5::float8 ^ (attempt - 1), 1.0) * (0.75 + random() / 2));
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.wait_for_table(regclass, int) IS
    'After a try of 20 to lock a table that failed: names the lock holders now and then, and pauses, longer each time. '
    'The caller holds no lock on it meanwhile.';

CREATE OR REPLACE FUNCTION changefeed.give_up_table(target regclass) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'could not lock table % within 20 tries', target
        USING ERRCODE = 'lock_not_available',
              DETAIL = coalesce(changefeed.lock_holders(target), 'The lock holder has finished.'),
              HINT = 'Nothing was changed. Run it again when that transaction has ended.';
END $$;
COMMENT ON FUNCTION changefeed.give_up_table(regclass) IS 'The error after 20 tries to lock a table, with its holders.';

CREATE OR REPLACE FUNCTION changefeed.trigger_state(target regclass, model text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN target IS NULL THEN 'no table'
        WHEN count(t.oid) = 0 THEN 'missing'
        WHEN count(t.oid) < 4 THEN 'incomplete'
        WHEN bool_or(t.tgenabled = 'D') THEN 'disabled'
        WHEN bool_or(t.tgenabled <> 'A') THEN 'not always'
        WHEN bool_or(t.tgfoid IS DISTINCT FROM changefeed.trigger_function(trigger_state.model, wanted.kind)::oid
                     OR t.tgargs IS DISTINCT FROM convert_to(trigger_state.model, 'UTF8') || decode('00', 'hex')
                     OR t.tgtype <> wanted.type
                     OR t.tgnewtable IS DISTINCT FROM CASE WHEN wanted.type IN (4, 16) THEN 'new_rows'::name END
                     OR t.tgoldtable IS DISTINCT FROM CASE
                            WHEN wanted.type = 8 OR wanted.type = 16 AND wanted.is_own THEN 'old_rows'::name END
                     OR t.tgqual IS NOT NULL OR t.tgattr <> ''::int2vector) THEN 'foreign'
        WHEN EXISTS (SELECT FROM changefeed.tracked_model m
                     WHERE m.model = trigger_state.model
                       AND changefeed.captures_drift(m.model, target, m.rule_columns, m.keeps_followers) > 0)
        THEN 'stale'
        ELSE 'enabled'
    END
    FROM (
        -- Types as in pg_trigger.tgtype: statement level, after; 4 insert, 8 delete, 16 update, 32 truncate.
        SELECT k.kind, k.type, 'changefeed_' || k.kind AS name,
               changefeed.own_capture(trigger_state.model, k.kind) IS NOT NULL AS is_own
        FROM (VALUES ('insert', 4), ('delete', 8), ('update', 16), ('truncate', 32)) k (kind, type)) wanted
    LEFT JOIN pg_trigger t ON t.tgrelid = target AND t.tgname = wanted.name AND NOT t.tgisinternal
$$;
COMMENT ON FUNCTION changefeed.trigger_state(regclass, text) IS
    'State of the four triggers on a table: enabled, missing, incomplete, disabled, not always, foreign (other '
    'function, model or form), stale (their functions keep other columns than tracked_model lists, '
    'or are older), no table.';

CREATE OR REPLACE FUNCTION changefeed.try_change_triggers(
    model text, target regclass, attach boolean, columns name[], followers boolean) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    previous text := current_setting('lock_timeout');
    state text;
    kind text;
BEGIN
    -- Leaving this block by the exception releases the locks: no session sleeps while holding them.
    BEGIN
        PERFORM set_config('lock_timeout', '100ms', true);
        IF attach THEN
            EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', target);
        ELSE
            EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', target);
        END IF;
        IF attach AND changefeed.captures_are_fine(model, target, columns, followers) THEN
            PERFORM set_config('lock_timeout', previous, true);
            RETURN true;
        END IF;
        state := changefeed.trigger_state(target, model);
        -- Its triggers were missing or disabled for an unknown time,
        -- so the gap begins with the last event of the model.
        IF attach AND state NOT IN ('enabled', 'stale') THEN
            INSERT INTO changefeed.gap (model, epoch, reason, from_log_id, from_snapshot)
            SELECT m.model, c.epoch, 'its triggers were ' || state,
                   coalesce(-(SELECT min(-e.id) FROM changefeed.event e WHERE e.model = m.model), 0), '1:1:'
            FROM changefeed.tracked_model m, changefeed.control c
            WHERE m.model = try_change_triggers.model
              AND NOT EXISTS (SELECT FROM changefeed.gap g WHERE g.model = m.model AND g.ended_at IS NULL);
        END IF;
        FOREACH kind IN ARRAY ARRAY['insert', 'update', 'delete', 'truncate'] LOOP
            IF EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = target AND t.tgname = 'changefeed_' || kind) THEN
                EXECUTE format('DROP TRIGGER %I ON %s', 'changefeed_' || kind, target);
            END IF;
        END LOOP;
        -- Without a model: all triggers of the feed, for uninstall.sql.
        IF NOT attach AND model = '' THEN
            FOR kind IN
                SELECT t.tgname FROM pg_trigger t
                WHERE t.tgrelid = target
                  AND (starts_with(t.tgname::text, 'changefeed_parent_') OR t.tgname = 'changefeed_access')
            LOOP
                EXECUTE format('DROP TRIGGER %I ON %s', kind, target);
            END LOOP;
        END IF;
        PERFORM changefeed.write_captures(model, target, columns, followers);
        IF attach THEN
            FOREACH kind IN ARRAY ARRAY['insert', 'update', 'delete', 'truncate'] LOOP
                EXECUTE format(
                    'CREATE TRIGGER %I AFTER %s ON %s %s FOR EACH STATEMENT EXECUTE FUNCTION %s(%L)',
                    'changefeed_' || kind, upper(kind COLLATE "C"), target,
                    CASE kind WHEN 'truncate' THEN '' WHEN 'delete' THEN 'REFERENCING OLD TABLE AS old_rows'
                              WHEN 'insert' THEN 'REFERENCING NEW TABLE AS new_rows'
                              ELSE CASE WHEN changefeed.own_capture(model, kind) IS NULL
                                        THEN 'REFERENCING NEW TABLE AS new_rows'
                                        ELSE 'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows' END END,
                    changefeed.trigger_function(model, kind), model);
                EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', target, 'changefeed_' || kind);
            END LOOP;
        END IF;
        PERFORM set_config('lock_timeout', previous, true);
        RETURN true;
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
        PERFORM set_config('lock_timeout', previous, true);
        RETURN false;
    END;
END $$;
COMMENT ON FUNCTION changefeed.try_change_triggers(text, regclass, boolean, name[], boolean) IS
    'One try to attach (or detach) the triggers of a table, waiting at most 100 ms for its lock. False: '
    'another session holds it.';

CREATE OR REPLACE FUNCTION changefeed.change_triggers(model text, target regclass, attach boolean) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    columns name[] := '{}';
    followers boolean := false;
BEGIN
    IF attach THEN
        columns := changefeed.odoo_rule_columns(model, target);
        followers := changefeed.odoo_keeps_followers(model);
        IF changefeed.captures_are_fine(model, target, columns, followers) THEN
            RETURN true;
        END IF;
    END IF;
    -- Functions have to be created or dropped: never while the table is locked.
    IF changefeed.captures_drift(model, target, columns, followers) > 0 THEN
        PERFORM pg_advisory_xact_lock(changefeed.installation_key());
    END IF;
    FOR attempt IN 1..20 LOOP
        IF changefeed.try_change_triggers(model, target, attach, columns, followers) THEN
            RETURN true;
        END IF;
        PERFORM changefeed.wait_for_table(target, attempt);
    END LOOP;
    RETURN false;
END $$;
COMMENT ON FUNCTION changefeed.change_triggers(text, regclass, boolean) IS
    'Attaches or detaches triggers in up to 20 tries with growing pauses that hold no lock on the table, '
    'naming the lock holders.';

CREATE OR REPLACE FUNCTION changefeed.note_tracked(model text, target regclass) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO changefeed.tracked_model (model, table_schema, table_name, rule_columns, keeps_followers)
    SELECT note_tracked.model, n.nspname, c.relname,
           changefeed.odoo_rule_columns(note_tracked.model, target), changefeed.odoo_keeps_followers(note_tracked.model)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = target
    ON CONFLICT ON CONSTRAINT tracked_model_pkey
    DO UPDATE SET table_schema = excluded.table_schema, table_name = excluded.table_name,
                  rule_columns = excluded.rule_columns, keeps_followers = excluded.keeps_followers
    WHERE (tracked_model.table_schema, tracked_model.table_name, tracked_model.rule_columns,
           tracked_model.keeps_followers)
          IS DISTINCT FROM (excluded.table_schema, excluded.table_name, excluded.rule_columns,
                            excluded.keeps_followers);

    UPDATE changefeed.gap g
    SET ended_at = clock_timestamp(), ended_by = session_user
    WHERE g.model = note_tracked.model AND g.ended_at IS NULL;
$$;
COMMENT ON FUNCTION changefeed.note_tracked(text, regclass) IS
    'Records that a model is tracked and ends its open gap; settle() finds its snapshot.';

CREATE OR REPLACE FUNCTION changefeed.track(model text, target regclass) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $$
DECLARE
    kind "char";
    other text;
BEGIN
    PERFORM changefeed.require_read_committed();
    IF track.model IS NULL OR track.model !~ '^[a-z0-9_.]{1,128}$' THEN
        RAISE EXCEPTION 'a model''s name is 1 to 128 of a-z, 0-9, "_" and "."'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT c.relkind INTO kind FROM pg_class c WHERE c.oid = target;
    IF kind IS DISTINCT FROM 'r' THEN
        RAISE EXCEPTION '% is not an ordinary table', target
            USING ERRCODE = 'wrong_object_type',
                  HINT = 'Views and partitioned tables cannot be captured by statement; '
                         'track the model whose table it reads.';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = target AND a.attname = 'id' AND NOT a.attisdropped
                   AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)) THEN
        RAISE EXCEPTION 'table % has no integer column "id"', target
            USING ERRCODE = 'undefined_column', HINT = 'Only tables of Odoo models can be tracked.';
    END IF;
    SELECT m.model INTO other FROM changefeed.tracked_model m
    JOIN pg_namespace n ON n.nspname = m.table_schema
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = m.table_name
    WHERE c.oid = target AND m.model <> track.model;
    IF other IS NOT NULL THEN
        RAISE EXCEPTION 'table % is already tracked as model "%"', target, other
            USING ERRCODE = 'duplicate_object', HINT = format('SELECT changefeed.untrack(%L) first.', other);
    END IF;
    IF EXISTS (SELECT FROM pg_subscription_rel r WHERE r.srrelid = target) THEN
        RAISE WARNING 'table % is filled by logical replication, which does not fire statement triggers', target;
    END IF;
    PERFORM changefeed.grant_rule_texts();
    PERFORM changefeed.lock_family(track.model, target, true);
    IF NOT changefeed.change_triggers(track.model, target, true) THEN
        PERFORM changefeed.give_up_table(target);
    END IF;
    PERFORM changefeed.note_tracked(track.model, target);
    PERFORM changefeed.grant_data(track.model), changefeed.grant_rules(track.model);
    PERFORM changefeed.require_parents(track.model);
    PERFORM changefeed.tell_closed_models(track.model);
    RETURN target::text;
END $$;
COMMENT ON FUNCTION changefeed.track(text, regclass) IS
    'Starts capturing a model on the given table, for a model whose table has another name. Returns the table.';

CREATE OR REPLACE FUNCTION changefeed.track(model text) RETURNS text
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT changefeed.track(track.model, changefeed.table_of(track.model))
$$;
COMMENT ON FUNCTION changefeed.track(text) IS
    'Starts capturing a model, for instance track(''sale.order''). Returns its table.';

CREATE OR REPLACE FUNCTION changefeed.untrack(model text) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    target regclass;
BEGIN
    PERFORM changefeed.require_read_committed();
    SELECT to_regclass(format('%I.%I', m.table_schema, m.table_name)) INTO target
    FROM changefeed.tracked_model m WHERE m.model = untrack.model;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF target IS NOT NULL THEN
        PERFORM changefeed.lock_family(untrack.model, target, false);
    END IF;
    IF target IS NOT NULL AND NOT changefeed.change_triggers(untrack.model, target, false) THEN
        PERFORM changefeed.give_up_table(target);
    END IF;
    DELETE FROM changefeed.tracked_model m WHERE m.model = untrack.model;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM changefeed.require_parents(untrack.model);
    INSERT INTO changefeed.gap (model, epoch, reason, from_log_id)
    SELECT untrack.model, c.epoch, 'untracked', s.last_value FROM changefeed.control c, changefeed.event_id s;
    RETURN true;
END $$;
COMMENT ON FUNCTION changefeed.untrack(text) IS
    'Stops capturing a model and records the gap. False when it was not tracked.';

-- No SET clause here: a procedure with one may not COMMIT. Every name is written in full instead.
CREATE OR REPLACE PROCEDURE changefeed.attach_default_models()
LANGUAGE plpgsql AS $$
DECLARE
    wanted text;
    target regclass;
    missing text[] := '{}';
    remaining text[] := '{}';
BEGIN
    IF changefeed.odoo_table('ir_model') IS NULL THEN
        RAISE NOTICE 'this database has no Odoo (table public.ir_model is missing): no model is tracked';
        RETURN;
    END IF;
    PERFORM changefeed.grant_rule_texts();
    COMMIT;
    FOR wanted IN
        SELECT d.model FROM changefeed.default_model d
        WHERE NOT EXISTS (SELECT FROM changefeed.gap g
                          WHERE g.model OPERATOR(pg_catalog.=) d.model AND g.ended_at IS NULL)
        ORDER BY d.model
    LOOP
        target := changefeed.table_if_any(wanted);
        IF target IS NULL THEN
            missing := pg_catalog.array_append(missing, wanted);
        ELSIF changefeed.change_triggers(wanted, target, true) THEN
            PERFORM changefeed.note_tracked(wanted, target);
        ELSE
            remaining := pg_catalog.array_append(remaining, wanted);
        END IF;
        COMMIT;
    END LOOP;
    IF pg_catalog.cardinality(missing) OPERATOR(pg_catalog.>) 0 THEN
        RAISE NOTICE 'not tracked, because this Odoo does not have them: %', pg_catalog.array_to_string(missing, ', ');
    END IF;
    PERFORM changefeed.tell_closed_models();
    IF pg_catalog.cardinality(remaining) OPERATOR(pg_catalog.>) 0 THEN
        RAISE EXCEPTION 'these models are not tracked yet, because their tables stayed in use: %',
            pg_catalog.array_to_string(remaining, ', ')
            USING ERRCODE = 'lock_not_available',
                  HINT = 'Everything else is in place. Run the installation again; it continues from here.';
    END IF;
END $$;
COMMENT ON PROCEDURE changefeed.attach_default_models() IS
    'Tracks the models of changefeed.default_model, one table at a time with a commit after each. Skips models that '
    'were untracked by hand. May be run again.';

CREATE OR REPLACE FUNCTION changefeed.table_if_any(model text) RETURNS regclass
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN changefeed.table_of(model);
EXCEPTION WHEN undefined_object OR undefined_table THEN
    RETURN NULL;
END $$;
COMMENT ON FUNCTION changefeed.table_if_any(text) IS
    'The table of a model, or null if this Odoo does not have the model.';
