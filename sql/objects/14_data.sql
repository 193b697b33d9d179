CREATE OR REPLACE FUNCTION changefeed.odoo_record_data(user_id int, model text, ids bigint[], fields text[] DEFAULT NULL)
RETURNS TABLE (record_id bigint, data json)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
 RETURN QUERY EXECUTE format('SELECT r.id::bigint, row_to_json(r) FROM %s r WHERE r.id = ANY($1)', (SELECT format('%I.%I', table_schema, table_name) FROM changefeed.tracked_model t WHERE t.model = odoo_record_data.model)) USING ids;
END $$;
CREATE OR REPLACE FUNCTION changefeed.odoo_data_fields(user_id int, model text) RETURNS TABLE (name text, ttype text, by_default boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT 'name', 'char', true $$;
