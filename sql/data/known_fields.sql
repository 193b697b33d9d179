-- What is known of the fields of Odoo's models: what stands in ir_model_fields, whose columns differ by release, and
-- what stands in Odoo's code alone, written down for each release in facts_*.sql.

-- The one place that knows which columns ir_model_fields has. A column that this release lacks is found in the row
-- "absent" behind it: a subquery sees the columns of what stands before it in FROM. In Odoo 16 and 17 values by company
-- are rows of ir_property, and nothing in ir_model_fields says so: odoo_company_fields() does.
CREATE OR REPLACE FUNCTION changefeed.odoo_fields_of(models text[])
RETURNS TABLE (id int, model text, name text, ttype text, relation text, relation_table text,
               column1 text, column2 text, relation_field text, related text, store boolean, required boolean,
               state text, translate boolean, company_dependent boolean, in_properties boolean, column_name name)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
#variable_conflict use_column
DECLARE
    has_properties CONSTANT boolean := changefeed.odoo_table('ir_property') IS NOT NULL;
BEGIN
    RETURN QUERY
    WITH delegation AS MATERIALIZED (
        SELECT d.model, d.field, d.column_name FROM changefeed.odoo_known_delegations() d WHERE d.model = ANY (models)
    ), by_company AS MATERIALIZED (
        SELECT k.model, k.fields FROM changefeed.odoo_company_fields() k WHERE has_properties AND k.model = ANY (models)
    )
    SELECT v.* FROM (SELECT NULL::boolean AS company_dependent) absent
    CROSS JOIN LATERAL (
        SELECT f.id::int, f.model::text, f.name::text, f.ttype::text, f.relation::text,
               f.relation_table::text, f.column1::text, f.column2::text, f.relation_field::text, f.related::text,
               coalesce(f.store, false), coalesce(f.required, false), f.state::text,
               coalesce(f.translate::text NOT IN ('false', ''), false), coalesce(company_dependent, false),
               -- Of the standard modules' by their names. A related field shows another one.
               has_properties AND f.store IS NOT TRUE AND f.related IS NULL AND EXISTS (
                   SELECT FROM by_company k WHERE k.model = f.model AND strpos(k.fields, ' ' || f.name || ' ') > 0),
               coalesce((SELECT d.column_name FROM delegation d
                         WHERE d.model = f.model AND d.field = f.name AND f.store IS NOT TRUE), f.name)::name
        FROM public.ir_model_fields f WHERE f.model = ANY (models)) v;
END $$;
COMMENT ON FUNCTION changefeed.odoo_fields_of(text[]) IS
    'The rows of ir_model_fields of some models, alike in every release. in_properties: its values by company are in '
    'ir_property. column_name: the column that holds it, by another name where Odoo''s code says so.';

