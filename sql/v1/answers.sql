-- Version 1's answers, for one user.

CREATE OR REPLACE FUNCTION changefeed.v1_list(
    user_id int, only_model text, record_id bigint, event text, since timestamptz, max_rows int, skip_rows int,
    companies int[] DEFAULT NULL, OUT problem text, OUT events text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    access record;
    page record;
    -- The beginning and the end of an event's JSON that depend on its model and kind.
    names text[];
    kinds CONSTANT text[] := ARRAY[',"event":"write","occurred_at":"', ',"event":"create","occurred_at":"',
                                   ',"event":"unlink","occurred_at":"'];
BEGIN
    SELECT * INTO access FROM changefeed.known_access(
        'models', user_id, ARRAY(SELECT t.model FROM changefeed.tracked_model t
                                 WHERE only_model IS NULL OR t.model = only_model), NULL, companies,
        changefeed.access_stamp(user_id));
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
END $$;
COMMENT ON FUNCTION changefeed.v1_list(int, text, bigint, text, timestamptz, int, int, int[]) IS
    'A page of v1_events() as a JSON array, limited to what the user may see (only_model null: of every model). '
    'problem: model_not_readable, or as in access_scopes().';

CREATE OR REPLACE FUNCTION changefeed.v1_counts(
    user_id int, since timestamptz, companies int[] DEFAULT NULL, OUT problem text, OUT summary text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    access record;
BEGIN
    SELECT * INTO access FROM changefeed.known_access(
        'models', user_id, ARRAY(SELECT t.model FROM changefeed.tracked_model t), NULL, companies,
        changefeed.access_stamp(user_id));
    problem := access.problem;
    IF problem IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT concat('{"has_update":', CASE WHEN count(*) > 0 THEN 'true' ELSE 'false' END, ',"last_update_at":',
                  coalesce('"' || changefeed.json_time(max(s.last_at)) || '"', 'null'),
                  ',"summary":[', string_agg(concat('{"model":', to_json(s.model), ',"count":', s.events, '}'),
                                             ',' ORDER BY s.model), ']}')
    INTO summary
    FROM changefeed.v1_summary(ARRAY(SELECT s.model FROM unnest(access.scopes) s), v1_counts.since, access.scopes) s;
END $$;
COMMENT ON FUNCTION changefeed.v1_counts(int, timestamptz, int[]) IS
    'v1_summary() limited to what the user may see, as one JSON object.';
