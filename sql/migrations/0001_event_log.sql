-- The event log: an append-only ring of 16 fixed child tables.
--
-- Writers go to the child that control.slot names. Retention empties a retired child by TRUNCATE, which locks that
-- child alone: no DDL ever stands in front of a write, whatever pg_dump is doing.
INSERT INTO changefeed.migration (version) VALUES (1);

-- One row that every capture reads. Reading takes no lock that rotate() or pause() could wait for, or the reverse.
CREATE TABLE changefeed.control (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT control_only_row CHECK (only_row),
    slot smallint NOT NULL DEFAULT 0 CONSTRAINT control_slot CHECK (slot BETWEEN 0 AND 15),
    epoch int NOT NULL DEFAULT 1 CONSTRAINT control_epoch CHECK (epoch > 0),
    paused boolean NOT NULL DEFAULT false,
    pause_reason text,
    paused_by text,
    paused_at timestamptz,
    slot_opened_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
COMMENT ON TABLE changefeed.control IS 'One row: where the log is written to, in which epoch, and whether capture is paused.';
COMMENT ON COLUMN changefeed.control.only_row IS 'Keeps the table at one row.';
COMMENT ON COLUMN changefeed.control.slot IS 'Child table event_00 to event_15 that new events go to.';
COMMENT ON COLUMN changefeed.control.epoch IS 'Rises when the identity of the feed changes: transaction ids of different epochs do not compare.';
COMMENT ON COLUMN changefeed.control.paused IS 'While true, captures write nothing.';
COMMENT ON COLUMN changefeed.control.pause_reason IS 'Why capture is paused.';
COMMENT ON COLUMN changefeed.control.paused_by IS 'Role that paused it.';
COMMENT ON COLUMN changefeed.control.paused_at IS 'Since when.';
COMMENT ON COLUMN changefeed.control.slot_opened_at IS 'When the present slot became the one written to.';
INSERT INTO changefeed.control DEFAULT VALUES;

-- CACHE 1, so that ids rise in the order in which statements reach the log; gaps are normal.
CREATE SEQUENCE changefeed.event_id AS bigint MAXVALUE 2199023255551 CACHE 1;
COMMENT ON SEQUENCE changefeed.event_id IS
    'Ids of log rows. An event''s id is 4096 times this plus an ordinal and stays below 2^53, which JavaScript holds exactly.';

CREATE TABLE changefeed.event (
    id bigint NOT NULL DEFAULT nextval('changefeed.event_id'),
    xid xid8 NOT NULL,
    occurred_at timestamptz NOT NULL,
    epoch int NOT NULL,
    slot smallint NOT NULL,
    model text NOT NULL,
    event text NOT NULL,
    ids bigint[] NOT NULL,
    olds jsonb[]
) PARTITION BY LIST (slot);
COMMENT ON TABLE changefeed.event IS
    'The event log: one row per statement and model, at most 4,096 record ids each. Append-only; emptied slot by slot.';
COMMENT ON COLUMN changefeed.event.id IS 'Log id. Rows of one record rise with its history; ids do not rise in commit order.';
COMMENT ON COLUMN changefeed.event.xid IS 'Top-level transaction that wrote it (pg_current_xact_id).';
COMMENT ON COLUMN changefeed.event.occurred_at IS 'Time of the statement, not of the commit (clock_timestamp).';
COMMENT ON COLUMN changefeed.event.epoch IS 'Epoch of the feed in which it was written.';
COMMENT ON COLUMN changefeed.event.slot IS 'Child table of the ring.';
COMMENT ON COLUMN changefeed.event.model IS 'Odoo model, for instance sale.order.';
COMMENT ON COLUMN changefeed.event.event IS 'create, write, unlink, or truncate (all records of the model went; no ids).';
COMMENT ON COLUMN changefeed.event.ids IS 'Ids of the records, in the order of the statement.';
COMMENT ON COLUMN changefeed.event.olds IS 'In the place of each id, the values that the rule columns of the record had before the statement; null where an UPDATE changed none of them. Null as a whole where there is nothing to keep.';

-- When each slot was written to and emptied.
CREATE TABLE changefeed.slot (
    slot smallint PRIMARY KEY CONSTRAINT slot_range CHECK (slot BETWEEN 0 AND 15),
    opened_at timestamptz,
    closed_at timestamptz,
    quiet_snapshot pg_snapshot,
    emptied_at timestamptz,
    emptied_below xid8,
    emptied_snapshot pg_snapshot
);
COMMENT ON TABLE changefeed.slot IS 'The 16 slots of the ring: when each was last opened, closed and emptied.';
COMMENT ON COLUMN changefeed.slot.slot IS 'Number of the slot: child table event_NN.';
COMMENT ON COLUMN changefeed.slot.opened_at IS 'When writers were last sent to it.';
COMMENT ON COLUMN changefeed.slot.closed_at IS 'When writers were sent on to the next one.';
COMMENT ON COLUMN changefeed.slot.quiet_snapshot IS 'A snapshot after which nobody writes here: readers that have seen it pass the slot over. Null while somebody may.';
COMMENT ON COLUMN changefeed.slot.emptied_at IS 'When it was last emptied.';
COMMENT ON COLUMN changefeed.slot.emptied_below IS 'What was emptied were events of transactions below this number: readers whose snapshot has this as its xmin had seen them all. Null when nothing was.';
COMMENT ON COLUMN changefeed.slot.emptied_snapshot IS 'Snapshot in which all that was emptied was visible: readers that contain it miss nothing.';

DO $$
DECLARE
    child text;
BEGIN
    FOR number IN 0..15 LOOP
        child := format('event_%s', to_char(number, 'FM00'));
        EXECUTE format('CREATE TABLE changefeed.%I PARTITION OF changefeed.event FOR VALUES IN (%s)', child, number);
        -- For a publication of all tables, which would refuse the one UPDATE that check_identity() knows.
        EXECUTE format('ALTER TABLE changefeed.%I REPLICA IDENTITY FULL', child);
        EXECUTE format('COMMENT ON TABLE changefeed.%I IS %L', child, format('Slot %s of the event log.', number));
        INSERT INTO changefeed.slot (slot, opened_at, quiet_snapshot)
        VALUES (number, CASE number WHEN 0 THEN now() END, CASE WHEN number > 0 THEN '1:1:'::pg_snapshot END);
    END LOOP;
END $$;

-- (xid, id): what became visible between two snapshots, and one transaction's rows in order. id: draining in order. (model, -id): newest first per model; by -id,
-- so that no plan walks the index of id through everybody's rows to find the few of a rare model.
-- creates: whether the log holds a record's create, without reading the writes.
CREATE INDEX event_xid ON changefeed.event (xid, id);
CREATE INDEX event_log_id ON changefeed.event (id);
CREATE INDEX event_model ON changefeed.event (model, (-id));
CREATE INDEX event_created ON changefeed.event (model, id) WHERE event = 'create';
COMMENT ON INDEX changefeed.event_xid IS 'Finds what became visible between two snapshots.';
COMMENT ON INDEX changefeed.event_log_id IS 'Drains a large set in id order.';
COMMENT ON INDEX changefeed.event_model IS 'Walks one model newest first.';
COMMENT ON INDEX changefeed.event_created IS 'Walks the creates of one model.';

-- What this database is: xids and ids mean nothing in another one.
CREATE TABLE changefeed.identity (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT identity_only_row CHECK (only_row),
    feed uuid NOT NULL DEFAULT gen_random_uuid(),
    system_identifier bigint NOT NULL,
    timeline int NOT NULL,
    database_oid oid NOT NULL,
    database_uuid text,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE changefeed.identity IS 'One row: the cluster, timeline and database for which the present epoch counts.';
COMMENT ON COLUMN changefeed.identity.only_row IS 'Keeps the table at one row.';
COMMENT ON COLUMN changefeed.identity.feed IS 'Name of this feed, made at the installation: copies and restores keep it, and differ by the epoch.';
COMMENT ON COLUMN changefeed.identity.system_identifier IS 'Of the cluster (pg_control_system).';
COMMENT ON COLUMN changefeed.identity.timeline IS 'Of the write-ahead log: rises with each promotion and point-in-time recovery.';
COMMENT ON COLUMN changefeed.identity.database_oid IS 'Of this database.';
COMMENT ON COLUMN changefeed.identity.database_uuid IS 'Odoo''s parameter database.uuid, if Odoo is here.';
COMMENT ON COLUMN changefeed.identity.recorded_at IS 'When this identity was first seen.';
