-- What the operator decides about models to which Odoo's Python code decides the access.
INSERT INTO changefeed.migration (version) VALUES (11);

CREATE TABLE changefeed.model_decision (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model text NOT NULL,
    decision text NOT NULL CONSTRAINT model_decision_decision CHECK (decision IN ('allow', 'deny', 'clear')),
    code text NOT NULL,
    reason text,
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    decided_by text NOT NULL DEFAULT session_user
);
CREATE INDEX model_decision_model ON changefeed.model_decision (model, id);
COMMENT ON TABLE changefeed.model_decision IS 'What the operator decided about models whose access Odoo decides in Python; rows are added and never changed, the last one of a model counts.';
COMMENT ON INDEX changefeed.model_decision_model IS 'Finds the last decision about a model.';
COMMENT ON COLUMN changefeed.model_decision.id IS 'Number of the decision.';
COMMENT ON COLUMN changefeed.model_decision.model IS 'Odoo model.';
COMMENT ON COLUMN changefeed.model_decision.decision IS 'allow: its records are shown by rights and record rules alone. deny: to nobody. clear: back to what is known of its code.';
COMMENT ON COLUMN changefeed.model_decision.code IS 'What was known of its code at that time; empty: that it decides nothing. allow counts as long as that is so.';
COMMENT ON COLUMN changefeed.model_decision.reason IS 'Why, in the operator''s words.';
COMMENT ON COLUMN changefeed.model_decision.decided_at IS 'When.';
COMMENT ON COLUMN changefeed.model_decision.decided_by IS 'By which role.';
COMMENT ON SEQUENCE changefeed.model_decision_id_seq IS 'Numbers of decisions about models.';
