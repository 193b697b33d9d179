-- Odoo's access rules: record rules as SQL, what could not be turned into SQL, and what the operator decided about rules and fields.
INSERT INTO changefeed.migration (version) VALUES (8);

CREATE TABLE changefeed.compiled_rules (
    key text PRIMARY KEY,
    model text NOT NULL,
    predicate text,
    numbers bigint[] NOT NULL DEFAULT '{}',
    texts text[] NOT NULL DEFAULT '{}',
    own_columns text[] NOT NULL DEFAULT '{}',
    uses text[] NOT NULL DEFAULT '{}',
    crossings text[] NOT NULL DEFAULT '{}',
    reads jsonb NOT NULL DEFAULT '{}',
    rules jsonb NOT NULL DEFAULT '{}',
    is_closed boolean NOT NULL,
    compiler int NOT NULL,
    compiled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT compiled_rules_predicate CHECK (is_closed OR predicate IS NOT NULL)
);
COMMENT ON TABLE changefeed.compiled_rules IS 'Sets of record rules as SQL, one row for each set that applies to some user. The service writes them; they run with the rights of changefeed_reader.';
COMMENT ON COLUMN changefeed.compiled_rules.key IS 'Digest of the rules'' texts, of the decisions about them and of what Odoo says about fields.';
COMMENT ON COLUMN changefeed.compiled_rules.model IS 'The model whose records they filter.';
COMMENT ON COLUMN changefeed.compiled_rules.predicate IS 'Condition on a row t of the model''s table. $1 user, $2 company, $3 companies, $4 numbers, $5 texts. Null when closed.';
COMMENT ON COLUMN changefeed.compiled_rules.numbers IS 'Whole numbers out of the rules'' texts.';
COMMENT ON COLUMN changefeed.compiled_rules.texts IS 'Texts out of the rules'' texts.';
COMMENT ON COLUMN changefeed.compiled_rules.own_columns IS 'Columns of the model''s own table that the condition reads.';
COMMENT ON COLUMN changefeed.compiled_rules.uses IS 'What of the user it depends on: uid, company_id, company_ids, groups, user, time.';
COMMENT ON COLUMN changefeed.compiled_rules.crossings IS 'Fields of other models on which visibility hangs, too.';
COMMENT ON COLUMN changefeed.compiled_rules.reads IS 'Columns that the condition reads, by table.';
COMMENT ON COLUMN changefeed.compiled_rules.rules IS 'The rules of the set: id and digest of the text. A set of texts that are no more says nothing about today.';
COMMENT ON COLUMN changefeed.compiled_rules.is_closed IS 'A rule among them could not be turned into SQL: nobody to whom they apply sees the model.';
COMMENT ON COLUMN changefeed.compiled_rules.compiler IS 'Version of the compiler.';
COMMENT ON COLUMN changefeed.compiled_rules.compiled_at IS 'When it was made.';

CREATE TABLE changefeed.rule_finding (
    rule_id int NOT NULL,
    model text NOT NULL,
    rule_name text NOT NULL,
    rule_digest text NOT NULL,
    reason text NOT NULL,
    found_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT rule_finding_rule PRIMARY KEY (rule_id, model)
);
COMMENT ON TABLE changefeed.rule_finding IS 'Record rules that could not be turned into SQL, or that failed while they ran.';
COMMENT ON COLUMN changefeed.rule_finding.rule_id IS 'Odoo''s ir_rule.id.';
COMMENT ON COLUMN changefeed.rule_finding.model IS 'Model that it closes.';
COMMENT ON COLUMN changefeed.rule_finding.rule_name IS 'Its name in Odoo.';
COMMENT ON COLUMN changefeed.rule_finding.rule_digest IS 'Digest of its text: a changed rule is looked at anew.';
COMMENT ON COLUMN changefeed.rule_finding.reason IS 'What could not be understood, or the error.';
COMMENT ON COLUMN changefeed.rule_finding.found_at IS 'When that was found.';

