CREATE OR REPLACE FUNCTION changefeed.odoo_record_data(user_id int, model text, ids bigint[], fields text[] DEFAULT NULL)
RETURNS TABLE (record_id bigint, data json)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT i, json_build_object('id', i) FROM unnest(ids) i $$;
CREATE OR REPLACE FUNCTION changefeed.odoo_data_fields(user_id int, model text) RETURNS TABLE (name text, ttype text, by_default boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT 'name', 'char', true $$;
