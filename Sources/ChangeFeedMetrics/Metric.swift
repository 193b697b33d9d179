/// One metric of the catalogue. `docs/metrics.md` lists the same; a test compares them.
public struct Metric: Sendable {
    /// The metric's type in the exposition format.
    public enum Kind: String, Sendable { case counter, gauge, histogram }

    /// By Prometheus's conventions: prefix `changefeed_`, or `process_` for what every process has; base units,
    /// `_total` for counters.
    public let name: String
    public let kind: Kind
    public let help: String
    /// Names of the labels, in order. None contains a user, a device, a record or a path as sent.
    public let labels: [String]

    private init(
        _ name: String, _ kind: Kind, _ help: String, labels: [String] = [], prefix: String = "changefeed_"
    ) {
        self.name = prefix + name
        self.kind = kind
        self.help = help
        self.labels = labels
    }
}

extension Metric {
    static let httpRequests = Metric(
        "http_requests_total", .counter, "HTTP requests answered, by route template, method and status.",
        labels: ["route", "method", "status"])
    static let httpDuration = Metric(
        "http_request_duration_seconds", .histogram,
        "Time from the head of a request to its answer, by route template.",
        labels: ["route"])
    static let authentications = Metric(
        "authentications_total", .counter, "Attempts to authenticate a request, by method and result.",
        labels: ["method", "result"])
    static let rateLimited = Metric(
        "rate_limited_requests_total", .counter, "Requests that a limit refused, by limit.", labels: ["limit"])

    static let fieldQuestions = Metric(
        "field_questions_total", .counter, "Times Odoo was asked which fields of a model a user may see, by result.",
        labels: ["result"])

    static let idleAnswers = Metric(
        "idle_answers_total", .counter, "Requests for news answered from memory, without the database.")

    static let endpointMessages = Metric(
        "endpoint_messages_total", .counter, "Messages sent to endpoints, by endpoint and result.",
        labels: ["endpoint", "result"])
    static let endpointEvents = Metric(
        "endpoint_events_total", .counter, "Events that receivers of endpoints accepted.", labels: ["endpoint"])
    static let endpointDuration = Metric(
        "endpoint_message_duration_seconds", .histogram, "Time from sending a message to the end of its answer.")
    static let endpointDeadLetters = Metric(
        "endpoint_dead_letters_total", .counter, "Records whose last attempt failed.", labels: ["endpoint"])

    static let endpointState = Metric(
        "endpoint_state", .gauge, "1 for the state of an endpoint: active, paused or disabled.",
        labels: ["endpoint", "state"])
    static let endpointFailing = Metric(
        "endpoint_failing_seconds", .gauge,
        "Time since the first failure behind an endpoint's last success; 0 while its messages are accepted.",
        labels: ["endpoint"])
    static let endpointWaiting = Metric(
        "endpoint_waiting_records", .gauge, "Records that wait for another attempt, by endpoint.", labels: ["endpoint"])
    static let endpointDead = Metric(
        "endpoint_dead_records", .gauge, "Dead letters that an endpoint has.", labels: ["endpoint"])

    static let lag = Metric(
        "lag_seconds", .gauge, "Time since the tailer last confirmed that it had read everything; 0 while it sleeps.")
    static let ready = Metric("ready", .gauge, "1 when requests can be served, as /ready says.")
    static let leader = Metric("leader", .gauge, "1 when this replica leads: it owns the doorbell.")
    static let epoch = Metric("epoch", .gauge, "Epoch of the feed's identity.")
    static let deliveryAllowed = Metric(
        "delivery_allowed", .gauge,
        "1 when this database may push; 0 on a copy, a neutralized database, or where pushing is forbidden.")
    static let deliveredRows = Metric("delivered_rows_total", .counter, "Log rows handed to subscribers.")
    static let deliveredEvents = Metric(
        "delivered_events_total", .counter, "Events (one record each) handed to subscribers.")
    static let reconnects = Metric(
        "tailer_failures_total", .counter,
        "Times the tailer lost the database or could not start, and waited to try again.")
    static let epochRaised = Metric(
        "epoch_raised_total", .counter, "Times the feed's identity changed: a restore, a fail-over, a copy.")
    static let bellRings = Metric(
        "doorbell_rings_total", .counter, "Times the doorbell or a leader's relay woke the tailer.")
    static let bellMissed = Metric(
        "doorbell_missed_total", .counter, "Times the slow poll found changes that no bell had announced.")
    static let bellDeaf = Metric("doorbell_deaf_total", .counter, "Heartbeats that this replica did not hear.")
    static let heartbeats = Metric("doorbell_heartbeats_total", .counter, "Heartbeats that this replica heard.")

