-- Only for `changefeed bench`: removes the objects of bench/setup.sql. The events of its models stay in the log.
DO $$
BEGIN
    IF to_regclass('changefeed_bench.captured') IS NOT NULL THEN
        PERFORM changefeed.untrack('bench.captured');
        -- It was never a model of Odoo: no device needs a resync.
        DELETE FROM changefeed.gap g WHERE g.model = 'bench.captured';
    END IF;
END $$;
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS changefeed_bench CASCADE;
RESET client_min_messages;
