-- Only for `changefeed bench`: takes away what bench/setup.sql made. The events of its models stay in the log.
DO $$
BEGIN
    IF to_regclass('changefeed_bench.captured') IS NOT NULL THEN
        PERFORM changefeed.untrack('bench.captured');
        -- It was never a model of Odoo's: nobody needs a resync.
        DELETE FROM changefeed.gap g WHERE g.model = 'bench.captured';
    END IF;
END $$;
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS changefeed_bench CASCADE;
RESET client_min_messages;
