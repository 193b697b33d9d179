internal import CPostgresShims
internal import ChangeFeed
internal import Postgres
internal import Synchronization

/// The open streams. One thread owns their sockets; an idle stream is its socket and one small object. The text of a
/// hint is made once for all of an audience.
actor StreamBoard {
    /// Apart from the thread that serves requests: many streams are many system calls.
    private static let loop = EventLoop(name: "feed-streams")
    /// A client that only closes its writing side, as simple ones do, still gets this much of the stream.
    private static let grace: Duration = .seconds(1)
    /// Streams that begin at once were as many requests at once, of 50 KB each, which the allocator keeps when they are
    /// over. After so many streams, and when none has begun for a while, it gives that back.
    private static let (burst, calm) = (256, Duration.seconds(5))

    nonisolated var unownedExecutor: UnownedSerialExecutor { Self.loop.asUnownedSerialExecutor() }

    private let timing: StreamTiming
    /// In which a client must take some of what was sent.
    private let patience: Duration
    private let hints: ChangeHints
    private let open = Atomic(0)
    /// By descriptor.
    private var streams: [Int32: OpenStream] = [:]
    private var byAudience: [Audience: Set<Int32>] = [:]
    private var isEnded = false
    private var isDraining = false
    /// Streams that began since memory was last given back.
    private var begun = 0
    private var lastBegan = ContinuousClock.now

    init(timing: StreamTiming, patience: Duration, hints: ChangeHints) {
        self.timing = timing
        self.patience = patience
        self.hints = hints
    }

    isolated deinit {
        Self.loop.stopTicking(ObjectIdentifier(self))
        for stream in streams.values {
            Self.loop.unwatch(stream.connection.descriptor)
            stream.leave()
        }
    }

    nonisolated var count: Int { open.load(ordering: .acquiring) }

    /// Takes over a stream whose answer has begun. It ends with its connection, its time, its rights or the service.
    func join(
        _ connection: StreamConnection, audience: Audience, place: StreamsPerUser.Place,
        mayFollow: @escaping @Sendable () async -> Bool
    ) {
        let stream = OpenStream(connection, audience: audience, timing: timing, place: place, mayFollow: mayFollow)
        guard !isEnded, !isDraining else { return Self.end(stream) }
        let id = connection.descriptor
        let isWatched = Self.loop.watchEdges(id) { [weak self] events in
            self?.assumeIsolated { $0.note(events, of: id) }
        }
        guard isWatched else { return stream.leave() }
        if streams.isEmpty {
            Self.loop.startTicking(ObjectIdentifier(self)) { [weak self] now in
                self?.assumeIsolated { $0.lookAtAll(now) }
            }
        }
        streams[id] = stream
        byAudience[audience, default: []].insert(id)
        open.add(1, ordering: .acquiringAndReleasing)
        hints.listen(for: audience, 1)
        (begun, lastBegan) = (begun + 1, .now)
    }

    @discardableResult
    private func remove(_ id: Int32) -> OpenStream? {
        guard let stream = streams.removeValue(forKey: id) else { return nil }
        Self.loop.unwatch(id)
        byAudience[stream.audience]?.remove(id)
        if byAudience[stream.audience]?.isEmpty == true { byAudience[stream.audience] = nil }
        if streams.isEmpty { Self.loop.stopTicking(ObjectIdentifier(self)) }
        open.subtract(1, ordering: .acquiringAndReleasing)
        hints.listen(for: stream.audience, -1)
        return stream
    }

    /// Drops a connection of which nothing more can be expected.
    private func drop(_ id: Int32) { remove(id)?.leave() }

    private func end(_ id: Int32) {
        if let stream = remove(id) { Self.end(stream) }
    }

    /// Ends the answer in form. A client that has not taken what it was sent sees by the missing end that it lacks some.
    private static func end(_ stream: OpenStream) {
        if stream.hasRoom { _ = stream.send(StreamText.end) }
        stream.leave()
    }

    // MARK: what is told

    /// Tells an audience.
    nonisolated func publish(_ told: ChangeHints.Told, to audience: Audience) {
        onLoop { $0.tell(told, audience) }
    }

    /// Runs a body on the board's thread, after all that were given before.
    private nonisolated func onLoop(_ body: @escaping @Sendable (isolated StreamBoard) -> Void) {
        Task(executorPreference: Self.loop) { await body(self) }
    }

    private func tell(_ told: ChangeHints.Told, _ audience: Audience) {
        let ids = byAudience[audience] ?? []
        switch told {
        case .change(let part):
            let text = StreamText.change(part)
            for id in ids where streams[id]?.tell(part, text) == false { drop(id) }
        case .something(let newestID):
            let text = StreamText.waiting(newestID: newestID)
            for id in ids where streams[id]?.tellWaiting(newestID: newestID, text) == false { drop(id) }
        case .otherSight:
            for id in ids { check(id) }
        }
    }

    /// Tells one stream that something waits for it.
    func tellWaiting(_ connection: StreamConnection, newestID: Int64) {
        let id = connection.descriptor
        guard let stream = streams[id], stream.connection === connection else { return }
        if !stream.tellWaiting(newestID: newestID, StreamText.waiting(newestID: newestID)) { drop(id) }
    }

    /// Ends all streams, without waiting: the service stops.
    nonisolated func end() { onLoop { $0.endAll() } }

    /// Returns when all streams have ended and none can begin any more.
    func endAll() {
        isEnded = true
        for id in streams.keys { end(id) }
    }

    /// Ends the open streams one by one, evenly spread over a time: their clients would otherwise all connect again at
    /// once. One that comes meanwhile ends immediately.
    /// - Returns: when none is open, or when the time is over.
    func drain(over time: Duration) async {
        isDraining = true
        let start = ContinuousClock.now
        let total = streams.count
        while !streams.isEmpty, !Task.isCancelled {
            let share = time > .zero ? min(1, (ContinuousClock.now - start) / time) : 1
            let left = total - Int((Double(total) * share).rounded(.up))
            for id in Array(streams.keys.prefix(max(0, streams.count - left))) { end(id) }
            guard share < 1, !streams.isEmpty else { return }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    // MARK: what is due

    private func note(_ events: SocketEvents, of id: Int32) {
        guard let stream = streams[id] else { return }
        if events.contains(.broken) || (events.contains(.writable) && !stream.goOn()) { return drop(id) }
        if events.contains(.peerClosed), stream.closeAt == nil { stream.closeAt = .now + Self.grace }
    }

    private func lookAtAll(_ now: ContinuousClock.Instant) {
        if begun >= Self.burst, now - lastBegan >= Self.calm {
            begun = 0
            cps_trim_heap()
        }
        for (id, stream) in streams {
            let isLeft = stream.closeAt.map { now >= $0 } ?? false
            if isLeft || stream.isStuck(now, longerThan: patience) || !stream.goOn() {
                drop(id)
                continue
            }
            if now >= stream.endAt {
                end(id)
                continue
            }
            if now >= stream.checkAt { check(id) }
            if now >= stream.pingAt {
                stream.pingAt = now + .seconds(Double.random(in: timing.ping))
                if stream.hasRoom, !stream.send(StreamText.ping) { drop(id) }
            }
        }
    }

    /// Asks whether a stream's client may still follow; what comes of it is seen later.
    private func check(_ id: Int32) {
        guard let stream = streams[id], !stream.isChecking else { return }
        stream.isChecking = true
        Task {
            let mayFollow = await stream.mayFollow()
            stream.isChecking = false
            stream.checkAt = .now + timing.checkAgain
            // Another one may have its descriptor by now.
            if !mayFollow, streams[id] === stream { end(id) }
        }
    }
}
