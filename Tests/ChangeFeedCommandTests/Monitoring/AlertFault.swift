import ChangeFeedTesting
import Postgres
import Testing

/// A fault of a running service for each alert, and how a scrape shows that it is there.
struct AlertFault: Sendable, CustomTestStringConvertible {
    let alert: String
    var settings: [String: String] = [:]
    /// The server is stopped: it is no other test's.
    var ownCluster = false
    /// Before the service starts.
    var prepare: @Sendable (AlertRig) async throws -> Void = { _ in }
    let make: @Sendable (AlertRig) async throws -> Void
    let shows: @Sendable (Scrape, AlertRig) -> Bool

    var testDescription: String { alert }

    static let all = ofService + ofFeed + ofUpkeep + ofDelivery
}

extension AlertFault {
    private static let ofService = [
        AlertFault(alert: "ChangefeedDown", make: { try await $0.stop() }, shows: { scrape, _ in !scrape.isUp }),
        AlertFault(
            alert: "ChangefeedNotReady", ownCluster: true, make: { try await $0.cluster.stop(immediate: true) },
            shows: { scrape, _ in scrape["ready"] == 0 }),
        AlertFault(
            alert: "ChangefeedDatabaseSilent",
            make: { rig in
                try await rig.database.psql(
                    "REVOKE EXECUTE ON FUNCTION changefeed.status_of(boolean) FROM changefeed_service")
            }, shows: { scrape, _ in scrape["database_up"] == 0 }),
        AlertFault(
            alert: "ChangefeedNoLeader",
            make: { rig in
                try await rig.stop()
                let other = try await rig.database.connect()
                try await other.execute(script: "SELECT pg_advisory_lock(changefeed.leader_key())")
                rig.hold(other)
                try rig.start()
            }, shows: { scrape, _ in scrape["ready"] == 1 && scrape["leader"] == 0 }),
    ]

