/// The pages that a browser may ask for, with their parameters: the only list of them. Each is a function
/// `changefeed.console_NAME`.
enum ConsolePage: String, CaseIterable, Sendable {
    case me
    case overview
    case events
    case event
    case models
    case plan
    case findings
    case devices
    case device
    case endpoints
    case endpoint
    case access
    case explain
    case audit

    var parameters: [String: ArgumentForm] {
        switch self {
        case .me, .overview, .models, .findings, .access: [:]
        case .events:
            [
                "before": .number, "model": .model, "event": .word(["create", "write", "unlink", "truncate"]),
                "record": .number, "since": .time, "limit": .smallNumber,
            ]
        case .event: ["id": .number, "from": .smallNumber]
        case .plan: ["model": .model]
        case .devices:
            [
                "login": .text(255), "after_user": .smallNumber, "after_device": .text(255), "limit": .smallNumber,
            ]
        case .device: ["user_id": .smallNumber, "device_id": .text(255)]
        case .endpoints: ["after": .text(63), "limit": .smallNumber]
        case .endpoint: ["name": .text(63)]
        case .explain: ["login": .text(255), "model": .model, "record": .number]
        case .audit: ["before": .number]
        }
    }

    /// Parameters without which the page means nothing.
    var required: [String] {
        switch self {
        case .event: ["id"]
        case .plan: ["model"]
        case .device: ["user_id", "device_id"]
        case .endpoint: ["name"]
        case .explain: ["login", "model"]
        default: []
        }
    }
}
