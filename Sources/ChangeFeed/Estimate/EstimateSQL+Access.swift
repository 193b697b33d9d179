/// Statements about who will see what.
extension EstimateSQL {
    /// $1: models. Their active read rules.
    static let rules = """
        SELECT r.id, coalesce(r.name::text, '') AS name, m.model::text AS model, coalesce(r.domain_force, '') AS domain
        FROM public.ir_rule r JOIN public.ir_model m ON m.id = r.model_id
        WHERE r.active AND r.perm_read AND m.model = ANY ($1::text[])
        ORDER BY m.model, r.id
        """

    /// $1: a model, $2: its rules' texts, $3: its table's oid, $4: its columns of delegation. The columns whose old
    /// values the triggers keep, as `changefeed.odoo_rule_columns()` finds them.
    func ruleColumns() throws -> String {
        """
        WITH RECURSIVE texts AS (
            SELECT coalesce(string_agg(t, ' '), '') AS rules FROM unnest($2::text[]) t
        ), path (name) AS (
            SELECT * FROM (
                SELECT m.part[1] FROM texts, regexp_matches(texts.rules, '[''"]([^''".[:space:]]+)', 'g') m (part)
                UNION ALL
                SELECT unnest('{parent_id,parent_path}'::text[]) FROM texts
                WHERE texts.rules ~ '[''"]id[''"]' AND texts.rules ~ '(child|parent)_of') n
            UNION
            SELECT split_part(f.related, '.', 1) FROM path
            JOIN public.ir_model_fields f ON f.model = $1::text AND f.name = path.name
            WHERE f.related LIKE '%.%' AND NOT f.store
        )
        SELECT a.attname::text AS name FROM pg_attribute a
        WHERE a.attrelid = $3::bigint::oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'id'
          AND a.attname !~ '[[:cntrl:]<>]'
          AND (a.attname::text IN (SELECT path.name FROM path) OR a.attname::text = ANY ($4::text[])
               OR a.attname IN ('company_id', 'user_id', 'partner_id', 'create_uid', 'active'))
          AND a.atttypid = ANY (ARRAY['int4', 'int8', 'bool', 'varchar', 'text', 'date', 'timestamp', 'numeric',
                                      'float4', 'float8', 'jsonb']::regtype[])
          AND NOT (\(try Self.secret(model: "$1::text", field: "a.attname::text")))
        ORDER BY a.attnum
        """
    }

    /// $1: a model, $2: it and the models that it delegates to, $3: the field that leads to each ('' to itself). Its
    /// stored fields without regard to a user, as `changefeed.odoo_field_states()` finds them.
    func fieldStates() throws -> String {
        """
        WITH known_delegation AS MATERIALIZED (SELECT NULL::text AS model, NULL::text AS field, NULL::text AS column_name),
        by_company (model, fields) AS MATERIALIZED (
            \(try EmbeddedSQL.rows(of: "odoo_company_fields", in: "data/standard.sql"))),
        fact (model, groups, fields) AS MATERIALIZED (\(try facts())),
        known AS MATERIALIZED (
            SELECT k.model, string_agg(k.fields, '') AS fields
            FROM (SELECT f.model, f.fields FROM fact f WHERE f.groups = '{}'
                  UNION ALL \(try EmbeddedSQL.part(
                      of: "data/known_fields.sql", after: "asked for columns.\n          UNION ALL ",
                      before: "\n          UNION ALL SELECT c.model"))
                  UNION ALL SELECT c.model, c.fields FROM by_company c) k
            WHERE \(isKnownRelease) GROUP BY k.model
        ), grouped AS MATERIALIZED (
            SELECT f.model, n.name, f.groups FROM fact f
            CROSS JOIN LATERAL unnest(string_to_array(btrim(f.fields), ' ')) n (name)
            WHERE f.groups <> '{}'
            UNION ALL
            SELECT g.model, n.name, g.groups
            FROM (\(try EmbeddedSQL.rows(of: "odoo_other_groups", in: "data/standard.sql"))) g (model, fields, groups)
            CROSS JOIN LATERAL unnest(string_to_array(g.fields, ' ')) n (name)
            WHERE NOT EXISTS (SELECT FROM fact f
                              WHERE f.model = g.model AND strpos(f.fields, ' ' || n.name || ' ') > 0)
        ), field AS MATERIALIZED (\(fieldsOf(models: "$2::text[]")))
        SELECT f.name, CASE
            WHEN f.name = 'id' THEN 'open'
            WHEN \(try Self.secret(model: "f.model", field: "f.name"))
                 OR \(try Self.secret(model: "$1::text", field: "f.name")) THEN 'secret'
            WHEN f.state IS DISTINCT FROM 'manual'
                 AND strpos(\(try everywhere()), ' ' || f.name || ' ') = 0
                 AND NOT EXISTS (SELECT FROM known k WHERE k.model IN (f.model, $1::text)
                                 AND strpos(k.fields, ' ' || f.name || ' ') > 0)
                 AND NOT \(hasGroups)
                 AND NOT EXISTS (SELECT FROM grouped g WHERE g.model IN (f.model, $1::text) AND g.name = f.name)
            THEN 'unknown'
            WHEN \(hasGroups) OR EXISTS (SELECT FROM grouped g WHERE g.model = f.model AND g.name = f.name)
                 OR f.model = 'hr.employee' AND NOT EXISTS (
                     SELECT FROM public.ir_model_fields p WHERE p.model = 'hr.employee.public' AND p.name = f.name)
                    AND NOT (\(release ?? 0) >= 19 AND EXISTS (
                        SELECT FROM fact t WHERE t.model = f.model AND strpos(t.fields, ' ' || f.name || ' ') > 0))
            THEN 'groups' ELSE 'open' END AS state
        FROM unnest($2::text[], $3::text[]) h (model, link)
        JOIN field f ON f.model = h.model
        LEFT JOIN LATERAL (SELECT \(tableOf("h.model")) AS oid) t ON true
        LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = f.name::name AND a.attnum > 0
          AND NOT a.attisdropped
        WHERE (f.store OR f.in_properties) AND octet_length(f.name) BETWEEN 1 AND 63 AND f.name !~ '^[.]|[[:cntrl:]]'
          AND (f.ttype IN ('one2many', 'many2many') AND f.relation IS NOT NULL
               OR f.ttype NOT IN ('one2many', 'many2many') AND (a.attnum IS NOT NULL OR f.in_properties))
          AND (h.link = '' OR EXISTS (
              SELECT FROM public.ir_model_fields o
              WHERE o.model = $1::text AND NOT o.store AND o.related = h.link || '.' || f.name AND o.name = f.name))
        ORDER BY f.name
        """
    }

