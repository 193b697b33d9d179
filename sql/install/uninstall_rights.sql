-- Only for uninstall.sql: the rights that it needs, checked before anything is removed.
DO $$
DECLARE
    me CONSTANT name := current_user;
    is_16 CONSTANT boolean := pg_catalog.current_setting('server_version_num')::int >= 160000;
    holder name := (SELECT pg_catalog.pg_get_userbyid(n.nspowner) FROM pg_catalog.pg_namespace n
                    WHERE n.nspname = 'changefeed');
    lacks text[];
BEGIN
    -- Another administrator than the installer, if it can grant itself the right.
    IF holder IS NOT NULL AND NOT pg_catalog.pg_has_role(me, holder, 'USAGE') THEN
        BEGIN
            EXECUTE pg_catalog.format('GRANT %I TO %I', holder, me)
                || CASE WHEN is_16 THEN ' WITH INHERIT TRUE, SET TRUE' ELSE '' END;
        EXCEPTION WHEN insufficient_privilege THEN NULL;
        END;
    END IF;
    SELECT pg_catalog.array_agg(pg_catalog.format('%s does not have the rights of %s, the owner of %s. A role that may '
                                                  'grant it runs: GRANT %I TO %I%s;', me, o.name, o.objects, o.name, me,
                                                  CASE WHEN is_16 THEN ' WITH INHERIT TRUE' ELSE '' END)
                                ORDER BY o.name)
    INTO lacks
    FROM (
        SELECT pg_catalog.pg_get_userbyid(x.owner) AS name,
               pg_catalog.string_agg(x.object, ', ' ORDER BY x.object) AS objects
        FROM (
            SELECT n.nspowner AS owner, 'schema changefeed' AS object FROM pg_catalog.pg_namespace n
            WHERE n.nspname = 'changefeed'
            UNION
            SELECT c.relowner, c.oid::regclass::text FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_trigger g ON g.tgrelid = c.oid AND NOT g.tgisinternal
            JOIN pg_catalog.pg_proc p ON p.oid = g.tgfoid
            JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace AND n.nspname = 'changefeed') x
        WHERE NOT pg_catalog.pg_has_role(me, x.owner, 'USAGE')
        GROUP BY x.owner) o;
    IF lacks IS NOT NULL THEN
        RAISE EXCEPTION '% may not remove the feed; nothing was changed', me
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = '- ' || pg_catalog.array_to_string(lacks, E'\n- '),
                  HINT = 'Have these statements run, then run it again. docs/managed.md explains them.';
    END IF;
END $$;
