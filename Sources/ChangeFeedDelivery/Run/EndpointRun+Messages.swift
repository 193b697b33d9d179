internal import ChangeFeed
internal import DequeModule

/// Messages under way, and what becomes of them.
extension EndpointRun {
    func launch(_ group: inout DiscardingTaskGroup) {
        while page?.pending.isEmpty == false, flights.count < endpoint.concurrency {
            switch breaker.admit(.now) {
            case .go: break
            case .trial where flights.isEmpty: break
            case .trial, .wait:
                // The receiver does not work: the rest waits.
                shelve()
                return
            }
            guard let message = page?.pending.popFirst() else { return }
            nextFlight += 1
            let number = nextFlight
            flights[number] = Flight(message: message)
            launchedAt = .now
            unsettledFlights += 1
            let (sink, mailbox) = (around.sink, mailbox)
            if !sink.begin(message, { mailbox.send(.done(number, $0)) }) {
                group.addTask { mailbox.send(.done(number, await sink.send(message))) }
            }
        }
    }

    /// What was not sent yet waits in the queue.
    func shelve() {
        while let message = page?.pending.popFirst() {
            page?.settled += Settlement.waiting(message)
        }
    }

    func finish(_ number: Int, _ attempt: DeliveryAttempt) {
        guard let flight = flights.removeValue(forKey: number) else { return }
        if !flight.isStraggling { unsettledFlights -= 1 }
        let message = flight.message
        let now = ContinuousClock.now
        let wasOpen = breaker.isOpen
        if attempt.failure == nil { breaker.succeed(now) } else { breaker.fail(now) }
        if case .failed(_, true) = attempt.outcome { breaker.throttle(now, retryAfter: attempt.retryAfter) }
        if wasOpen, !breaker.isOpen { (needsWake, isBehind, mayPull) = (true, true, true) }
        around.observe(
            .attempted(endpoint: endpoint.name, attempt.failure, attempt.duration, events: message.events.count))
        note(attempt, message)
        if case .gone = attempt.outcome {
            isGone = true
            // Until an operator resumes the endpoint.
            shelve()
        }
        if message.events.isEmpty {
            if attempt.failure == nil { resync.notice = nil }
            return
        }
        let settled = message.events.map { settlement(of: $0, attempt, message) }
        if flight.isStraggling || page == nil { finished += settled } else { page?.settled += settled }
        // In order: nothing behind a failure is sent before it.
        if endpoint.inOrder, attempt.failure != nil { shelve() }
    }

    func settlement(of event: DeliveredEvent, _ attempt: DeliveryAttempt, _ message: DeliveryMessage)
        -> Settlement
    {
        guard let failure = attempt.failure else { return Settlement(event, .accepted) }
        // While the receiver fails as a whole, attempts say nothing about this message.
        let attempts = message.isTrial && breaker.isOpen ? message.attempts : message.attempts + 1
        var delay = around.schedule.delay(afterAttempt: attempts, fraction: Double.random(in: 0...1))
        if message.isTrial, breaker.isOpen { delay = around.pace.trial }
        if let asked = attempt.retryAfter { delay = max(delay ?? .zero, asked) }
        var settlement = Settlement(
            event, delay == nil ? .dead : .failed, attempts: attempts, dueIn: delay ?? .zero)
        settlement.status = attempt.status
        settlement.error = failure
        if delay == nil { around.observe(.dead(endpoint: endpoint.name, model: event.model, recordID: event.recordID)) }
        return settlement
    }

    func note(_ attempt: DeliveryAttempt, _ message: DeliveryMessage) {
        lastFailure = attempt.failure ?? lastFailure
        if attempt.failure == nil {
            if let sampledAt, .now - sampledAt < around.pace.sample { return }
            sampledAt = .now
        }
        guard log.count < 200 else { return }
        let first = message.events.count == 1 ? message.events.first : nil
        log.append(
            AttemptRecord(
                messageID: message.id, model: first?.model, recordID: first?.recordID, events: message.events.count,
                attempt: message.attempts + 1, milliseconds: Int(attempt.duration / .milliseconds(1)),
                status: attempt.status, error: attempt.failure, answer: attempt.answer))
    }
}
