-- Which devices were changed otherwise than by taking and settling events, for those who keep answers in memory.
INSERT INTO changefeed.migration (version) VALUES (16);

-- Unlogged: after a crash nobody has kept anything. No index: it has a few rows.
CREATE UNLOGGED TABLE changefeed.device_change (
    xid xid8 NOT NULL,
    device_id text
);
COMMENT ON TABLE changefeed.device_change IS 'One row per device and change that makes what it was answered before no answer any more. Lost in a crash.';
COMMENT ON COLUMN changefeed.device_change.xid IS 'The transaction.';
COMMENT ON COLUMN changefeed.device_change.device_id IS 'The name of the device, whoever''s it is; null: all devices.';
COMMENT ON COLUMN changefeed.device.last_pull_at IS 'When it last pulled; up to five minutes behind while it gets nothing new.';
