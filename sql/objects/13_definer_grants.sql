-- Rights on the functions of changefeed_definer.
REVOKE ALL ON FUNCTION
    changefeed.capture_insert(), changefeed.capture_update(), changefeed.capture_delete(), changefeed.capture_truncate(),
    changefeed.odoo_table(name), changefeed.odoo_has_model(text), changefeed.odoo_table_by_constraints(text),
    changefeed.odoo_database_uuid(), changefeed.odoo_api_key_candidates(text), changefeed.odoo_api_key_user(int, text),
    changefeed.odoo_readable_models(int), changefeed.odoo_python_text(text), changefeed.odoo_hmac_sha256(bytea, bytea),
    changefeed.odoo_session_keys(int), changefeed.odoo_session_user(int, text, text, double precision),
    changefeed.odoo_caller(text, int, text, text, double precision, text, boolean), changefeed.odoo_in_group(int, text),
    changefeed.odoo_version(),
    changefeed.odoo_release(), changefeed.odoo_facts_16(), changefeed.odoo_facts_17(), changefeed.odoo_facts_18(),
    changefeed.odoo_facts_19(), changefeed.odoo_facts(), changefeed.odoo_fields_of(text[]), changefeed.odoo_other_groups(),
    changefeed.odoo_company_fields(), changefeed.odoo_json(text), changefeed.odoo_json_cell(text, text),
    changefeed.odoo_company_value(int, text, text, text, text, text, int),
    changefeed.odoo_secret_field(text, text), changefeed.odoo_field_groups(text[]), changefeed.odoo_name_rules(),
    changefeed.odoo_known_delegations(), changefeed.odoo_field_conditions(), changefeed.odoo_model_table(text),
    changefeed.odoo_readable(regclass, text), changefeed.odoo_data_needs(), changefeed.odoo_data_user(int, int),
    changefeed.odoo_text_of(text, text, oid, text),
    changefeed.odoo_fill(text, text[], text, int), changefeed.odoo_names(text[], text, int, int), changefeed.odoo_medium_date(date, text),
    changefeed.odoo_orders(text[], text), changefeed.odoo_delegations(text),
    changefeed.odoo_stored_fields(int, text, text[]),
    changefeed.odoo_known_fields(text[]), changefeed.odoo_secret_fields(text[], text[]), changefeed.odoo_groups_key(int), changefeed.odoo_has_field(text, text),
    changefeed.odoo_is_allowed(text, text), changefeed.odoo_judged_fields(int, text, text[]), changefeed.odoo_groups_of(int, text, text),
    changefeed.odoo_field_states(text[]), changefeed.odoo_field_verdicts(int, text),
    changefeed.odoo_lists(int[], text, text[]), changefeed.odoo_member_of(int),
    changefeed.odoo_properties(text, regclass, text), changefeed.odoo_property_list(jsonb, jsonb, text),
    changefeed.odoo_data_columns(text), changefeed.odoo_field_parts(int, text, text[], int, text[]),
    changefeed.odoo_record_query(int, text, text[], int, text[]), changefeed.odoo_data_fields(int, text),
    changefeed.odoo_record_data(int, text, bigint[], text[], int, changefeed.model_scope[]),
    changefeed.odoo_user_companies(int), changefeed.odoo_model_rights(int, text[]), changefeed.odoo_rule_sources(text[], text[]),
    changefeed.odoo_applicable_rules(int, text[], text[]), changefeed.odoo_access(int, text[], int[]), changefeed.odoo_rule_reads(text),
    changefeed.odoo_delegation_fields(text), changefeed.odoo_catalog(text[]), changefeed.odoo_catalog_stamp(), changefeed.odoo_list_models(text[], jsonb),
    changefeed.odoo_rule_texts(text), changefeed.odoo_rule_columns(text, regclass), changefeed.odoo_keeps_followers(text),
    changefeed.capture_text(text, regclass, name[], boolean), changefeed.capture_object(name[], text[]),
    changefeed.capture_update_template(), changefeed.capture_delete_template(boolean), changefeed.capture_name(text, text),
    changefeed.capture_write(text, text, regclass, name[], boolean),
    changefeed.odoo_parents(text), changefeed.capture_parent_name(text, name), changefeed.capture_parent_text(regclass, name),
    changefeed.capture_parent_write(text, name, regclass), changefeed.capture_parent_drop(name)