    private static let ofFeed = [
        AlertFault(
            alert: "ChangefeedLag", ownCluster: true, make: { try await $0.cluster.stop(immediate: true) },
            shows: { scrape, _ in scrape["lag_seconds"] ?? 0 > 10 }),
        AlertFault(
            alert: "ChangefeedBellDeaf",
            make: { rig in
                // Whoever rings is heard by nobody, as behind a pooler in transaction mode.
                try await rig.database.psql(
                    """
                    CREATE OR REPLACE FUNCTION changefeed.ring() RETURNS boolean
                    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT true'
                    """)
            }, shows: { scrape, _ in scrape["doorbell_deaf_total"] ?? 0 > 0 }),
        AlertFault(
            alert: "ChangefeedBellMissed",
            make: { rig in
                try await rig.database.psql(
                    """
                    DO $$ BEGIN
                        EXECUTE replace(pg_get_functiondef(changefeed.trigger_function('res.partner', 'update')),
                                        'PERFORM pg_notify(''changefeed_bell'', '''')', 'NULL');
                    END $$
                    """)
                // While the service is awake it needs no bell.
                _ = try await rig.scrape("it sleeps") { $0["lag_seconds"] == 0 }
                try await rig.change()
            }, shows: { scrape, _ in scrape["doorbell_missed_total"] ?? 0 > 0 }),
        AlertFault(
            alert: "ChangefeedCapturePaused",
            make: { try await $0.database.psql("SELECT changefeed.pause('a test')") },
            shows: { scrape, _ in scrape["capture_paused"] == 1 }),
        AlertFault(
            alert: "ChangefeedGap",
            make: { try await $0.database.psql("SELECT changefeed.pause('a test')") },
            shows: { scrape, _ in scrape["open_gaps"] ?? 0 > 0 }),
        AlertFault(
            alert: "ChangefeedTriggersMissing",
            make: { try await $0.database.psql("ALTER TABLE res_partner DISABLE TRIGGER changefeed_update") },
            shows: { scrape, _ in scrape[#"tracked_models{trigger_state="disabled"}"#] == 1 }),
    ]

    private static let ofUpkeep = [
        AlertFault(
            alert: "ChangefeedLogNearBudget", settings: ["CHANGEFEED_LOG_BUDGET": "16MB"],
            make: { rig in
                try await rig.database.psql(
                    """
                    INSERT INTO changefeed.event (xid, occurred_at, epoch, slot, model, event, ids)
                    SELECT pg_current_xact_id(), clock_timestamp(), c.epoch, c.slot, 'res.partner', 'write', ARRAY[1]
                    FROM changefeed.control c, generate_series(1, 55000)
                    """)
            }, shows: { scrape, _ in scrape["log_size_bytes"] ?? 0 > 13_500_000 }),
        AlertFault(
            alert: "ChangefeedRetentionFailing",
            make: { rig in
                // It looks once a minute.
                try await rig.database.psql(
                    """
                    REVOKE EXECUTE ON FUNCTION changefeed.begin_retention(interval),
                        changefeed.keep_log_budget(bigint, text, boolean) FROM changefeed_service
                    """)
            }, shows: { scrape, _ in scrape["retention_failures_total"] ?? 0 > 0 }),
        AlertFault(
            alert: "ChangefeedRetentionOverdue", settings: ["CHANGEFEED_ARCHIVE_EVERY": "0"],
            make: { rig in
                try await rig.database.psql("UPDATE changefeed.retention SET ran_at = now() - interval '3 days'")
            },
            shows: { scrape, _ in scrape["retention_last_run_timestamp_seconds"].map { $0 < scrape.at - 2e5 } ?? false }
        ),
        AlertFault(
            alert: "ChangefeedVerifyFindings",
            make: { rig in
                try await rig.stop()
                try await rig.database.psql("ALTER TABLE res_partner DISABLE TRIGGER changefeed_update")
                try rig.start()
            }, shows: { scrape, _ in scrape[#"verify_findings{level="error"}"#] == 1 }),
        AlertFault(
            alert: "ChangefeedVerifyUnanswered",
            make: { rig in
                try await rig.stop()
                try await rig.database.psql(
                    "REVOKE EXECUTE ON FUNCTION changefeed.verify() FROM changefeed_service")
                try rig.start()
            },
            shows: { scrape, rig in
                scrape["database_up"] == 1 && scrape["verify_last_run_timestamp_seconds"] == nil
                    && rig.log.contains("the metrics of changefeed.verify()")
            }),
    ]

    private static let ofDelivery = [
        AlertFault(
            alert: "ChangefeedDeliveryForbidden", prepare: { try await $0.addEndpoint() },
            make: { rig in
                let forbidden = try await BuiltBinary.run(
                    ["delivery", "forbid", "--reason", "a test", "--database", rig.database.conninfo()])
                #expect(forbidden.output.hasPrefix("Nothing is pushed"), "\(forbidden)")
            }, shows: { scrape, _ in scrape["delivery_allowed"] == 0 }),
        AlertFault(
            alert: "ChangefeedEndpointFailing", prepare: { try await $0.addEndpoint() },
            make: { rig in
                rig.receiver.reply { _ in .status(500) }
                try await rig.change()
            }, shows: { scrape, _ in scrape[#"endpoint_failing_seconds{endpoint="shop"}"#] ?? 0 > 0 }),
        AlertFault(
            alert: "ChangefeedEndpointDisabled", prepare: { try await $0.addEndpoint() },
            make: { rig in
                rig.receiver.reply { _ in .status(410) }
                try await rig.change()
            }, shows: { scrape, _ in scrape[#"endpoint_state{endpoint="shop",state="disabled"}"#] == 1 }),
        AlertFault(
            alert: "ChangefeedDeadLetters", prepare: { try await $0.addEndpoint() },
            make: { rig in
                rig.receiver.reply { _ in .status(500) }
                try await rig.change()
                try await eventually("it waits for another attempt: \(rig.log)") {
                    try await rig.database.psql("SELECT count(*) FROM changefeed.endpoint_queue") == "1"
                }
                // What three days of attempts come to.
                try await rig.stop()
                try await rig.database.psql(
                    "UPDATE changefeed.endpoint_queue SET attempts = 9, due_at = clock_timestamp()")
                try rig.start()
            }, shows: { scrape, _ in scrape[#"endpoint_dead_records{endpoint="shop"}"#] == 1 }),
    ]
}
