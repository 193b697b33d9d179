-- Company-dependent values, for record rules. The role that runs a rule (changefeed_reader) gets those of the field
-- that the rule names, and reads neither ir_default nor ir_property itself.
CREATE OR REPLACE FUNCTION changefeed.odoo_company_fallback(model text, field text, company int) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    IF changefeed.odoo_table('ir_default') IS NULL OR changefeed.odoo_secret_field(model, field) THEN
        RETURN NULL;
    END IF;
    RETURN (
        SELECT changefeed.odoo_default_value(changefeed.odoo_json(d.json_value), f.ttype::text) FROM public.ir_default d
        JOIN public.ir_model_fields f ON f.id = d.field_id
        WHERE f.model = odoo_company_fallback.model AND f.name = odoo_company_fallback.field
          AND (d.user_id IS NULL OR d.user_id = 1) AND d.condition IS NULL
          AND (d.company_id = company OR d.company_id IS NULL)
        ORDER BY d.user_id, d.company_id, d.id LIMIT 1);
END $$;
COMMENT ON FUNCTION changefeed.odoo_company_fallback(text, text, int) IS
    'The value of a company-dependent field for records without their own value for this company (ir.default, from '
    'Odoo 18 on); null if there is none.';

CREATE OR REPLACE FUNCTION changefeed.odoo_company_properties(model text, field text, company int)
RETURNS TABLE (record_id int, value_integer int, value_float double precision, value_text text,
               value_datetime timestamp, reference_id int)
LANGUAGE plpgsql STABLE ROWS 100 SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
    asked record;
BEGIN
    SELECT f.id, f.relation INTO asked FROM changefeed.odoo_fields_of(ARRAY[odoo_company_properties.model]) f
    WHERE f.name = odoo_company_properties.field AND f.in_properties;
    IF NOT FOUND OR changefeed.odoo_secret_field(model, field) THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT substring(i.res_id FROM ',([0-9]{1,9})$')::int, i.value_integer, i.value_float, i.value_text,
           i.value_datetime,
           CASE WHEN i.value_reference IS NOT NULL
                THEN coalesce(substring(i.value_reference FROM format('^%s,([0-9]{1,9})$',
                                                                      replace(asked.relation, '.', '[.]')))::int, 0) END
    FROM public.ir_property i
    WHERE i.fields_id = asked.id AND (i.company_id = company OR i.company_id IS NULL)
      -- An invalid reference belongs to no record, and is no default either.
      AND (coalesce(i.res_id, '') = '' OR i.res_id ~ ',[0-9]{1,9}$');
END $$;
COMMENT ON FUNCTION changefeed.odoo_company_properties(text, text, int) IS
    'The rows of ir_property of a company-dependent field that count in a company (Odoo 16 and 17). record_id: null '
    'for the default of all records; reference_id: 0 for anything but a record of the field''s model.';