CREATE TABLE changefeed.rule_decision (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule_id int NOT NULL,
    decision text NOT NULL CONSTRAINT rule_decision_decision CHECK (decision IN ('allow', 'deny', 'override', 'clear')),
    domain text,
    rule_name text,
    rule_domain text,
    reason text,
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    decided_by text NOT NULL DEFAULT session_user,
    CONSTRAINT rule_decision_domain CHECK ((decision = 'override') = (domain IS NOT NULL))
);
CREATE INDEX rule_decision_rule ON changefeed.rule_decision (rule_id, id);
COMMENT ON TABLE changefeed.rule_decision IS 'What the operator decided about record rules; rows are added and never changed, the last one of a rule counts.';
COMMENT ON INDEX changefeed.rule_decision_rule IS 'Finds the last decision about a rule.';
COMMENT ON COLUMN changefeed.rule_decision.id IS 'Number of the decision.';
COMMENT ON COLUMN changefeed.rule_decision.rule_id IS 'Odoo''s ir_rule.id.';
COMMENT ON COLUMN changefeed.rule_decision.decision IS 'allow: as if it let everything pass. deny: as if it let nothing pass. override: domain in its place. clear: back to Odoo''s rule.';
COMMENT ON COLUMN changefeed.rule_decision.domain IS 'The domain that stands in the rule''s place.';
COMMENT ON COLUMN changefeed.rule_decision.rule_name IS 'The rule''s name at that time.';
COMMENT ON COLUMN changefeed.rule_decision.rule_domain IS 'The rule''s text at that time: a decision counts for this text only.';
COMMENT ON COLUMN changefeed.rule_decision.reason IS 'Why, in the operator''s words.';
COMMENT ON COLUMN changefeed.rule_decision.decided_at IS 'When.';
COMMENT ON COLUMN changefeed.rule_decision.decided_by IS 'By which role.';
COMMENT ON SEQUENCE changefeed.rule_decision_id_seq IS 'Numbers of decisions about rules.';

CREATE TABLE changefeed.field_decision (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model text NOT NULL,
    field text NOT NULL,
    decision text NOT NULL CONSTRAINT field_decision_decision CHECK (decision IN ('allow', 'deny', 'clear')),
    reason text,
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    decided_by text NOT NULL DEFAULT session_user
);
CREATE INDEX field_decision_field ON changefeed.field_decision (model, field, id);
COMMENT ON TABLE changefeed.field_decision IS 'What the operator decided about fields; rows are added and never changed, the last one of a field counts.';
COMMENT ON INDEX changefeed.field_decision_field IS 'Finds the last decision about a field.';
COMMENT ON COLUMN changefeed.field_decision.id IS 'Number of the decision.';
COMMENT ON COLUMN changefeed.field_decision.model IS 'Odoo model.';
COMMENT ON COLUMN changefeed.field_decision.field IS 'Field of it; * for all that are not secrets.';
COMMENT ON COLUMN changefeed.field_decision.decision IS 'allow: whoever reads the record reads the field. deny: nobody does. clear: back to what is known of it.';
COMMENT ON COLUMN changefeed.field_decision.reason IS 'Why, in the operator''s words.';
COMMENT ON COLUMN changefeed.field_decision.decided_at IS 'When.';
COMMENT ON COLUMN changefeed.field_decision.decided_by IS 'By which role.';
COMMENT ON SEQUENCE changefeed.field_decision_id_seq IS 'Numbers of decisions about fields.';

CREATE TABLE changefeed.odoo_fields (
    groups_key text NOT NULL,
    model text NOT NULL,
    fields text[] NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT odoo_fields_groups PRIMARY KEY (groups_key, model)
);
COMMENT ON TABLE changefeed.odoo_fields IS 'Fields that Odoo''s fields_get() showed to a user with these groups.';
COMMENT ON COLUMN changefeed.odoo_fields.groups_key IS 'Digest of the user''s groups.';
COMMENT ON COLUMN changefeed.odoo_fields.model IS 'Odoo model.';
COMMENT ON COLUMN changefeed.odoo_fields.fields IS 'Names of the fields.';
COMMENT ON COLUMN changefeed.odoo_fields.asked_at IS 'When Odoo was asked.';

-- What a user may see of one model, with all that is needed to ask about records.
CREATE TYPE changefeed.model_scope AS (
    model text,
    user_id int,
    company_id int,
    company_ids int[],
    digest text,
    predicate text,
    numbers bigint[],
    texts text[],
    own_columns text[]
);
COMMENT ON TYPE changefeed.model_scope IS 'What one user may see of one model: the condition of the record rules (null: all records) with its parameters, and a digest of what it came from.';
