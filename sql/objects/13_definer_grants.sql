-- Rights on the functions of changefeed_definer.
REVOKE ALL ON FUNCTION
    changefeed.capture_insert(), changefeed.capture_update(), changefeed.capture_delete(), changefeed.capture_truncate(),
    changefeed.odoo_table(name), changefeed.odoo_has_model(text), changefeed.odoo_table_by_constraints(text),
    changefeed.odoo_database_uuid(), changefeed.odoo_api_key_candidates(text), changefeed.odoo_api_key_user(int, text),
    changefeed.odoo_readable_models(int), changefeed.odoo_python_text(text), changefeed.odoo_hmac_sha256(bytea, bytea),
    changefeed.odoo_session_keys(int), changefeed.odoo_session_user(int, text, text, double precision),
    changefeed.odoo_caller(text, int, text, text, double precision, text, boolean), changefeed.odoo_in_group(int, text),
    changefeed.odoo_version(), changefeed.odoo_record_ids(text, bigint, bigint, int), changefeed.odoo_record_digest(text, int)
FROM PUBLIC;
-- For track(), verify() and check_identity(); whoever writes to a table needs no right on its trigger functions.
GRANT EXECUTE ON FUNCTION
    changefeed.capture_insert(), changefeed.capture_update(), changefeed.capture_delete(), changefeed.capture_truncate(),
    changefeed.odoo_table(name), changefeed.odoo_has_model(text), changefeed.odoo_table_by_constraints(text),
    changefeed.odoo_database_uuid(), changefeed.odoo_readable_models(int),
    changefeed.odoo_record_data(int, text, bigint[], text[]), changefeed.odoo_data_fields(int, text),
    changefeed.odoo_record_ids(text, bigint, bigint, int), changefeed.odoo_record_digest(text, int)
TO changefeed_owner;
GRANT EXECUTE ON FUNCTION
    changefeed.odoo_api_key_candidates(text), changefeed.odoo_readable_models(int),
    changefeed.odoo_caller(text, int, text, text, double precision, text, boolean), changefeed.odoo_in_group(int, text),
    changefeed.odoo_version()
TO changefeed_service;