CREATE OR REPLACE FUNCTION changefeed.odoo_facts() RETURNS TABLE (model text, groups text[], fields text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    CASE changefeed.odoo_release()
        WHEN 16 THEN RETURN QUERY SELECT * FROM changefeed.odoo_facts_16();
        WHEN 17 THEN RETURN QUERY SELECT * FROM changefeed.odoo_facts_17();
        WHEN 18 THEN RETURN QUERY SELECT * FROM changefeed.odoo_facts_18();
        WHEN 19 THEN
            -- What an employee shows of its version, who reads the version sees there, too.
            RETURN QUERY SELECT * FROM changefeed.odoo_facts_19()
                         UNION ALL SELECT 'hr.version', a.groups, a.fields FROM changefeed.odoo_facts_19() a
                                   WHERE a.model = 'hr.employee';
        ELSE NULL;
    END CASE;
END $$;
COMMENT ON FUNCTION changefeed.odoo_facts() IS
    'What is known of the stored fields of this database''s release of Odoo; nothing of one that was never asked.';

-- For every model: magic fields, and the lists of messages, followers and activities, which are never given
-- (odoo_field_conditions()).
CREATE OR REPLACE FUNCTION changefeed.odoo_known_fields(models text[]) RETURNS TABLE (model text, fields text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT NULL::text, ' id create_uid create_date write_uid write_date display_name active '
                       'message_ids website_message_ids message_follower_ids activity_ids rating_ids '
    UNION ALL
    SELECT f.model, string_agg(f.fields, '')
    FROM (SELECT a.model, a.fields FROM changefeed.odoo_facts() a WHERE a.groups = '{}'
          -- Of module mail, which does not list them where it is asked for columns.
          UNION ALL VALUES ('res.partner', ' message_bounce '), ('account.move', ' message_main_attachment_id '),
                           ('hr.expense', ' message_main_attachment_id ')
          UNION ALL SELECT c.model, c.fields FROM changefeed.odoo_company_fields() c) f
    WHERE f.model = ANY (models) AND changefeed.odoo_release() BETWEEN 16 AND 19
    GROUP BY f.model;
END $$;
COMMENT ON FUNCTION changefeed.odoo_known_fields(text[]) IS
    'Stored fields of models that Odoo shows to whoever reads the record, or to the groups of odoo_field_groups(); '
    'each name between spaces. model null: every model.';

-- What the release's own facts say of a field counts,
-- and what is written down for all releases only where they say nothing.
CREATE OR REPLACE FUNCTION changefeed.odoo_field_groups(models text[])
RETURNS TABLE (model text, field text, groups text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH fact AS MATERIALIZED (SELECT * FROM changefeed.odoo_facts() a WHERE a.model = ANY (models))
    SELECT f.model, n.name, f.groups FROM fact f
    CROSS JOIN LATERAL unnest(string_to_array(btrim(f.fields), ' ')) n (name)
    WHERE f.groups <> '{}'
    UNION ALL
    SELECT g.model, n.name, g.groups FROM changefeed.odoo_other_groups() g
    CROSS JOIN LATERAL unnest(string_to_array(g.fields, ' ')) n (name)
    WHERE g.model = ANY (models) AND NOT EXISTS (
        SELECT FROM fact f WHERE f.model = g.model AND strpos(f.fields, ' ' || n.name || ' ') > 0);
END $$;
COMMENT ON FUNCTION changefeed.odoo_field_groups(text[]) IS
    'Fields that Odoo''s Python code restricts to groups (groups= of the field), by XML id; '
    'a user needs one of the groups.';

CREATE OR REPLACE FUNCTION changefeed.odoo_groups_key(user_id int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    RETURN md5(array_to_string(ARRAY(SELECT m FROM unnest(changefeed.odoo_member_of(user_id)) m ORDER BY m), ','));
END $$;
COMMENT ON FUNCTION changefeed.odoo_groups_key(int) IS
    'Digest of a user''s groups, closed over implied groups: users with the same one see the same fields.';

CREATE OR REPLACE FUNCTION changefeed.odoo_has_field(model text, field text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM changefeed.odoo_fields_of(ARRAY(
            SELECT odoo_has_field.model UNION SELECT d.parent
            FROM changefeed.odoo_delegations(odoo_has_field.model) d)) f
        WHERE f.name = field AND (f.store OR f.in_properties));
END $$;
COMMENT ON FUNCTION changefeed.odoo_has_field(text, text) IS
    'True for a stored field of a model, its own or one that it carries by delegation.';

CREATE OR REPLACE FUNCTION changefeed.odoo_is_allowed(model text, field text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    RETURN 'allow' IS NOT DISTINCT FROM (
        SELECT d.decision FROM changefeed.field_decision d
        WHERE d.model = odoo_is_allowed.model AND d.field = odoo_is_allowed.field ORDER BY d.id DESC LIMIT 1);
END $$;
COMMENT ON FUNCTION changefeed.odoo_is_allowed(text, text) IS
    'True for a field that the operator allowed by its name, so that it counts as no secret.';
