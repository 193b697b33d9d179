-- What has been archived: the first API no longer shows it, the log still holds it.
INSERT INTO changefeed.migration (version) VALUES (3);

CREATE TABLE changefeed.archived (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model text,
    before timestamptz NOT NULL,
    seen pg_snapshot NOT NULL,
    from_log_id bigint NOT NULL,
    events bigint NOT NULL,
    archived_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    archived_by text NOT NULL
);
COMMENT ON TABLE changefeed.archived IS
    'Watermarks of the archive: an event is archived when it occurred before the time and was visible in the snapshot. No row of the log is touched.';
COMMENT ON COLUMN changefeed.archived.id IS 'Number of the watermark.';
COMMENT ON COLUMN changefeed.archived.model IS 'The model, or null for all models.';
COMMENT ON COLUMN changefeed.archived.before IS 'Events that occurred before this time are archived,';
COMMENT ON COLUMN changefeed.archived.seen IS 'if they were visible then: what a transaction still held back was never shown to anybody.';
COMMENT ON COLUMN changefeed.archived.from_log_id IS 'A log id below which everything visible then is archived: readers begin here.';
COMMENT ON COLUMN changefeed.archived.events IS 'Events of the first API that disappeared.';
COMMENT ON COLUMN changefeed.archived.archived_at IS 'When.';
COMMENT ON COLUMN changefeed.archived.archived_by IS 'Who asked for it.';
COMMENT ON SEQUENCE changefeed.archived_id_seq IS 'Numbers of watermarks.';
