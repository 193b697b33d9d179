internal import Glibc

/// A silent server is abandoned: a connection left over from a fail-over or a firewall looks like a slow statement.
extension Connection {
    /// From now on the server's time to answer runs.
    /// - Parameter statements: each has the session's limit; the server may keep all answers until the last.
    func expectAnswer(statements: Int = 1) {
        let limit = turnLimit ?? answerLimit.map { $0 * statements + configuration.silenceMargin }
        deadline = limit.map { .now + $0 }
    }

    /// Called by the loop about twice a second.
    func tick(_ now: ContinuousClock.Instant) {
        if let deadline, now >= deadline {
            giveUp("the server did not answer in time; the connection was closed")
        } else if cancellation.isOverdue(now) {
            giveUp("the server did not end a cancelled statement; the connection was closed")
        }
    }

    /// Closes a connection to a silent server, without sending anything that could block.
    private func giveUp(_ reason: String) {
        guard isUsable else { return cancellation.abandon() }
        fate = PostgresError(.silent, reason)
        deadline = nil
        let socket = descriptor
        markBroken()
        _ = shutdown(socket, Int32(SHUT_RDWR))
        cancellation.abandon()
        wasReady = true
        waiter.take()?.resume()
    }

    /// Whether the server answers within a time. If not, the connection is closed.
    func answers(within limit: Duration) async -> Bool {
        do {
            _ = try await inTurn(limit: limit) { try await self.perform(Query("SELECT 1")) }
            return true
        } catch {
            return false
        }
    }
}
