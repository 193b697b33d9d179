-- Odoo's access rules as stored in its tables, for decisions, findings and explanations.

CREATE OR REPLACE FUNCTION changefeed.odoo_external_names(model text, ids int[]) RETURNS TABLE (id int, name text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    IF changefeed.odoo_table('ir_model_data') IS NULL THEN
        RETURN QUERY SELECT i, format('%s(%s)', odoo_external_names.model, i) FROM unnest(ids) i;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT i, coalesce(
        (SELECT min(d.module || '.' || d.name) FROM public.ir_model_data d
         WHERE d.model = odoo_external_names.model AND d.res_id = i),
        format('%s(%s)', odoo_external_names.model, i))
    FROM unnest(ids) i;
END $$;
COMMENT ON FUNCTION changefeed.odoo_external_names(text, int[]) IS
    'The XML ids of records, such as base.group_user; model(id) for one that has none.';

CREATE OR REPLACE FUNCTION changefeed.odoo_read_rules()
RETURNS TABLE (rule_id int, rule_name text, model text, domain text, groups text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    IF changefeed.odoo_table('ir_rule') IS NULL OR changefeed.odoo_table('rule_group_rel') IS NULL
       OR changefeed.odoo_table('ir_model') IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH named AS MATERIALIZED (
        SELECT *
        FROM changefeed.odoo_external_names('res.groups',
                                            ARRAY(SELECT DISTINCT g.group_id FROM public.rule_group_rel g))
    )
    SELECT r.id, coalesce(r.name::text, ''), m.model::text, coalesce(r.domain_force, ''),
           ARRAY(SELECT n.name FROM public.rule_group_rel g JOIN named n ON n.id = g.group_id
                 WHERE g.rule_group_id = r.id ORDER BY 1)
    FROM public.ir_rule r JOIN public.ir_model m ON m.id = r.model_id
    WHERE r.active AND r.perm_read;
END $$;
COMMENT ON FUNCTION changefeed.odoo_read_rules() IS
    'All of Odoo''s active read rules, each with its model, its text, and its groups (none: it is global).';

CREATE OR REPLACE FUNCTION changefeed.odoo_access_lines(user_id int, models text[])
RETURNS TABLE (name text, model text, group_name text, applies boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
    member int[] := changefeed.odoo_member_of(user_id);
BEGIN
    IF changefeed.odoo_table('ir_model_access') IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH line AS MATERIALIZED (
        SELECT a.id, m.model::text AS model, a.group_id, a.group_id IS NULL OR a.group_id = ANY (member) AS applies
        FROM public.ir_model m JOIN public.ir_model_access a ON a.model_id = m.id
        WHERE m.model = ANY (models) AND a.active AND a.perm_read
    )
    SELECT n.name, l.model, g.name, l.applies
    FROM line l
    JOIN changefeed.odoo_external_names('ir.model.access', ARRAY(SELECT DISTINCT k.id FROM line k)) n ON n.id = l.id
    LEFT JOIN changefeed.odoo_external_names('res.groups',
                                             ARRAY(SELECT DISTINCT k.group_id FROM line k
                                                   WHERE k.group_id IS NOT NULL)) g
           ON g.id = l.group_id
    ORDER BY l.model, l.applies DESC, n.name;
END $$;
COMMENT ON FUNCTION changefeed.odoo_access_lines(int, text[]) IS
    'The lines of ir_model_access that grant reading of the models, and whether each applies to the user; '
    'group_name null: to all users.';

CREATE OR REPLACE FUNCTION changefeed.odoo_user_facts(login text)
RETURNS TABLE (user_id int, is_active boolean, is_share boolean, company_id int, company_ids int[], groups text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    IF changefeed.odoo_table('res_users') IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT u.id::int, coalesce(u.active, false), coalesce(u.share, false), u.company_id::int,
           changefeed.odoo_user_companies(u.id::int),
           ARRAY(SELECT n.name
                 FROM changefeed.odoo_external_names('res.groups', changefeed.odoo_member_of(u.id::int)) n ORDER BY 1)
    FROM public.res_users u WHERE u.login = odoo_user_facts.login;
END $$;
COMMENT ON FUNCTION changefeed.odoo_user_facts(text) IS
    'A user by login: id, whether active and external, companies, and groups including implied ones.';