FROM PUBLIC;
-- For track(), verify() and check_identity(); whoever writes to a table needs no right on its trigger functions.
GRANT EXECUTE ON FUNCTION
    changefeed.capture_insert(), changefeed.capture_update(), changefeed.capture_delete(), changefeed.capture_truncate(),
    changefeed.odoo_table(name), changefeed.odoo_has_model(text), changefeed.odoo_table_by_constraints(text),
    changefeed.odoo_database_uuid(), changefeed.odoo_readable_models(int),
    changefeed.odoo_record_data(int, text, bigint[], text[], int, changefeed.model_scope[]), changefeed.odoo_data_fields(int, text),
    changefeed.odoo_rule_sources(text[], text[]), changefeed.odoo_applicable_rules(int, text[], text[]),
    changefeed.odoo_access(int, text[], int[]), changefeed.odoo_model_rights(int, text[]), changefeed.odoo_list_models(text[], jsonb)
TO changefeed_owner;
GRANT EXECUTE ON FUNCTION
    changefeed.odoo_api_key_candidates(text), changefeed.odoo_readable_models(int),
    changefeed.odoo_caller(text, int, text, text, double precision, text, boolean), changefeed.odoo_in_group(int, text),
    changefeed.odoo_version(), changefeed.odoo_catalog(text[]), changefeed.odoo_catalog_stamp()
TO changefeed_service;
-- For what reads records on the service's behalf, and for grant_data().
GRANT EXECUTE ON FUNCTION
    changefeed.odoo_record_data(int, text, bigint[], text[], int, changefeed.model_scope[]), changefeed.odoo_data_fields(int, text),
    changefeed.odoo_data_needs(), changefeed.odoo_model_table(text), changefeed.odoo_secret_field(text, text),
    changefeed.odoo_secret_fields(text[], text[]), changefeed.odoo_delegations(text), changefeed.odoo_data_columns(text), changefeed.odoo_is_allowed(text, text),
    changefeed.odoo_has_field(text, text), changefeed.odoo_groups_key(int), changefeed.odoo_field_states(text[]),
    changefeed.odoo_field_verdicts(int, text), changefeed.odoo_rule_reads(text)
TO changefeed_owner;
-- For changefeed field and changefeed explain.
GRANT EXECUTE ON FUNCTION changefeed.odoo_field_states(text[]) TO changefeed_service, changefeed_monitor;
GRANT EXECUTE ON FUNCTION changefeed.odoo_field_verdicts(int, text) TO changefeed_service;
-- For track(), which writes the trigger functions of models with rule columns.
GRANT EXECUTE ON FUNCTION
    changefeed.odoo_rule_columns(text, regclass), changefeed.odoo_keeps_followers(text), changefeed.capture_name(text, text),
    changefeed.capture_text(text, regclass, name[], boolean), changefeed.capture_write(text, text, regclass, name[], boolean),
    changefeed.odoo_parents(text), changefeed.capture_parent_name(text, name), changefeed.capture_parent_text(regclass, name),
    changefeed.capture_parent_write(text, name, regclass), changefeed.capture_parent_drop(name), changefeed.odoo_release(),
    changefeed.odoo_version()
TO changefeed_owner;
-- And for the functions that it has written, which a restore without rights leaves open.
DO $$
DECLARE
    own text;
BEGIN
    FOR own IN
        SELECT p.oid::regprocedure FROM pg_proc p
        WHERE p.pronamespace = 'changefeed'::regnamespace AND p.proname ~ '^capture_(update|delete|parent)_' AND p.prorettype = 'trigger'::regtype
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', own);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO changefeed_owner', own);
    END LOOP;
END $$;
