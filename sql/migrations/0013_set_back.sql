-- What a device's client has settled, so that a token of before shows a copy that was set back.
INSERT INTO changefeed.migration (version) VALUES (13);

ALTER TABLE changefeed.device
    ADD COLUMN settled_batch bigint NOT NULL DEFAULT 0,
    ADD COLUMN settled_id bigint NOT NULL DEFAULT 0,
    ADD COLUMN told_batch bigint,
    ADD COLUMN told_id bigint;
COMMENT ON COLUMN changefeed.device.settled_batch IS 'Window in which its client last settled something, or from which on tokens count.';
COMMENT ON COLUMN changefeed.device.settled_id IS 'Highest event that its client settled in that window.';
COMMENT ON COLUMN changefeed.device.told_batch IS 'Window of the token that was last answered by a resync, until the client comes with another one; a client that keeps it is not told again.';
COMMENT ON COLUMN changefeed.device.told_id IS 'Last event of that token.';
