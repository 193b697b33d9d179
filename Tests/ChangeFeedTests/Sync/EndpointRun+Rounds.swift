import ChangeFeed

@testable import ChangeFeedDelivery

/// When a message ends, and how, is said to the run directly.
struct NoSink: MessageSink {
    func send(_ message: DeliveryMessage) async -> DeliveryAttempt {
        DeliveryAttempt(failure: "not sent", duration: .zero)
    }

    func shutdown() async {}
}

/// A run without signals and clock: one round at a time, and messages end when the checker says so.
extension EndpointRun {
    /// What `run()` does when it is woken.
    func round() async -> Next { await withDiscardingTaskGroup { group in await advance(&group) } }

    var underWay: [Int: DeliveryMessage] { flights.mapValues(\.message) }

    /// Nothing is to be done until something happens.
    var isIdle: Bool {
        page == nil && flights.isEmpty && finished.isEmpty && !mayPull && resync.notice == nil && resync.models.isEmpty
    }

    /// Something was read that it has not sent.
    var hasRead: Bool { page != nil || resync.notice != nil }

    /// A message is under way for so long that its page need not wait for it.
    func age(_ number: Int) {
        guard let flight = flights[number] else { return }
        flights[number] = Flight(
            message: flight.message, began: flight.began - around.pace.straggler, isStraggling: flight.isStraggling)
        let late = ContinuousClock.now - around.pace.straggler
        if flights.values.allSatisfy({ $0.isStraggling || $0.began <= late }) { launchedAt = min(launchedAt, late) }
    }

    func isAged(_ number: Int) -> Bool {
        flights[number].map { $0.isStraggling || $0.began <= .now - around.pace.straggler } ?? false
    }

    /// A minute passes: what waits is due, and the log is looked at.
    func passMinute() {
        if dueAt != nil { dueAt = .now }
        mayPull = true
    }
}
