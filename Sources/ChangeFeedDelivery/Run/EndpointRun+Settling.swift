internal import ChangeFeed

/// Settling a page in one transaction.
extension EndpointRun {
    var isPageDone: Bool {
        guard let page, page.pending.isEmpty else { return false }
        return unsettledFlights == 0 || .now - launchedAt >= around.pace.straggler
    }

    /// Settles the page, and stragglers that have ended.
    func settle() async throws -> Bool {
        var sent = finished + (page?.settled ?? [])
        if page != nil, unsettledFlights > 0 {
            for (number, flight) in flights where !flight.isStraggling {
                flights[number]?.isStraggling = true
                sent += Settlement.waiting(flight.message, dueIn: around.pace.abandoned)
            }
            unsettledFlights = 0
        }
        // With an empty queue only their number counts.
        let told = mayBeQueued ? sent : sent.filter { $0.outcome != .accepted }
        // Unless the answer says otherwise: a statement may have been executed although its answer was lost.
        mayBeQueued = true
        let outcome = try await around.turn.take {
            try await around.store.settle(
                endpoint, told, accepted: sent.count - told.count, log: log, token: page?.token, failure: lastFailure,
                isGone: isGone)
        }
        note(page)
        (finished, log, lastFailure, page) = ([], [], nil, nil)
        guard let outcome else { return false }
        mayBeQueued = outcome.isQueued
        hold(sent)
        if needsWake {
            needsWake = false
            try await around.turn.take { try await around.store.wake(endpoint) }
            if !held.isEmpty || !remembersAll { dueAt = .now }
        }
        if isGone || !outcome.isActive { around.observe(.disabled(endpoint: endpoint.name)) }
        return outcome.isActive
    }

    /// A page is what the receiver accepts in a while: a crash repeats no more than that, and data are not older.
    private func note(_ page: Page?) {
        guard let page, page.token != nil, page.size >= pageLimit else { return }
        let rate = Double(page.size) / max(0.001, (ContinuousClock.now - page.began).seconds)
        let wanted = Int(min(rate * around.pace.span.seconds, Double(DeviceSync.PullRequest.largestPage)))
        pageLimit = max(around.pace.page, wanted)
    }

    func hold(_ sent: [Settlement]) {
        for settlement in sent {
            switch settlement.outcome {
            case .accepted, .dead:
                guard let newest = held[settlement.key] else { continue }
                if newest <= settlement.eventID {
                    held[settlement.key] = nil
                } else {
                    // A newer event waited for this message.
                    dueAt = .now
                }
            case .failed, .waits:
                // A number that the database gave is above all that are under way.
                let newest = settlement.eventID == 0 ? .max : settlement.eventID
                if remembersAll { held[settlement.key] = max(held[settlement.key] ?? 0, newest) }
                let due = ContinuousClock.now + .seconds(settlement.dueIn)
                dueAt = min(dueAt ?? due, due)
            }
        }
        if held.count > around.pace.held { (remembersAll, isBehind, held) = (false, true, [:]) }
        if held.isEmpty, remembersAll {
            dueAt = nil
            if !mayPull { isBehind = false }
        }
    }
}
