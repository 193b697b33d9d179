internal import Postgres
internal import Synchronization

/// One connection of the tailer, from connect to loss: it listens, holds the locks and reads the log.
///
/// Used by one task at a time; only `wakeUp` is shared with the task that receives notifications.
final class TailerSession {
    let connection: Connection
    let identity: FeedIdentity
    private let configuration: Tailer.Configuration
    private let wakeUp = WakeUp()
    private let heardBell = WakeUp()
    private let heardWord = WakeUp()
    /// A follower's notification to itself, ignored by all others.
    private let word = String(UInt64.random(in: .min ... .max), radix: 16)
    /// How far the session had read when it ended.
    private(set) var lastReader: LogReader?
    private var nextLook = ContinuousClock.now
    /// When a follower next notifies itself.
    private var nextWord: ContinuousClock.Instant
    /// When the basis of the cached answers next needs a check; a quick one only while the tailer is awake.
    private var nextCheck = ContinuousClock.now
    private var nextQuickCheck: ContinuousClock.Instant?
    private static let checkPause: Duration = .milliseconds(400)
    /// Changes of access and devices do not ring while the tailer is awake.
    private static let quickCheckPause: Duration = .milliseconds(20)

    private init(connection: Connection, identity: FeedIdentity, configuration: Tailer.Configuration) {
        self.connection = connection
        self.identity = identity
        self.configuration = configuration
        nextWord = .now + configuration.heartbeat
    }

    /// Of what is read beside the log.
    private static let lockPatience: Duration = .milliseconds(100)
    static let bellChannel = "changefeed_bell"
    static let relayChannel = "changefeed_relay"

    /// Connects, checks schema and identity, listens. Leaves nothing open when it throws.
    static func open(_ configuration: Tailer.Configuration) async throws -> TailerSession {
        let connection = try await Connection.connect(configuration.connection)
        do {
            let identity = try await FeedIdentity.check(on: connection)
            try await connection.listen(bellChannel, relayChannel)
            return TailerSession(connection: connection, identity: identity, configuration: configuration)
        } catch {
            await connection.close()
            throw error
        }
    }

    func close() async {
        await connection.close()
    }

