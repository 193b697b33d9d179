/// The result of one step of `changefeed doctor`, or of the console's.
package struct DoctorStep: Encodable, Sendable {
    package enum Outcome: String, Encodable, Sendable {
        case ok, warning, failed
        /// It did not run: an earlier step failed, so that it would be meaningless, or `detail` says why.
        case skipped
    }

    package let step: String
    package let outcome: Outcome
    package let milliseconds: Double
    package let detail: String
    /// The remedy, if there is a problem.
    package let fix: String?

    /// One line for people, and a second one with the remedy.
    package var lines: [String] {
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
