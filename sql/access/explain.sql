-- Why a user sees a record or does not, from the functions that serve requests. It shows the access of any user, so it
-- is for members of changefeed_owner; the service's role has no right to it.

CREATE OR REPLACE FUNCTION changefeed.explain_access(login text, model text, companies int[] DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    who record;
    here record;
BEGIN
    SELECT * INTO who FROM changefeed.odoo_user_facts(login);
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT * INTO here FROM changefeed.odoo_access(who.user_id, ARRAY[explain_access.model], companies);
    RETURN jsonb_build_object(
        'user', jsonb_build_object(
            'id', who.user_id, 'login', login, 'is_active', who.is_active, 'is_share', who.is_share,
            'company', who.company_id, 'companies', who.company_ids, 'groups', who.groups),
        -- The current one: the request's, if it enables companies.
        'company', coalesce(companies[1], who.company_id),
        'companies', coalesce(companies, who.company_ids),
        'model', explain_access.model,
        'as_model', here.as_models[1],
        'access_lines', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('name', l.name, 'model', l.model, 'group', l.group_name,
                                                         'applies', l.applies)), '[]')
            FROM changefeed.odoo_access_lines(who.user_id, CASE explain_access.model
                     WHEN 'hr.employee' THEN '{hr.employee,hr.employee.public}'::text[]
                     ELSE ARRAY[explain_access.model] END) l),
        'code', (
            SELECT jsonb_build_object('kind', s.kind, 'reason', s.reason, 'state', s.state,
                       'is_closed', explain_access.model = ANY (
                           changefeed.odoo_closed_models(who.user_id, ARRAY[explain_access.model])),
                       'decision', CASE WHEN s.decision_counts THEN s.decision END)
            FROM changefeed.odoo_code_states(ARRAY[explain_access.model]) s
            WHERE s.kind IS NOT NULL OR s.decision IS NOT NULL),
        'rules', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                       'id', a.rule_id, 'name', coalesce(a.rule_name, ''), 'model', a.holder, 'is_global', a.is_global,
                       'groups', coalesce(r.groups, '{}'), 'domain', a.domain, 'digest', md5(a.domain),
                       'decision', a.decision,
                       'counted_domain', changefeed.counted_domain(a.domain, a.decision, a.decided_domain))
                       ORDER BY a.holder, NOT a.is_global, a.rule_id), '[]')
            FROM changefeed.odoo_applicable_rules(who.user_id, here.readable, here.as_models) a
            LEFT JOIN changefeed.odoo_read_rules() r ON r.rule_id = a.rule_id),
        'withheld_fields', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('field', v.field, 'reason', v.reason) ORDER BY v.field), '[]')
            FROM changefeed.odoo_field_verdicts(who.user_id, explain_access.model) v WHERE NOT v.is_shown));
END $$;
COMMENT ON FUNCTION changefeed.explain_access(text, text, int[]) IS
    'The facts that decide whether a user reads a model: the user, the lines of ir_model_access, the record rules that '
    'apply, the withheld fields. Null: no such user. as_model null: it may not be read.';

CREATE OR REPLACE FUNCTION changefeed.explain_rule(
    user_id int, company_id int, company_ids int[], model text, record_id bigint, predicate text,
    numbers bigint[], texts text[],
    OUT lets_pass boolean, OUT failure text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    lets_pass := record_id = ANY (changefeed.rules_visible(
        ROW(model, user_id, company_id, company_ids, '', predicate, numbers, texts, '{}', NULL, NULL, '{}',
            NULL)::changefeed.model_scope, ARRAY[record_id]));
EXCEPTION WHEN SQLSTATE 'CFR01' OR SQLSTATE 'CFR02' THEN
    failure := SQLERRM;
END $$;
COMMENT ON FUNCTION changefeed.explain_rule(int, int, int[], text, bigint, text, bigint[], text[]) IS
    'Whether one compiled condition matches a record, '
    'run as changefeed_reader as in a request. failure: how it failed.';

CREATE OR REPLACE FUNCTION changefeed.explain_record(
    user_id int, model text, record_id bigint, companies int[] DEFAULT NULL,
    OUT problem text, OUT is_readable boolean, OUT is_closed boolean, OUT is_there boolean, OUT is_visible boolean,
    OUT failure text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    seen record;
    scope changefeed.model_scope;
BEGIN
    is_readable := (SELECT r.readable <> '{}'
                    FROM changefeed.odoo_access(user_id, ARRAY[explain_record.model], NULL) r);
    IF changefeed.rules_table(model) IS NOT NULL THEN
        is_there := changefeed.rules_missing_records(model, ARRAY[record_id]) = '{}';
    END IF;
    is_visible := false;
    SELECT * INTO seen FROM changefeed.access_scopes(user_id, ARRAY[model], companies);
    problem := seen.problem;
    IF problem IS NOT NULL THEN
        RETURN;
    END IF;
    scope := seen.scopes[1];
    is_closed := is_readable AND scope IS NULL;
    is_visible := coalesce(is_there AND record_id = ANY (changefeed.rules_visible(scope, ARRAY[record_id])), false);
EXCEPTION WHEN SQLSTATE 'CFR01' OR SQLSTATE 'CFR02' THEN
    failure := SQLERRM;
END $$;
COMMENT ON FUNCTION changefeed.explain_record(int, text, bigint, int[]) IS
    'What a request of this user would see of a record. problem: as in access_scopes(); is_closed: a rule closes the '
    'model; is_there: null if unknown; failure: how the rules failed.';
