-- App types, and the models that a device follows.

CREATE OR REPLACE FUNCTION changefeed.short_app_type(app_type text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN CASE WHEN right(app_type, 4) = '_app' THEN left(app_type, -4) ELSE app_type END;
END $$;
COMMENT ON FUNCTION changefeed.short_app_type(text) IS 'The name of an app type without _app at its end.';

CREATE OR REPLACE FUNCTION changefeed.app_type_models(app_type text) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    short_name CONSTANT text := changefeed.short_app_type(app_type);
BEGIN
    RETURN (
        SELECT coalesce(a.models, ARRAY(SELECT t.model FROM changefeed.tracked_model t))
        FROM changefeed.app_type a
        WHERE a.name IN (app_type_models.app_type, short_name)
        ORDER BY a.name = app_type_models.app_type DESC
        LIMIT 1);
END $$;
COMMENT ON FUNCTION changefeed.app_type_models(text) IS
    'Models of an app type (NAME_app means NAME, unless it is one itself); null for an unknown one.';

CREATE OR REPLACE FUNCTION changefeed.app_types() RETURNS json
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT json_object_agg(a.name, ARRAY(SELECT t.model FROM changefeed.tracked_model t
                                         WHERE a.models IS NULL OR t.model = ANY (a.models)
                                         ORDER BY t.model) ORDER BY a.name)
    FROM changefeed.app_type a
$$;
COMMENT ON FUNCTION changefeed.app_types() IS 'The app types, each with its tracked models.';

CREATE OR REPLACE FUNCTION changefeed.app_types_of(user_id int, OUT problem text, OUT app_types json)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    readable text[];
BEGIN
    SELECT a.problem, ARRAY(SELECT (unnest(a.scopes)).model) INTO problem, readable
    FROM changefeed.access_scopes(user_id, ARRAY(SELECT t.model FROM changefeed.tracked_model t), NULL) a;
    IF problem IS NULL THEN
        SELECT json_object_agg(a.name, ARRAY(SELECT m FROM unnest(readable) m
                                             WHERE a.models IS NULL OR m = ANY (a.models) ORDER BY m)
                               ORDER BY a.name)
        INTO app_types FROM changefeed.app_type a;
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.app_types_of(int) IS
    'The app types, each with the models that a device of this user would follow: tracked, readable for the user, and '
    'not closed. problem: as in access_scopes().';

CREATE OR REPLACE FUNCTION changefeed.followed_models(
    user_id int, app_type text, only_models text[], companies int[] DEFAULT NULL,
    OUT models text[], OUT problem text, OUT scopes changefeed.model_scope[], OUT asked text[],
    OUT data_stamp text, OUT stamp text)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    of_type text[] := changefeed.app_type_models(app_type);
BEGIN
    IF of_type IS NULL THEN
        problem := 'app_type_unknown';
        RETURN;
    END IF;
    asked := ARRAY(SELECT t.model FROM changefeed.tracked_model t
                   WHERE t.model = ANY (of_type) AND (only_models IS NULL OR t.model = ANY (only_models)));
    stamp := changefeed.access_stamp(user_id);
    SELECT a.problem, a.scopes, ARRAY(SELECT (unnest(a.scopes)).model), a.data_stamp
    INTO problem, scopes, models, data_stamp
    FROM changefeed.known_access('models', user_id, asked, NULL, companies, stamp) a;
    IF problem IS NULL AND only_models IS NOT NULL THEN
        IF NOT only_models <@ of_type THEN
            problem := CASE WHEN only_models <@ ARRAY(SELECT t.model FROM changefeed.tracked_model t)
                            THEN 'model_not_in_app_type' ELSE 'model_not_readable' END;
        ELSIF NOT only_models <@ models THEN
            problem := 'model_not_readable';
        END IF;
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.followed_models(int, text, text[], int[]) IS
    'Models that a device of this user follows: of the app type, narrowed by only_models (null: not), tracked, and '
    'readable for the user in these companies (null: all of the user''s); scopes: the visibility of each; asked: all '
    'that would be followed if they could be read; data_stamp, stamp: from odoo_data_stamp() and access_stamp(). '
    'problem: app_type_unknown, model_not_in_app_type, model_not_readable, or as in access_scopes().';
