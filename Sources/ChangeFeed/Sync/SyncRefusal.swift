internal import Postgres

/// Why a device's request is refused, except for its user's access (`AccessRefusal`). Then nothing was changed.
public enum SyncRefusal: Error, Sendable, Equatable {
    /// No such app type; the known ones.
    case appTypeUnknown(known: [String])
    /// A model that the app type does not include.
    case modelNotInAppType
    /// The token is malformed.
    case cursorMalformed
    /// A token of another feed, device or request.
    case cursorMismatch
    /// A token of another user's device: the copy beside it is that user's.
    case userChanged
    /// Acknowledged event ids that were never sent to this device.
    case eventsNotHanded
    /// The user has no such device.
    case deviceUnknown
    /// The user has the maximum number of devices.
    case tooManyDevices
    /// The device must resync models before it continues.
    case resync(Resync)

    /// A resync.
    public struct Resync: Sendable, Equatable {
        /// `epoch_changed`, `cursor_expired`, `copy_set_back`, `model_reset` or `scope_changed`.
        public let code: String
        /// `replace`: drop the copy of these models. `apply_differences`: keep it and correct it.
        public let mode: String
        public let models: [String]
    }
}

extension SyncRefusal {
    /// Reads columns `problem` and, if present, `resync_code`, `resync_mode` and `resync_models`.
    /// - Throws: `SyncRefusal`, `AccessRefusal`.
    static func check(_ row: Row, appTypes: () async throws -> [String]) async throws {
        guard let problem = row["problem"].text else { return }
        switch problem {
        case "app_type_unknown": throw Self.appTypeUnknown(known: try await appTypes())
        case "model_not_in_app_type": throw Self.modelNotInAppType
        case "cursor_malformed": throw Self.cursorMalformed
        case "cursor_mismatch": throw Self.cursorMismatch
        case "user_changed": throw Self.userChanged
        case "events_not_handed": throw Self.eventsNotHanded
        case "device_unknown": throw Self.deviceUnknown
        case "too_many_devices": throw Self.tooManyDevices
        case "resync":
            throw Self.resync(
                Resync(
                    code: try row["resync_code"].string(), mode: try row["resync_mode"].string(),
                    models: try row["resync_models"].string().split(separator: " ").map(String.init)))
        default: throw AccessRefusal.refusal(problem)
        }
    }
}
