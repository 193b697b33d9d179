/// What one step of `changefeed doctor` found.
struct DoctorStep: Encodable, Sendable {
    enum Outcome: String, Encodable, Sendable {
        case ok, warning, failed
        /// An earlier step failed, so this one would say nothing.
        case skipped
    }

    let step: String
    let outcome: Outcome
    let milliseconds: Double
    let detail: String
    /// What to do where something is wrong.
    let fix: String?

    /// One line for people, and a second one with what to do.
    var lines: [String] {
        let tenths = Int((milliseconds * 10).rounded())
        return ["\(outcome.rawValue)  \(step)  \(tenths / 10).\(tenths % 10) ms  \(detail)"] + (fix.map { ["        do: \($0)"] } ?? [])
    }
}

/// What a step says of itself; the time it took is measured around it.
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
