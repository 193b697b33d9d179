internal import ChangeFeed
internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes
internal import Synchronization

/// The open streams. None has a task of its own: an idle one is its connection and one small object. Hints are written
/// once for all of an audience, and sent from each event loop in one go.
final class StreamBoard: Sendable {
    /// One open stream.
    final class Stream: Sendable {
        fileprivate struct State {
            var pingAt: ContinuousClock.Instant
            var checkAt: ContinuousClock.Instant
            var isChecking = false
            /// What the client has not taken room for yet, by model.
            var pending = ChangeHints.Change()
            /// That something waits was not said for want of room; the highest id.
            var owesWord: Int64?
        }

        fileprivate let channel: any Channel
        fileprivate let audience: Audience
        fileprivate let endAt: ContinuousClock.Instant
        /// Whether this client may still follow these models.
        fileprivate let mayFollow: @Sendable () async -> Bool
        private let place: StreamsPerUser.Place
        fileprivate let state: Mutex<State>

        init(
            channel: any Channel, audience: Audience, timing: StreamTiming, place: StreamsPerUser.Place,
            mayFollow: @escaping @Sendable () async -> Bool
        ) {
            self.channel = channel
            self.audience = audience
            self.place = place
            self.mayFollow = mayFollow
            let now = ContinuousClock.now
            endAt = now + .seconds(Double.random(in: timing.end))
            state = Mutex(
                State(pingAt: now + .seconds(Double.random(in: timing.ping)), checkAt: now + timing.checkAgain * Double.random(in: 0.8...1)))
        }

        /// On the channel's event loop.
        fileprivate func send(_ text: ByteBuffer) { channel.writeAndFlush(HTTPResponsePart.body(text), promise: nil) }

        fileprivate func end() {
            place.leave()
            channel.writeAndFlush(HTTPResponsePart.end(nil), promise: nil)
        }

        fileprivate func leave() { place.leave() }
    }

    private struct State {
        var nextID = 0
        var streams: [Int: Stream] = [:]
        var byAudience: [Audience: Set<Int>] = [:]
        /// Looks for what is due, as long as there is a stream.
        var clock: Task<Void, Never>?
        var isEnded = false
    }

    private let timing: StreamTiming
    private let hints: ChangeHints
    private let state = Mutex(State())

    init(timing: StreamTiming, hints: ChangeHints) {
        self.timing = timing
        self.hints = hints
    }

    var count: Int { state.withLock { $0.streams.count } }

    /// Takes a stream over whose head has been written. It ends with its connection, its time, its rights or the service.
    func join(_ stream: Stream) {
        let id = state.withLock { state -> Int? in
            guard !state.isEnded else { return nil }
            state.nextID += 1
            state.streams[state.nextID] = stream
            state.byAudience[stream.audience, default: []].insert(state.nextID)
            if state.clock == nil { state.clock = Task { await self.watchTheClock() } }
            return state.nextID
        }
        guard let id else { return stream.end() }
        hints.listen(for: stream.audience, 1)
        stream.channel.closeFuture.whenComplete { _ in self.remove(id)?.leave() }
    }

    @discardableResult
    private func remove(_ id: Int) -> Stream? {
        let stream = state.withLock { state -> Stream? in
            guard let stream = state.streams.removeValue(forKey: id) else { return nil }
            state.byAudience[stream.audience]?.remove(id)
            if state.byAudience[stream.audience]?.isEmpty == true { state.byAudience[stream.audience] = nil }
            return stream
        }
        if let stream { hints.listen(for: stream.audience, -1) }
        return stream
    }

