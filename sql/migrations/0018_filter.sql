-- Row filters: of a model's records a device may ask for some only.
INSERT INTO changefeed.migration (version) VALUES (18);

ALTER TYPE changefeed.model_scope ADD ATTRIBUTE filter jsonb;
-- Statements that were kept before know of no filter.
DELETE FROM changefeed.kept_statement;
DELETE FROM changefeed.kept_access;
