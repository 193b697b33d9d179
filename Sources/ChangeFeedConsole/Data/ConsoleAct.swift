/// What a browser may ask to be done, with the arguments: the only list of it. The database does it
/// (`changefeed.console_do`), except where this service's key is needed.
enum ConsoleAct: String, CaseIterable, Sendable {
    case pause
    case resume
    case rotateLog = "rotate_log"
    case archive
    case deviceReset = "device_reset"
    case deviceForget = "device_forget"
    case endpointPause = "endpoint_pause"
    case endpointResume = "endpoint_resume"
    case endpointRetry = "endpoint_retry"
    case endpointDrop = "endpoint_drop"
    case endpointReplay = "endpoint_replay"
    case endpointRemove = "endpoint_remove"
    case endpointTest = "endpoint_test"
    case endpointRotate = "endpoint_rotate"
    case ruleDecide = "rule_decide"
    case modelDecide = "model_decide"
    case fieldDecide = "field_decide"

    private static let reason = ArgumentForm.text(500)
    private static let decision = ArgumentForm.word(["allow", "deny", "clear"])

    var arguments: [String: ArgumentForm] {
        switch self {
        case .pause: ["reason": Self.reason]
        case .resume, .rotateLog: [:]
        case .archive: ["before": .time]
        case .deviceReset:
            ["user_id": .smallNumber, "device_id": .text(255), "start": .word(["now", "all", "earliest"])]
        case .deviceForget: ["user_id": .smallNumber, "device_id": .text(255)]
        case .endpointPause: ["name": .text(63), "reason": Self.reason]
        case .endpointResume, .endpointRemove, .endpointTest, .endpointRotate: ["name": .text(63)]
        case .endpointRetry, .endpointDrop: ["name": .text(63), "model": .model, "record": .number]
        case .endpointReplay:
            ["name": .text(63), "start": .word(["now", "all", "earliest", "time"]), "since": .time]
        case .ruleDecide:
            [
                "rule_id": .smallNumber, "decision": .word(["allow", "deny", "override", "clear"]),
                "domain": .text(2_000), "reason": Self.reason,
            ]
        case .modelDecide: ["model": .model, "decision": Self.decision, "reason": Self.reason]
        case .fieldDecide:
            ["model": .model, "field": .text(63), "decision": Self.decision, "reason": Self.reason]
        }
    }

    var required: [String] {
        switch self {
        case .pause: ["reason"]
        case .resume, .rotateLog: []
        case .archive: ["before"]
        case .deviceReset, .deviceForget: ["user_id", "device_id"]
        case .endpointReplay: ["name", "start"]
        case .endpointPause, .endpointResume, .endpointRetry, .endpointDrop, .endpointRemove, .endpointTest,
            .endpointRotate:
            ["name"]
        case .ruleDecide: ["rule_id", "decision"]
        case .modelDecide: ["model", "decision"]
        case .fieldDecide: ["model", "field", "decision"]
        }
    }
}
