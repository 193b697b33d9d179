-- A scratch table with the feed's own triggers: a change in it goes the whole way and concerns nobody.
INSERT INTO changefeed.migration (version) VALUES (5);

CREATE TABLE changefeed.probe (
    id int PRIMARY KEY CONSTRAINT probe_one_row CHECK (id = 1),
    at timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE changefeed.probe IS 'Scratch table of changefeed.probe(): captured as model changefeed.probe, which no client sees.';
COMMENT ON COLUMN changefeed.probe.id IS 'Always 1.';
COMMENT ON COLUMN changefeed.probe.at IS 'When it was last probed.';
INSERT INTO changefeed.probe (id, at) VALUES (1, now());
