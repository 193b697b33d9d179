-- The triggers on the tables whose fields tracked models carry (_inherits): attached and detached with the model.

CREATE OR REPLACE FUNCTION changefeed.parent_links(model text)
RETURNS TABLE (source regclass, child regclass, key name, trigger_name name, function_name name, state text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH wanted AS MATERIALIZED (
        SELECT p.source, p.child, p.key,
               changefeed.capture_parent_name(parent_links.model, p.key)::name AS function_name
        FROM changefeed.odoo_parents(parent_links.model) p
        WHERE EXISTS (SELECT FROM changefeed.tracked_model m WHERE m.model = parent_links.model)
    ), present AS MATERIALIZED (
        SELECT g.*, p.proname, p.prosrc FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid
        WHERE starts_with(g.tgname::text, 'changefeed_parent_') AND NOT g.tgisinternal
          AND g.tgargs = convert_to(parent_links.model, 'UTF8') || decode('00', 'hex')
    )
    SELECT coalesce(w.source, t.tgrelid::regclass), w.child, w.key,
           coalesce(t.tgname, replace(w.function_name, 'capture_', 'changefeed_')::name),
           coalesce(w.function_name, t.proname),
           CASE WHEN w.source IS NULL THEN 'unwanted'
                WHEN t.oid IS NULL THEN 'missing'
                WHEN t.tgenabled = 'D' THEN 'disabled'
                WHEN t.tgenabled <> 'A' THEN 'not always'
                WHEN t.tgtype <> 16 OR t.tgnewtable IS DISTINCT FROM 'new_rows' OR t.tgqual IS NOT NULL
                     OR t.tgattr <> ''::int2vector
                     OR t.proname <> w.function_name THEN 'foreign'
                WHEN t.prosrc IS DISTINCT FROM changefeed.capture_parent_text(w.child, w.key) THEN 'stale'
                ELSE 'enabled' END
    FROM wanted w
    FULL JOIN present t ON t.tgrelid = w.source AND t.tgname = replace(w.function_name, 'capture_', 'changefeed_');
END $$;
COMMENT ON FUNCTION changefeed.parent_links(text) IS
    'The triggers of a model on the tables whose fields it carries, and their state: enabled, missing, disabled, not '
    'always, foreign, stale, or unwanted (it is not tracked, or no longer carries them).';

CREATE OR REPLACE FUNCTION changefeed.try_link_parent(
    model text, source regclass, child regclass, key name, trigger_name name, function_name name, is_wanted boolean)
RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    previous text := current_setting('lock_timeout');
BEGIN
    -- Leaving this block by the exception releases the locks: no session sleeps while holding them.
    BEGIN
        PERFORM set_config('lock_timeout', '100ms', true);
        IF EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = source AND t.tgname = trigger_name) THEN
            EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', source);
            EXECUTE format('DROP TRIGGER IF EXISTS %I ON %s', trigger_name, source);
        END IF;
        IF is_wanted THEN
            EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', source);
            EXECUTE format(
                'CREATE TRIGGER %I AFTER UPDATE ON %s REFERENCING NEW TABLE AS new_rows FOR '
                'EACH STATEMENT EXECUTE FUNCTION changefeed.%I(%L)', trigger_name, source, function_name, model);
            EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', source, trigger_name);
        END IF;
        PERFORM set_config('lock_timeout', previous, true);
        RETURN true;
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
        PERFORM set_config('lock_timeout', previous, true);
        RETURN false;
    END;
END $$;
COMMENT ON FUNCTION changefeed.try_link_parent(text, regclass, regclass, name, name, name, boolean) IS
    'One try to attach (or detach) the trigger of a model on the table of its parent, waiting at most 100 ms for its '
    'lock. False: another session holds it.';

