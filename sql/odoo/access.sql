-- The result of Odoo's access rules for a user: which models, in which companies, under which record rules.

CREATE OR REPLACE FUNCTION changefeed.odoo_user_companies(user_id int) RETURNS int[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    IF changefeed.odoo_table('res_company_users_rel') IS NULL THEN
        RETURN '{}';
    END IF;
    -- Companies can be archived since Odoo 16.
    IF EXISTS (SELECT FROM pg_attribute a
               WHERE a.attrelid = changefeed.odoo_table('res_company') AND a.attname = 'active'
                 AND NOT a.attisdropped) THEN
        RETURN ARRAY(
            SELECT r.cid FROM public.res_company_users_rel r JOIN public.res_company c ON c.id = r.cid AND c.active
            WHERE r.user_id = odoo_user_companies.user_id ORDER BY r.cid);
    END IF;
    RETURN ARRAY(SELECT r.cid FROM public.res_company_users_rel r
                 WHERE r.user_id = odoo_user_companies.user_id ORDER BY r.cid);
END $$;
COMMENT ON FUNCTION changefeed.odoo_user_companies(int) IS 'The companies of a user that are not archived, by id.';

-- Odoo answers for hr.employee from hr.employee.public if the user has no right on hr.employee itself
-- (hr.employee._search).
CREATE OR REPLACE FUNCTION changefeed.odoo_model_rights(
    user_id int, models text[], OUT models_readable text[], OUT as_models text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    member int[] := changefeed.odoo_member_of(user_id);
BEGIN
    IF changefeed.odoo_table('res_users') IS NULL OR changefeed.odoo_table('ir_model_access') IS NULL THEN
        models_readable := '{}';
        as_models := '{}';
        RETURN;
    END IF;
    SELECT coalesce(array_agg(w.model ORDER BY w.model), '{}'),
           coalesce(array_agg(allowed.as_model ORDER BY w.model), '{}')
    INTO models_readable, as_models
    FROM unnest(models) w (model)
    -- One row each, found by indexes: a join would read the access rows of all of Odoo's models.
    CROSS JOIN LATERAL (
        SELECT m.model::text AS as_model FROM public.ir_model m
        JOIN public.ir_model_access a ON a.model_id = m.id
        WHERE m.model = ANY (ARRAY[w.model, CASE w.model WHEN 'hr.employee' THEN 'hr.employee.public' ELSE w.model END])
          AND a.active AND a.perm_read
          AND (a.group_id IS NULL OR a.group_id = ANY (member))
        ORDER BY m.model LIMIT 1) allowed
    WHERE EXISTS (SELECT FROM public.res_users u WHERE u.id = odoo_model_rights.user_id AND u.active);
END $$;
COMMENT ON FUNCTION changefeed.odoo_model_rights(int, text[]) IS
    'Those of the models that Odoo lets this user read (ir_model_access, through the user''s groups), and by which '
    'model''s rights: its own, or hr.employee.public for hr.employee.';

CREATE OR REPLACE FUNCTION changefeed.odoo_readable_models(user_id int) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT unnest(r.models_readable)
    FROM changefeed.odoo_model_rights(odoo_readable_models.user_id,
                                      ARRAY(SELECT t.model FROM changefeed.tracked_model t)) r
$$;
COMMENT ON FUNCTION changefeed.odoo_readable_models(int) IS
    'Tracked models that Odoo lets this user read: ir_model_access through the user''s groups, '
    'including implied groups.';

-- Odoo's ir.rule._compute_domain: the model's own rules and those of the models that it delegates to (_inherits).
CREATE OR REPLACE FUNCTION changefeed.odoo_rule_sources(
    models text[], as_models text[], OUT held text[], OUT holders text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    children text[];
    all_children text[] := '{}';
    all_parents text[] := '{}';
    level int := 0;
BEGIN
    children := as_models;
    WHILE children <> '{}' AND level < 16 LOOP
        SELECT coalesce(all_children || array_agg(d.model), all_children),
               coalesce(all_parents || array_agg(d.parent), all_parents),
               coalesce(array_agg(DISTINCT d.parent) FILTER (
                   WHERE d.parent <> ALL (all_children) AND d.parent <> ALL (children)), '{}')
        INTO all_children, all_parents, children
        FROM changefeed.odoo_delegated(children) d WHERE d.is_stored;
        level := level + 1;
    END LOOP;
    WITH RECURSIVE source (model, holder) AS (
        SELECT w.model, w.as_model FROM unnest(models, as_models) w (model, as_model)
        UNION
        SELECT s.model, d.parent FROM source s
        JOIN unnest(all_children, all_parents) d (child, parent) ON d.child = s.holder
    )
    SELECT array_agg(s.model), array_agg(s.holder) INTO held, holders FROM source s;
END $$;
COMMENT ON FUNCTION changefeed.odoo_rule_sources(text[], text[]) IS
    'For each model, the models whose record rules apply to it: the one by whose rights it is read, '
    'and those that one delegates to.';

CREATE OR REPLACE FUNCTION changefeed.odoo_applicable_rules(user_id int, models text[], as_models text[])
RETURNS TABLE (model text, holder text, rule_id int, rule_name text, domain text, is_global boolean, decision text,
               decided_domain text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    member int[] := changefeed.odoo_member_of(user_id);
BEGIN
    IF changefeed.odoo_table('ir_rule') IS NULL OR changefeed.odoo_table('rule_group_rel') IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT s.model, s.holder, r.id, r.name::text, coalesce(r.domain_force, ''),
           NOT EXISTS (SELECT FROM public.rule_group_rel g WHERE g.rule_group_id = r.id),
           d.decision, d.domain
    FROM changefeed.odoo_rule_sources(models, as_models) o
    CROSS JOIN LATERAL unnest(o.held, o.holders) s (model, holder)
    JOIN public.ir_model m ON m.model = s.holder
    JOIN public.ir_rule r ON r.model_id = m.id AND r.active AND r.perm_read
    LEFT JOIN LATERAL (
        SELECT l.* FROM (
            SELECT c.decision, c.domain, c.rule_domain FROM changefeed.rule_decision c WHERE c.rule_id = r.id
            ORDER BY c.id DESC LIMIT 1) l
        -- A decision about a previous text says nothing.
        WHERE l.decision <> 'clear' AND l.rule_domain = coalesce(r.domain_force, '')) d ON true
    WHERE NOT EXISTS (SELECT FROM public.rule_group_rel g WHERE g.rule_group_id = r.id)
       OR EXISTS (SELECT FROM public.rule_group_rel g WHERE g.rule_group_id = r.id AND g.group_id = ANY (member));
END $$;
COMMENT ON FUNCTION changefeed.odoo_applicable_rules(int, text[], text[]) IS
    'The record rules of models that apply to a user, '
    'each with its model and the operator''s decision about its present text.';

-- All facts that a request needs, together.
CREATE OR REPLACE FUNCTION changefeed.odoo_access(
    user_id int, models text[], companies int[],
    OUT problem text, OUT company_id int, OUT company_ids int[], OUT readable text[],
    OUT as_models text[], OUT keys text[],
    OUT closed_fields text[], OUT member int[], OUT data_stamp text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    own int[] := changefeed.odoo_user_companies(user_id);
    -- The user's groups by name, for the groups of fields.
    mine text[];
BEGIN
    SELECT r.models_readable, r.as_models INTO readable, as_models FROM changefeed.odoo_model_rights(user_id, models) r;
    IF companies IS NOT NULL AND (NOT companies <@ own OR cardinality(companies) = 0) THEN
        problem := 'company_not_allowed';
        RETURN;
    END IF;
    company_ids := coalesce(companies, own);
    IF readable = '{}' THEN
        RETURN;
    END IF;
    company_id := coalesce(companies[1], (SELECT u.company_id FROM public.res_users u
                                          WHERE u.id = odoo_access.user_id));
    member := changefeed.odoo_member_of(user_id);
    data_stamp := changefeed.odoo_data_stamp(user_id, company_id, company_ids, member);
    SELECT array_agg(k.key ORDER BY w.model) INTO keys
    FROM unnest(readable) w (model)
    LEFT JOIN (
        SELECT a.model,
               md5(string_agg(concat_ws(':', a.holder, a.rule_id, md5(a.domain), a.is_global, a.decision,
                                        md5(a.decided_domain)),
                              ' ' ORDER BY a.holder COLLATE "C", a.rule_id)) AS key
        FROM changefeed.odoo_applicable_rules(user_id, readable, as_models) a
        GROUP BY a.model) k ON k.model = w.model;
    mine := ARRAY(SELECT d.module || '.' || d.name FROM public.ir_model_data d
                  WHERE d.model = 'res.groups' AND d.res_id = ANY (member));
    SELECT array_agg(c.fields ORDER BY w.model) INTO closed_fields
    FROM unnest(readable) w (model)
    LEFT JOIN (
        SELECT f.model, string_agg(f.field, ',' ORDER BY f.field) AS fields
        FROM (
            SELECT g.model, g.field FROM changefeed.odoo_field_groups(readable) g WHERE NOT g.groups && mine
            UNION ALL
            SELECT i.model::text, i.name::text
            FROM (SELECT r.field_id FROM public.ir_model_fields_group_rel r
                  GROUP BY r.field_id HAVING NOT bool_or(r.group_id = ANY (member))) r
            JOIN public.ir_model_fields i ON i.id = r.field_id) f
        GROUP BY f.model) c ON c.model = w.model;
END $$;
COMMENT ON FUNCTION changefeed.odoo_access(int, text[], int[]) IS
    'A user''s access in these companies (null: all of the user''s): current and enabled companies, the models that '
    'may be read, by whose rights, a digest of the rules that apply to each (null: none), the fields of each that '
    'groups close to the user, and a stamp of the facts on which their data depend. problem: company_not_allowed.';

CREATE OR REPLACE FUNCTION changefeed.odoo_list_models(models text[], fields jsonb DEFAULT NULL) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF changefeed.odoo_table('ir_model_fields') IS NULL THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY(
        SELECT DISTINCT f.relation::text
        FROM unnest(models) w (model)
        CROSS JOIN LATERAL (
            SELECT w.model AS holder UNION SELECT d.parent FROM changefeed.odoo_delegated(models) d
            WHERE d.model = w.model) h
        JOIN public.ir_model_fields f ON f.model = h.holder AND f.ttype IN ('one2many', 'many2many') AND f.store
        -- Lists of these are never sent.
        WHERE f.relation NOT IN ('mail.message', 'mail.followers', 'mail.activity', 'rating.rating')
          AND (fields IS NULL OR NOT fields ? w.model OR (fields -> w.model) ? f.name::text)
        ORDER BY 1);
END $$;
COMMENT ON FUNCTION changefeed.odoo_list_models(text[], jsonb) IS
    'The models whose records the one2many and many2many fields of these models list; fields ({model: '
    '[names]}): only for these fields.';

-- For grant_rules(): a superset, found by the names in the rules' texts, because only the service parses Python.
CREATE OR REPLACE FUNCTION changefeed.odoo_rule_reads(model text) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
    reached text[];
    names text[];
    further record;
    -- Quoted names, with dots, and paths that begin at the user.
    name_pattern CONSTANT text := E'(?:[''"]|[[:<:]]user[.])([^][''"(){},:;+*/%<>=!&|~^@#\\\\[:space:]-]+)';
BEGIN
    IF changefeed.odoo_table('ir_rule') IS NULL OR changefeed.odoo_table('ir_model_fields') IS NULL THEN
        RETURN;
    END IF;
    SELECT array_agg(DISTINCT h) || odoo_rule_reads.model || 'res.users'::text INTO reached
    FROM changefeed.odoo_rule_sources(
             ARRAY[odoo_rule_reads.model, odoo_rule_reads.model],
             ARRAY[odoo_rule_reads.model, CASE odoo_rule_reads.model WHEN 'hr.employee' THEN 'hr.employee.public'
                                               ELSE odoo_rule_reads.model END]) o
    CROSS JOIN LATERAL unnest(o.holders) h;
    names := ARRAY(
        SELECT DISTINCT unnest(string_to_array(t.hit[1], '.'))
        FROM public.ir_rule r JOIN public.ir_model m ON m.id = r.model_id
        CROSS JOIN LATERAL regexp_matches(coalesce(r.domain_force, ''), name_pattern, 'g') t (hit)
        WHERE m.model = ANY (reached) AND m.model <> 'res.users' AND r.active AND r.perm_read
        UNION
        SELECT unnest(string_to_array(t.hit[1], '.')) FROM changefeed.rule_decision d
        CROSS JOIN LATERAL regexp_matches(d.domain, name_pattern, 'g') t (hit)
        WHERE d.decision = 'override');
    FOR round IN 1..8 LOOP
        SELECT array_agg(DISTINCT f.relation::text) FILTER (
            WHERE f.relation IS NOT NULL AND f.relation <> ALL (reached)) AS models,
               array_agg(DISTINCT n.name) FILTER (WHERE n.name <> ALL (names)) AS names
        INTO further
        FROM public.ir_model_fields f
        LEFT JOIN LATERAL unnest(string_to_array(CASE WHEN NOT f.store THEN f.related END, '.')) n (name) ON true
        WHERE f.model = ANY (reached) AND f.name = ANY (names);
        EXIT WHEN further.models IS NULL AND further.names IS NULL;
        reached := reached || coalesce(further.models, '{}');
        names := names || coalesce(further.names, '{}');
    END LOOP;
    RETURN QUERY
    WITH wanted (source, name) AS (
        -- A column with the name of a field, and the columns that identify records, archived ones and trees.
        SELECT changefeed.odoo_model_table(f.model::text), f.name::text FROM public.ir_model_fields f
        WHERE f.model = ANY (reached) AND f.name = ANY (names || '{id,active,x_active,parent_id,parent_path}'::text[])
          AND NOT changefeed.odoo_secret_field(f.model::text, f.name::text)
        UNION
        SELECT changefeed.odoo_table(f.relation_table::name), c.name
        FROM public.ir_model_fields f CROSS JOIN LATERAL (VALUES (f.column1::text), (f.column2::text)) c (name)
        WHERE f.model = ANY (reached) AND f.name = ANY (names) AND f.ttype = 'many2many' AND f.store
        UNION
        SELECT changefeed.odoo_model_table(f.relation::text), f.relation_field::text FROM public.ir_model_fields f
        WHERE f.model = ANY (reached) AND f.name = ANY (names) AND f.ttype = 'one2many'
        UNION
        -- The path to the rules of a model that it delegates to.
        SELECT changefeed.odoo_model_table(d.model), d.field FROM changefeed.odoo_delegated(reached) d WHERE d.is_stored
        UNION
        -- The column from which a field is computed.
        SELECT changefeed.odoo_model_table(d.model), d.column_name FROM changefeed.odoo_delegated(reached) d
        WHERE d.field = ANY (names) AND d.field <> d.column_name
        UNION
        SELECT changefeed.odoo_table(b.table_name::name), unnest(b.columns) FROM (VALUES
            ('res_users', '{id,active,share,partner_id,company_id,login}'::text[]),
            ('res_partner', '{id,parent_id,commercial_partner_id,lang,tz}'),
            ('res_company', '{id,active,parent_id,parent_path,partner_id}'), ('res_company_users_rel', '{cid,user_id}'),
            ('res_groups_users_rel', '{gid,uid}'),
            ('mail_followers', '{res_model,res_id,partner_id}'), ('hr_employee', '{id,user_id,company_id,active}'),
            -- Members are decided only by the rules of their channels; it is mail.channel until Odoo 16.
            (CASE WHEN 'discuss.channel' = ANY (reached) THEN 'discuss_channel_member' END, '{channel_id,partner_id}'),
            (CASE WHEN 'mail.channel' = ANY (reached) THEN 'mail_channel_member' END, '{channel_id,partner_id}')
        ) b (table_name, columns)
        UNION
        SELECT changefeed.odoo_model_table(odoo_rule_reads.model), unnest('{id,write_date}'::text[])
    )
    SELECT DISTINCT format('%s:%s', a.attrelid, a.attnum)
    FROM wanted w
    JOIN pg_attribute a ON a.attrelid = w.source AND a.attname = w.name::name AND a.attnum > 0 AND NOT a.attisdropped;
END $$;
COMMENT ON FUNCTION changefeed.odoo_rule_reads(text) IS
    'The columns that the record rules of a model may read, its own and those of other tables, '
    'as the table''s oid:number. Never a secret.';

CREATE OR REPLACE FUNCTION changefeed.odoo_catalog(models text[])
RETURNS TABLE (model text, source text, field text, ttype text, column_name text, column_type text, relation text,
               relation_table text, column1 text, column2 text, relation_field text, translate boolean,
               company_dependent boolean, store boolean, related text, parent text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET row_security = off SET quote_all_identifiers = off AS $$
BEGIN
    IF changefeed.odoo_table('ir_model_fields') IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH wanted AS MATERIALIZED (
        SELECT w.model, c.oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS source
        FROM unnest(models) w (model)
        LEFT JOIN changefeed.odoo_model_tables(odoo_catalog.models) t ON t.model = w.model
        -- Reports are views: their rules can be evaluated, too.
        LEFT JOIN pg_class v ON t.source IS NULL AND v.relnamespace = to_regnamespace('public')
                            AND v.relname = replace(w.model, '.', '_')::name
                            AND v.relkind IN ('v', 'm')
        LEFT JOIN pg_class c ON c.oid = coalesce(t.source::oid, v.oid)
        LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
    )
    SELECT w.model, w.source, f.name::text, f.ttype::text, quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
           f.relation::text, CASE WHEN l.oid IS NOT NULL THEN format('public.%I', l.relname) END,
           quote_ident(f.column1), quote_ident(f.column2), f.relation_field, f.translate,
           f.company_dependent OR f.in_properties,
           -- A field computed from one other field is searched by that one.
           f.store, coalesce(f.related, nullif(f.column_name::text, f.name)), d.parent
    FROM wanted w
    JOIN changefeed.odoo_fields_of(odoo_catalog.models) f ON f.model = w.model
    LEFT JOIN pg_attribute a ON a.attrelid = w.oid AND a.attname = f.name::name AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_class l ON l.relnamespace = to_regnamespace('public') AND l.relname = f.relation_table::name
      AND l.relkind = 'r'
    LEFT JOIN changefeed.odoo_delegated(odoo_catalog.models) d ON d.model = w.model AND d.field = f.name AND d.is_stored
    ORDER BY w.model, f.name;
END $$;
COMMENT ON FUNCTION changefeed.odoo_catalog(text[]) IS
    'Facts of Odoo and PostgreSQL about the fields of models, one row per field; names of tables and columns quoted. '
    'parent: for a field by which the model delegates (_inherits), the model at its other end.';

CREATE OR REPLACE FUNCTION changefeed.odoo_catalog_stamp() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    IF changefeed.odoo_table('ir_model_fields') IS NULL THEN
        RETURN '';
    END IF;
    -- The release, added, removed or changed fields, and columns.
    RETURN concat(changefeed.odoo_release(), ' ')
        || (SELECT md5(concat(count(*), ' ',
                              sum(hashtextextended(concat_ws(':', f.model, f.name, f.ttype, f.relation, f.store,
                                                             f.related, f.translate, f.company_dependent), 0))))
            FROM (SELECT v.* FROM (SELECT NULL::boolean AS company_dependent) absent CROSS JOIN LATERAL (
                      SELECT r.model, r.name, r.ttype, r.relation, r.store, r.related, r.translate, company_dependent
                      FROM public.ir_model_fields r) v) f)
        || (SELECT md5(concat(count(*), ' ',
                              sum(hashtextextended(concat_ws(':', a.attrelid, a.attname, a.atttypid), 0))))
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            WHERE c.relnamespace = to_regnamespace('public') AND c.relkind = 'r' AND a.attnum > 0
              AND NOT a.attisdropped);
END $$;
COMMENT ON FUNCTION changefeed.odoo_catalog_stamp() IS
    'Odoo''s release and a digest of its fields and of the existing columns: the basis of compiled rules, '
    'in addition to the rules.';
