-- Access that Odoo decides in Python, without a record rule: the database does not contain it, so it is listed here.
-- Such a model, and one whose code is unknown, is closed until the operator decides (access/model_decision.sql).

-- A reason is part of a decision: rewording it voids the decisions about it, so change it only if Odoo's behaviour
-- has changed. of_share: it concerns only portal and public users. lists: whether lists of such records are sent. none;
-- all: the code does not decide which records exist; own: the one2many fields, because a reader of a record also reads
-- its dependent records.
CREATE OR REPLACE FUNCTION changefeed.odoo_code_rules()
RETURNS TABLE (model text, first_release int, last_release int, of_share boolean, lists text, reason text)
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY VALUES
        ('ir.attachment'::text, 16, 17, false, 'own'::text,
         'ir.attachment._search and check: whoever reads the record that it is attached to, its creator, '
         'or everybody where it is public'::text),
        ('ir.attachment', 18, 19, false, 'own',
         'ir.attachment._search and _check_access: whoever reads the record that it is attached to, its creator, '
         'or everybody where it is public'),
        ('product.document', 17, 19, false, 'all',
         'its fields are those of ir.attachment, whose _check_access decides who reads them'),
        ('mail.message', 16, 17, false, 'none',
         'mail.message._search and check_access_rule: its author, its recipients, '
         'and whoever reads the record that it is about'),
        ('mail.message', 18, 19, false, 'none',
         'mail.message._search and _check_access: its author, its recipients, '
         'and whoever reads the record that it is about'),
        ('mail.mail', 16, 19, false, 'none', 'its fields are those of mail.message, whose code decides who reads them'),
        ('mail.activity', 16, 17, false, 'none',
         'mail.activity._search and check_access_rule: whoever it is assigned to, '
         'and whoever reads the record that it is about'),
        ('mail.activity', 18, 19, false, 'none',
         'mail.activity._search and _check_access: whoever it is assigned to, '
         'and whoever reads the record that it is about'),
        ('mail.scheduled.message', 18, 19, false, 'none',
         'mail.scheduled.message._search: whoever may post on the record that it is about'),
        ('calendar.event', 16, 16, false, 'none',
         'calendar.event.read: of a private event others get the time, and "Busy" as its name'),
        ('calendar.event', 17, 19, false, 'none',
         'calendar.event._fetch_query and _compute_display_name: '
         'of a private event others get the time, and "Busy" as its name'),
        ('res.users', 16, 19, false, 'all',
         'res.users.read and the code around it: which fields users read of themselves, and which of others'),
        ('ir.ui.menu', 16, 16, false, 'none',
         'ir.ui.menu.search: menus of the user''s groups whose action''s model the user may read'),
        ('ir.ui.menu', 17, 18, false, 'none',
         'ir.ui.menu.search_fetch: menus of the user''s groups whose action''s model the user may read'),
        -- Lists of these were compared with Odoo's answers.
        ('mail.channel', 16, 16, false, 'all',
         'what code decides about chats beside their record rules was not looked at'),
        ('mail.channel.member', 16, 16, false, 'all',
         'what code decides about chats beside their record rules was not looked at'),
        ('discuss.channel', 17, 19, false, 'all',
         'what code decides about chats beside their record rules was not looked at'),
        ('discuss.channel.member', 17, 19, false, 'all',
         'what code decides about chats beside their record rules was not looked at'),
        ('project.task', 16, 18, true, 'all',
         'project.task: the fields that portal users may read stand in its code (SELF_READABLE_FIELDS)'),
        ('project.task', 19, 19, true, 'all',
         'project.task._has_field_access: the fields that portal users may '
         'read stand in its code (TASK_PORTAL_READABLE_FIELDS)'),
        ('hr.leave', 16, 19, false, 'all',
         'hr.leave._compute_description: why somebody is away, which others than the employee, '
         'the approver and time off officers see as stars'),
        ('hr.leave.allocation', 16, 18, false, 'all',
         'hr.leave.allocation._compute_description: what the days are for, which others than the employee, the '
         'approver and time off officers see as stars');