    /// Reads until the connection is lost or the task is cancelled.
    func run(reader: LogReader, tailer: Tailer) async throws {
        lastReader = reader
        let notifications = connection.notifications
        let wakeUp = wakeUp
        let (heardBell, heardWord, word, memory) = (heardBell, heardWord, word, configuration.memory)
        let own = connection.backendPID
        memory?.tailer.withLock { $0 = IdleAnswers.Sleeper { wakeUp.interrupt() } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for try await notification in notifications {
                    if notification.channel == Self.bellChannel { heardBell.ring() }
                    // A follower's notification to itself says nothing about the log, nor does the leader's to its followers.
                    if notification.payload == word { heardWord.ring() }
                    let isOwn = notification.channel == Self.relayChannel && notification.backendPID == own
                    if notification.payload.isEmpty, !isOwn {
                        memory?.rang()
                        wakeUp.ring()
                    }
                }
                // The stream ends with the connection: a waiting task must find that out.
                wakeUp.ring()
            }
            defer { group.cancelAll() }
            while !Task.isCancelled {
                if configuration.mayLead, try await tryLock("leader_key") {
                    tailer.leads(true)
                    try await lead(tailer)
                } else {
                    try await follow(tailer)
                }
            }
        }
        throw CancellationError()
    }

    // MARK: leading

    /// Runs the doorbell until the connection is lost or the task is cancelled.
    private func lead(_ tailer: Tailer) async throws {
        var doorbell = Doorbell(timing: configuration.timing)
        var action = Doorbell.Action.poll(after: .zero)
        var nextHeartbeat = ContinuousClock.now + configuration.heartbeat
        var nextSettling = nextHeartbeat
        var wokeByTimeout = false
        var wokeByBell = false
        while !Task.isCancelled {
            // Also if the tailer never sleeps.
            try await lookAtDelivery(tailer)
            if ContinuousClock.now >= nextSettling {
                _ = try await connection.query(Query("SELECT changefeed.settle()", name: "cf_settle"))
                nextSettling = .now + configuration.heartbeat
            }
            switch action {
            case .poll(let pause):
                if pause > .zero { try await Task.sleep(for: pause) }
                let found = try await readWindow(tailer, relay: true)
                if wokeByTimeout, found.changes, await wakeUp.wait(atMost: Self.bellPatience) != .rung {
                    tailer.noticed(.bellMissed)
                }
                wokeByTimeout = false
                // Before it sleeps: what changed while it was awake did not ring.
                try await check(doorbell.holdsLock ? .quick : .ifDue, isAwake: !doorbell.holdsLock, relay: true)
                action = doorbell.polled(foundChanges: found.changes, more: found.more)
            case .tryLock(let pause):
                if pause > .zero { try await Task.sleep(for: pause) }
                action = doorbell.lockTried(granted: try await tryLock("bell_key"))
            case .unlock:
                try await unlock("bell_key")
                action = doorbell.unlocked()
            case .pollAndUnlock:
                let found = try await readWindow(tailer, relay: true)
                // A ring without rows in the log means another kind of change.
                try await check(wokeByBell && !found.changes ? .whole : .quick, isAwake: true, relay: true)
                wokeByBell = false
                try await unlock("bell_key")
                action = doorbell.polled(foundChanges: found.changes, more: found.more)
            case .sleep(let limit):
                if ContinuousClock.now >= nextHeartbeat {
                    try await ringOneself(tailer)
                    nextHeartbeat = .now + configuration.heartbeat
                }
                tailer.sleeps(true)
                let reason = await wakeUp.wait(atMost: untilCheck(limit))
                tailer.sleeps(false)
                wokeByTimeout = reason == .timeout
                wokeByBell = reason == .rung
                if reason == .rung { tailer.noticed(.rung) }
                action = doorbell.woke(reason == .rung ? .bell : .timeout)
            }
        }
    }

    /// Rings from another session through the path of triggers, and expects to hear it.
    /// - Throws: `PostgresError` when nothing is heard, so that the tailer reconnects.
    private func ringOneself(_ tailer: Tailer) async throws {
        while await heardBell.wait(atMost: .zero) == .rung {}
        let ringer = try await Connection.connect(configuration.connection)
        do {
            _ = try await ringer.query("SELECT changefeed.ring()")
            await ringer.close()
        } catch {
            await ringer.close()
            throw error
        }
        guard await heardBell.wait(atMost: configuration.heartbeatPatience) == .rung else {
            tailer.noticed(.bellDeaf)
            throw ChangeFeedError(.bellDeaf, "The listener did not hear its own bell.")
        }
        tailer.noticed(.heartbeat)
    }

    // MARK: following

    /// Reads when woken, and slowly otherwise; returns when it is time to try for the lead.
    private func follow(_ tailer: Tailer) async throws {
        tailer.leads(false)
        try await lookAtDelivery(tailer)
        try await hearOneself(tailer)
        try await lockShared("follower_key")
        let deadline = ContinuousClock.now + configuration.followerPoll
        var reason = WakeUp.Reason.timeout
        repeat {
            var found = try await readWindow(tailer, relay: false)
            let how: Check = reason == .timeout ? .ifDue : found.changes ? .quick : .whole
            while found.more { found = try await readWindow(tailer, relay: false) }
            try await check(how, isAwake: reason == .rung, relay: false)
            let rest = deadline - .now
            if rest <= .zero || Task.isCancelled { break }
            reason = await wakeUp.wait(atMost: untilCheck(min(rest, configuration.followerPoll)))
            if reason == .rung { tailer.noticed(.rung) }
        } while true
        try await unlockShared("follower_key")
    }

    /// Notifies itself on the leader's relay channel, and expects to hear it: otherwise LISTEN is lost.
    private func hearOneself(_ tailer: Tailer) async throws {
        guard ContinuousClock.now >= nextWord else { return }
        nextWord = .now + configuration.heartbeat
        _ = try await connection.query(
            Query("SELECT pg_notify($1, $2)", [.text(Self.relayChannel), .text(word)], name: "cf_word"))
        guard await heardWord.wait(atMost: configuration.heartbeatPatience) == .rung else {
            tailer.noticed(.bellDeaf)
            throw ChangeFeedError(.bellDeaf, "The listener did not receive its own notification.")
        }
        tailer.noticed(.heartbeat)
    }

    /// A database becomes a copy from the start, but is neutralized, adopted or closed to pushing while it is served.
    private func lookAtDelivery(_ tailer: Tailer) async throws {
        guard ContinuousClock.now >= nextLook else { return }
        nextLook = .now + configuration.heartbeat
        do {
            tailer.delivers(try await DeliveryState.read(on: connection, lockPatience: Self.lockPatience))
        } catch let error as PostgresError where error.isLockNotAvailable {
            // An upgrade of Odoo holds its parameters: until it has ended, what was known.
        }
    }

    // MARK: reading

    private func readWindow(_ tailer: Tailer, relay: Bool) async throws -> (changes: Bool, more: Bool) {
        guard var reader = lastReader else { throw CancellationError() }
        let began = ContinuousClock.now
        let isFresh = reader.cursor.target == nil
        let batch = try await reader.next(on: connection)
        if let batch { try await tailer.delivered(batch) }
        // Only now: a batch that was not delivered is read again after a reconnect.
        lastReader = reader
        if relay, batch != nil { try await relayToFollowers() }
        let more = batch.map { !$0.isConsistentCut } ?? false
        if !more {
            tailer.caughtUp()
            // The rest of a longer batch ends where the batch began.
            if isFresh { configuration.memory?.hasRead(since: began, found: batch != nil) }
        }
        return (batch != nil, more)
    }

    // MARK: for cached answers

    /// How late a ring may be for changes that were read before it.
    private static let bellPatience: Duration = .milliseconds(50)

    private enum Check {
        /// Whole or quick, if it is time.
        case ifDue
        /// Changes of access and devices; whole if there are any, if it is time, or if nothing explains the bell.
        case quick
        case whole
    }

    /// Checks the basis of the cached answers if clients ask.
    /// - Parameter isAwake: not all changes ring; the next check is soon.
    private func check(_ how: Check, isAwake: Bool, relay: Bool) async throws {
        guard let memory = configuration.memory, memory.isWanted else { return }
        let now = ContinuousClock.now
        if how != .whole, now < nextCheck, !memory.needsLook {
            guard how == .quick || nextQuickCheck.map({ now >= $0 }) ?? false else {
                if isAwake, nextQuickCheck == nil { nextQuickCheck = now + Self.quickCheckPause }
                return
            }
            nextQuickCheck = isAwake ? now + Self.quickCheckPause : nil
            guard try await memory.glance(on: connection) else { return }
        }
        let found = try await memory.look(on: connection)
        nextCheck = now + Self.checkPause
        nextQuickCheck = isAwake ? now + Self.quickCheckPause : nil
        if relay, found.changed { try await relayToFollowers() }
        if relay, found.isFull {
            _ = try await connection.query(Query("SELECT changefeed.prune_device_changes()", name: "cf_prune_devices"))
        }
    }

    private func untilCheck(_ limit: Duration) -> Duration {
        guard let memory = configuration.memory, memory.isWanted else { return limit }
        return min(limit, max(.zero, min(nextCheck, nextQuickCheck ?? nextCheck) - .now))
    }

    /// Wakes the other replicas, in this session and so outside Odoo's commits; sends nothing if there are none.
    private func relayToFollowers() async throws {
        _ = try await connection.query(
            Query(
                """
                SELECT CASE WHEN pg_try_advisory_lock(changefeed.follower_key())
                            THEN pg_advisory_unlock(changefeed.follower_key())::text
                            ELSE pg_notify($1, '')::text END
                """, [.text(Self.relayChannel)], name: "cf_relay"))
    }

    // MARK: advisory locks of this session

    private func tryLock(_ key: String) async throws -> Bool {
        let rows = try await connection.query(
            Query("SELECT pg_try_advisory_lock(changefeed.\(key)()) AS granted", name: "cf_lock_\(key)"))
        return try rows.first?["granted"].bool() ?? false
    }

    private func unlock(_ key: String) async throws {
        _ = try await connection.query(
            Query("SELECT pg_advisory_unlock(changefeed.\(key)())", name: "cf_unlock_\(key)"))
    }

    private func lockShared(_ key: String) async throws {
        _ = try await connection.query(
            Query("SELECT pg_try_advisory_lock_shared(changefeed.\(key)())", name: "cf_share_\(key)"))
    }

    private func unlockShared(_ key: String) async throws {
        _ = try await connection.query(
            Query("SELECT pg_advisory_unlock_shared(changefeed.\(key)())", name: "cf_unshare_\(key)"))
    }
}
