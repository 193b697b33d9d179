/// Statements about a database without the feed. They call none of its functions, and take what these know about Odoo
/// from the same files. Each reads only; values come as parameters.
struct EstimateSQL {
    /// Of Odoo, such as 18; nil: unknown.
    let release: Int?
    /// Tables of Odoo that this role may read.
    let readable: Set<String>

    /// The tables of Odoo that the statements read.
    static let needed = [
        "ir_model", "ir_model_constraint", "ir_model_data", "ir_model_fields", "ir_model_fields_group_rel",
        "ir_model_inherit", "ir_module_module", "ir_rule", "rule_group_rel",
    ]

    // MARK: without Odoo's tables

    static let surroundings = """
        SELECT current_database()::text AS database, current_setting('server_version') AS server,
               current_setting('server_version_num')::int / 10000 AS release, pg_is_in_recovery() AS standby,
               current_user::text AS role, r.rolsuper AS super, r.rolcreaterole AS creates_roles,
               has_database_privilege(current_database(), 'CREATE') AS creates_schema,
               pg_database_size(current_database()) AS bytes,
               to_char(d.stats_reset AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS stats_reset,
               extract(epoch FROM clock_timestamp() - d.stats_reset)::float8 AS reset_age,
               extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::float8 AS uptime,
               current_setting('max_connections')::int AS max_connections,
               (SELECT count(*) FROM pg_stat_activity a WHERE a.backend_type = 'client backend') AS connections,
               current_setting('track_counts')::bool AS track_counts,
               current_setting('wal_level') AS wal_level,
               (SELECT count(*) FROM pg_event_trigger e WHERE e.evtenabled <> 'D') AS event_triggers,
               to_regnamespace('changefeed') IS NOT NULL AS installed
        FROM pg_roles r LEFT JOIN pg_stat_database d ON d.datname = current_database()
        WHERE r.rolname = current_user
        """

    /// $1: names of tables.
    static let privileges = """
        SELECT n.name, c.oid IS NOT NULL AS there,
               CASE WHEN c.oid IS NULL OR NOT has_schema_privilege('public', 'USAGE') THEN false
                    ELSE has_table_privilege(c.oid, 'SELECT') END AS readable
        FROM unnest($1::text[]) n (name)
        LEFT JOIN pg_class c ON c.relnamespace = to_regnamespace('public') AND c.relname = n.name::name AND c.relkind = 'r'
        """

    static let odooVersion =
        "SELECT m.latest_version::text AS version FROM public.ir_module_module m WHERE m.name = 'base'"

    /// $1: models. One row each, without a table where there is none.
    func tables() -> String {
        """
        SELECT w.model, c.oid::bigint AS oid, CASE WHEN c.oid IS NOT NULL THEN format('public.%I', c.relname) END AS name,
               greatest(c.reltuples::bigint, s.n_live_tup, 0) AS rows, pg_total_relation_size(c.oid) AS bytes,
               s.n_tup_ins AS inserts, s.n_tup_upd AS updates, s.n_tup_del AS deletes, s.n_tup_hot_upd AS hot,
               pg_get_userbyid(c.relowner)::text AS owner, pg_has_role(c.relowner, 'USAGE') AS owns,
               (SELECT count(*) FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal
                  AND t.tgname !~ '^changefeed_') AS triggers,
               c.relrowsecurity AS row_security, c.relhassubclass AS has_children,
               EXISTS (SELECT FROM pg_subscription_rel r WHERE r.srrelid = c.oid) AS is_replicated
        FROM unnest($1::text[]) w (model)
        LEFT JOIN LATERAL (SELECT \(tableOf("w.model")) AS oid) t ON true
        LEFT JOIN pg_class c ON c.oid = t.oid
        LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
        ORDER BY w.model
        """
    }

    /// $1: oids of tables. Who holds a lock now with which that of the installation conflicts.
    static let holders = """
        SELECT count(DISTINCT l.pid) AS holders,
               max(extract(epoch FROM clock_timestamp() - a.xact_start))::float8 AS oldest
        FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
          AND l.relation::bigint = ANY ($1::bigint[]) AND l.granted AND l.pid <> pg_backend_pid()
          AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
        """

    // MARK: models and fields

    /// $1: models. Those that Odoo has.
    static let models = "SELECT m.model::text AS model FROM public.ir_model m WHERE m.model = ANY ($1::text[])"

    /// $1: models. `_inherits`, as `changefeed.odoo_delegated()` finds it.
    func delegations() throws -> String {
        "WITH \(try known()) SELECT d.* FROM (\(delegated)) d"
    }

    /// $1: models. In the form of `changefeed.odoo_catalog()`.
    func catalog() throws -> String {
        """
        WITH \(try known()), wanted AS MATERIALIZED (
            SELECT w.model, c.oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS source
            FROM unnest($1::text[]) w (model)
            LEFT JOIN LATERAL (SELECT \(tableOf("w.model")) AS oid) t ON true
            LEFT JOIN pg_class v ON t.oid IS NULL AND v.relnamespace = to_regnamespace('public')
                                AND v.relname = replace(w.model, '.', '_')::name AND v.relkind IN ('v', 'm')
            LEFT JOIN pg_class c ON c.oid = coalesce(t.oid, v.oid)
            LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
        ), field AS MATERIALIZED (\(fieldsOf(models: "$1::text[]")))
        SELECT w.model, w.source, f.name, f.ttype, quote_ident(a.attname) AS column_name, f.name AS field,
               format_type(a.atttypid, a.atttypmod) AS column_type, f.relation,
               CASE WHEN l.oid IS NOT NULL THEN format('public.%I', l.relname) END AS relation_table,
               quote_ident(f.column1) AS column1, quote_ident(f.column2) AS column2, f.relation_field, f.translate,
               f.company_dependent OR f.in_properties AS company_dependent, f.store,
               coalesce(f.related, nullif(f.column_name, f.name)) AS related, d.parent
        FROM wanted w
        JOIN field f ON f.model = w.model
        LEFT JOIN pg_attribute a ON a.attrelid = w.oid AND a.attname = f.name::name AND a.attnum > 0
          AND NOT a.attisdropped
        LEFT JOIN pg_class l ON l.relnamespace = to_regnamespace('public') AND l.relname = f.relation_table::name
          AND l.relkind = 'r'
        LEFT JOIN (\(delegated)) d ON d.model = w.model AND d.field = f.name AND d.is_stored
        ORDER BY w.model, f.name
        """
    }

