-- Record rules about rows that are gone, where rows of other tables may have gone or changed with them; and what data depends
-- on beside the records.
INSERT INTO changefeed.migration (version) VALUES (10);

ALTER TABLE changefeed.compiled_rules ADD COLUMN formerly text;
COMMENT ON COLUMN changefeed.compiled_rules.formerly IS 'The condition about a row that is gone: true for each that it could have let pass. @TABLE stands for that table''s rows as they were, @?TABLE? for whether that is not known. Null where only the row and the user decide.';

-- Made by compilers that did not know of it. The service makes them anew when they are asked for.
DELETE FROM changefeed.compiled_rules;

ALTER TYPE changefeed.model_scope ADD ATTRIBUTE formerly text;
ALTER TYPE changefeed.model_scope ADD ATTRIBUTE reads jsonb;

-- What the data of records depends on for a device's user beside the records.
ALTER TABLE changefeed.device ADD COLUMN data_stamp text, ADD COLUMN rights_stamp text, ADD COLUMN data_scopes jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN data_checked_at timestamptz NOT NULL DEFAULT clock_timestamp();
COMMENT ON COLUMN changefeed.device.data_stamp IS 'What odoo_data_stamp() said when data_scopes was made; null: it is to be made anew.';
COMMENT ON COLUMN changefeed.device.rights_stamp IS 'What odoo_rights_stamp() said then.';
COMMENT ON COLUMN changefeed.device.data_scopes IS 'Per model, a digest of what its records'' data depended on for the user beside the records when the device took it or last pulled.';
COMMENT ON COLUMN changefeed.device.data_checked_at IS 'When rights_stamp was last compared, to the minute.';