    /// $1: models. Those whose access Odoo's Python code decides or may decide, as `changefeed.odoo_code_states()` has
    /// them.
    func codeStates() throws -> String {
        """
        WITH code (model, first_release, last_release, of_share, lists, reason) AS MATERIALIZED (
            \(try EmbeddedSQL.rows(of: "odoo_code_rules", in: "odoo/code_access.sql"))
        ), known (releases, models) AS MATERIALIZED (
            \(try EmbeddedSQL.rows(of: "odoo_known_models", in: "odoo/known_models.sql"))
        )
        SELECT c.model, 'code' AS kind, c.of_share, c.reason FROM code c
        WHERE c.model = ANY ($1::text[])
          AND (NOT \(isKnownRelease) OR \(release ?? 0) BETWEEN c.first_release AND c.last_release)
        UNION ALL
        SELECT w.model, 'unknown', false,
               coalesce((SELECT 'it comes with ' || string_agg(DISTINCT x.module, ', ') FROM public.ir_model_data x
                         WHERE x.model = 'ir.model' AND x.res_id = m.id), 'no module is known that brings it')
        FROM unnest($1::text[]) w (model)
        CROSS JOIN LATERAL (
            SELECT v.* FROM (SELECT NULL::text AS state) absent
            CROSS JOIN LATERAL (SELECT i.id, state::text FROM public.ir_model i WHERE i.model = w.model) v) m
        WHERE m.state IS DISTINCT FROM 'manual' AND NOT EXISTS (
            SELECT FROM known k WHERE (NOT \(isKnownRelease) OR \(release ?? 0) = ANY (k.releases))
              AND strpos(k.models, ' ' || w.model || ' ') > 0)
        ORDER BY 1
        """
    }

    private var isKnownRelease: String { (16...19).contains(release ?? 0) ? "true" : "false" }

    private var hasGroups: String {
        readable.contains("ir_model_fields_group_rel")
            ? "EXISTS (SELECT FROM public.ir_model_fields_group_rel r WHERE r.field_id = f.id)" : "false"
    }

    private func facts() throws -> String {
        guard let release, (16...19).contains(release) else {
            return "SELECT NULL::text, NULL::text[], NULL::text WHERE false"
        }
        let rows = try EmbeddedSQL.rows(of: "odoo_facts_\(release)", in: "data/facts_\(release).sql")
        guard release == 19 else { return rows }
        return """
            WITH own (model, groups, fields) AS (\(rows))
            SELECT * FROM own UNION ALL SELECT 'hr.version', o.groups, o.fields FROM own o WHERE o.model = 'hr.employee'
            """
    }

    /// Names of fields that every model has: a literal.
    private func everywhere() throws -> String {
        "("
            + (try EmbeddedSQL.part(
                of: "data/known_fields.sql", after: "SELECT NULL::text, ", before: "\n    UNION ALL")) + ")"
    }

    /// Whether a field is a secret by its name: a condition.
    private static func secret(model: String, field: String) throws -> String {
        let names = try EmbeddedSQL.part(
            of: "data/standard.sql", after: #"COLLATE "C" ~* ("#, before: ") AS by_name")
        let listed = try EmbeddedSQL.part(
            of: "data/standard.sql", after: "WHERE f.by_name OR (m.model, f.field) IN (", before: "));")
        return "(\(field) COLLATE \"C\" ~* (\(names)) OR (\(model), \(field)) IN (\(listed)))"
    }
}
