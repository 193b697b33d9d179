-- Rights inside schema changefeed. Nothing is PUBLIC's; the service gets what it calls, the monitor looks on.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA changefeed FROM PUBLIC;
REVOKE ALL ON ALL PROCEDURES IN SCHEMA changefeed FROM PUBLIC;

GRANT USAGE ON SCHEMA changefeed TO changefeed_service, changefeed_monitor;

GRANT SELECT ON
    changefeed.migration, changefeed.event, changefeed.event_record, changefeed.webhook_event, changefeed.tracked,
    changefeed.gap, changefeed.control
TO changefeed_service;
GRANT EXECUTE ON FUNCTION
    changefeed.migrated(int), changefeed.schema_version(), changefeed.bell_key(), changefeed.leader_key(), changefeed.follower_key(),
    changefeed.ring(), changefeed.rotate(), changefeed.empty_slot(smallint), changefeed.check_identity(),
    changefeed.trigger_state(regclass, text), changefeed.tail(text, text, bigint, int),
    changefeed.webhook_events(text[], bigint, text, timestamptz, int, int),
    changefeed.webhook_page(text[], bigint, text, timestamptz, int, int), changefeed.first_id_since(timestamptz),
    changefeed.api_key_candidates(text), changefeed.api_key_user(int, text), changefeed.readable_models(int),
    changefeed.status(), changefeed.verify()
TO changefeed_service;

GRANT SELECT ON
    changefeed.migration, changefeed.event_record, changefeed.webhook_event, changefeed.tracked, changefeed.gap
TO changefeed_monitor;
GRANT EXECUTE ON FUNCTION
    changefeed.schema_version(), changefeed.trigger_state(regclass, text), changefeed.status(), changefeed.verify()
TO changefeed_monitor;
