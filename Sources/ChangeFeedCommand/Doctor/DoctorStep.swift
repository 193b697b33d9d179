/// The result of one step of `changefeed doctor`.
struct DoctorStep: Encodable, Sendable {
    enum Outcome: String, Encodable, Sendable {
        case ok, warning, failed
        /// An earlier step failed, so this one would be meaningless.
        case skipped
    }

    let step: String
    let outcome: Outcome
    let milliseconds: Double
    let detail: String
    /// The remedy, if there is a problem.
    let fix: String?

    /// One line for people, and a second one with the remedy.
    var lines: [String] {
        let tenths = Int((milliseconds * 10).rounded())
        return ["\(outcome.rawValue)  \(step)  \(tenths / 10).\(tenths % 10) ms  \(detail)"]
            + (fix.map { ["        do: \($0)"] } ?? [])
    }
}

/// A step's own result; its time is measured around it.
struct DoctorFinding: Sendable {
    let outcome: DoctorStep.Outcome
    let detail: String
    var fix: String?

    static func ok(_ detail: String) -> DoctorFinding { DoctorFinding(outcome: .ok, detail: detail) }

    static func warning(_ detail: String, fix: String) -> DoctorFinding {
        DoctorFinding(outcome: .warning, detail: detail, fix: fix)
    }

    static func failed(_ detail: String, fix: String) -> DoctorFinding {
        DoctorFinding(outcome: .failed, detail: detail, fix: fix)
    }

    static func skipped(_ detail: String) -> DoctorFinding { DoctorFinding(outcome: .skipped, detail: detail) }
}
