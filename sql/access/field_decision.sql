-- Fields: the operator's decisions about them, and Odoo's own answers.

CREATE OR REPLACE FUNCTION changefeed.decide_field(model text, field text, decision text, reason text DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    number bigint;
BEGIN
    IF decision IS NULL OR decision NOT IN ('allow', 'deny', 'clear') THEN
        RAISE EXCEPTION 'a decision must be allow, deny or clear' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- A decision can be revoked even if model or field no longer exist.
    IF decision <> 'clear' OR NOT EXISTS (
        SELECT FROM changefeed.field_decision d
        WHERE d.model = decide_field.model AND d.field = decide_field.field) THEN
        IF changefeed.odoo_table('ir_model_fields') IS NULL
           OR NOT coalesce(changefeed.odoo_has_model(model), false) THEN
            RAISE EXCEPTION 'model "%" does not exist in this database', model
                USING ERRCODE = 'undefined_object',
                      HINT = 'changefeed field list names the fields of the tracked models.';
        ELSIF field IS DISTINCT FROM '*' AND NOT coalesce(changefeed.odoo_has_field(model, field), false) THEN
            RAISE EXCEPTION 'model "%" has no stored field "%"', model, field
                USING ERRCODE = 'undefined_column',
                      HINT = format('changefeed field list --all --model %s names its fields; '
                                    'fields that Odoo does not store are never sent.', model);
        ELSIF field = 'id' THEN
            RAISE EXCEPTION 'no decision is possible about the field id, which every record has'
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
    END IF;
    INSERT INTO changefeed.field_decision (model, field, decision, reason)
    VALUES (decide_field.model, decide_field.field, decide_field.decision, nullif(trim(decide_field.reason), ''))
    RETURNING id INTO number;
    RETURN number;
END $$;
COMMENT ON FUNCTION changefeed.decide_field(text, text, text, text) IS
    'Adds a decision about a field (* : all fields of the model that are not secrets): allow, for users who may read '
    'the record and are in the field''s groups, if known; deny, for all users; clear, back to the known facts. Returns '
    'its number. After allow, SELECT changefeed.grant_data(model) if changefeed_definer may not read the column.';

CREATE OR REPLACE FUNCTION changefeed.fields_to_ask(user_id int, app_type text, only_models text[])
RETURNS TABLE (groups_key text, models text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key text := changefeed.odoo_groups_key(user_id);
BEGIN
    RETURN QUERY
    SELECT key, array_agg(r.model ORDER BY r.model)
    FROM changefeed.odoo_readable_models(user_id) r (model)
    WHERE r.model = ANY (changefeed.app_type_models(app_type)) AND (only_models IS NULL OR r.model = ANY (only_models))
      -- An hour before it expires, so that there is an answer while the next one is fetched.
      AND NOT EXISTS (
        SELECT FROM changefeed.odoo_fields o
        WHERE o.groups_key = key AND o.model = r.model AND o.asked_at > clock_timestamp() - interval '23 hours')
    HAVING count(*) > 0;
END $$;
COMMENT ON FUNCTION changefeed.fields_to_ask(int, text, text[]) IS
    'The models that a user follows and for whose fields Odoo has no recent answer for the '
    'user''s groups. No row: none.';

CREATE OR REPLACE FUNCTION changefeed.keep_odoo_fields(
    user_id int, model text, fields text[], expected_key text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key text := changefeed.odoo_groups_key(user_id);
BEGIN
    IF NOT EXISTS (SELECT FROM changefeed.tracked_model t WHERE t.model = keep_odoo_fields.model) THEN
        RAISE EXCEPTION 'model "%" is not tracked', model USING ERRCODE = 'invalid_parameter_value';
    ELSIF NOT coalesce('id' = ANY (fields), false) OR cardinality(fields) > 10000 THEN
        RAISE EXCEPTION 'these are not the fields of a model: id must be among them, and there may be at most 10000'
            USING ERRCODE = 'invalid_parameter_value';
    ELSIF key IS DISTINCT FROM coalesce(expected_key, key) THEN
        RETURN false;
    END IF;
    INSERT INTO changefeed.odoo_fields AS o (groups_key, model, fields)
    VALUES (key, keep_odoo_fields.model, ARRAY(
        SELECT DISTINCT f FROM unnest(keep_odoo_fields.fields) f
        WHERE octet_length(f) BETWEEN 1 AND 63 AND f !~ '^[.]|[[:cntrl:]]' ORDER BY f))
    ON CONFLICT ON CONSTRAINT odoo_fields_groups DO UPDATE SET fields = excluded.fields, asked_at = excluded.asked_at;
    DELETE FROM changefeed.odoo_fields o WHERE o.asked_at < clock_timestamp() - interval '1 day';
    RETURN true;
END $$;
COMMENT ON FUNCTION changefeed.keep_odoo_fields(int, text, text[], text) IS
    'Stores for a day the fields that Odoo''s fields_get() showed to a user, for all users with the same groups. '
    'expected_key: stores nothing and returns false when this is no longer the digest of the user''s groups.';
