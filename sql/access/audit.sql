-- What a user gets, for comparison with what Odoo shows.
-- It shows the access of any user, so it is for members of changefeed_owner.

CREATE OR REPLACE FUNCTION changefeed.audit_ids(
    user_id int, model text, from_id bigint, to_id bigint, OUT problem text, OUT is_open boolean, OUT ids bigint[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    seen record;
BEGIN
    SELECT * INTO seen FROM changefeed.access_scopes(user_id, ARRAY[audit_ids.model], NULL);
    problem := seen.problem;
    is_open := coalesce(cardinality(seen.scopes) > 0, false);
    ids := CASE WHEN is_open THEN changefeed.rules_record_ids(seen.scopes[1], from_id - 1, to_id, 100000) ELSE '{}' END;
END $$;
COMMENT ON FUNCTION changefeed.audit_ids(int, text, bigint, bigint) IS
    'The ids in a range that a user gets of a model. is_open: false if the user gets nothing of it. '
    'problem: as in access_scopes().';

CREATE OR REPLACE FUNCTION changefeed.audit_data(user_id int, model text, ids bigint[], OUT problem text,
                                                 OUT records json)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    listed record;
BEGIN
    SELECT * INTO listed FROM changefeed.list_scopes(user_id, ARRAY[audit_data.model], NULL, NULL);
    problem := listed.problem;
    IF problem IS NULL THEN
        records := (SELECT coalesce(json_agg(d.data), '[]')
                    FROM changefeed.odoo_record_data(user_id, audit_data.model, ids, NULL, NULL, listed.scopes) d);
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.audit_data(int, text, bigint[]) IS
    'Records as a device of this user gets them, a JSON array; the caller has to check that the user may see them. '
    'problem: as in access_scopes().';
