-- The schema, owned by changefeed_owner; PUBLIC has no right on it.
CREATE SCHEMA IF NOT EXISTS changefeed AUTHORIZATION changefeed_owner;
COMMENT ON SCHEMA changefeed IS
    'odoo-changefeed: change capture, event log and the functions of the feed. sql/uninstall.sql removes all of it.';
