-- Rights on the functions of changefeed_definer. First revoke the rights that PUBLIC has by default or after a restore
-- without rights, and those of an earlier installation; an operator's grants stay.
DO $$
DECLARE
    given record;
BEGIN
    FOR given IN
        SELECT p.oid::regprocedure AS routine, coalesce(r.rolname, 'PUBLIC') AS grantee
        FROM pg_proc p
        CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
        LEFT JOIN pg_roles r ON r.oid = a.grantee
        WHERE p.pronamespace = 'changefeed'::regnamespace AND p.proowner = 'changefeed_definer'::regrole
          AND (a.grantee = 0
               OR r.rolname IN ('changefeed_owner', 'changefeed_reader', 'changefeed_service', 'changefeed_monitor'))
    LOOP
        EXECUTE format('REVOKE ALL ON ROUTINE %s FROM %s', given.routine, given.grantee);
    END LOOP;
END $$;
-- For track(), verify() and check_identity(); writing to a table needs no right on its trigger functions.
GRANT EXECUTE ON FUNCTION
    changefeed.capture_insert(), changefeed.capture_update(), changefeed.capture_delete(),
    changefeed.capture_truncate(), changefeed.odoo_table(name), changefeed.odoo_has_model(text),
    changefeed.odoo_database_uuid(), changefeed.odoo_is_neutralized(), changefeed.odoo_readable_models(int),
    changefeed.odoo_record_data(int, text, bigint[], text[], int, changefeed.model_scope[]),
    changefeed.odoo_data_fields(int, text), changefeed.odoo_rule_sources(text[], text[]),
    changefeed.odoo_applicable_rules(int, text[], text[]), changefeed.odoo_access(int, text[], int[]),
    changefeed.odoo_model_rights(int, text[]), changefeed.odoo_list_models(text[], jsonb),
    changefeed.odoo_data_scopes(int, text[], int[]), changefeed.odoo_rights_stamp(),
    changefeed.odoo_code_states(text[]), changefeed.odoo_closed_models(int, text[], boolean),
    changefeed.odoo_code_extensions(text[]), changefeed.odoo_own_lists(text[]), changefeed.odoo_watched_tables(name),
    changefeed.capture_access(), changefeed.odoo_access_mark(), changefeed.odoo_access_version(text),
    changefeed.odoo_recent_mark(), changefeed.odoo_access_stamp(int, text), changefeed.odoo_session_mark(),
    changefeed.odoo_idle_caller(text, int, int, double precision), changefeed.odoo_data_shape(int),
    changefeed.odoo_forget_statements(bytea),
    changefeed.odoo_page_data(int, text, text[], changefeed.model_scope, bigint[], bigint, bigint, int,
                              changefeed.model_scope[], text, text)
TO changefeed_owner;
GRANT EXECUTE ON FUNCTION
    changefeed.odoo_api_key_candidates(text), changefeed.odoo_readable_models(int),
    changefeed.odoo_caller(text, int, text, text, double precision, text, boolean), changefeed.odoo_in_group(int, text),
    changefeed.odoo_profile(int), changefeed.odoo_user_id(text), changefeed.odoo_version(), changefeed.odoo_release(),
    changefeed.odoo_catalog(text[]), changefeed.odoo_catalog_stamp(),
    changefeed.odoo_idle_caller(text, int, int, double precision)
TO changefeed_service;
-- For endpoints.
GRANT EXECUTE ON FUNCTION changefeed.odoo_caller(text, int, text, text, double precision, text,
                                                 boolean) TO changefeed_owner;
-- For filters: with scopes built by the owner's functions.
GRANT EXECUTE ON FUNCTION
    changefeed.odoo_filter_fields(int, text), changefeed.odoo_filter_columns(text),
    changefeed.odoo_filter_is_plain(text), changefeed.odoo_filter_runs(changefeed.model_scope),
    changefeed.odoo_filtered(changefeed.model_scope, bigint[]),
    changefeed.odoo_shown_now(changefeed.model_scope, bigint[]),
    changefeed.odoo_shown_ids(changefeed.model_scope, bigint, bigint, bigint),
    changefeed.odoo_filtered_before(changefeed.model_scope, bigint[], jsonb[]),
    changefeed.odoo_touched(changefeed.model_scope, jsonb, text[], bigint[], boolean[], jsonb[], text)
