-- A model that carries the fields of another one (_inherits) changes when that one is written, although Odoo does not
-- write the model's own row: a version of an employee (Odoo 19), the template of a product (Odoo 16). These trigger
-- functions log the write of a parent as a write of the records that carry its fields. Like those of
-- capture/rule_captures.sql, they must not fail whatever an upgrade of Odoo does to the tables.

CREATE OR REPLACE FUNCTION changefeed.odoo_parents(model text) RETURNS TABLE (source regclass, child regclass, key name)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    IF EXISTS (SELECT FROM unnest('{id,model,name,ttype,relation,related,required,store}'::text[]) c
               WHERE NOT changefeed.odoo_readable(changefeed.odoo_table('ir_model_fields'), c)) THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT d.source, a.attrelid::regclass, a.attname
    FROM changefeed.odoo_delegations(odoo_parents.model) d
    JOIN pg_attribute a ON a.attrelid = changefeed.odoo_model_table(odoo_parents.model)
                       AND a.attname = d.column_name::name
                       AND NOT a.attisdropped AND a.atttypid IN ('int4'::regtype, 'int8'::regtype)
    LEFT JOIN changefeed.odoo_known_delegations() k ON k.model = odoo_parents.model AND k.field = d.field
    WHERE (changefeed.odoo_release() >= k.touched_since) IS NOT TRUE AND d.source <> a.attrelid;
END $$;
COMMENT ON FUNCTION changefeed.odoo_parents(text) IS
    'The tables whose writes change a model''s records without writing their rows, '
    'and the column of the model''s table that refers to them.';

CREATE OR REPLACE FUNCTION changefeed.capture_parent_name(model text, key name) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT changefeed.capture_name(capture_parent_name.model || '.' || capture_parent_name.key, 'parent')
$$;
COMMENT ON FUNCTION changefeed.capture_parent_name(text, name) IS
    'Name of the trigger function that logs the writes of a model''s parent, to which the column refers.';

CREATE OR REPLACE FUNCTION changefeed.capture_parent_text(child regclass, key name) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF key ~ '[[:cntrl:]]' THEN
        RAISE EXCEPTION 'a column''s name holds a control character' USING ERRCODE = 'invalid_name';
    END IF;
    RETURN (SELECT format(changefeed.capture_filled($template$
-- Written by changefeed.track() from sql/capture/parent_captures.sql.
#variable_conflict use_column
DECLARE
    usable boolean;
BEGIN
    IF NOT EXISTS (SELECT FROM new_rows) THEN
        RETURN NULL;
    END IF;
    -- Where the records cannot be found the write is no event. First what hangs on rights, which these functions know
    -- as of this moment; then the columns and their types, without reading a row.
    usable := (
        SELECT count(*) = 2 FROM pg_namespace s
        JOIN pg_class t ON t.relnamespace = s.oid AND t.relname = %1$L AND t.relkind = 'r'
          AND NOT row_security_active(t.oid)
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname IN ('id', %2$L) AND NOT a.attisdropped
        WHERE s.nspname = 'public' AND has_schema_privilege(s.oid, 'USAGE')
          AND has_column_privilege(t.oid, a.attnum, 'SELECT'));
    IF usable THEN
        usable := (
            SELECT v.id_type IN ('int4'::regtype, 'int8'::regtype) AND v.key_type IN ('int4'::regtype, 'int8'::regtype)
            FROM (SELECT NULL::tid AS id, NULL::tid AS %2$I) gone
            CROSS JOIN LATERAL (SELECT pg_typeof(id), pg_typeof(%2$I)
                                FROM (SELECT) nothing LEFT JOIN public.%1$I f ON false) v (id_type, key_type));
    END IF;
    IF NOT usable THEN
        RETURN NULL;
    END IF;
    <append chunks>
    <ring>
    RETURN NULL;
END $template$, 'write',
        'SELECT f.id::bigint AS id, row_number() OVER () AS position '
        'FROM new_rows r JOIN public.%1$I f ON f.%2$I = r.id'),
        c.relname, capture_parent_text.key) FROM pg_class c WHERE c.oid = child);
END $function$;
COMMENT ON FUNCTION changefeed.capture_parent_text(regclass, name) IS
    'Body of the trigger function on a parent''s table: '
    'finds the records of the child''s table whose column contains the written ids.';

CREATE OR REPLACE FUNCTION changefeed.capture_parent_write(model text, key name, child regclass) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    own text := format('changefeed.%I()', changefeed.capture_parent_name(model, key));
BEGIN
    EXECUTE format(
        'CREATE OR REPLACE FUNCTION %s RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER '
        'SET search_path = pg_catalog, pg_temp SET jit = off AS %L', own, changefeed.capture_parent_text(child, key));
    EXECUTE format('COMMENT ON FUNCTION %s IS %L', own, format(
        'Trigger function on the table that %s of %s leads to: '
        'logs an UPDATE there as write of the records that carry its fields. Written by track().',
        key, model));
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', own);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO changefeed_owner', own);
END $$;
COMMENT ON FUNCTION changefeed.capture_parent_write(text, name, regclass) IS
    'Creates the trigger function for the parent of a model. For link_parents().';

CREATE OR REPLACE FUNCTION changefeed.capture_parent_drop(function_name name) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF function_name !~ '^capture_parent_' THEN
        RAISE EXCEPTION 'not a function on a parent''s table' USING ERRCODE = 'invalid_name';
    END IF;
    EXECUTE format('DROP FUNCTION IF EXISTS changefeed.%I()', function_name);
END $$;
COMMENT ON FUNCTION changefeed.capture_parent_drop(name) IS
    'Drops a trigger function for the parent of a model that no trigger calls any more. For link_parents().';
