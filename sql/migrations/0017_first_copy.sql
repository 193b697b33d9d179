-- The first copy: what a device is handed by pulls before the changes.
INSERT INTO changefeed.migration (version) VALUES (17);

ALTER TABLE changefeed.device ADD COLUMN is_copying boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN changefeed.device.is_copying IS 'Pulls hand it the records that exist before they hand it changes (first_copy).';

CREATE TABLE changefeed.first_copy (
    device bigint PRIMARY KEY REFERENCES changefeed.device ON DELETE CASCADE,
    models text[],
    list_id text,
    after_id bigint,
    page bigint[],
    page_at timestamptz,
    is_last boolean NOT NULL DEFAULT false,
    log_id bigint NOT NULL DEFAULT 0,
    first_log_id bigint,
    handed bigint NOT NULL DEFAULT 0,
    settled bigint[] NOT NULL DEFAULT '{}',
    records bigint NOT NULL DEFAULT 0,
    estimate bigint
);
COMMENT ON TABLE changefeed.first_copy IS 'How far devices are that are handed the records that exist, model after model, in pages by id. A page stays the same until it is settled.';
COMMENT ON COLUMN changefeed.first_copy.device IS 'The device.';
COMMENT ON COLUMN changefeed.first_copy.models IS 'Models that are due; the first one is being handed out if list_id is set. Null: all that the device follows when it pulls.';
COMMENT ON COLUMN changefeed.first_copy.list_id IS 'The list in device.bases that the pages belong to; null before the first page of a model.';
COMMENT ON COLUMN changefeed.first_copy.after_id IS 'Records of the model up to this id are settled.';
COMMENT ON COLUMN changefeed.first_copy.page IS 'Ids of the records of the page that is open, in ascending order; null when the next pull is to open one.';
COMMENT ON COLUMN changefeed.first_copy.page_at IS 'When the page was opened.';
COMMENT ON COLUMN changefeed.first_copy.is_last IS 'The model has no records behind the page.';
COMMENT ON COLUMN changefeed.first_copy.log_id IS 'Number from the log''s sequence that no event has: the entries of the page have the ids log_id * 4096 + 0, 1, ….';
COMMENT ON COLUMN changefeed.first_copy.first_log_id IS 'That of the first page of all.';
COMMENT ON COLUMN changefeed.first_copy.handed IS 'The highest id of an entry that was handed out.';
COMMENT ON COLUMN changefeed.first_copy.settled IS 'Entries of the page that are settled.';
COMMENT ON COLUMN changefeed.first_copy.records IS 'How many records of earlier pages are settled.';
COMMENT ON COLUMN changefeed.first_copy.estimate IS 'About how many records the models had in all when the copy began, before any rule; null before that.';
