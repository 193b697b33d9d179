internal import Postgres

/// Why a device's request is refused. Then nothing was changed.
public enum SyncRefusal: Error, Sendable, Equatable {
    /// No such app type; the known ones.
    case appTypeUnknown(known: [String])
    /// A model that the app type does not include.
    case modelNotInAppType
    /// A model that is not tracked, or that this user may not read.
    case modelNotReadable
    /// A field that the model does not have, or that this user may not see.
    case fieldUnknown
    /// An invalid filter, with the reason as a part of a sentence; the model, if it is known whose filter it is.
    case filterInvalid(model: ModelName?, reason: String)
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
    /// The user has no access to one of the companies.
    case companyNotAllowed
    /// Record rules are not compiled; `RecordRules` compiles them, and the call is repeated.
    case rulesNotCompiled
    /// A record rule failed at run time: its scope is closed until it is fixed, and nothing was changed.
    case ruleFailed
    /// The feed's roles may not read a table that record rules need: a grant is missing, or row level security is on.
    case tableNotReadable
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
    /// A filter that the database does not accept.
    static let filterInvalid = Self.filterInvalid(model: nil, reason: "its expression cannot filter records")

    /// Reads columns `problem` and, if present, `resync_code`, `resync_mode` and `resync_models`.
    static func check(_ row: Row, appTypes: () async throws -> [String]) async throws {
        guard let problem = row["problem"].text else { return }
        switch problem {
        case "app_type_unknown": throw Self.appTypeUnknown(known: try await appTypes())
        case "model_not_in_app_type": throw Self.modelNotInAppType
        case "model_not_readable": throw Self.modelNotReadable
        case "field_unknown": throw Self.fieldUnknown
        case "filter_model":
            throw Self.filterInvalid(model: nil, reason: "its model is not requested or not tracked")
        case "filter_invalid": throw Self.filterInvalid
        case "cursor_malformed": throw Self.cursorMalformed
        case "cursor_mismatch": throw Self.cursorMismatch
        case "user_changed": throw Self.userChanged
        case "events_not_handed": throw Self.eventsNotHanded
        case "device_unknown": throw Self.deviceUnknown
        case "company_not_allowed": throw Self.companyNotAllowed
        case "rules_not_compiled": throw Self.rulesNotCompiled
        case "too_many_devices": throw Self.tooManyDevices
        case "resync":
            throw Self.resync(
                Resync(
                    code: try row["resync_code"].string(), mode: try row["resync_mode"].string(),
                    models: try row["resync_models"].string().split(separator: " ").map(String.init)))
        default:
            throw ChangeFeedError(
                .unexpectedAnswer, "The database refused for a reason that this version does not know.")
        }
    }
}
