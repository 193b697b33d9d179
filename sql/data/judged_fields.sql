-- Which stored fields of a model a user is shown, and why not the others: one judgement for reading and for explaining.

-- In this order: what the operator denied, secrets, Odoo's own answer if it is younger than a day, what nothing is
-- known of, groups. withheld null: shown, and basis says what for. readable: changefeed_definer may read the column.
CREATE OR REPLACE FUNCTION changefeed.odoo_judged_fields(user_id int, model text, fields text[])
RETURNS TABLE (field_id int, holder text, alias text, via text, source regclass, name text, ttype text,
               type oid, relation text, translate boolean, company_dependent boolean, by_default boolean, withheld text,
               basis text, readable boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
    target regclass := changefeed.odoo_model_table(model);
    aliases text[] := '{t}';
    holders text[] := ARRAY[model];
    sources regclass[] := ARRAY[target];
    vias text[] := '{""}';
    links text[] := '{""}';
    parent record;
    member int[] := changefeed.odoo_member_of(user_id);
    closed int[] := '{}';
    grouped int[] := '{}';
    mine text[];
    secrets text[];
    grouped_names text[];
    closed_names text[];
    related_names text[] := '{}';
    public_names text[];
    answer text[];
    denied text[];
    allowed text[];
    all_denied text[];
    all_allowed text[];
    -- From Odoo 19 on the facts say of each field that they have who of hr.employee.public sees it.
    facts_are_public CONSTANT boolean := coalesce(changefeed.odoo_release() >= 19, false);
BEGIN
    FOR parent IN
        SELECT d.* FROM changefeed.odoo_delegations(model) d
        JOIN pg_attribute a ON a.attrelid = target AND a.attname = d.column_name::name
        JOIN pg_attribute i ON i.attrelid = d.source AND i.attname = 'id'
        WHERE has_column_privilege(target, a.attnum, 'SELECT') AND has_column_privilege(d.source, i.attnum, 'SELECT')
    LOOP
        aliases := aliases || parent.alias;
        holders := holders || parent.parent;
        sources := sources || parent.source;
        vias := vias || parent.column_name;
        links := links || parent.field;
    END LOOP;
    -- The last decision about each field; about all of a model: '*'.
    SELECT array_agg(l.model || ' ' || l.field) FILTER (WHERE l.field <> '*' AND l.decision = 'deny'),
           array_agg(l.model || ' ' || l.field) FILTER (WHERE l.field <> '*' AND l.decision = 'allow'),
           array_agg(l.model) FILTER (WHERE l.field = '*' AND l.decision = 'deny'),
           array_agg(l.model) FILTER (WHERE l.field = '*' AND l.decision = 'allow')
    INTO denied, allowed, all_denied, all_allowed
    FROM (SELECT DISTINCT ON (d.model, d.field) d.model, d.field, d.decision FROM changefeed.field_decision d
          WHERE d.model = ANY (holders) ORDER BY d.model, d.field, d.id DESC) l;
    SELECT o.fields INTO answer FROM changefeed.odoo_fields o
    WHERE o.groups_key = changefeed.odoo_groups_key(user_id) AND o.model = odoo_judged_fields.model
      AND o.asked_at > clock_timestamp() - interval '1 day';
    mine := ARRAY(
        SELECT d.module || '.' || d.name FROM public.ir_model_data d
        WHERE d.model = 'res.groups' AND d.res_id = ANY (member));
    -- Fields that are closed to this user: by the groups in the database, by those in Odoo's code, and for hr.employee.
    SELECT array_agg(r.field_id), array_agg(r.field_id) FILTER (WHERE NOT r.is_open) INTO grouped, closed
    FROM (SELECT g.field_id, bool_or(g.group_id = ANY (member)) AS is_open FROM public.ir_model_fields_group_rel g
          GROUP BY g.field_id) r;
    SELECT array_agg(l.model || ' ' || l.field), array_agg(l.field) FILTER (WHERE NOT l.is_open)
    INTO grouped_names, closed_names
    FROM (SELECT g.model, g.field, g.groups && mine AS is_open FROM changefeed.odoo_field_groups(holders) g) l;
    IF model = 'hr.employee' AND NOT changefeed.odoo_in_group(user_id, 'hr.group_hr_user') THEN
        public_names := ARRAY(SELECT p.name::text FROM public.ir_model_fields p WHERE p.model = 'hr.employee.public');
    END IF;
    secrets := changefeed.odoo_secret_fields(holders, ARRAY(
        SELECT DISTINCT n.name::text FROM public.ir_model_fields n WHERE n.model = ANY (holders) AND n.store));
    -- Of a parent's fields only those count that this model does not hold or compute itself.
    IF cardinality(holders) > 1 THEN
        related_names := ARRAY(
            SELECT p.link || '.' || o.name FROM public.ir_model_fields o CROSS JOIN unnest(links) p (link)
            WHERE o.model = odoo_judged_fields.model AND NOT o.store
              AND (answer IS NOT NULL OR o.id = ANY (closed) IS NOT TRUE)
              AND o.related = p.link || '.' || o.name);
    END IF;
    RETURN QUERY
    WITH known AS MATERIALIZED (SELECT * FROM changefeed.odoo_known_fields(holders))
    SELECT f.id, p.holder, coalesce(u.alias, p.alias), nullif(coalesce(u.via, p.via), ''), coalesce(u.source, p.source),
           f.name::text, f.ttype::text, a.atttypid, f.relation::text, f.translate,
           f.company_dependent OR f.in_properties, f.ttype NOT IN ('html', 'binary'),
           CASE WHEN v.withheld IS NOT NULL THEN v.withheld
                WHEN NOT c.readable THEN 'right' END,
           v.basis, c.readable
    FROM unnest(aliases, holders, sources, vias, links) p (alias, holder, source, via, link)
    JOIN changefeed.odoo_fields_of(holders) f ON f.model = p.holder
    -- Odoo 19's hr.employee.public has these of the version.
    LEFT JOIN unnest(aliases, sources, vias, holders) u (alias, source, via, holder)
        ON public_names IS NOT NULL AND p.via = '' AND u.holder = 'hr.version'
           AND f.name IN ('create_uid', 'create_date', 'write_uid', 'write_date', 'company_id')
    LEFT JOIN pg_attribute a ON a.attrelid = coalesce(u.source, p.source) AND a.attname = f.name::name
      AND NOT a.attisdropped AND a.attnum > 0
    LEFT JOIN known k ON k.model = p.holder
    JOIN known e ON e.model IS NULL
    LEFT JOIN known m ON m.model = odoo_judged_fields.model
    CROSS JOIN LATERAL (
        -- Of several that apply the one about the name counts, and of those a refusal.
        SELECT f.ttype IN ('one2many', 'many2many') OR f.in_properties
               OR has_column_privilege(coalesce(u.source, p.source), a.attnum, 'SELECT') AS readable,
               CASE WHEN f.name = 'id' THEN NULL
                    WHEN p.holder || ' ' || f.name = ANY (denied)
                         OR odoo_judged_fields.model || ' ' || f.name = ANY (denied) THEN 'deny'
                    WHEN p.holder || ' ' || f.name = ANY (allowed)
                         OR odoo_judged_fields.model || ' ' || f.name = ANY (allowed) THEN 'allow'
                    WHEN p.holder = ANY (all_denied) OR odoo_judged_fields.model = ANY (all_denied) THEN 'deny'
                    WHEN p.holder = ANY (all_allowed) OR odoo_judged_fields.model = ANY (all_allowed)
                    THEN 'allow all' END AS decision,
               strpos(k.fields, ' ' || f.name || ' ') > 0 OR strpos(m.fields, ' ' || f.name || ' ') > 0 AS is_known
        OFFSET 0) c
    CROSS JOIN LATERAL (
        SELECT CASE
                   WHEN c.decision = 'deny' THEN 'denied'
                   WHEN c.decision IS DISTINCT FROM 'allow' AND (
                       p.holder || ' ' || f.name = ANY (secrets)
                       OR p.via <> '' AND odoo_judged_fields.model || ' ' || f.name = ANY (secrets)) THEN 'secret'
                   WHEN f.name = 'id' THEN NULL
                   WHEN answer IS NOT NULL THEN CASE WHEN f.name <> ALL (answer) THEN 'answer' END
                   WHEN c.decision IS NULL AND f.state IS DISTINCT FROM 'manual'
                        AND strpos(e.fields, ' ' || f.name || ' ') = 0
                        AND c.is_known IS NOT TRUE AND f.id = ANY (grouped) IS NOT TRUE
                        AND p.holder || ' ' || f.name = ANY (grouped_names) IS NOT TRUE
                        AND odoo_judged_fields.model || ' ' || f.name = ANY (grouped_names) IS NOT TRUE THEN 'unknown'
                   WHEN f.id = ANY (closed) OR f.name = ANY (closed_names) THEN 'group'
                   WHEN f.name <> ALL (public_names) AND (c.is_known AND facts_are_public) IS NOT TRUE
                   THEN 'public' END AS withheld,
               CASE WHEN answer IS NOT NULL THEN 'answer'
                    WHEN c.decision IS NOT NULL THEN 'allowed'
                    WHEN f.state = 'manual' THEN 'custom'
                    ELSE 'known' END AS basis
        OFFSET 0) v
    -- Names as long as a column's may be. What begins with a dot is a name of odoo_record_query()'s own.
    WHERE (f.store OR f.in_properties) AND octet_length(f.name) BETWEEN 1 AND 63 AND f.name !~ '^[.]|[[:cntrl:]]'
      AND (odoo_judged_fields.fields IS NULL OR f.name = ANY (odoo_judged_fields.fields) OR f.name = 'id')
      AND (f.ttype IN ('one2many', 'many2many') AND f.relation IS NOT NULL
           OR f.ttype NOT IN ('one2many', 'many2many') AND (a.attnum IS NOT NULL OR f.in_properties))
      AND (p.via = '' OR p.link || '.' || f.name = ANY (related_names))
    ORDER BY f.name <> 'id', p.alias DESC, f.id;
END $$;
COMMENT ON FUNCTION changefeed.odoo_judged_fields(int, text, text[]) IS
    'The stored fields of a model, its own (alias t) and those it carries by delegation (b1 ...), each with what '
    'withholds it from this user: denied, secret, answer (of Odoo), unknown, group, public (hr.employee.public lacks '
    'it) or right (of changefeed_definer). Null: nothing. User null: one without groups.';

CREATE OR REPLACE FUNCTION changefeed.odoo_stored_fields(user_id int, model text, fields text[])
RETURNS TABLE (field_id int, holder text, alias text, via text, source regclass, name text, ttype text,
               type oid, relation text, translate boolean, company_dependent boolean, by_default boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    RETURN QUERY
    SELECT j.field_id, j.holder, j.alias, j.via, j.source, j.name, j.ttype, j.type, j.relation, j.translate,
           j.company_dependent, j.by_default
    FROM changefeed.odoo_judged_fields(odoo_stored_fields.user_id, odoo_stored_fields.model,
                                       odoo_stored_fields.fields) j
    WHERE j.withheld IS NULL;
END $$;
COMMENT ON FUNCTION changefeed.odoo_stored_fields(int, text, text[]) IS
    'The stored fields of a model that this user may read: '
    'its own (alias t) and those it carries by delegation (b1 ...).';

-- For people: what stands in the database about the groups of a field.
CREATE OR REPLACE FUNCTION changefeed.odoo_groups_of(field_id int, holder text, field text) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    RETURN ARRAY(
        SELECT coalesce(min(d.module || '.' || d.name), 'res.groups,' || r.group_id)
        FROM public.ir_model_fields_group_rel r
        LEFT JOIN public.ir_model_data d ON d.model = 'res.groups' AND d.res_id = r.group_id
        WHERE r.field_id = odoo_groups_of.field_id GROUP BY r.group_id
        UNION
        SELECT unnest(g.groups) FROM changefeed.odoo_field_groups(ARRAY[holder]) g WHERE g.field = odoo_groups_of.field
        UNION
        SELECT 'hr.group_hr_user' WHERE holder = 'hr.employee' AND NOT EXISTS (
            SELECT FROM public.ir_model_fields p WHERE p.model = 'hr.employee.public' AND p.name = odoo_groups_of.field)
          AND NOT (changefeed.odoo_release() >= 19 AND EXISTS (
            SELECT FROM changefeed.odoo_facts() t
            WHERE t.model = holder AND strpos(t.fields, ' ' || odoo_groups_of.field || ' ') > 0))
        ORDER BY 1);
END $$;
COMMENT ON FUNCTION changefeed.odoo_groups_of(int, text, text) IS
    'The groups, by XML id, of which a user needs one to read a field, as far as they are known; empty: none.';

CREATE OR REPLACE FUNCTION changefeed.odoo_field_states(models text[])
RETURNS TABLE (model text, field text, ttype text, state text, groups text[], decision text,
               decided_at timestamptz, decided_by text, reason text, missing_grant text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    IF changefeed.odoo_table('ir_model_fields') IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT m.name, j.name, j.ttype, s.state, g.groups, d.decision || CASE WHEN d.field = '*' THEN ' *' ELSE '' END,
           d.decided_at, d.decided_by, d.reason,
           CASE WHEN NOT j.readable AND s.state IN ('open', 'groups')
                THEN format('GRANT SELECT (%I) ON %s TO changefeed_definer;', j.name, j.source) END
    FROM unnest(models) m (name)
    -- Somebody without groups: what is withheld from them for another reason is withheld from everybody.
    CROSS JOIN LATERAL changefeed.odoo_judged_fields(NULL, m.name, NULL) j
    CROSS JOIN LATERAL (SELECT CASE WHEN j.name <> 'id'
                                    THEN changefeed.odoo_groups_of(j.field_id, j.holder, j.name) END) g (groups)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN j.withheld IN ('denied', 'secret', 'unknown') THEN j.withheld
                    WHEN g.groups <> '{}' THEN 'groups' ELSE 'open' END) s (state)
    LEFT JOIN LATERAL (
        SELECT l.* FROM (
            SELECT DISTINCT ON (c.model, c.field) c.* FROM changefeed.field_decision c
            WHERE c.model IN (m.name, j.holder) AND c.field IN (j.name, '*') ORDER BY c.model, c.field, c.id DESC) l
        WHERE l.decision <> 'clear' AND j.name <> 'id'
        ORDER BY l.field = '*', l.decision = 'allow', l.id DESC LIMIT 1) d ON true
    ORDER BY m.name, j.name;
END $$;
COMMENT ON FUNCTION changefeed.odoo_field_states(text[]) IS
    'The stored fields of models without regard to a user: open (to whoever reads the record), groups, or withheld '
    'from everybody: unknown, secret, denied. decision: allow or deny, with * where it is about all fields. '
    'missing_grant: what changefeed_definer lacks. What Odoo''s own answers say is not looked at.';

CREATE OR REPLACE FUNCTION changefeed.odoo_field_verdicts(user_id int, model text)
RETURNS TABLE (field text, is_shown boolean, reason text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
    is_known boolean;
    readable_models text[];
BEGIN
    IF changefeed.odoo_table('ir_model_fields') IS NULL THEN
        RETURN;
    END IF;
    is_known := EXISTS (SELECT FROM changefeed.odoo_data_user(odoo_field_verdicts.user_id));
    SELECT r.models_readable INTO readable_models
    FROM changefeed.odoo_model_rights(odoo_field_verdicts.user_id, ARRAY(
        SELECT DISTINCT f.relation::text FROM public.ir_model_fields f
        WHERE f.ttype = 'one2many' AND (f.model = odoo_field_verdicts.model OR f.model IN (
            SELECT d.parent FROM changefeed.odoo_delegations(odoo_field_verdicts.model) d)))) r;
    RETURN QUERY
    SELECT j.name, p.name IS NOT NULL,
           CASE WHEN NOT is_known THEN 'the user is not active, or Odoo''s tables may not be read: changefeed verify'
                WHEN j.withheld = 'denied' THEN 'denied by the operator: changefeed field list --model '
                                                || odoo_field_verdicts.model
                WHEN j.withheld = 'secret' THEN format('its name is that of a secret: changefeed field allow %s %s',
                                                       odoo_field_verdicts.model, j.name)
                WHEN j.withheld = 'answer' THEN 'Odoo''s own answer to a user with these groups does not have it'
                WHEN j.withheld = 'unknown' THEN format('nothing is known of it: changefeed field allow %s %s',
                                                        odoo_field_verdicts.model, j.name)
                WHEN j.withheld = 'group' THEN 'the user is in none of these groups: '
                     || array_to_string(changefeed.odoo_groups_of(j.field_id, j.holder, j.name), ', ')
                WHEN j.withheld = 'public' THEN 'not in hr.employee.public, and the user is not in hr.group_hr_user'
                WHEN j.withheld = 'right'
                THEN format('changefeed_definer may not read its column: SELECT changefeed.grant_data(%L);',
                            odoo_field_verdicts.model)
                WHEN p.name IS NULL AND j.ttype = 'one2many'
                     AND j.relation <> ALL (readable_models) THEN 'the user may not read ' || j.relation
                WHEN p.name IS NULL THEN 'its names or ids cannot be told, '
                                         'or changefeed_definer may not read what they need'
                ELSE CASE j.basis WHEN 'answer' THEN 'Odoo''s own answer to a user with these groups has it'
                                  WHEN 'allowed' THEN 'allowed by the operator' WHEN 'custom' THEN 'a custom field'
                                  ELSE 'a known field' END
                     || CASE WHEN NOT j.by_default THEN '; html and binary only when they are asked for by name'
                             ELSE '' END END
    FROM changefeed.odoo_judged_fields(odoo_field_verdicts.user_id, odoo_field_verdicts.model, NULL) j
    LEFT JOIN changefeed.odoo_field_parts(odoo_field_verdicts.user_id, odoo_field_verdicts.model, NULL) p
      ON p.name = j.name
    ORDER BY j.name;
END $$;
COMMENT ON FUNCTION changefeed.odoo_field_verdicts(int, text) IS
    'Every stored field of a model with whether this user is shown it, and why or why not.';
