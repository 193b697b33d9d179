-- The parts of Odoo's tables that record rules read, granted to changefeed_reader. Runs with the rights of the caller,
-- which must be able to grant on Odoo's tables.
CREATE OR REPLACE FUNCTION changefeed.grant_rules(model text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    target regclass;
BEGIN
    PERFORM pg_advisory_xact_lock(changefeed.installation_key());
    IF changefeed.odoo_table('ir_model') IS NOT NULL THEN
        IF changefeed.odoo_has_model(grant_rules.model) THEN
            PERFORM changefeed.grant_columns(
                ARRAY(SELECT DISTINCT r.item
                      FROM unnest(changefeed.odoo_list_models(ARRAY[grant_rules.model]) || grant_rules.model) m (name)
                      CROSS JOIN LATERAL changefeed.odoo_rule_reads(m.name) r (item)), 'changefeed_reader');
        END IF;
    END IF;
    -- A tracked table with another name, or one without a model: its ids.
    SELECT to_regclass(format('%I.%I', t.table_schema, t.table_name)) INTO target
    FROM changefeed.tracked_model t WHERE t.model = grant_rules.model;
    PERFORM changefeed.grant_columns(ARRAY(
        SELECT format('%s:%s', a.attrelid, a.attnum) FROM pg_attribute a
        WHERE a.attrelid = target AND a.attname IN ('id', 'write_date') AND NOT a.attisdropped), 'changefeed_reader');
END $$;
COMMENT ON FUNCTION changefeed.grant_rules(text) IS
    'Lets changefeed_reader read the columns that the record rules of a model need, and those of the models whose '
    'records it lists. Run it again when rules have changed and verify() reports it.';
