-- Drops everything that this installation re-creates: every view and routine of the schema, so that none stays that the
-- files no longer create, and none blocks one with other columns or parameters. Rights on them that an
-- operator granted to other roles are restored at the end (install/kept_grants.sql).
--
-- Objects on which others depend cannot be dropped: the trigger functions, and those that an operator's view reads.
-- They are replaced in place.

-- For install/kept_grants.sql.
DO $$
BEGIN
    PERFORM set_config('changefeed.kept_grants', coalesce(jsonb_agg(jsonb_build_object(
        'kind', m.kind, 'name', m.name, 'grantee', r.rolname, 'privilege', a.privilege, 'grantable',
        a.is_grantable))::text, '[]'), true)
    FROM (SELECT 0 AS relation, 'ROUTINE' AS kind, p.oid::regprocedure::text AS name,
                 p.proowner AS owner, p.proacl AS acl
          FROM pg_proc p WHERE p.pronamespace = 'changefeed'::regnamespace
          UNION ALL
          SELECT c.oid, 'TABLE', c.oid::regclass::text, c.relowner, c.relacl
          FROM pg_class c WHERE c.relnamespace = 'changefeed'::regnamespace AND c.relkind = 'v') m
    CROSS JOIN LATERAL (
        SELECT x.grantee, x.privilege_type AS privilege, x.is_grantable FROM aclexplode(m.acl) x
        UNION ALL
        SELECT x.grantee, format('%s (%I)', x.privilege_type, t.attname), x.is_grantable
        FROM pg_attribute t CROSS JOIN LATERAL aclexplode(t.attacl) x
        WHERE t.attrelid = m.relation AND NOT t.attisdropped) a
    JOIN pg_roles r ON r.oid = a.grantee
    WHERE a.grantee <> m.owner
      AND r.rolname NOT IN ('changefeed_owner', 'changefeed_definer', 'changefeed_reader', 'changefeed_service',
                            'changefeed_monitor');
END $$;

DO $$
DECLARE
    made record;
BEGIN
    FOR made IN
        -- Dependencies, with a view's rule and row type counting as the view.
        WITH RECURSIVE row_type AS (
            SELECT t.oid, coalesce(nullif(t.typrelid, 0), e.typrelid) AS relation
            FROM pg_type t LEFT JOIN pg_type e ON e.oid = t.typelem
            WHERE coalesce(nullif(t.typrelid, 0), e.typrelid) <> 0
        ), edge AS (
            SELECT CASE WHEN w.oid IS NULL AND dt.oid IS NULL THEN d.classid ELSE 'pg_class'::regclass END AS class,
                   coalesce(w.ev_class, dt.relation, d.objid) AS oid,
                   CASE WHEN rt.oid IS NULL THEN d.refclassid ELSE 'pg_class'::regclass END AS on_class,
                   coalesce(rt.relation, d.refobjid) AS on_oid
            FROM pg_depend d
            LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
            LEFT JOIN row_type dt ON d.classid = 'pg_type'::regclass AND dt.oid = d.objid
            LEFT JOIN row_type rt ON d.refclassid = 'pg_type'::regclass AND rt.oid = d.refobjid
        ), mine AS (
            SELECT 'pg_proc'::regclass::oid AS class, p.oid, 'ROUTINE' AS kind, p.oid::regprocedure::text AS name
            FROM pg_proc p WHERE p.pronamespace = 'changefeed'::regnamespace
            UNION ALL
            SELECT 'pg_class'::regclass, c.oid, 'VIEW', c.oid::regclass::text
            FROM pg_class c WHERE c.relnamespace = 'changefeed'::regnamespace AND c.relkind = 'v'
        ), kept AS (
            SELECT m.class, m.oid, e.class AS by_class, e.oid AS by_oid
            FROM mine m JOIN edge e ON (e.on_class, e.on_oid) = (m.class, m.oid)
            WHERE NOT EXISTS (SELECT FROM mine o WHERE (o.class, o.oid) = (e.class, e.oid))
            UNION
            SELECT m.class, m.oid, k.by_class, k.by_oid
            FROM kept k JOIN edge e ON (e.class, e.oid) = (k.class, k.oid)
            JOIN mine m ON (m.class, m.oid) = (e.on_class, e.on_oid)
        )
        SELECT m.kind, array_agg(m.name ORDER BY m.name) FILTER (WHERE NOT k.stays) AS going,
               string_agg(format('%s, because of %s', m.name, k.outsiders),
                          '; ' ORDER BY m.name) FILTER (WHERE k.outsiders IS NOT NULL) AS held
        FROM mine m
        CROSS JOIN LATERAL (
            SELECT count(*) > 0 AS stays,
                   string_agg(DISTINCT pg_describe_object(k.by_class, k.by_oid, 0), ', ')
                       FILTER (WHERE k.by_class <> 'pg_trigger'::regclass
                                 AND (pg_identify_object(k.by_class, k.by_oid,
                                                         0)).schema IS DISTINCT FROM 'changefeed') AS outsiders
            FROM kept k WHERE (k.class, k.oid) = (m.class, m.oid)) k
        GROUP BY m.kind
        -- Views first: everything dropped with one is in the same list, because nothing else depends on it.
        ORDER BY m.kind DESC
    LOOP
        IF made.held IS NOT NULL THEN
            RAISE WARNING 'replaced in place: %', made.held
                USING HINT = 'If the installation fails on one of them, drop the dependent objects, '
                             'install, and create them again.';
        END IF;
        IF made.going IS NOT NULL THEN
            EXECUTE format('DROP %s IF EXISTS %s CASCADE', made.kind, array_to_string(made.going, ', '));
        END IF;
    END LOOP;
END $$;
