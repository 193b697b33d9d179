-- Findings about values in Odoo's columns. Bounded: only the newest records of each model are checked.

CREATE OR REPLACE FUNCTION changefeed.verify_values()
RETURNS TABLE (code text, level text, object text, detail text, remediation text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH looked AS MATERIALIZED (
        SELECT array_agg(DISTINCT m.model) AS models
        FROM changefeed.tracked_model t CROSS JOIN LATERAL (
            SELECT t.model UNION ALL SELECT d.parent FROM changefeed.odoo_delegations(t.model) d) m
        WHERE changefeed.odoo_has_model(t.model)
    )
    SELECT 'CF150', 'warning', v.model,
           format('%s has values that the field cannot have, in record%s %s%s: '
                  'devices get the value that Odoo would show, or none', v.field,
                  CASE WHEN v.records = 1 THEN '' ELSE 's' END, array_to_string(v.record_ids, ', '),
                  CASE WHEN v.records > cardinality(v.record_ids)
                       THEN format(' and %s more', v.records - cardinality(v.record_ids)) ELSE '' END),
           'Write the right value in Odoo, or in SQL where Odoo cannot read the record.'
    FROM looked l CROSS JOIN LATERAL changefeed.odoo_unfit_values(l.models) v
    WHERE l.models IS NOT NULL
    UNION ALL
    SELECT 'CF151', 'warning', c.model,
           format('%s is a %s field, but its column has type %s: %s', c.field, c.ttype, c.column_type,
                  CASE WHEN c.ttype IN ('one2many', 'many2many') THEN 'devices do not get the list'
                       ELSE 'devices get the values that fit, and record rules that read it close their models' END),
           'Upgrade the module that defines the field, which creates the column again, or change its type in SQL.'
    FROM looked l CROSS JOIN LATERAL changefeed.odoo_unfit_columns(l.models) c
    WHERE l.models IS NOT NULL
    UNION ALL
    SELECT 'CF152', 'warning', n.model,
           format('devices do not get these fields, whose names have more than 63 bytes, '
                  'begin with a dot or contain control characters: %s',
                  string_agg(left(changefeed.plain_line(n.field), 100), ', ' ORDER BY n.field)),
           'Rename the field in Odoo.'
    FROM looked l CROSS JOIN LATERAL changefeed.odoo_unserved_names(l.models) n
    WHERE l.models IS NOT NULL GROUP BY n.model
$$;
COMMENT ON FUNCTION changefeed.verify_values() IS
    'The part of verify() about values and columns that do not fit their fields.';