TO changefeed_owner;
-- For functions that read records on the service's behalf, and for grant_data().
GRANT EXECUTE ON FUNCTION
    changefeed.odoo_record_data(int, text, bigint[], text[], int, changefeed.model_scope[]),
    changefeed.odoo_data_fields(int, text), changefeed.odoo_data_needs(), changefeed.odoo_model_table(text),
    changefeed.odoo_secret_field(text, text), changefeed.odoo_secret_fields(text[], text[]),
    changefeed.odoo_delegations(text), changefeed.odoo_data_columns(text), changefeed.odoo_is_allowed(text, text),
    changefeed.odoo_has_field(text, text), changefeed.odoo_groups_key(int), changefeed.odoo_field_states(text[]),
    changefeed.odoo_field_verdicts(int, text), changefeed.odoo_judged_fields(int, text, text[]),
    changefeed.odoo_rule_reads(text)
TO changefeed_owner;
-- For changefeed field and changefeed explain.
GRANT EXECUTE ON FUNCTION changefeed.odoo_field_states(text[]) TO changefeed_service, changefeed_monitor;
GRANT EXECUTE ON FUNCTION changefeed.odoo_field_verdicts(int, text) TO changefeed_service;
-- For track(), which writes the trigger functions of models with rule columns.
GRANT EXECUTE ON FUNCTION
    changefeed.odoo_rule_columns(text, regclass), changefeed.odoo_keeps_followers(text),
    changefeed.capture_name(text, text), changefeed.capture_text(text, regclass, name[], boolean),
    changefeed.capture_write(text, text, regclass, name[], boolean), changefeed.odoo_parents(text),
    changefeed.capture_parent_name(text, name), changefeed.capture_parent_text(regclass, name),
    changefeed.capture_parent_write(text, name, regclass), changefeed.capture_parent_drop(name),
    changefeed.odoo_release(), changefeed.odoo_version()
TO changefeed_owner;
-- For rule_states(), decide_rule(), explain_access() and verify(); odoo_catalog() for operators who decide about rules.
GRANT EXECUTE ON FUNCTION
    changefeed.odoo_unfit_values(text[], int), changefeed.odoo_unfit_columns(text[]),
    changefeed.odoo_unserved_names(text[]), changefeed.odoo_read_rules(), changefeed.odoo_access_lines(int, text[]),
    changefeed.odoo_user_facts(text), changefeed.odoo_catalog(text[])
TO changefeed_owner;
-- For the rules, which changefeed_reader runs.
GRANT EXECUTE ON FUNCTION
    changefeed.odoo_company_fallback(text, text, int), changefeed.odoo_company_properties(text, text, int),
    changefeed.odoo_fitted(text, text, oid, text), changefeed.odoo_shown_moment(text, text, oid),
    changefeed.odoo_far_moment(text), changefeed.odoo_moment_text(text), changefeed.odoo_json_cell(text, text),
    changefeed.odoo_member_of(int), changefeed.odoo_model_table(text)
TO changefeed_reader;
-- For the console, which checks that its user is in one of its groups.
GRANT EXECUTE ON FUNCTION
    changefeed.odoo_in_group(int, text), changefeed.odoo_user_id(text), changefeed.odoo_logins(int[])
TO changefeed_owner;
-- For try_pull(), and for compiling the rules that it needs.
GRANT EXECUTE ON FUNCTION changefeed.odoo_trial_user() TO changefeed_owner, changefeed_service;
-- And for the functions that it has created.
DO $$
DECLARE
    own text;
BEGIN
    FOR own IN
        SELECT p.oid::regprocedure FROM pg_proc p
        WHERE p.pronamespace = 'changefeed'::regnamespace AND p.proname ~ '^capture_(update|delete|parent)_'
          AND p.prorettype = 'trigger'::regtype
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO changefeed_owner', own);
    END LOOP;
END $$;
