-- Rights inside schema changefeed. PUBLIC has none; the service gets the functions that it calls, the monitor only
-- reads. changefeed_definer has done the same for its functions in install/definer_grants.sql.

-- First revoke everything that an earlier installation granted; an operator's grants to other roles stay.
DO $$
DECLARE
    given record;
    -- Not by to_regclass(): the schema may be closed to the role that runs this.
    odoo CONSTANT name := (SELECT pg_get_userbyid(c.relowner) FROM pg_class c
                           JOIN pg_namespace n ON n.oid = c.relnamespace
                           WHERE n.nspname = 'public' AND c.relname = 'ir_model' AND c.relkind = 'r');
BEGIN
    FOR given IN
        SELECT DISTINCT m.object, coalesce(r.rolname, 'PUBLIC') AS grantee
        FROM (SELECT 'ROUTINE ' || p.oid::regprocedure AS object, coalesce(p.proacl, acldefault('f', p.proowner)) AS acl
              FROM pg_proc p
              WHERE p.pronamespace = 'changefeed'::regnamespace AND p.proowner = 'changefeed_owner'::regrole
              UNION ALL
              SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || c.oid::regclass, c.relacl
              FROM pg_class c
              WHERE c.relnamespace = 'changefeed'::regnamespace AND c.relowner = 'changefeed_owner'::regrole
                AND c.relkind IN ('v', 'r', 'p', 'S')
              UNION ALL
              -- Rights on single columns are revoked with the table's.
              SELECT 'TABLE ' || c.oid::regclass, t.attacl
              FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid
              WHERE c.relnamespace = 'changefeed'::regnamespace AND c.relowner = 'changefeed_owner'::regrole
                AND t.attacl IS NOT NULL
              UNION ALL
              SELECT 'SCHEMA changefeed', n.nspacl FROM pg_namespace n WHERE n.nspname = 'changefeed') m
        CROSS JOIN LATERAL aclexplode(m.acl) a
        LEFT JOIN pg_roles r ON r.oid = a.grantee
        WHERE a.grantee = 0
           OR r.rolname IN ('changefeed_definer', 'changefeed_reader', 'changefeed_service', 'changefeed_monitor')
           OR r.rolname = odoo AND r.rolname <> 'changefeed_owner'
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %s', given.object,
                       CASE given.grantee WHEN 'PUBLIC' THEN 'PUBLIC' ELSE quote_ident(given.grantee) END);
    END LOOP;
END $$;

-- No other role creates anything here: where functions are created, the installation lends CREATE temporarily.
GRANT USAGE ON SCHEMA changefeed TO changefeed_definer, changefeed_reader;

GRANT USAGE ON SCHEMA changefeed TO changefeed_service, changefeed_monitor;

-- The objects of the feed that the triggers and the functions that read Odoo's tables need.
GRANT INSERT ON changefeed.event TO changefeed_definer;
GRANT USAGE ON SEQUENCE changefeed.event_id TO changefeed_definer;
GRANT SELECT, INSERT ON changefeed.access_change TO changefeed_definer;
-- UPDATE for locking the rows to be deleted.
GRANT SELECT, INSERT, UPDATE, DELETE ON changefeed.kept_statement TO changefeed_definer;
GRANT SELECT ON changefeed.control, changefeed.tracked_model, changefeed.rule_decision,
    changefeed.field_decision, changefeed.model_decision, changefeed.odoo_fields TO changefeed_definer;
GRANT SELECT (id, user_id, state, api_key, revision) ON changefeed.endpoint TO changefeed_definer;
GRANT EXECUTE ON FUNCTION changefeed.delivery_allowed() TO changefeed_definer;
GRANT SELECT ON changefeed.tracked_model TO changefeed_reader;

GRANT SELECT ON
    changefeed.migration, changefeed.event, changefeed.event_record, changefeed.v1_event, changefeed.tracked,
    changefeed.gap, changefeed.control, changefeed.slot, changefeed.archived, changefeed.app_type,
    changefeed.orphan, changefeed.error, changefeed.retention, changefeed.archive_stats,
    changefeed.endpoints, changefeed.endpoint_numbers, changefeed.endpoint_queue, changefeed.endpoint_attempt
