internal import ChangeFeed
internal import Synchronization

/// The steps of `changefeed doctor` in the running service: one examination at a time, within a time limit. The result
/// is not kept.
final class ConsoleDoctor: Sendable {
    /// Below the 60 seconds after which a proxy usually gives up.
    static let limit: Duration = .seconds(45)

    private let plan: Examination.Plan?
    private let isExamining = Mutex(false)

    /// - Parameter plan: nil: this console examines nothing.
    init(_ plan: Examination.Plan?) { self.plan = plan }

    /// - Returns: the steps that need a terminal, which say so, and then those that ran.
    /// - Throws: `ConsoleRefusal.notFound`; `ConsoleRefusal.actFailed` while another examination runs.
    func examine() async throws(ConsoleRefusal) -> [DoctorStep] {
        guard let plan else { throw .notFound }
        let isFree = isExamining.withLock { isExamining in
            defer { isExamining = true }
            return !isExamining
        }
        guard isFree else { throw .actFailed("The doctor is already at work here: wait until it has ended.") }
        defer { isExamining.withLock { $0 = false } }
        return await Examination.inTerminalOnly + Examination.run(plan, limit: Self.limit).steps
    }
}
