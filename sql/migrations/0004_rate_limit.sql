-- Who has asked how often: one row per limited client, shared by all replicas, by the database's clock.
INSERT INTO changefeed.migration (version) VALUES (4);

-- Unlogged: losing it in a crash gives everybody a fresh start, and nothing waits for the disk.
CREATE UNLOGGED TABLE changefeed.rate_limit (
    key text PRIMARY KEY,
    arrival timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE changefeed.rate_limit IS 'Rate limits by GCRA: one row per limit and client that asked lately.';
COMMENT ON COLUMN changefeed.rate_limit.key IS 'Name of the limit, and the user or address.';
COMMENT ON COLUMN changefeed.rate_limit.arrival IS 'Theoretical arrival time: until then the client has spent its requests in advance.';
