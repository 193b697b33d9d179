-- Every right of the feed's roles on objects outside the feed, with its reason.

CREATE OR REPLACE VIEW changefeed.granted AS
WITH needed (table_name, reason) AS (VALUES
    ('ir_model', 'which models there are'), ('ir_model_fields', 'which fields there are'),
    ('ir_model_fields_group_rel', 'groups of fields'), ('ir_default', 'values by default'), ('res_lang', 'languages'),
    ('ir_model_data', 'names of groups'), ('ir_model_inherit', 'models that carry others'' fields'),
    ('ir_model_constraint', 'models whose table has a name of its own'), ('ir_model_access', 'access rights'),
    ('ir_rule', 'record rules'), ('rule_group_rel', 'groups of record rules'),
    ('res_groups_users_rel', 'groups of users'),
    ('res_groups_implied_rel', 'implied groups'), ('res_users', 'authentication: password, session keys; companies'),
    ('res_users_apikeys', 'authentication: API keys'), ('auth_passkey_key', 'authentication: session keys'),
    ('ir_config_parameter', 'identity of the database, session keys'), ('res_company', 'companies'),
    ('res_company_users_rel', 'companies of users'), ('ir_module_module', 'release of Odoo')
), held AS (
    SELECT c.oid AS relation, NULL::name AS column_name, a.grantee, a.privilege_type
    FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
    WHERE c.relnamespace <> 'changefeed'::regnamespace
    UNION ALL
    SELECT c.oid, t.attname, a.grantee, a.privilege_type
    FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid CROSS JOIN LATERAL aclexplode(t.attacl) a
    WHERE c.relnamespace <> 'changefeed'::regnamespace AND NOT t.attisdropped
)
SELECT r.rolname AS grantee, h.privilege_type AS privilege, 'TABLE ' || h.relation::regclass AS object,
       array_agg(h.column_name ORDER BY h.column_name) FILTER (WHERE h.column_name IS NOT NULL) AS columns,
       concat_ws('; ',
           CASE WHEN r.rolname = 'changefeed_definer' THEN max(n.reason) END,
           CASE WHEN r.rolname = 'changefeed_definer' THEN max('records of ' || m.model) END,
           CASE WHEN r.rolname = 'changefeed_definer' AND max(m.model) IS NULL AND max(n.reason) IS NULL
                THEN 'names, lists and values in records of tracked models' END,
           CASE WHEN r.rolname = 'changefeed_reader' THEN 'record rules, ids of records, write dates' END,
           CASE WHEN r.rolname NOT IN ('changefeed_definer', 'changefeed_reader')
                THEN 'not granted by the feed' END) AS reason
FROM held h
JOIN pg_roles r ON r.oid = h.grantee
    AND r.rolname IN ('changefeed_owner', 'changefeed_definer', 'changefeed_reader', 'changefeed_service',
                      'changefeed_monitor')
JOIN pg_class c ON c.oid = h.relation
JOIN pg_namespace s ON s.oid = c.relnamespace
LEFT JOIN needed n ON s.nspname = 'public' AND n.table_name = c.relname
LEFT JOIN changefeed.tracked_model m ON (m.table_schema, m.table_name) = (s.nspname, c.relname)
GROUP BY r.rolname, h.relation, h.privilege_type
UNION ALL
SELECT r.rolname, a.privilege_type, 'SCHEMA ' || s.oid::regnamespace, NULL, 'to access Odoo''s tables'
FROM pg_namespace s CROSS JOIN LATERAL aclexplode(s.nspacl) a
JOIN pg_roles r ON r.oid = a.grantee
    AND r.rolname IN ('changefeed_owner', 'changefeed_definer', 'changefeed_reader', 'changefeed_service',
                      'changefeed_monitor')
WHERE s.nspname <> 'changefeed';
COMMENT ON VIEW changefeed.granted IS
    'Rights of the feed''s roles on tables and schemas outside the feed: role, right, object (columns null: '
    'the whole table), and reason.';
COMMENT ON COLUMN changefeed.granted.grantee IS 'The role of the feed that has the right.';
COMMENT ON COLUMN changefeed.granted.privilege IS 'SELECT, USAGE and others.';
COMMENT ON COLUMN changefeed.granted.object IS 'TABLE or SCHEMA with its name.';
COMMENT ON COLUMN changefeed.granted.columns IS 'The columns, if the right is only on these; null: on all.';
COMMENT ON COLUMN changefeed.granted.reason IS 'The purpose of the right.';
