-- What has changed of the tables that decide what users see, and what is kept for as long as nothing has.
INSERT INTO changefeed.migration (version) VALUES (15);

-- No index: it has a few rows.
CREATE TABLE changefeed.access_change (
    id bigint GENERATED ALWAYS AS IDENTITY,
    xid xid8 NOT NULL
);
COMMENT ON TABLE changefeed.access_change IS 'One row per transaction that wrote to a table by which access and the form of data are decided. Rows are added and never changed.';
COMMENT ON COLUMN changefeed.access_change.id IS 'Never given twice.';
COMMENT ON COLUMN changefeed.access_change.xid IS 'The transaction.';

-- Without keys: whoever adds a row must not wait for somebody who adds the same one.
CREATE UNLOGGED TABLE changefeed.kept_access (
    question bytea NOT NULL,
    until timestamptz NOT NULL,
    scopes changefeed.model_scope[] NOT NULL,
    data_stamp text,
    shape text
);
CREATE INDEX kept_access_question ON changefeed.kept_access (question);
COMMENT ON INDEX changefeed.kept_access_question IS 'For known_access().';
COMMENT ON TABLE changefeed.kept_access IS 'Answers of known_access(). Lost in a crash, and may be emptied at any time.';
COMMENT ON COLUMN changefeed.kept_access.question IS 'Digest of what was asked, on whose behalf, and of access_stamp().';
COMMENT ON COLUMN changefeed.kept_access.until IS 'From then on it does not count.';
COMMENT ON COLUMN changefeed.kept_access.scopes IS 'What the user may see.';
COMMENT ON COLUMN changefeed.kept_access.data_stamp IS 'As odoo_data_stamp() has it.';
COMMENT ON COLUMN changefeed.kept_access.shape IS 'As odoo_data_shape() has it.';

CREATE UNLOGGED TABLE changefeed.kept_statement (
    question bytea NOT NULL,
    until timestamptz NOT NULL,
    name name NOT NULL,
    statement text NOT NULL
);
CREATE INDEX kept_statement_question ON changefeed.kept_statement (question);
COMMENT ON INDEX changefeed.kept_statement_question IS 'For odoo_page_data().';
COMMENT ON TABLE changefeed.kept_statement IS 'Statements of odoo_page_data(). Lost in a crash, and may be emptied at any time.';
COMMENT ON COLUMN changefeed.kept_statement.question IS 'Digest of all that the statement depends on.';
COMMENT ON COLUMN changefeed.kept_statement.until IS 'From then on it does not count.';
COMMENT ON COLUMN changefeed.kept_statement.name IS 'Name under which a session prepares it.';
COMMENT ON COLUMN changefeed.kept_statement.statement IS 'The PREPARE statement.';