CREATE OR REPLACE FUNCTION changefeed.write_parent_capture(model text, key name, child regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- For this statement only: no other session sees the right before it is gone.
    GRANT CREATE ON SCHEMA changefeed TO changefeed_definer;
    PERFORM changefeed.capture_parent_write(model, key, child);
    REVOKE CREATE ON SCHEMA changefeed FROM changefeed_definer;
END $$;
COMMENT ON FUNCTION changefeed.write_parent_capture(text, name, regclass) IS
    'Creates the trigger function of a model for its parent.';

CREATE OR REPLACE FUNCTION changefeed.link_parents(model text) RETURNS regclass
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    link record;
BEGIN
    FOR link IN SELECT l.* FROM changefeed.parent_links(link_parents.model) l WHERE l.state <> 'enabled'
                ORDER BY l.source::oid LOOP
        PERFORM pg_advisory_xact_lock(changefeed.installation_key());
        IF link.state <> 'unwanted' THEN
            -- Before the first event: without it the records cannot be found.
            PERFORM changefeed.grant_columns(ARRAY(
                SELECT format('%s:%s', a.attrelid, a.attnum) FROM pg_attribute a
                WHERE a.attrelid = link.child AND a.attname IN ('id', link.key) AND NOT a.attisdropped));
            PERFORM changefeed.write_parent_capture(link_parents.model, link.key, link.child);
            CONTINUE WHEN link.state = 'stale';
        END IF;
        FOR attempt IN 1..20 LOOP
            EXIT WHEN changefeed.try_link_parent(link_parents.model, link.source, link.child, link.key,
                                                 link.trigger_name, link.function_name, link.state <> 'unwanted');
            PERFORM changefeed.wait_for_table(link.source, attempt);
            IF attempt = 20 THEN
                RETURN link.source;
            END IF;
        END LOOP;
        IF link.state = 'unwanted' AND NOT EXISTS (
            SELECT FROM pg_trigger t
            WHERE t.tgfoid = to_regprocedure(format('changefeed.%I()', link.function_name))) THEN
            PERFORM changefeed.capture_parent_drop(link.function_name);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION changefeed.link_parents(text) IS
    'Corrects the triggers of a model on its parents'' tables, each in up to 20 tries that hold no lock in between. '
    'Returns the table that stayed in use, or null.';

CREATE OR REPLACE FUNCTION changefeed.require_parents(model text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    busy regclass := changefeed.link_parents(model);
BEGIN
    IF busy IS NOT NULL THEN
        PERFORM changefeed.give_up_table(busy);
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.require_parents(text) IS
    'link_parents(), or an error that names the table that stayed in use.';

-- track() and untrack() are one transaction each: with one table locked they must not wait for another one.
CREATE OR REPLACE FUNCTION changefeed.try_lock_family(model text, target regclass, parents regclass[], attach boolean)
RETURNS regclass
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    previous text := current_setting('lock_timeout');
    member regclass;
BEGIN
    -- Leaving this block by the exception releases the locks: no session sleeps while holding them.
    BEGIN
        PERFORM set_config('lock_timeout', '100ms', true);
        FOREACH member IN ARRAY array_remove(target || parents, NULL) LOOP
            -- The stronger one for triggers that may be dropped. Asked for later, it would have to be waited for.
            EXECUTE format('LOCK TABLE %s IN %s MODE', member, CASE WHEN member = target AND NOT attach OR EXISTS (
                SELECT FROM pg_trigger t
                WHERE t.tgrelid = member AND NOT t.tgisinternal
                  AND (member = target AND t.tgname ~ '^changefeed_(insert|update|delete|truncate)$'
                       OR starts_with(t.tgname::text, 'changefeed_parent_')
                          AND t.tgargs = convert_to(model, 'UTF8') || decode('00', 'hex')))
                THEN 'ACCESS EXCLUSIVE' ELSE 'SHARE ROW EXCLUSIVE' END);
        END LOOP;
        PERFORM set_config('lock_timeout', previous, true);
        RETURN NULL;
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
        PERFORM set_config('lock_timeout', previous, true);
        RETURN member;
    END;
END $$;
COMMENT ON FUNCTION changefeed.try_lock_family(text, regclass, regclass[], boolean) IS
    'One try to lock the table of a model (null: it need not be) and those of its parents together, waiting at most '
    '100 ms for each. Returns the one that another session holds; then none is locked.';

CREATE OR REPLACE FUNCTION changefeed.lock_family(model text, target regclass, attach boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- Of a trigger that is stale only the function changes.
    parents CONSTANT regclass[] := ARRAY(
        SELECT p.source FROM changefeed.odoo_parents(lock_family.model) p WHERE attach
        UNION
        SELECT l.source FROM changefeed.parent_links(lock_family.model) l
        EXCEPT
        SELECT l.source FROM changefeed.parent_links(lock_family.model) l
        WHERE attach AND l.state IN ('enabled', 'stale'));
    busy regclass;
BEGIN
    -- Whoever installs or grants holds this for long; with tables locked it must not be waited for.
    PERFORM pg_advisory_xact_lock(changefeed.installation_key());
    -- Alone, a table is locked where its triggers are changed.
    IF parents = '{}' THEN
        RETURN;
    END IF;
    IF attach AND changefeed.captures_are_fine(model, target, changefeed.odoo_rule_columns(model, target),
                                               changefeed.odoo_keeps_followers(model)) THEN
        target := NULL;
    END IF;
    FOR attempt IN 1..20 LOOP
        busy := changefeed.try_lock_family(model, target, parents, attach);
        IF busy IS NULL THEN
            RETURN;
        END IF;
        PERFORM changefeed.wait_for_table(busy, attempt);
    END LOOP;
    PERFORM changefeed.give_up_table(busy);
END $$;
COMMENT ON FUNCTION changefeed.lock_family(text, regclass, boolean) IS
    'Before a model is tracked (attach) or untracked: locks those of its table and its parents'' tables together whose '
    'triggers will change, in up to 20 tries with growing pauses that hold no lock on them, naming the lock holders.';