TO changefeed_service;
GRANT EXECUTE ON FUNCTION
    changefeed.migrated(int), changefeed.schema_version(), changefeed.bell_key(), changefeed.leader_key(),
    changefeed.follower_key(), changefeed.archiver_key(), changefeed.ring(), changefeed.idle_state(text, boolean),
    changefeed.idle_news(text),
    changefeed.prune_device_changes(), changefeed.settle(), changefeed.rotate(), changefeed.empty_slot(smallint),
    changefeed.check_identity(), changefeed.trigger_state(regclass, text), changefeed.tail(text, text, bigint, int),
    changefeed.tail_start(), changefeed.snapshot_up_to(pg_snapshot, xid8),
    changefeed.v1_events(text[], bigint, text, timestamptz, int, int, changefeed.model_scope[]),
    changefeed.v1_page(text[], bigint, text, timestamptz, int, int, changefeed.model_scope[]),
    changefeed.v1_summary(text[], timestamptz, changefeed.model_scope[]),
    changefeed.v1_list(int, text, bigint, text, timestamptz, int, int, int[]),
    changefeed.v1_counts(int, timestamptz, int[]), changefeed.archived_at(text, timestamptz, xid8),
    changefeed.archive_floors(text[]), changefeed.archive_before(timestamptz, text),
    changefeed.archive_model(text, timestamptz, text), changefeed.archivable(text, timestamptz, xid8, timestamptz),
    changefeed.archive(boolean, text, interval, interval, interval, interval), changefeed.count_archive(),
    changefeed.keep_log_budget(bigint, text, boolean), changefeed.note_error(text, text, jsonb),
    changefeed.note_retention_settings(interval, interval, bigint, text), changefeed.begin_retention(interval),
    changefeed.end_retention(jsonb), changefeed.rate_limit(text, int, int), changefeed.probe(),
    changefeed.first_id_since(timestamptz), changefeed.used_slots(),
    changefeed.pull(int, text, text, text[], text, int, boolean, jsonb, bigint, boolean, int, int[],
                    boolean, text, jsonb),
    changefeed.news(int, text, text, text[], int[], jsonb), changefeed.filter_fields(int, text[], int[]),
    changefeed.hinted(int, int[], text[], bigint[]), changefeed.acknowledge(int, text, bigint[], text),
    changefeed.reset_device(int, text, text, timestamptz, int), changefeed.forget_device(int, text),
    changefeed.device_list(int, text, int), changefeed.device_state(int, text, int[]), changefeed.app_types(),
    changefeed.app_types_of(int),
    changefeed.followed_models(int, text, text[], int[]),
    changefeed.digest(int, text, text, int, int[], boolean, text[], bigint, bigint, jsonb),
    changefeed.snapshot_page(int, text, text, text, int, bigint, bigint, text[], int, int[], boolean, jsonb),
    changefeed.access_rules(int, int[], text[]), changefeed.forget_rules(int, boolean),
    changefeed.keep_rules(text, text, text, bigint[], text[], text[], text[], text[], jsonb, int, jsonb, text, text[]),
    changefeed.fields_to_ask(int, text, text[]), changefeed.keep_odoo_fields(int, text, text[], text),
    changefeed.status(), changefeed.status_of(boolean), changefeed.verify(), changefeed.verify_pull(),
    changefeed.surroundings(), changefeed.delivery_state(), changefeed.delivery_allowed(), changefeed.is_wanted(),
    changefeed.locked_tables(),
    changefeed.endpoint_add(text, text, int, text, text[], int[], jsonb, text[], boolean, jsonb, boolean, int, int,
                            text, timestamptz, bytea, text, int, int, text),
    changefeed.endpoint_set_state(text, text, text), changefeed.endpoint_rotate(text, bytea, text, interval),
    changefeed.endpoint_replay(text, text, timestamptz), changefeed.endpoint_remove(text),
    changefeed.endpoint_secret(text), changefeed.endpoint_retry(text, text, bigint),
    changefeed.endpoint_drop(text, text, bigint),
    changefeed.endpoint_reached(int, boolean, text), changefeed.endpoint_page(int, boolean, text, text, int),
    changefeed.endpoint_create(int, boolean, boolean, int, int, text, text, text, text[], int[], jsonb, text[], boolean,
                               jsonb, boolean, int, int, text, timestamptz, bytea, text, int),
    changefeed.endpoint_attempts(int, boolean, text, int), changefeed.endpoint_waiting(int, boolean, text, int),
    changefeed.endpoint_trial(int, boolean, text), changefeed.endpoint_lease(uuid, double precision, boolean, jsonb),
    changefeed.endpoint_due(int, int, text, text[], int[], jsonb, boolean, jsonb, int, bigint, boolean, boolean),
    changefeed.endpoint_settle(int, uuid, jsonb, jsonb, text, text, boolean, interval, bigint),
    changefeed.endpoint_concerned(int, int[], text[], jsonb, bigint[]),
    changefeed.endpoint_list(int, int, uuid, text, text, int, int[], jsonb),
    changefeed.endpoint_held(int, int), changefeed.endpoint_wake(int, uuid), changefeed.endpoint_standing(int, int)
TO changefeed_service;
-- The console: these two check again that their user is in one of its groups.
GRANT EXECUTE ON FUNCTION
    changefeed.console_read(text, int, text, text, double precision, text, text, text, text, jsonb),
    changefeed.console_act(text, int, text, text, double precision, text, text, text, text, text, jsonb)
TO changefeed_service;
-- For changefeed rule list and changefeed verify. Decisions and explanations are for members of changefeed_owner.
GRANT EXECUTE ON FUNCTION changefeed.rule_states(text), changefeed.model_states(text),
    changefeed.unreadable_columns(jsonb) TO changefeed_service;

GRANT SELECT ON
    changefeed.migration, changefeed.event_record, changefeed.v1_event, changefeed.tracked, changefeed.gap,
    changefeed.archived, changefeed.app_type, changefeed.device, changefeed.error, changefeed.retention,
    changefeed.archive_stats, changefeed.home, changefeed.delivery_decision, changefeed.granted, changefeed.endpoints,
    changefeed.endpoint_numbers, changefeed.endpoint_queue, changefeed.endpoint_attempt
TO changefeed_monitor;
GRANT EXECUTE ON FUNCTION
    changefeed.schema_version(), changefeed.trigger_state(regclass, text), changefeed.status(), changefeed.verify(),
    changefeed.verify_pull(), changefeed.surroundings(), changefeed.archived_at(text, timestamptz, xid8),
    changefeed.delivery_state(), changefeed.delivery_allowed(), changefeed.locked_tables()
TO changefeed_monitor;
