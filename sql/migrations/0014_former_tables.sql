-- The condition on rows as they were is SQL as the compiler wrote it, and names the tables whose former rows it reads.
INSERT INTO changefeed.migration (version) VALUES (14);

ALTER TABLE changefeed.compiled_rules ADD COLUMN former_tables text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN changefeed.compiled_rules.former_tables IS 'Tables of whose former rows the condition formerly reads, as former_1, former_2 and so on.';
COMMENT ON COLUMN changefeed.compiled_rules.formerly IS 'The condition about a row as it was, over former_1 ... in place of former_tables; $11: the row is gone, and it is true for each that could have been let pass; $12: for each of former_tables, whether it is not known how its rows were. Null where only the row and the user decide.';

-- Made by compilers that wrote another form. The service makes them anew when they are asked for.
DELETE FROM changefeed.compiled_rules;

ALTER TYPE changefeed.model_scope ADD ATTRIBUTE former_tables text[];