    static let poolInUse = Metric("pool_connections_in_use", .gauge, "Connections for requests that are lent out.")
    static let poolIdle = Metric("pool_connections_idle", .gauge, "Open connections for requests, idle at present.")
    static let poolWaiting = Metric("pool_requests_waiting", .gauge, "Requests that wait for a connection.")
    static let poolMaximum = Metric("pool_connections_maximum", .gauge, "Connections for requests that may be open.")

    static let databaseUp = Metric(
        "database_up", .gauge, "1 when changefeed.status() answered the last time it was asked.")
    static let logBytes = Metric("log_size_bytes", .gauge, "Size of the event log with its indexes.")
    static let oldestEventAge = Metric("log_oldest_event_age_seconds", .gauge, "Age of the oldest event in the log.")
    static let oldestTransactionAge = Metric(
        "oldest_transaction_age_seconds", .gauge, "Age of the oldest writing transaction in the database.")
    static let trackedModels = Metric(
        "tracked_models", .gauge, "Tracked models by the state of their triggers; enabled is the normal state.",
        labels: ["trigger_state"])
    static let capturePaused = Metric("capture_paused", .gauge, "1 while capture is paused.")
    static let openGaps = Metric("open_gaps", .gauge, "Gaps that have not ended yet.")

    static let findings = Metric(
        "verify_findings", .gauge, "Findings of changefeed.verify(), asked once an hour, by level.", labels: ["level"])
    static let lastVerification = Metric(
        "verify_last_run_timestamp_seconds", .gauge,
        "When changefeed.verify() last answered this replica, seconds since 1970-01-01 UTC.")

    static let logBudget = Metric("log_budget_bytes", .gauge, "Size that the log may have; 0 is no limit.")
    static let lastRetention = Metric(
        "retention_last_run_timestamp_seconds", .gauge, "When retention last completed, seconds since 1970-01-01 UTC.")
    static let archivedEvents = Metric(
        "archived_events_total", .counter,
        "Events that this replica's retention runs archived, so that version 1 no longer shows them.")
    static let emptiedSlots = Metric("emptied_slots_total", .counter, "Slots of the log that this replica emptied.")
    static let deletedEvents = Metric("deleted_events_total", .counter, "Events in slots that this replica emptied.")
    static let retentionFailures = Metric(
        "retention_failures_total", .counter, "Runs and steps of retention that failed.")

    static let cpuSeconds = process("cpu_seconds_total", .counter, "User and system CPU time of the process.")
    static let residentBytes = process("resident_memory_bytes", .gauge, "Resident memory of the process.")
    static let virtualBytes = process("virtual_memory_bytes", .gauge, "Virtual memory of the process.")
    static let openFiles = process("open_fds", .gauge, "Open file descriptors of the process.")
    static let maximumFiles = process("max_fds", .gauge, "File descriptors that the process may have open.")
    static let startTime = process(
        "start_time_seconds", .gauge, "Start of the process, seconds since 1970-01-01 UTC.")
    static let build = Metric("build_info", .gauge, "Always 1; the label holds the version.", labels: ["version"])

    /// A metric that every client library of Prometheus has by this name.
    private static func process(_ name: String, _ kind: Kind, _ help: String) -> Metric {
        Metric(name, kind, help, prefix: "process_")
    }

    /// Every metric, in the order of the exposition.
    public static let all: [Metric] = [
        httpRequests, httpDuration, authentications, rateLimited, fieldQuestions, idleAnswers, endpointMessages,
        endpointEvents, endpointDuration, endpointDeadLetters, endpointState, endpointFailing, endpointWaiting,
        endpointDead, lag, ready, leader, epoch, deliveryAllowed, deliveredRows, deliveredEvents, reconnects,
        epochRaised, bellRings, bellMissed, bellDeaf, heartbeats, poolInUse, poolIdle, poolWaiting, poolMaximum,
        databaseUp, logBytes, oldestEventAge, oldestTransactionAge, trackedModels, capturePaused, openGaps, findings,
        lastVerification, logBudget, lastRetention, archivedEvents, emptiedSlots, deletedEvents, retentionFailures,
        cpuSeconds, residentBytes, virtualBytes, openFiles, maximumFiles, startTime, build,
    ]
}
