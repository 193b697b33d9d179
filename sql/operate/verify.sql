-- Without odoo_field_states(), which looks up the groups of each field: that took nearly half the time of verify().
CREATE OR REPLACE FUNCTION changefeed.withheld_unknown(model text) RETURNS SETOF text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF changefeed.odoo_table('ir_model_fields') IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT j.name FROM changefeed.odoo_judged_fields(NULL, withheld_unknown.model, NULL) j
                 WHERE j.withheld = 'unknown';
END $$;
COMMENT ON FUNCTION changefeed.withheld_unknown(text) IS
    'The stored fields of a model of which nothing is known, so that no user gets them: those whose state in '
    'odoo_field_states() is unknown.';

-- Problems, with the command that corrects each. No row: no problem.
CREATE OR REPLACE FUNCTION changefeed.verify_feed()
RETURNS TABLE (code text, level text, object text, detail text, remediation text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $$
    WITH tracked AS MATERIALIZED (
        SELECT m.model, c.oid, format('%I.%I', m.table_schema, m.table_name) AS table_name,
               changefeed.trigger_state(c.oid::regclass, m.model) AS state
        FROM changefeed.tracked_model m
        LEFT JOIN pg_namespace n ON n.nspname = m.table_schema
        LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = m.table_name AND c.relkind = 'r'
    )
    SELECT 'CF101', 'error', t.model, format('its triggers on %s are %s', t.table_name, t.state),
           format('SELECT changefeed.track(%L, %L);', t.model, t.table_name)
    FROM tracked t WHERE t.state IN ('missing', 'incomplete')
    UNION ALL
    SELECT 'CF101', 'error', 'changefeed.probe', 'the triggers of the scratch table are missing or altered',
           'psql -f sql/install.sql'
    WHERE changefeed.trigger_state('changefeed.probe'::regclass, 'changefeed.probe') <> 'enabled'
    UNION ALL
    SELECT 'CF102', 'error', t.model, format('a trigger on %s is disabled', t.table_name),
           format('SELECT changefeed.track(%L, %L);', t.model, t.table_name)
    FROM tracked t WHERE t.state = 'disabled'
    UNION ALL
    SELECT 'CF103', 'error', t.model,
           format('a trigger on %s does not fire under session_replication_role = replica', t.table_name),
           format('SELECT changefeed.track(%L, %L);', t.model, t.table_name)
    FROM tracked t WHERE t.state = 'not always'
    UNION ALL
    SELECT 'CF104', 'error', t.model,
           format('a trigger of the feed on %s has the wrong form, model or function', t.table_name),
           format('SELECT changefeed.track(%L, %L);', t.model, t.table_name)
    FROM tracked t WHERE t.state = 'foreign'
    UNION ALL
    SELECT 'CF105', 'error', t.model, format('its table %s is missing, or no longer an ordinary table', t.table_name),
           format('SELECT changefeed.untrack(%L);', t.model)
    FROM tracked t WHERE t.oid IS NULL
    UNION ALL
    SELECT 'CF106', 'warning', g.tgrelid::regclass::text,
           format('orphan trigger %s: %s', g.tgname,
               CASE WHEN EXISTS (SELECT FROM tracked t WHERE t.oid = g.tgrelid)
                    THEN 'it calls a function of the feed, in addition to the feed''s own triggers'
                    ELSE 'its table belongs to no tracked model' END),
           format('DROP TRIGGER %I ON %s;', g.tgname, g.tgrelid::regclass)
    FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid
    WHERE NOT g.tgisinternal AND g.tgparentid = 0
      AND g.tgrelid NOT IN ('changefeed.probe'::regclass, 'changefeed.device'::regclass)
      AND NOT (g.tgname = 'changefeed_access' AND EXISTS (
          SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.oid = g.tgrelid AND c.relname = ANY (changefeed.odoo_watched_tables(n.nspname))))
      AND (p.pronamespace = 'changefeed'::regnamespace OR g.tgname IN
           ('changefeed_insert', 'changefeed_update', 'changefeed_delete', 'changefeed_truncate'))
      AND (NOT EXISTS (SELECT FROM tracked t WHERE t.oid = g.tgrelid)
           OR g.tgname NOT IN ('changefeed_insert', 'changefeed_update', 'changefeed_delete', 'changefeed_truncate'))
      AND NOT EXISTS (SELECT FROM tracked t CROSS JOIN LATERAL changefeed.parent_links(t.model) l
                      WHERE l.source = g.tgrelid AND l.trigger_name = g.tgname AND l.state <> 'unwanted')
    UNION ALL
    SELECT 'CF132', 'error', t.model,
           format('its records carry fields of %s; the trigger there, '
                  'which turns a write of these alone into an event, is %s', l.source, l.state),
           format('SELECT changefeed.track(%L, %L);', t.model, t.table_name)
    FROM tracked t CROSS JOIN LATERAL changefeed.parent_links(t.model) l
    WHERE t.oid IS NOT NULL AND l.state NOT IN ('enabled', 'unwanted')
    UNION ALL
    SELECT 'CF147', 'warning', u.source::text,
           'the trigger that notices changes of access is missing or altered: '
           'every request evaluates access and the form of data from scratch',
           'CALL changefeed.watch_access();'
    FROM changefeed.unwatched_tables() u
    UNION ALL
    SELECT 'CF133', 'warning', 'odoo',
           format('Odoo %s is not among the releases whose fields are known (16.0 to 19.0): '
                  'devices get only custom fields and allowed ones', v.version),
           'Use a release from 16.0 to 19.0.  -- scripts/odoo-facts.py extracts the facts of another one.'
    FROM changefeed.odoo_version() v (version)
    CROSS JOIN changefeed.surroundings() s WHERE v.version IS NOT NULL AND NOT s.odoo_was_run
    UNION ALL
    SELECT 'CF107', 'error', p.oid::regprocedure::text,
           format('owned by %s, security definer %s: '
                  'a trigger function must belong to changefeed_definer and be SECURITY DEFINER',
                  p.proowner::regrole, p.prosecdef),
           'psql -f sql/install.sql'
    FROM pg_proc p
    WHERE p.pronamespace = 'changefeed'::regnamespace AND starts_with(p.proname::text, 'capture_')
      AND p.prorettype = 'trigger'::regtype
      AND (p.proowner <> 'changefeed_definer'::regrole OR NOT p.prosecdef OR p.proconfig IS NULL)
    UNION ALL
    SELECT 'CF108', 'error', t.model,
           format('%s is filled by logical replication, which does not fire statement triggers', t.table_name),
           'Track the model on the publishing database instead.'
    FROM tracked t WHERE EXISTS (SELECT FROM pg_subscription_rel r WHERE r.srrelid = t.oid)
    UNION ALL
    SELECT 'CF109', 'error', t.model,
           format('%s inherits or is inherited: statements on %s are not captured', t.table_name, i.other::regclass),
           format('ALTER TABLE %s NO INHERIT %s;', i.child::regclass, i.parent::regclass)
    FROM tracked t
    JOIN (SELECT h.inhparent AS me, h.inhrelid AS other, h.inhrelid AS child, h.inhparent AS parent FROM pg_inherits h
          UNION ALL
          SELECT h.inhrelid, h.inhparent, h.inhrelid, h.inhparent FROM pg_inherits h) i ON i.me = t.oid
    UNION ALL
    SELECT 'CF110', 'warning', 'changefeed.control',
           format('capture has been paused since %s by %s: %s', c.paused_at, c.paused_by, c.pause_reason),
           'SELECT changefeed.resume();'
    FROM changefeed.control c WHERE c.paused
    UNION ALL
    SELECT 'CF111', 'warning', 'changefeed.event',
           format('slot %s has been written to since %s: the ring does not rotate', c.slot, c.slot_opened_at),
           'SELECT changefeed.rotate();  -- null: empty the next slot first, SELECT changefeed.empty_slot(n);'
    FROM changefeed.control c, changefeed.retention r
    WHERE c.slot_opened_at < now() - greatest(2 * r.slot_length, interval '14 days')
      AND EXISTS (SELECT FROM changefeed.event)
    UNION ALL
    SELECT 'CF112', 'info', d.model, 'a default model that is not tracked',
           format('SELECT changefeed.track(%L);', d.model)
    FROM changefeed.default_model d
    WHERE NOT EXISTS (SELECT FROM tracked t WHERE t.model = d.model) AND changefeed.odoo_has_model(d.model)
    UNION ALL
    SELECT 'CF113', 'warning', 'server',
           format('PostgreSQL %s is not among the tested versions (13 to 18)', current_setting('server_version')),
           'Use a release from 13 to 18.'
    FROM changefeed.surroundings() s WHERE NOT s.server_was_run
    UNION ALL
    SELECT 'CF114', 'info', 'synchronous_commit',
           'it is off by default here: a crash can lose changes that devices have already received, '
           'and the epoch then does not rise',
           'ALTER SYSTEM SET synchronous_commit = on;'
    FROM pg_settings s WHERE s.name = 'synchronous_commit' AND s.reset_val = 'off'
    UNION ALL
    SELECT 'CF115', 'error', f.oid::regprocedure::text, 'PUBLIC may execute it',
           format('REVOKE ALL ON %s %s FROM PUBLIC;', CASE f.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END,
                  f.oid::regprocedure)
    FROM pg_proc f
    WHERE f.pronamespace = 'changefeed'::regnamespace
      AND EXISTS (SELECT FROM aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) a WHERE a.grantee = 0)
    UNION ALL
    SELECT 'CF116', 'error', r.oid::regclass::text, 'PUBLIC has rights on it',
           format('REVOKE ALL ON %s FROM PUBLIC;', r.oid::regclass)
    FROM pg_class r
    WHERE r.relnamespace = 'changefeed'::regnamespace
      AND EXISTS (SELECT FROM aclexplode(r.relacl) a WHERE a.grantee = 0)
    UNION ALL
    SELECT 'CF117', 'error', 'changefeed_definer',
           format('it may not read %s.%s: API keys, sessions or access rights cannot be checked, '
                  'or records cannot be read', w.table_name, w.column_name),
           'psql -f sql/install.sql'
    FROM (VALUES ('public.ir_model', 'model'), ('public.ir_model', 'state'), ('public.ir_model_access', 'perm_read'),
                 ('public.ir_config_parameter', 'value'),
                 ('public.res_users', 'login'), ('public.res_users', 'share'), ('public.res_users', 'password'),
                 ('public.res_users', 'totp_secret'), ('public.res_users', 'oauth_access_token'),
                 ('public.auth_passkey_key', 'create_uid'),
                 ('public.ir_model_data', 'res_id'), ('public.ir_module_module', 'latest_version'),
                 ('public.res_users_apikeys', 'key'), ('public.res_groups_users_rel', 'uid'),
                 ('public.res_groups_implied_rel', 'gid'), ('public.ir_rule', 'domain_force'),
                 ('public.ir_rule', 'model_id'), ('public.ir_rule', 'active'),
                 ('public.ir_rule', 'perm_read'), ('public.ir_rule', 'name'),
                 ('public.rule_group_rel', 'rule_group_id'), ('public.rule_group_rel', 'group_id'),
                 ('public.ir_model_inherit', 'parent_id'), ('public.res_company_users_rel', 'user_id'),
                 ('public.res_company', 'active'),
                 ('public.mail_followers', 'partner_id')
          UNION SELECT 'public.' || n.table_name, n.column_name
          FROM changefeed.odoo_data_needs() n) w (table_name, column_name)
    JOIN pg_attribute a ON a.attrelid = to_regclass(w.table_name) AND a.attname = w.column_name AND NOT a.attisdropped
    WHERE NOT has_column_privilege('changefeed_definer', a.attrelid, a.attnum, 'SELECT')
    UNION ALL
    SELECT 'CF121', 'warning', t.model,
           format('devices do not get these newer columns: %s', string_agg(a.attname, ', ' ORDER BY a.attnum)),
           format('SELECT changefeed.grant_data(%L);', t.model)
    FROM tracked t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE NOT has_column_privilege('changefeed_definer', a.attrelid, a.attnum, 'SELECT')
      AND NOT changefeed.odoo_secret_field(t.model, a.attname::text) AND changefeed.odoo_has_model(t.model)
    GROUP BY t.model
    UNION ALL
    SELECT 'CF122', 'warning', t.model,
           format('these fields are unknown, so no user gets them: %s', string_agg(f.field, ', ' ORDER BY f.field)),
           format('changefeed field allow %s FIELD  -- or ''*'' for all of them; '
                  'deny confirms that they stay withheld.', t.model)
    FROM tracked t CROSS JOIN LATERAL changefeed.withheld_unknown(t.model) f (field)
    WHERE t.oid IS NOT NULL
    GROUP BY t.model
    UNION ALL
    SELECT 'CF128', 'error', t.model, 'its trigger functions keep the wrong rule columns, '
                                      'or are older than this installation',
           format('SELECT changefeed.track(%L, %L);', t.model, t.table_name)
    FROM tracked t WHERE t.state = 'stale'
    UNION ALL
    SELECT 'CF129', 'warning', t.model,
           format('its record rules read other columns than its triggers keep: %s instead of %s',
                  array_to_string(w.columns || CASE WHEN w.followers THEN '{followers}'::name[] END, ', '),
                  array_to_string(m.rule_columns || CASE WHEN m.keeps_followers THEN '{followers}'::name[] END, ', ')),
           format('SELECT changefeed.track(%L, %L);', t.model, t.table_name)
    FROM tracked t
    JOIN changefeed.tracked_model m ON m.model = t.model
    CROSS JOIN LATERAL (SELECT changefeed.odoo_rule_columns(t.model, t.oid::regclass),
                               changefeed.odoo_keeps_followers(t.model)) w (columns, followers)
    WHERE t.state = 'enabled' AND (w.columns, w.followers) IS DISTINCT FROM (m.rule_columns, m.keeps_followers)
    UNION ALL
    SELECT 'CF118', 'info', coalesce(g.model, 'all models'), format('not captured since %s (%s)', g.began_at, g.reason),
           CASE WHEN g.model IS NULL THEN 'SELECT changefeed.resume();'
                ELSE format('SELECT changefeed.track(%L);', g.model) END
    FROM changefeed.gap g WHERE g.ended_at IS NULL AND g.model IS NOT NULL AND changefeed.odoo_has_model(g.model)
    UNION ALL
    SELECT 'CF119', 'warning', 'changefeed.event',
           format('the log has %s, which is %s %% of its budget; at 100 %% %s', pg_size_pretty(b.bytes),
                  b.bytes * 100 / r.log_budget,
                  CASE r.log_budget_action WHEN 'pause' THEN 'capture is paused' ELSE 'oldest events are deleted' END),
           'Raise CHANGEFEED_LOG_BUDGET, or lower CHANGEFEED_DELETE_AFTER_DAYS.'
    FROM changefeed.retention r, changefeed.log_bytes() b (bytes)
    WHERE r.log_budget > 0 AND b.bytes >= r.log_budget / 10 * 8
    UNION ALL
    SELECT 'CF120', 'warning', 'changefeed.retention',
           format('retention should run every %s and last completed at %s', r.archive_every,
                  coalesce(r.ran_at::text, 'no time')),
           'changefeed archive  -- SELECT * FROM changefeed.error ORDER BY id DESC; shows the reason.'
    FROM changefeed.retention r
    WHERE r.archive_every > interval '0' AND coalesce(r.ran_at, r.noted_at) < now() - r.archive_every - interval '1 day'
    UNION ALL
    SELECT 'CF131', 'warning', 'server',
           'it is a standby: the feed is neither read nor served here, record rules are not checked, and the other '
           'findings are as old as the last replay',
           'Run it on the primary.'
    WHERE pg_is_in_recovery()
    UNION ALL
    SELECT * FROM changefeed.verify_delivery()
    UNION ALL
    SELECT * FROM changefeed.verify_endpoints()
    UNION ALL
    SELECT * FROM changefeed.verify_grants()
    UNION ALL
    SELECT * FROM changefeed.verify_access()
    UNION ALL
    SELECT * FROM changefeed.verify_models()
    UNION ALL
    SELECT * FROM changefeed.verify_values()
    ORDER BY 1, 3
$$;
COMMENT ON FUNCTION changefeed.verify_feed() IS 'The part of verify() that reads the feed and Odoo''s tables.';

CREATE OR REPLACE FUNCTION changefeed.verify()
RETURNS TABLE (code text, level text, object text, detail text, remediation text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
BEGIN
    -- Compiled (jit) it takes three times as long.
    RETURN QUERY SELECT * FROM changefeed.verify_objects();
    IF FOUND THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT * FROM changefeed.verify_rights();
    IF NOT FOUND THEN
        RETURN QUERY SELECT * FROM changefeed.verify_feed();
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.verify() IS
    'The problems of the feed: code, level (error, warning, info), object, '
    'detail and the command that corrects it. No row: no problem.';
