internal import ChangeFeed

/// Settling a page in one transaction.
extension EndpointRun {
    var isPageDone: Bool {
        guard let page, page.pending.isEmpty else { return false }
        let late = ContinuousClock.now - around.pace.straggler
        return flights.values.allSatisfy { $0.isStraggling || $0.began <= late }
    }

    /// Settles the page, and stragglers that have ended.
    func settle() async throws -> Bool {
        var sent = finished + (page?.settled ?? [])
        if page != nil {
            for (number, flight) in flights where !flight.isStraggling {
                flights[number]?.isStraggling = true
                sent += Settlement.waiting(flight.message, dueIn: around.pace.abandoned)
            }
        }
        let isActive = try await ask {
            try await around.store.settle(
                endpoint, sent, log: log, token: page?.token, failure: lastFailure, isGone: isGone)
        }
        (finished, log, lastFailure, page) = ([], [], nil, nil)
        guard let isActive else { return false }
        hold(sent)
        if needsWake {
            needsWake = false
            try await ask { try await around.store.wake(endpoint) }
            if !held.isEmpty || !remembersAll { dueAt = .now }
        }
        if isGone || !isActive { around.observe(.disabled(endpoint: endpoint.name)) }
        return isActive
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
