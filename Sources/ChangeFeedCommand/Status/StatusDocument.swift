import ChangeFeed

/// The JSON document of `changefeed.status()`, as far as the lines for people use it.
struct StatusDocument: Decodable, Sendable {
    struct Model: Decodable, Sendable {
        let model: String
        let table: String?
        let triggers: String?
        let creates, writes, unlinks: Int64?

        private enum CodingKeys: String, CodingKey {
            case model, table = "table_name", triggers = "trigger_state", creates = "create_24h", writes = "write_24h",
                unlinks = "unlink_24h"
        }
    }

    struct Replica: Decodable, Sendable {
        let pid: Int
        let address: String?
        let connectedAt: String?
        let leader: Bool?

        private enum CodingKeys: String, CodingKey {
            case pid, address = "client_addr", connectedAt = "connected_at", leader
        }
    }

    struct Retention: Decodable, Sendable {
        let ranAt: String?
        let every: Double?
        let budget: Int64?
        let action: String?
        let newestErrorAt: String?

        private enum CodingKeys: String, CodingKey {
            case ranAt = "ran_at", every = "archive_every_seconds", budget = "log_budget", action = "log_budget_action",
                newestErrorAt = "newest_error_at"
        }
    }

    struct Delivery: Decodable, Sendable {
        let allowed: Bool?
        let reasons: [String]?
    }

    struct Slot: Decodable, Sendable {
        let slot: Int
        let bytes: Int64?
        let closedAt, emptiedAt: String?

        /// It holds events and is no longer written to.
        var waits: Bool {
            guard let closed = closedAt.flatMap({ Timestamp(iso8601: $0) }) else { return false }
            return emptiedAt.flatMap { Timestamp(iso8601: $0) }.map { $0 < closed } ?? true
        }

        private enum CodingKeys: String, CodingKey {
            case slot, bytes, closedAt = "closed_at", emptiedAt = "emptied_at"
        }
    }

    let database, serverVersion: String?
    let schemaVersion, epoch: Int64?
    let isStandby: Bool?
    let isPaused: Bool?
    let pauseReason, pausedBy, pausedAt: String?
    let models: [Model]
    let openGaps: Int64?
    let currentSlot: Int?
    let slotOpenedAt: String?
    let slots: [Slot]?
    let logBytes: Int64?
    let lastEventAt, oldestEventAt: String?
    let oldestTransaction, queueUsage, lag: Double?
    let replicas: [Replica]
    let retention: Retention?
    let delivery: Delivery?

    private enum CodingKeys: String, CodingKey {
        case database, serverVersion = "server_version", schemaVersion = "schema_version", epoch,
            isStandby = "in_recovery", isPaused = "paused", pauseReason = "pause_reason", pausedBy = "paused_by",
            pausedAt = "paused_at", models, openGaps = "open_gaps", currentSlot = "current_slot",
            slotOpenedAt = "slot_opened_at", slots, logBytes = "log_bytes", lastEventAt = "last_event_at",
            oldestEventAt = "oldest_event_at", oldestTransaction = "oldest_transaction_seconds",
            queueUsage = "notification_queue_usage", lag = "lag_seconds", replicas, retention, delivery
    }
}
