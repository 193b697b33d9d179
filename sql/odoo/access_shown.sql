-- Dependencies of records' data other than the records: the user's language and company, rights and rules of the models
-- whose records they list, default values, decisions about fields. When they change, devices resync the models.

-- Two cheap stamps, which report a change too often rather than too seldom; odoo_data_scopes() determines what has
-- changed. The first is computed for every request. The second reads whole tables of Odoo, though small ones, and is
-- computed for a device once a minute; it sums their contents, because write_date would miss changes by plain SQL.
CREATE OR REPLACE FUNCTION changefeed.odoo_data_stamp(user_id int, company_id int, company_ids int[], member int[])
RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (
        SELECT md5(concat_ws(' ', p.lang, l.active, q.lang, m.active,
                             odoo_data_stamp.company_id, odoo_data_stamp.company_ids, odoo_data_stamp.member))
        FROM public.res_users u
        LEFT JOIN public.res_partner p ON p.id = u.partner_id LEFT JOIN public.res_lang l ON l.code = p.lang
        LEFT JOIN public.res_company o ON o.id = u.company_id
        LEFT JOIN public.res_partner q ON q.id = o.partner_id LEFT JOIN public.res_lang m ON m.code = q.lang
        WHERE u.id = odoo_data_stamp.user_id);
EXCEPTION WHEN undefined_table OR undefined_column OR insufficient_privilege THEN
    -- There are no data then: odoo_data_user().
    RETURN NULL;
END $$;
COMMENT ON FUNCTION changefeed.odoo_data_stamp(int, int, int[], int[]) IS
    'A text that changes whenever a user''s language, companies or groups have changed, on which the data of records '
    'depend. Null: there are no data.';

CREATE OR REPLACE FUNCTION changefeed.odoo_rights_stamp() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    stamp text;
BEGIN
    SELECT concat_ws(' ',
        (SELECT sum(a.model_id * 7919::bigint + coalesce(a.group_id, 0)) FROM public.ir_model_access a
         WHERE a.active AND a.perm_read),
        (SELECT sum(hashtext(r.domain_force)::bigint * r.model_id) FROM public.ir_rule r
         WHERE r.active AND r.perm_read),
        (SELECT sum(g.rule_group_id * 7919::bigint + g.group_id) FROM public.rule_group_rel g),
        (SELECT sum(hashtext(d.json_value)::bigint * d.field_id + coalesce(d.company_id, 0)) FROM public.ir_default d),
        (SELECT max(d.id) FROM changefeed.rule_decision d), (SELECT max(d.id) FROM changefeed.field_decision d),
        (SELECT max(d.id) FROM changefeed.model_decision d))
    INTO stamp;
    -- Until Odoo 17.
    IF changefeed.odoo_table('ir_property') IS NOT NULL THEN
        SELECT concat_ws(' ', stamp,
                         sum(hashtext(concat_ws(' ', i.value_float, i.value_integer, i.value_text, i.value_datetime,
                                                i.value_reference))::bigint * i.fields_id + coalesce(i.company_id, 0)))
        INTO stamp FROM public.ir_property i WHERE i.res_id IS NULL;
    END IF;
    RETURN md5(stamp);
EXCEPTION WHEN undefined_table OR undefined_column OR insufficient_privilege THEN
    RETURN NULL;
END $$;
COMMENT ON FUNCTION changefeed.odoo_rights_stamp() IS
    'A text that changes whenever rights on models, record rules, default values, or decisions about rules and fields '
    'have changed. Null: there are no data.';

CREATE OR REPLACE FUNCTION changefeed.odoo_data_scopes(user_id int, models text[], companies int[]) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    owner record;
    access record;
    listed text[];
    holders jsonb;
    -- All of them.
    held text[];
    fallbacks jsonb;
    mine text;
    closed text[];