    /// Tells an audience.
    func publish(_ told: ChangeHints.Told, to audience: Audience) {
        let streams = state.withLock { state in
            state.byAudience[audience, default: []].compactMap { id in state.streams[id].map { (id, $0) } }
        }
        switch told {
        case .change(let part):
            let text = Self.change(part)
            onLoops(streams.map(\.1)) { stream in
                guard stream.channel.isWritable else {
                    stream.state.withLock { state in
                        for (model, new) in part { state.pending.add(new, to: model) }
                    }
                    return
                }
                stream.send(text)
            }
        case .something(let newestID):
            let text = Self.waiting(newestID: newestID)
            onLoops(streams.map(\.1)) { stream in
                guard stream.channel.isWritable else { return stream.state.withLock { $0.owesWord = max($0.owesWord ?? 0, newestID) } }
                stream.send(text)
            }
        case .otherSight:
            for (id, stream) in streams {
                let checks = stream.state.withLock { state in
                    defer { state.isChecking = true }
                    return !state.isChecking
                }
                if checks { Task { await self.check(id, stream) } }
            }
        }
    }

    /// Says to everybody that this is the end: the service stops.
    func end() {
        let streams = state.withLock { state -> [Stream] in
            state.isEnded = true
            defer { (state.streams, state.byAudience) = ([:], [:]) }
            return Array(state.streams.values)
        }
        onLoops(streams) { $0.end() }
    }

    private func onLoops(_ streams: [Stream], _ body: @escaping @Sendable (Stream) -> Void) {
        let byLoop = Dictionary(grouping: streams) { ObjectIdentifier($0.channel.eventLoop) }
        for streams in byLoop.values {
            streams[0].channel.eventLoop.execute { for stream in streams { body(stream) } }
        }
    }

    // MARK: what is due

    private func watchTheClock() async {
        while true {
            try? await Task.sleep(for: .milliseconds(250))
            let streams = state.withLock { state -> [Int: Stream] in
                if state.streams.isEmpty { state.clock = nil }
                return state.streams
            }
            if streams.isEmpty { return }
            lookAt(streams, now: .now)
        }
    }

    private func lookAt(_ streams: [Int: Stream], now: ContinuousClock.Instant) {
        var beating: [Stream] = []
        var waiting: [Stream] = []
        for (id, stream) in streams {
            if now >= stream.endAt {
                remove(id)
                onLoops([stream]) { $0.end() }
                continue
            }
            let (beats, waits, checks) = stream.state.withLock { state in
                let beats = now >= state.pingAt
                if beats { state.pingAt = now + .seconds(Double.random(in: timing.ping)) }
                let checks = now >= state.checkAt && !state.isChecking
                if checks { state.isChecking = true }
                return (beats, !state.pending.isEmpty || state.owesWord != nil, checks)
            }
            if beats { beating.append(stream) }
            if waits { waiting.append(stream) }
            if checks { Task { await self.check(id, stream) } }
        }
        onLoops(beating) { if $0.channel.isWritable { $0.send(Self.ping) } }
        onLoops(waiting) { stream in
            guard stream.channel.isWritable else { return }
            let (part, newestID) = stream.state.withLock { state in
                defer { (state.pending, state.owesWord) = (ChangeHints.Change(), nil) }
                return (state.pending, state.owesWord)
            }
            if !part.isEmpty { stream.send(Self.change(part)) }
            if let newestID { stream.send(Self.waiting(newestID: newestID)) }
        }
    }

    private func check(_ id: Int, _ stream: Stream) async {
        let mayFollow = await stream.mayFollow()
        stream.state.withLock { state in
            state.isChecking = false
            state.checkAt = .now + timing.checkAgain
        }
        if !mayFollow, remove(id) != nil { onLoops([stream]) { $0.end() } }
    }

    // MARK: what is said

    static let ping = ByteBuffer(string: "event: ping\ndata: {}\n\n")

    static func change(_ change: ChangeHints.Change) -> ByteBuffer {
        let newest = change.values.map(\.newestID).max() ?? 0
        return said(change.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value.count)) }, newestID: newest)
    }

    /// That something waits, whatever it is.
    static func waiting(newestID: Int64) -> ByteBuffer { said([], newestID: newestID) }

    private static func said(_ models: [(String, JSONText)], newestID: Int64) -> ByteBuffer {
        let json = JSONText.object([("models", .object(models)), ("newest_id", .int(Int(newestID)))])
        return ByteBuffer(string: "event: change\nid: \(newestID)\ndata: \(json.text)\n\n")
    }
}
