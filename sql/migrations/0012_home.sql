-- Where the feed is at home, so that a copy of the database can be told apart, the switch for what is pushed from it, and why a
-- set of record rules is closed.
INSERT INTO changefeed.migration (version) VALUES (12);

CREATE TABLE changefeed.home (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cause text NOT NULL CONSTRAINT home_cause CHECK (cause IN ('first', 'server upgrade', 'adopted')),
    reason text,
    system_identifier bigint NOT NULL,
    database_oid oid NOT NULL,
    database_name text NOT NULL DEFAULT current_database(),
    database_uuid text,
    server_release int DEFAULT current_setting('server_version_num')::int / 10000,
    table_oid oid DEFAULT 'changefeed.home'::regclass::oid,
    written_in xid8 DEFAULT pg_current_xact_id(),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE changefeed.home IS 'The database in which the feed is at home; rows are added and never changed, the last one counts. A database that differs from it is a copy until somebody adopts it.';
COMMENT ON COLUMN changefeed.home.id IS 'Number of the row.';
COMMENT ON COLUMN changefeed.home.cause IS 'first: none was known. server upgrade: pg_upgrade brought the database into another cluster. adopted: somebody said so.';
COMMENT ON COLUMN changefeed.home.reason IS 'Why, in the operator''s words.';
COMMENT ON COLUMN changefeed.home.system_identifier IS 'Of the cluster (pg_control_system).';
COMMENT ON COLUMN changefeed.home.database_oid IS 'Of the database.';
COMMENT ON COLUMN changefeed.home.database_name IS 'Its name then; a new name makes no copy.';
COMMENT ON COLUMN changefeed.home.database_uuid IS 'Odoo''s parameter database.uuid, if Odoo was there.';
COMMENT ON COLUMN changefeed.home.server_release IS 'Release of PostgreSQL, such as 15; null: not known.';
COMMENT ON COLUMN changefeed.home.table_oid IS 'Of this table: pg_upgrade keeps it, a restore of a dump gives another one.';
COMMENT ON COLUMN changefeed.home.written_in IS 'Transaction that wrote the row: pg_upgrade keeps it as the row''s xmin, a restore of a dump does not.';
COMMENT ON COLUMN changefeed.home.recorded_at IS 'When.';
COMMENT ON COLUMN changefeed.home.recorded_by IS 'By which role.';
COMMENT ON SEQUENCE changefeed.home_id_seq IS 'Numbers of homes.';

-- A database of before: the identity that it was last seen with. A copy that nobody has looked at since is found by it.
INSERT INTO changefeed.home (cause, system_identifier, database_oid, database_uuid, server_release)
SELECT 'first', i.system_identifier, i.database_oid, i.database_uuid,
       CASE WHEN (i.system_identifier, i.database_oid) = (s.system_identifier, d.oid) THEN current_setting('server_version_num')::int / 10000 END
FROM changefeed.identity i, pg_control_system() s, pg_database d WHERE d.datname = current_database();

CREATE TABLE changefeed.delivery_decision (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    decision text NOT NULL CONSTRAINT delivery_decision_decision CHECK (decision IN ('forbid', 'allow')),
    reason text,
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    decided_by text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE changefeed.delivery_decision IS 'What the operator decided about pushing anything from this database; rows are added and never changed, the last one counts.';
COMMENT ON COLUMN changefeed.delivery_decision.id IS 'Number of the decision.';
COMMENT ON COLUMN changefeed.delivery_decision.decision IS 'forbid: nothing is ever pushed. allow: back to what the database is; a copy or a neutralized one still pushes nothing.';
COMMENT ON COLUMN changefeed.delivery_decision.reason IS 'Why, in the operator''s words.';
COMMENT ON COLUMN changefeed.delivery_decision.decided_at IS 'When.';
COMMENT ON COLUMN changefeed.delivery_decision.decided_by IS 'By which role.';
COMMENT ON SEQUENCE changefeed.delivery_decision_id_seq IS 'Numbers of decisions about delivery.';

ALTER TABLE changefeed.compiled_rules ADD COLUMN closed_by text;
COMMENT ON COLUMN changefeed.compiled_rules.closed_by IS 'Why it is closed, as it was when it was compiled; null: it is open.';
-- Of those that are there it is not known. They are made anew when they are asked for.
DELETE FROM changefeed.compiled_rules WHERE is_closed;
