internal import ChangeFeed

/// One open stream, as the board's thread knows it: a socket, when what is due, and what there was no room for.
final class OpenStream {
    let connection: StreamConnection
    let audience: Audience
    let endAt: ContinuousClock.Instant
    /// Whether this client may still follow these models.
    let mayFollow: @Sendable () async -> Bool
    private let place: StreamsPerUser.Place
    var pingAt: ContinuousClock.Instant
    var checkAt: ContinuousClock.Instant
    var isChecking = false
    /// When the connection is closed whose client sends no more.
    var closeAt: ContinuousClock.Instant?
    /// What there was no room for yet, by model.
    private var pending = ChangeHints.Change()
    /// That something waits was not said for want of room; the highest id.
    private var owesWord: Int64?
    /// The rest of a text of which the socket took the beginning.
    private var rest: ArraySlice<UInt8> = []
    /// Since when the socket has taken nothing of the rest.
    private var stuckSince: ContinuousClock.Instant?

    init(
        _ connection: StreamConnection, audience: Audience, timing: StreamTiming, place: StreamsPerUser.Place,
        mayFollow: @escaping @Sendable () async -> Bool
    ) {
        self.connection = connection
        self.audience = audience
        self.mayFollow = mayFollow
        self.place = place
        let now = ContinuousClock.now
        endAt = now + .seconds(Double.random(in: timing.end))
        pingAt = now + .seconds(Double.random(in: timing.ping))
        checkAt = now + timing.checkAgain * Double.random(in: 0.8...1)
    }

    /// The socket takes a whole text, as far as is known.
    var hasRoom: Bool { rest.isEmpty }

    func isStuck(_ now: ContinuousClock.Instant, longerThan patience: Duration) -> Bool {
        stuckSince.map { now - $0 >= patience } ?? false
    }

    /// Sends a text. Only with room: texts are not cut into one another.
    /// - Returns: false when the connection is broken.
    func send(_ text: [UInt8]) -> Bool { sendRest(text[...]) }

    /// Tells a change, or keeps it until there is room.
    /// - Parameter text: the change as `StreamText` has it.
    func tell(_ change: ChangeHints.Change, _ text: [UInt8]) -> Bool {
        if hasRoom { return send(text) }
        for (model, new) in change { pending.add(new, to: model) }
        return true
    }

    /// Tells that something waits, or keeps that until there is room.
    func tellWaiting(newestID: Int64, _ text: [UInt8]) -> Bool {
        if hasRoom { return send(text) }
        owesWord = max(owesWord ?? 0, newestID)
        return true
    }

    /// There is room again: sends what was kept.
    func goOn() -> Bool {
        guard sendRest(rest) else { return false }
        if hasRoom, !pending.isEmpty {
            let text = StreamText.change(pending)
            pending = [:]
            guard send(text) else { return false }
        }
        if hasRoom, let newestID = owesWord {
            owesWord = nil
            return send(StreamText.waiting(newestID: newestID))
        }
        return true
    }

    private func sendRest(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard !bytes.isEmpty else { return true }
        guard case .bytes(let count) = connection.send(bytes) else { return false }
        let left = bytes.dropFirst(count)
        // A new array: a slice would keep the whole text.
        rest = left.isEmpty ? [] : Array(left)[...]
        stuckSince = rest.isEmpty ? nil : count > 0 ? .now : stuckSince ?? .now
        return true
    }

    /// Closes the connection and gives its places back.
    func leave() {
        connection.close()
        place.leave()
    }
}
