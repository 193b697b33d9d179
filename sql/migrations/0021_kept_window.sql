-- The entries of large windows, so that not every page and every acknowledgement groups the window anew.
INSERT INTO changefeed.migration (version) VALUES (21);

-- Unlogged: the log has it all. Not compressed: it lives for some pages, and is read as often as it is written.
CREATE UNLOGGED TABLE changefeed.kept_window (
    device bigint NOT NULL,
    question bytea NOT NULL,
    until timestamptz NOT NULL,
    log_rows int NOT NULL,
    last_log_id bigint NOT NULL,
    is_last boolean NOT NULL,
    ids bigint[] NOT NULL,
    models text[] NOT NULL,
    record_ids bigint[] NOT NULL,
    events text[] NOT NULL,
    times timestamptz[] NOT NULL,
    olds jsonb[] NOT NULL
) WITH (
    -- A device that catches up replaces its row a few times in a second.
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50,
    toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 5000
);
ALTER TABLE changefeed.kept_window
    ALTER COLUMN ids SET STORAGE EXTERNAL, ALTER COLUMN models SET STORAGE EXTERNAL,
    ALTER COLUMN record_ids SET STORAGE EXTERNAL, ALTER COLUMN events SET STORAGE EXTERNAL,
    ALTER COLUMN times SET STORAGE EXTERNAL;
CREATE INDEX kept_window_device ON changefeed.kept_window (device);
COMMENT ON INDEX changefeed.kept_window_device IS 'For device_window().';
COMMENT ON TABLE changefeed.kept_window IS 'Open windows of devices that are far behind. Lost in a crash, and may be emptied at any time.';
COMMENT ON COLUMN changefeed.kept_window.device IS 'Id of the device.';
COMMENT ON COLUMN changefeed.kept_window.question IS 'Digest of all of the device''s row on which the window depends, from window_question().';
COMMENT ON COLUMN changefeed.kept_window.until IS 'From then on it does not count.';
COMMENT ON COLUMN changefeed.kept_window.log_rows IS 'As sync_window() has it, like the following columns.';
COMMENT ON COLUMN changefeed.kept_window.last_log_id IS 'The last log row of the window.';
COMMENT ON COLUMN changefeed.kept_window.is_last IS 'Whether the batch ends with the window.';
COMMENT ON COLUMN changefeed.kept_window.ids IS 'Ids of the entries, ascending.';
COMMENT ON COLUMN changefeed.kept_window.models IS 'Their models; one element: all are of this one.';
COMMENT ON COLUMN changefeed.kept_window.record_ids IS 'Their records.';
COMMENT ON COLUMN changefeed.kept_window.events IS 'create, write or unlink; one element: all are this.';
COMMENT ON COLUMN changefeed.kept_window.times IS 'When the last event of each happened.';
COMMENT ON COLUMN changefeed.kept_window.olds IS 'Earlier values that rules may read.';

ALTER TABLE changefeed.device ADD COLUMN window_is_kept boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN changefeed.device.window_is_kept IS 'Whether the open window was written to kept_window.';
