-- What databases lack that were installed before migrations were frozen. Nothing is done in any other.
INSERT INTO changefeed.migration (version) VALUES (9);

ALTER TABLE changefeed.slot
    ADD COLUMN IF NOT EXISTS emptied_below xid8,
    ADD COLUMN IF NOT EXISTS emptied_snapshot pg_snapshot;
ALTER TABLE changefeed.tracked_model
    ADD COLUMN IF NOT EXISTS rule_columns name[] NOT NULL DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS keeps_followers boolean NOT NULL DEFAULT false;
ALTER TABLE changefeed.compiled_rules
    ADD COLUMN IF NOT EXISTS reads jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS rules jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN changefeed.slot.emptied_below IS 'What was emptied were events of transactions below this number: readers whose snapshot has this as its xmin had seen them all. Null when nothing was.';
COMMENT ON COLUMN changefeed.slot.emptied_snapshot IS 'Snapshot in which all that was emptied was visible: readers that contain it miss nothing.';
COMMENT ON COLUMN changefeed.tracked_model.rule_columns IS 'Columns that Odoo''s record rules look at: its triggers keep their old values (event.olds). track() chooses them anew.';
COMMENT ON COLUMN changefeed.tracked_model.keeps_followers IS 'Record rules of the model look at followers: an unlink keeps who followed the record (message_partner_ids).';
COMMENT ON COLUMN changefeed.compiled_rules.reads IS 'Columns that the condition reads, by table.';
COMMENT ON COLUMN changefeed.compiled_rules.rules IS 'The rules of the set: id and digest of the text. A set of texts that are no more says nothing about today.';

DO $$
DECLARE
    known jsonb;
BEGIN
    -- The log is written to by Odoo: it is locked only where something is missing.
    IF NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = 'changefeed.event'::regclass AND a.attname = 'olds' AND NOT a.attisdropped) THEN
        ALTER TABLE changefeed.event ADD COLUMN olds jsonb[];
        COMMENT ON COLUMN changefeed.event.olds IS 'In the place of each id, the values that the rule columns of the record had before the statement; null where an UPDATE changed none of them. Null as a whole where there is nothing to keep.';
    END IF;
    IF (SELECT i.indnatts < 2 FROM pg_index i WHERE i.indexrelid = 'changefeed.event_xid'::regclass) THEN
        DROP INDEX changefeed.event_xid;
        CREATE INDEX event_xid ON changefeed.event (xid, id);
        COMMENT ON INDEX changefeed.event_xid IS 'Finds what became visible between two snapshots.';
    END IF;

    -- The order of columns is that of a fresh installation: whoever compares two dumps finds no difference.
    IF NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = 'changefeed.identity'::regclass AND a.attname = 'feed' AND NOT a.attisdropped) THEN
        SELECT to_jsonb(i) INTO known FROM changefeed.identity i;
        DROP TABLE changefeed.identity;
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
        INSERT INTO changefeed.identity
        SELECT (jsonb_populate_record(NULL::changefeed.identity, jsonb_build_object('feed', gen_random_uuid()) || known)).*
        WHERE known IS NOT NULL;
    END IF;

    IF to_regclass('changefeed.early_device') IS NOT NULL THEN
        -- Record rules did not count then, so that a device may hold what its user must not see: it takes all of it anew.
        INSERT INTO changefeed.device OVERRIDING SYSTEM VALUE
        SELECT (jsonb_populate_record(NULL::changefeed.device, '{"scopes": {}, "hidden": []}'::jsonb || e.device || jsonb_build_object(
                   'resync', (SELECT coalesce(jsonb_object_agg(m, '{"code": "scope_changed", "mode": "replace"}'::jsonb), '{}')
                              FROM jsonb_array_elements_text(e.device -> 'models') m) || (e.device -> 'resync')))).*
        FROM changefeed.early_device e;
        PERFORM setval('changefeed.device_id_seq', greatest((SELECT max(d.id) FROM changefeed.device d), 1));
        DELETE FROM changefeed.app_type;
        INSERT INTO changefeed.app_type SELECT * FROM changefeed.early_app_type;
        DROP TABLE changefeed.early_device, changefeed.early_app_type;
    END IF;
END $$;
