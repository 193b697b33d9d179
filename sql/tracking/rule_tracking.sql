-- Rule columns of tracked models: the trigger functions that keep them, and whether these are correct.

CREATE OR REPLACE FUNCTION changefeed.rule_columns(model text) RETURNS name[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN changefeed.odoo_rule_columns(rule_columns.model, coalesce(
        (SELECT to_regclass(format('%I.%I', m.table_schema, m.table_name)) FROM changefeed.tracked_model m
         WHERE m.model = rule_columns.model),
        changefeed.table_if_any(rule_columns.model)));
END $$;
COMMENT ON FUNCTION changefeed.rule_columns(text) IS
    'Columns of a model whose old values its triggers should keep: '
    'those that Odoo''s record rules name now. track() applies them.';

CREATE OR REPLACE FUNCTION changefeed.own_capture(model text, kind text) RETURNS regprocedure
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT to_regprocedure(format('changefeed.%I()', changefeed.capture_name(model, kind)))
$$;
COMMENT ON FUNCTION changefeed.own_capture(text, text) IS
    'A model''s own trigger function; null if it uses the general one.';

CREATE OR REPLACE FUNCTION changefeed.trigger_function(model text, kind text) RETURNS regproc
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(changefeed.own_capture(model, kind)::oid, to_regproc('changefeed.capture_' || kind)::oid)::regproc
$$;
COMMENT ON FUNCTION changefeed.trigger_function(text, text) IS
    'The function that a model''s trigger calls: its own, or the general one.';

CREATE OR REPLACE FUNCTION changefeed.captures_drift(model text, target regclass, columns name[], followers boolean)
RETURNS int
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT max(CASE WHEN (p.oid IS NULL) <> (w.body IS NULL) THEN 2
                    WHEN p.prosrc IS DISTINCT FROM w.body THEN 1 ELSE 0 END)
    FROM (VALUES ('update'), ('delete')) k (kind)
    CROSS JOIN LATERAL changefeed.capture_text(k.kind, target, columns, followers) w (body)
    LEFT JOIN pg_proc p ON p.oid = changefeed.own_capture(captures_drift.model, k.kind)
$$;
COMMENT ON FUNCTION changefeed.captures_drift(text, regclass, name[], boolean) IS
    'How a model''s own trigger functions differ from those for these columns: 0 not at all, 1 by their text, '
    '2 one is missing or superfluous.';

CREATE OR REPLACE FUNCTION changefeed.write_captures(model text, target regclass, columns name[], followers boolean)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF changefeed.captures_drift(model, target, columns, followers) = 0 THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(changefeed.installation_key());
    -- For these two statements only: no other session sees the right before it is gone.
    GRANT CREATE ON SCHEMA changefeed TO changefeed_definer;
    PERFORM changefeed.capture_write(model, k, target, columns, followers) FROM unnest('{update,delete}'::text[]) k;
    REVOKE CREATE ON SCHEMA changefeed FROM changefeed_definer;
END $$;
COMMENT ON FUNCTION changefeed.write_captures(text, regclass, name[], boolean) IS
    'Creates, replaces or drops a model''s own trigger functions.';

CREATE OR REPLACE FUNCTION changefeed.captures_are_fine(model text, target regclass, columns name[], followers boolean)
RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    drift int := changefeed.captures_drift(model, target, columns, followers);
BEGIN
    IF drift = 2 OR changefeed.trigger_state(target, model) NOT IN ('enabled', 'stale') THEN
        RETURN false;
    ELSIF drift = 1 THEN
        -- The triggers stay as they are; this needs no lock on the table.
        PERFORM changefeed.write_captures(model, target, columns, followers);
    END IF;
    RETURN true;
END $$;
COMMENT ON FUNCTION changefeed.captures_are_fine(text, regclass, name[], boolean) IS
    'True when triggers and functions are correct, after replacing the functions'' text if necessary. False: '
    'triggers have to change.';

-- No SET clause here: a procedure with one may not COMMIT. Every name is written in full instead.
CREATE OR REPLACE PROCEDURE changefeed.refresh_captures()
LANGUAGE plpgsql AS $$
DECLARE
    tracked record;
    busy pg_catalog.regclass;
BEGIN
    FOR tracked IN
        SELECT m.model, c.oid::pg_catalog.regclass AS target
        FROM changefeed.tracked_model m
        JOIN pg_catalog.pg_namespace n ON n.nspname OPERATOR(pg_catalog.=) m.table_schema
        JOIN pg_catalog.pg_class c ON c.relnamespace OPERATOR(pg_catalog.=) n.oid
          AND c.relname OPERATOR(pg_catalog.=) m.table_name
        WHERE c.relkind OPERATOR(pg_catalog.=) 'r'
        ORDER BY m.model
    LOOP
        -- Missing or disabled triggers are for verify() to report and for track() to fix.
        IF changefeed.trigger_state(tracked.target,
                                    tracked.model) OPERATOR(pg_catalog.=) ANY ('{enabled,stale}'::text[]) THEN
            IF changefeed.change_triggers(tracked.model, tracked.target, true) THEN
                PERFORM changefeed.note_tracked(tracked.model, tracked.target);
            ELSE
                RAISE WARNING 'model "%" keeps its previous rule columns, because its table stayed in use',
                    tracked.model
                    USING HINT = 'SELECT changefeed.track(model), or run the installation again.';
            END IF;
        END IF;
        COMMIT;
        busy := changefeed.link_parents(tracked.model);
        IF busy IS NOT NULL THEN
            RAISE WARNING 'writes of table % alone are not yet events of model "%", because the table stayed in use',
                busy, tracked.model
                USING HINT = 'SELECT changefeed.track(model), or run the installation again.';
        END IF;
        COMMIT;
    END LOOP;
END $$;
COMMENT ON PROCEDURE changefeed.refresh_captures() IS
    'Corrects the triggers of all tracked models, and those on the tables whose fields they carry, '
    'one table at a time with a commit after each.';
