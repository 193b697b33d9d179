-- The parts of Odoo's tables that odoo_record_data() reads, granted to changefeed_definer: the tracked table without
-- its secrets, and of the tables to which its fields refer only names, order and links. Runs with the rights of the
-- caller, which must be able to grant on Odoo's tables.

CREATE OR REPLACE FUNCTION changefeed.require_grantable(source regclass) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    holder name := (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = source);
BEGIN
    -- PostgreSQL would only warn, and grant nothing, if the caller has any other right on the table.
    IF NOT pg_has_role(holder, 'USAGE') AND NOT has_table_privilege(source, 'SELECT WITH GRANT OPTION') THEN
        RAISE EXCEPTION '% may not grant on table %, which belongs to %', current_user, source, holder
            USING ERRCODE = 'insufficient_privilege',
                  HINT = format('A role that may grant it runs: GRANT %I TO %I%s;', holder, current_user,
                                CASE WHEN current_setting('server_version_num')::int >= 160000
                                     THEN ' WITH INHERIT TRUE' ELSE '' END);
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.require_grantable(regclass) IS
    'Refuses a table on which the caller may not grant, and says which right is missing.';

CREATE OR REPLACE FUNCTION changefeed.grant_columns(columns text[], grantee name DEFAULT 'changefeed_definer')
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wanted record;
BEGIN
    FOR wanted IN
        SELECT c.oid::regclass AS source, string_agg(DISTINCT quote_ident(a.attname), ', ') AS names
        FROM unnest(columns) n (item)
        JOIN pg_class c ON c.oid = split_part(n.item, ':', 1)::oid AND c.relkind = 'r'
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = split_part(n.item, ':', 2)::int AND NOT a.attisdropped
        WHERE NOT has_column_privilege(grantee, c.oid, a.attnum, 'SELECT')
        GROUP BY c.oid
        ORDER BY c.oid
    LOOP
        PERFORM changefeed.require_grantable(wanted.source);
        EXECUTE format('GRANT SELECT (%s) ON %s TO %I', wanted.names, wanted.source, grantee);
        -- What users see of a model depends on the columns that may be read.
        PERFORM changefeed.access_changed();
    END LOOP;
END $$;
COMMENT ON FUNCTION changefeed.grant_columns(text[], name) IS
    'Lets a role read columns, each given as its table''s oid:number. Does nothing for those that it may read.';

CREATE OR REPLACE FUNCTION changefeed.grant_records(model text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    source regclass := changefeed.odoo_model_table(model);
    open text[];
    secrets int;
BEGIN
    SELECT array_agg(format('%s:%s', a.attrelid, a.attnum))
               FILTER (WHERE NOT s.secret OR changefeed.odoo_is_allowed(grant_records.model, a.attname::text)),
           count(*) FILTER (WHERE s.secret)
    INTO open, secrets
    FROM pg_attribute a, changefeed.odoo_secret_field(grant_records.model, a.attname::text) s (secret)
    WHERE a.attrelid = source AND a.attnum > 0 AND NOT a.attisdropped;
    -- The whole table if there is nothing to hide, so that later columns need no grant.
    IF secrets > 0 THEN
        PERFORM changefeed.grant_columns(open);
    ELSIF source IS NOT NULL AND NOT has_table_privilege('changefeed_definer', source, 'SELECT') THEN
        PERFORM changefeed.require_grantable(source);
        EXECUTE format('GRANT SELECT ON %s TO changefeed_definer', source);
        PERFORM changefeed.access_changed();
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.grant_records(text) IS
    'Lets changefeed_definer read a model''s table, except secret columns that no operator allowed by name.';

CREATE OR REPLACE FUNCTION changefeed.grant_data(model text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    holder text;
BEGIN
    IF changefeed.odoo_table('ir_model') IS NULL THEN
        RETURN;
    ELSIF NOT changefeed.odoo_has_model(grant_data.model) THEN
        RETURN;
    END IF;
    -- Two concurrent calls would collide in the tables' access lists; the lock is the one of installations.
    PERFORM pg_advisory_xact_lock(changefeed.installation_key());
    PERFORM changefeed.grant_columns(ARRAY(
        SELECT format('%s:%s', a.attrelid, a.attnum) FROM changefeed.odoo_data_needs() n
        JOIN pg_attribute a ON a.attrelid = changefeed.odoo_table(n.table_name::name)
          AND a.attname = n.column_name::name));
    PERFORM changefeed.grant_records(grant_data.model);
    FOR holder IN
        SELECT grant_data.model
        UNION
        SELECT d.parent FROM changefeed.odoo_delegations(grant_data.model) d
    LOOP
        PERFORM changefeed.grant_records(holder);
        PERFORM changefeed.grant_columns(ARRAY(SELECT n.item FROM changefeed.odoo_data_columns(holder) n (item)));
    END LOOP;
END $$;
COMMENT ON FUNCTION changefeed.grant_data(text) IS
    'Lets changefeed_definer read the columns that odoo_record_data() needs for a model. May be run again, for '
    'instance after an upgrade of Odoo. Does nothing for a model that Odoo does not have.';

CREATE OR REPLACE FUNCTION changefeed.grant_rule_texts() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wanted text[] := ARRAY(
        SELECT format('%s:%s', a.attrelid, a.attnum)
        FROM (SELECT d.table_name, d.column_name FROM changefeed.odoo_data_needs() d
              UNION SELECT 'ir_rule', unnest('{model_id,domain_force,active,perm_read}'::text[])
              UNION SELECT 'mail_followers',
                           unnest('{res_model,res_id,partner_id}'::text[])) n (table_name, column_name)
        JOIN pg_attribute a ON a.attrelid = changefeed.odoo_table(n.table_name::name)
          AND a.attname = n.column_name::name AND NOT a.attisdropped
        WHERE NOT has_column_privilege('changefeed_definer', a.attrelid, a.attnum, 'SELECT'));
BEGIN
    IF wanted <> '{}' THEN
        PERFORM pg_advisory_xact_lock(changefeed.installation_key());
        PERFORM changefeed.grant_columns(wanted);
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.grant_rule_texts() IS
    'Lets changefeed_definer read the columns that rule_columns() and the DELETE triggers need: '
    'the record rules and records'' followers.';
