-- The console: what operators did in the browser, and whether they may do anything there.
INSERT INTO changefeed.migration (version) VALUES (20);

CREATE TABLE changefeed.console (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT console_only_row CHECK (only_row),
    may_act boolean NOT NULL DEFAULT true
);
COMMENT ON TABLE changefeed.console IS 'One row: the database administrator''s word on the console.';
COMMENT ON COLUMN changefeed.console.only_row IS 'Keeps the table at one row.';
COMMENT ON COLUMN changefeed.console.may_act IS
    'False: the console only shows, whatever group its user is in. UPDATE changefeed.console SET may_act = false;';
INSERT INTO changefeed.console DEFAULT VALUES;

CREATE TABLE changefeed.console_audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    user_id int NOT NULL,
    login text,
    client text,
    action text NOT NULL,
    arguments jsonb NOT NULL DEFAULT '{}',
    outcome text NOT NULL CONSTRAINT console_audit_outcome CHECK (outcome IN ('done', 'refused', 'failed')),
    detail text
);
COMMENT ON TABLE changefeed.console_audit IS
    'What was done in the console: the newest 10,000 rows, and none older than 90 days. No secrets.';
COMMENT ON COLUMN changefeed.console_audit.id IS 'Ascending number.';
COMMENT ON COLUMN changefeed.console_audit.at IS 'When.';
COMMENT ON COLUMN changefeed.console_audit.user_id IS 'The Odoo user who did it.';
COMMENT ON COLUMN changefeed.console_audit.login IS 'The user''s login at that time.';
COMMENT ON COLUMN changefeed.console_audit.client IS 'Address of the browser.';
COMMENT ON COLUMN changefeed.console_audit.action IS 'What was asked for.';
COMMENT ON COLUMN changefeed.console_audit.arguments IS 'On what.';
COMMENT ON COLUMN changefeed.console_audit.outcome IS 'done; refused: the user may not; failed: the database did not do it.';
COMMENT ON COLUMN changefeed.console_audit.detail IS 'What came of it, or why not.';
COMMENT ON SEQUENCE changefeed.console_audit_id_seq IS 'Numbers of the audit''s rows.';