    /// What is written down of delegations and of fields by company.
    private func known() throws -> String {
        let delegations = try EmbeddedSQL.rows(of: "odoo_known_delegations", in: "data/standard.sql")
        let byCompany = try EmbeddedSQL.rows(of: "odoo_company_fields", in: "data/standard.sql")
        return """
            known_delegation (model, parent, field, column_name, touched_since) AS MATERIALIZED (\(delegations)),
            by_company (model, fields) AS MATERIALIZED (\(byCompany))
            """
    }

    /// Rows as `changefeed.odoo_fields_of()` has them. A column that a release lacks is found in the row before.
    /// - Parameter models: an expression of type text[].
    func fieldsOf(models: String) -> String {
        """
        SELECT v.* FROM (SELECT NULL::boolean AS company_dependent) absent
        CROSS JOIN LATERAL (
            SELECT f.id::int, f.model::text, f.name::text, f.ttype::text, f.relation::text, f.relation_table::text,
                   f.column1::text, f.column2::text, f.relation_field::text, f.related::text,
                   coalesce(f.store, false) AS store, f.state::text,
                   coalesce(f.translate::text NOT IN ('false', ''), false) AS translate,
                   coalesce(company_dependent, false) AS company_dependent,
                   to_regclass('public.ir_property') IS NOT NULL AND f.store IS NOT TRUE AND f.related IS NULL
                   AND EXISTS (SELECT FROM by_company k
                               WHERE k.model = f.model AND strpos(k.fields, ' ' || f.name || ' ') > 0) AS in_properties,
                   coalesce((SELECT d.column_name FROM known_delegation d
                             WHERE d.model = f.model AND d.field = f.name AND f.store IS NOT TRUE), f.name::text)
                       AS column_name
            FROM public.ir_model_fields f WHERE f.model = ANY (\(models))) v
        """
    }

    private var delegated: String {
        if readable.contains("ir_model_inherit") {
            return """
                SELECT m.model::text, p.model::text AS parent, f.name::text AS field,
                       CASE WHEN f.store THEN f.name::text ELSE k.column_name END AS column_name,
                       coalesce(f.store, false) AS is_stored
                FROM public.ir_model m
                JOIN public.ir_model_inherit i ON i.model_id = m.id
                JOIN public.ir_model p ON p.id = i.parent_id
                JOIN public.ir_model_fields f ON f.id = i.parent_field_id
                LEFT JOIN known_delegation k ON k.model = m.model AND k.field = f.name
                WHERE m.model = ANY ($1::text[]) AND (f.store OR k.column_name IS NOT NULL)
                """
        }
        return """
            SELECT f.model::text, f.relation::text AS parent, f.name::text AS field, f.name::text AS column_name,
                   true AS is_stored
            FROM (SELECT DISTINCT g.model, split_part(g.related, '.', 1) AS name FROM public.ir_model_fields g
                  WHERE g.model = ANY ($1::text[]) AND NOT g.store AND split_part(g.related, '.', 2) = g.name) l
            JOIN public.ir_model_fields f ON f.model = l.model AND f.name = l.name
            WHERE f.ttype = 'many2one' AND f.required AND f.store AND f.relation <> f.model
              AND EXISTS (SELECT FROM public.ir_model_fields p WHERE p.model = f.relation)
              AND NOT EXISTS (
                  SELECT FROM public.ir_model_fields p
                  LEFT JOIN public.ir_model_fields o ON o.model = f.model AND o.name = p.name
                  WHERE p.model = f.relation AND o.id IS NULL)
            UNION
            SELECT k.model, k.parent, k.field, k.column_name, k.field = k.column_name
            FROM known_delegation k
            WHERE k.model = ANY ($1::text[]) AND EXISTS (
                SELECT FROM public.ir_model_fields f WHERE f.model = k.model AND f.name = k.field)
            """
    }

    /// The ordinary table of a model, as `changefeed.odoo_model_table()` finds it: an expression of type oid.
    func tableOf(_ model: String) -> String {
        let byName = """
            (SELECT x.oid FROM pg_class x WHERE x.relnamespace = to_regnamespace('public') AND x.relkind = 'r'
             AND x.relname = replace(\(model), '.', '_')::name)
            """
        guard readable.isSuperset(of: ["ir_model", "ir_model_constraint"]) else { return byName }
        return """
            coalesce(\(byName), (
                SELECT max(x.oid) FROM public.ir_model_constraint k
                JOIN public.ir_model m ON m.id = k.model
                JOIN pg_constraint p ON p.conname = k.name
                JOIN pg_class x ON x.oid = p.conrelid AND x.relkind = 'r'
                  AND x.relnamespace = to_regnamespace('public')
                WHERE m.model = \(model) HAVING count(DISTINCT x.oid) = 1))
            """
    }
}
