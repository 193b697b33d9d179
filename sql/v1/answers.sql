-- Version 1's answers, for one user.

CREATE OR REPLACE FUNCTION changefeed.v1_list(
    user_id int, only_model text, record_id bigint, event text, since timestamptz, max_rows int, skip_rows int,
    companies int[] DEFAULT NULL, OUT problem text, OUT events text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stamp CONSTANT text := changefeed.access_stamp(user_id);
    -- Only what many requests ask for, so that the cache stays small; not what is read quickly, the last minutes.
    state CONSTANT text := CASE WHEN record_id IS NULL AND skip_rows = 0 AND max_rows <= 100
                                     AND coalesce(since < clock_timestamp() - interval '10 minutes', true)
                                THEN changefeed.v1_state(stamp) END;
    asked CONSTANT bytea := sha256(convert_to(
        ROW('v1_list', user_id, only_model, event, since, max_rows, companies, state)::text, 'UTF8'));
    access record;
    page record;
    -- The parts of an event's JSON that depend on its model and kind.
    names text[];
    kinds CONSTANT text[] := ARRAY[',"event":"write","occurred_at":"', ',"event":"create","occurred_at":"',
                                   ',"event":"unlink","occurred_at":"'];
BEGIN
    IF state IS NOT NULL THEN
        SELECT k.shape INTO events FROM changefeed.kept_access k
        WHERE k.question = asked AND k.until > clock_timestamp() LIMIT 1;
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;
    SELECT * INTO access FROM changefeed.known_access(
        'models', user_id, ARRAY(SELECT t.model FROM changefeed.tracked_model t
                                 WHERE only_model IS NULL OR t.model = only_model), NULL, companies, stamp);
    problem := CASE WHEN access.problem IS NOT NULL THEN access.problem
                    WHEN only_model IS NOT NULL AND access.scopes = '{}' THEN 'model_not_readable' END;
    IF problem IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT * INTO page FROM changefeed.v1_newest(
        ARRAY(SELECT s.model FROM unnest(access.scopes) s), v1_list.record_id, v1_list.event, v1_list.since,
        max_rows, skip_rows, access.scopes);
    names := ARRAY(SELECT ',"model":' || to_json(s.model) || ',"record_id":' FROM unnest(access.scopes) s);
    SELECT '[' || coalesce(string_agg(
        '{"id":' || e.id || names[e.place] || e.record || kinds[e.kind]
        || to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"}', ','), '') || ']'
    INTO events
    FROM (SELECT e.* FROM unnest(page.ids, page.places, page.records, page.kinds, page.times) WITH ORDINALITY
              e (id, place, record, kind, at, number)
          ORDER BY e.number OFFSET skip_rows LIMIT max_rows) e;
    -- What happened in the meantime may be in the page.
    IF state IS NOT NULL AND cardinality(changefeed.v1_lasting(access.scopes)) = cardinality(access.scopes)
       AND state = changefeed.v1_state(changefeed.access_stamp(user_id), state) THEN
        PERFORM changefeed.v1_keep(asked, '{}', events);
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.v1_list(int, text, bigint, text, timestamptz, int, int, int[]) IS
    'A page of v1_events() as a JSON array, limited to what the user may see (only_model null: of every model). '
    'problem: model_not_readable, or as in access_scopes().';

CREATE OR REPLACE FUNCTION changefeed.v1_counts(
    user_id int, since timestamptz, companies int[] DEFAULT NULL, OUT problem text, OUT summary text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stamp CONSTANT text := changefeed.access_stamp(user_id);
    -- What happened in the last minutes is counted quickly.
    state CONSTANT text := CASE WHEN coalesce(since < clock_timestamp() - interval '10 minutes', true)
                                THEN changefeed.v1_state(stamp) END;
    asked CONSTANT bytea := sha256(convert_to(ROW('v1_counts', user_id, since, companies, state)::text, 'UTF8'));
    access record;
    kept text;
    -- The scopes of models whose counts may change while the state stays, and the cached counts of the other models.
    others changefeed.model_scope[];
    counts jsonb;
BEGIN
    IF state IS NOT NULL THEN
        SELECT k.shape, k.scopes INTO kept, others FROM changefeed.kept_access k
        WHERE k.question = asked AND k.until > clock_timestamp() LIMIT 1;
    END IF;
    IF others = '{}' THEN
        summary := kept;
        RETURN;
    END IF;
    IF kept IS NOT NULL THEN
        counts := kept::jsonb || (
            SELECT coalesce(jsonb_agg(c), '[]')
            FROM changefeed.v1_summary(ARRAY(SELECT o.model FROM unnest(others) o), v1_counts.since, others) c);
    ELSE
        SELECT * INTO access FROM changefeed.known_access(
            'models', user_id, ARRAY(SELECT t.model FROM changefeed.tracked_model t), NULL, companies, stamp);
        problem := access.problem;
        IF problem IS NOT NULL THEN
            RETURN;
        END IF;
        counts := (
            SELECT coalesce(jsonb_agg(c), '[]')
            FROM changefeed.v1_summary(ARRAY(SELECT s.model FROM unnest(access.scopes) s), v1_counts.since,
                                       access.scopes) c);
    END IF;
    SELECT concat('{"has_update":', CASE WHEN count(*) > 0 THEN 'true' ELSE 'false' END, ',"last_update_at":',
                  coalesce('"' || changefeed.json_time(max(s.last_at)) || '"', 'null'),
                  ',"summary":[', string_agg(concat('{"model":', to_json(s.model), ',"count":', s.events, '}'),
                                             ',' ORDER BY s.model), ']}')
    INTO summary
    FROM jsonb_to_recordset(counts) s (model text, events bigint, last_at timestamptz);
    -- What happened in the meantime may have been counted.
    IF kept IS NULL AND state IS NOT NULL
       AND state = changefeed.v1_state(changefeed.access_stamp(user_id), state) THEN
        others := ARRAY(SELECT s FROM unnest(access.scopes) s
                        WHERE s.model <> ALL (changefeed.v1_lasting(access.scopes)));
        PERFORM changefeed.v1_keep(asked, others, CASE WHEN others = '{}' THEN summary ELSE (
            SELECT coalesce(jsonb_agg(c), '[]') FROM jsonb_array_elements(counts) c
            WHERE c ->> 'model' <> ALL (ARRAY(SELECT o.model FROM unnest(others) o)))::text END);
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.v1_counts(int, timestamptz, int[]) IS
    'v1_summary() limited to what the user may see, as one JSON object.';
