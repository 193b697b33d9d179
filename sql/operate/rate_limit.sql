-- Rate limits: the generic cell rate algorithm (GCRA, ITU-T I.371) with a burst of the whole quota.
CREATE OR REPLACE FUNCTION changefeed.rate_limit(
    key text, quota int, period_seconds int, OUT allowed boolean, OUT spent_seconds double precision)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '1s' AS $$
DECLARE
    period CONSTANT interval := make_interval(secs => period_seconds);
    step interval;
    moment CONSTANT timestamptz := clock_timestamp();
    until timestamptz;
BEGIN
    IF (quota >= 1 AND period_seconds >= 1 AND length(key) <= 200
        AND quota <= period_seconds::bigint * 1000000) IS NOT TRUE THEN
        RAISE EXCEPTION 'quota and period_seconds must be at least 1, quota at most a million per second, '
                        'and key at most 200 characters long'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    step := make_interval(secs => period_seconds::double precision / quota);
    -- A clear refusal takes no lock and no transaction id.
    SELECT r.arrival INTO until FROM changefeed.rate_limit r WHERE r.key = rate_limit.key;
    allowed := until IS NULL OR until + step <= moment + period;
    IF allowed THEN
        INSERT INTO changefeed.rate_limit AS r (key, arrival) VALUES (rate_limit.key, moment + step)
        ON CONFLICT ON CONSTRAINT rate_limit_pkey DO UPDATE SET arrival = greatest(r.arrival, moment) + step
        WHERE greatest(r.arrival, moment) + step <= moment + period
        RETURNING r.arrival INTO until;
        allowed := FOUND;
    END IF;
    IF NOT allowed THEN
        SELECT r.arrival INTO until FROM changefeed.rate_limit r WHERE r.key = rate_limit.key;
        -- Further ahead than this limit allows: a longer earlier period, or a clock that was set back.
        IF until > moment + period + interval '1 second' THEN
            UPDATE changefeed.rate_limit r SET arrival = moment + period
            WHERE r.key = rate_limit.key AND r.arrival = until;
            until := moment + period;
        END IF;
    END IF;
    spent_seconds := greatest(0, extract(epoch FROM coalesce(until, moment) - moment));
    -- Occasionally, expired rows are removed, skipping locked ones.
    IF allowed AND random() < 0.002 THEN
        DELETE FROM changefeed.rate_limit d WHERE d.key IN (
            SELECT o.key FROM changefeed.rate_limit o WHERE o.arrival < moment LIMIT 1000 FOR UPDATE SKIP LOCKED);
    END IF;
END $$;
COMMENT ON FUNCTION changefeed.rate_limit(text, int, int) IS
    'Counts one request: allowed, or refused, in which case nothing is written. spent_seconds: how far the client is '
    'ahead of the clock; it has (period - spent) / (period / quota) requests left.';