BEGIN
    SELECT * INTO owner FROM changefeed.odoo_data_user(user_id, companies[1]);
    IF NOT FOUND OR models = '{}' THEN
        RETURN '{}';
    END IF;
    listed := changefeed.odoo_list_models(models);
    SELECT * INTO access FROM changefeed.odoo_access(user_id, listed, companies);
    closed := changefeed.odoo_closed_models(user_id, listed, true);
    -- Each model, and those whose fields it carries.
    SELECT jsonb_object_agg(m.name, h.holders) INTO holders
    FROM unnest(models) m (name)
    CROSS JOIN LATERAL (
        SELECT array_agg(d.parent) || m.name AS holders FROM (
            SELECT d.parent FROM changefeed.odoo_delegated(ARRAY[m.name]) d) d) h;
    held := ARRAY(SELECT DISTINCT e.model FROM jsonb_each(holders) h
                  CROSS JOIN LATERAL jsonb_array_elements_text(h.value) e (model));
    SELECT coalesce(jsonb_object_agg(d.model, d.hash), '{}') INTO fallbacks
    FROM (SELECT f.model,
                 md5(string_agg(concat_ws(' ', f.id, d.company_id, d.user_id, d.json_value), ',' ORDER BY d.id)) AS hash
          FROM public.ir_default d JOIN changefeed.odoo_fields_of(held) f ON f.id = d.field_id AND f.company_dependent
          WHERE (d.user_id IS NULL OR d.user_id = 1) AND d.condition IS NULL
            AND (d.company_id = owner.company OR d.company_id IS NULL)
          GROUP BY f.model) d;
    IF changefeed.odoo_table('ir_property') IS NOT NULL THEN
        SELECT fallbacks || coalesce(jsonb_object_agg(i.model, i.hash), '{}') INTO fallbacks
        FROM (SELECT f.model,
                     md5(string_agg(concat_ws(' ', f.id, i.company_id, i.value_float, i.value_integer, i.value_text,
                                              i.value_datetime, i.value_reference),
                                    ',' ORDER BY f.id, i.company_id)) AS hash
              FROM public.ir_property i JOIN public.ir_model_fields f ON f.id = i.fields_id
              WHERE i.res_id IS NULL AND (i.company_id = owner.company OR i.company_id IS NULL)
                AND f.model = ANY (held)
              GROUP BY f.model) i;
    END IF;
    -- The groups that change the names of records.
    SELECT string_agg(DISTINCT n.in_group, ' ') INTO mine FROM changefeed.odoo_name_rules() n
    WHERE n.in_group IS NOT NULL AND changefeed.odoo_in_group(odoo_data_scopes.user_id, n.in_group);
    RETURN (
        SELECT jsonb_object_agg(h.key,
                                md5(concat_ws('|', owner.lang, owner.company, owner.root_company, mine, l.lists,
                                              v.hashes, d.decisions)))
        FROM jsonb_each(holders) h
        CROSS JOIN LATERAL (
            -- Nearly all rules of a model depend on the companies.
            SELECT string_agg(concat_ws(' ', r.model, r.as_model, r.key,
                                        CASE WHEN r.key IS NOT NULL THEN access.company_ids::text END,
                                        CASE WHEN r.model = ANY (closed) THEN 'closed' END),
                              ',' ORDER BY r.model) AS lists
            FROM unnest(changefeed.odoo_list_models(ARRAY[h.key])) o (model)
            JOIN unnest(access.readable, access.as_models, access.keys) r (model, as_model, key) ON r.model = o.model) l
        CROSS JOIN LATERAL (
            SELECT string_agg(fallbacks ->> p, ',' ORDER BY p) AS hashes FROM jsonb_array_elements_text(h.value) p) v
        CROSS JOIN LATERAL (
            SELECT string_agg(concat_ws(' ', c.model, c.field, c.decision), ',' ORDER BY c.model, c.field) AS decisions
            FROM (SELECT DISTINCT ON (c.model, c.field) c.* FROM changefeed.field_decision c
                  WHERE h.value ? c.model ORDER BY c.model, c.field, c.id DESC) c
            WHERE c.decision <> 'clear') d);
END $$;
COMMENT ON FUNCTION changefeed.odoo_data_scopes(int, text[], int[]) IS
    'Per model, a digest of the facts on which its records'' data depend for this user, other than the records and '
    'their record rules. Empty: there are no data.';
