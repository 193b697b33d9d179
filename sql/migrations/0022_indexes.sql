-- For what was read whole: the queue of an endpoint that keeps the order, once for each page; kept answers, to drop
-- those that are over; compiled rules, for each answer of version 1 that is not cached.
INSERT INTO changefeed.migration (version) VALUES (22);

CREATE INDEX endpoint_queue_order ON changefeed.endpoint_queue (endpoint, event_id) WHERE NOT is_dead;
COMMENT ON INDEX changefeed.endpoint_queue_order IS 'What comes next, for an endpoint that keeps the order.';

CREATE INDEX kept_access_until ON changefeed.kept_access (until);
COMMENT ON INDEX changefeed.kept_access_until IS 'For forget_access().';

CREATE INDEX compiled_rules_model ON changefeed.compiled_rules (model);
COMMENT ON INDEX changefeed.compiled_rules_model IS 'For v1_lasting().';