END $$;
COMMENT ON FUNCTION changefeed.odoo_code_rules() IS
    'Odoo''s standard models whose Python code decides who reads which of their records or fields, by release, '
    'with the method and the effect.';

-- Unknown models: those of a module that are not in odoo_known_models(). Models made in Odoo's interface have no
-- Python. In a release other than the four, every model known in one of them counts.
CREATE OR REPLACE FUNCTION changefeed.odoo_code_states(models text[])
RETURNS TABLE (model text, kind text, of_share boolean, lists text, reason text, decision text, decision_counts boolean,
               decided_at timestamptz, decided_by text, decision_reason text, state text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    release CONSTANT int := changefeed.odoo_release();
    is_known CONSTANT boolean := coalesce(release BETWEEN 16 AND 19, false);
    known text;
BEGIN
    IF changefeed.odoo_table('ir_model') IS NULL OR changefeed.odoo_table('ir_model_data') IS NULL THEN
        RETURN;
    END IF;
    SELECT string_agg(k.models, '') INTO known FROM changefeed.odoo_known_models() k
    WHERE NOT is_known OR release = ANY (k.releases);
    RETURN QUERY
    SELECT w.model, c.kind, c.of_share, c.lists, c.reason, d.decision, d.counts, d.decided_at, d.decided_by, d.reason,
           CASE WHEN d.decision = 'deny' THEN 'closed'
                WHEN c.kind IS NULL OR d.decision = 'allow' AND d.counts THEN 'open'
                WHEN c.of_share THEN 'closed to external users'
                ELSE 'closed' END
    FROM unnest(odoo_code_states.models) w (model)
    LEFT JOIN LATERAL (
        SELECT * FROM (
            SELECT 'code'::text AS kind, r.of_share, r.lists, r.reason, r.last_release AS place
            FROM changefeed.odoo_code_rules() r
            WHERE r.model = w.model AND (NOT is_known OR release BETWEEN r.first_release AND r.last_release)
            UNION ALL
            SELECT 'unknown', false, 'none',
                   coalesce((SELECT 'it comes with ' || string_agg(DISTINCT x.module, ', ') FROM public.ir_model_data x
                             WHERE x.model = 'ir.model' AND x.res_id = m.id), 'no module is known that brings it')
                       || '; nothing is known of what Python code decides about it', 0
            FROM (SELECT NULL::text AS state) absent
            CROSS JOIN LATERAL (SELECT i.id, state::text FROM public.ir_model i WHERE i.model = w.model) m
            WHERE strpos(known, ' ' || w.model || ' ') = 0 AND m.state IS DISTINCT FROM 'manual') o
        ORDER BY o.place DESC LIMIT 1) c ON true
    LEFT JOIN LATERAL (
        SELECT l.*, l.decision = 'deny' OR l.code = coalesce(c.reason, '') AS counts FROM (
            SELECT x.* FROM changefeed.model_decision x WHERE x.model = w.model ORDER BY x.id DESC LIMIT 1) l
        WHERE l.decision <> 'clear') d ON true;
END $$;
COMMENT ON FUNCTION changefeed.odoo_code_states(text[]) IS
    'For each model whether Python code decides about access to it: kind code (known to decide), unknown or null (does '
    'not decide), the reason, the operator''s last decision and whether it counts, and the resulting state: open, '
    'closed, closed to external users.';

CREATE OR REPLACE FUNCTION changefeed.odoo_closed_models(user_id int, models text[], in_lists boolean DEFAULT false)
RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    closed text[];
    outsiders text[];
    unknown text[];
    doubtful text[];
    release CONSTANT int := changefeed.odoo_release();
    known text;
BEGIN
    -- Runs at every request: nearly all models are known and without a decision.
    known := (SELECT string_agg(k.models, '') FROM changefeed.odoo_known_models() k WHERE release = ANY (k.releases));
    WITH rule AS MATERIALIZED (
        SELECT r.* FROM changefeed.odoo_code_rules() r WHERE release BETWEEN r.first_release AND r.last_release
    ), asked AS MATERIALIZED (
        SELECT w.model, r.of_share, r.model IS NOT NULL AS has_rule,
               strpos(known, ' ' || w.model || ' ') > 0 IS NOT TRUE AND r.model IS NULL AS is_unknown,
               known IS NULL OR EXISTS (SELECT FROM changefeed.model_decision d WHERE d.model = w.model) AS is_doubtful,
               coalesce(in_lists AND r.lists <> 'none', false) AS is_listed
        FROM unnest(odoo_closed_models.models) w (model) LEFT JOIN rule r ON r.model = w.model
    )
    SELECT array_agg(a.model) FILTER (WHERE a.is_doubtful),
           array_agg(a.model) FILTER (WHERE a.is_unknown AND NOT a.is_doubtful),
           coalesce(
               array_agg(a.model) FILTER (
                   WHERE a.has_rule AND NOT a.is_doubtful AND NOT a.of_share AND NOT a.is_listed), '{}'),
           coalesce(
               array_agg(a.model) FILTER (WHERE a.has_rule AND NOT a.is_doubtful AND a.of_share AND NOT a.is_listed),
               '{}')
    INTO doubtful, unknown, closed, outsiders
    FROM asked a;
    IF unknown IS NOT NULL THEN
        -- As in odoo_code_states().
        closed := closed || ARRAY(
            SELECT m.model FROM (SELECT NULL::text AS state) absent
            CROSS JOIN LATERAL (SELECT i.model::text AS model, state::text AS made FROM public.ir_model i
                                WHERE i.model = ANY (unknown)) m
            WHERE m.made IS DISTINCT FROM 'manual');
    END IF;
    IF doubtful IS NOT NULL THEN
        SELECT closed || coalesce(array_agg(s.model) FILTER (WHERE s.state = 'closed'), '{}'),
               outsiders || coalesce(array_agg(s.model) FILTER (WHERE s.state <> 'closed'), '{}')
        INTO closed, outsiders
        FROM changefeed.odoo_code_states(doubtful) s
        WHERE s.state <> 'open' AND NOT (in_lists AND s.decision IS DISTINCT FROM 'deny' AND s.lists <> 'none');
    END IF;
    IF outsiders <> '{}' AND EXISTS (SELECT FROM public.res_users u
                                     WHERE u.id = odoo_closed_models.user_id AND u.share) THEN
        closed := closed || outsiders;
    END IF;
    RETURN closed;
END $$;
COMMENT ON FUNCTION changefeed.odoo_closed_models(int, text[], boolean) IS
    'Those of the models that are closed to a user because Odoo decides about them in Python, or by a decision. '
    'in_lists: those whose lists and names are not sent either.';

CREATE OR REPLACE FUNCTION changefeed.odoo_own_lists(models text[]) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
    asked text[] := ARRAY(SELECT DISTINCT r.model FROM changefeed.odoo_code_rules() r
                          WHERE r.lists = 'own' AND r.model = ANY (models));
BEGIN
    RETURN CASE WHEN asked = '{}' THEN asked
                ELSE ARRAY(SELECT s.model FROM changefeed.odoo_code_states(asked) s
                           WHERE s.state <> 'open' AND s.lists = 'own') END;
END $$;
COMMENT ON FUNCTION changefeed.odoo_own_lists(text[]) IS
    'Those of the models of which only a record''s own dependent records are listed, '
    'because Odoo decides about them in Python.';

CREATE OR REPLACE FUNCTION changefeed.odoo_code_extensions(models text[]) RETURNS TABLE (model text, modules text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
    IF changefeed.odoo_table('ir_model') IS NULL OR changefeed.odoo_table('ir_model_data') IS NULL THEN
        RETURN;
    END IF;
    -- Odoo records each module that extends a model in addition to the one that creates it.
    RETURN QUERY
    SELECT m.model::text, string_agg(DISTINCT d.module, ', ')
    FROM public.ir_model m JOIN public.ir_model_data d ON d.model = 'ir.model' AND d.res_id = m.id
    WHERE m.model = ANY (odoo_code_extensions.models)
      AND strpos(changefeed.odoo_standard_modules(), ' ' || d.module || ' ') = 0
    GROUP BY m.model;
END $$;
COMMENT ON FUNCTION changefeed.odoo_code_extensions(text[]) IS
    'The modules other than Odoo''s standard ones that create or extend each model: '
    'the effect of their Python code is unknown.';
