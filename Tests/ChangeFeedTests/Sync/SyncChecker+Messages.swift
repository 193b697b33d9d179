import ChangeFeed
import ChangeFeedTesting

@testable import ChangeFeedDelivery

/// Messages of endpoints on their way: what is sent, and how it ends.
extension SyncChecker {
    static let accepted = DeliveryAttempt(status: 204, retryAfter: nil, answer: nil, duration: .zero)
    static let lost = DeliveryAttempt(failure: "no answer", duration: .zero)

    /// Some rounds of a run, and what becomes of its messages.
    func work(_ replica: Replica, _ id: Int64) async throws {
        guard let driven = replica.runs[id] else { return }
        if endpointRandom.chance(70) { await driven.run.take(.hint) }
        for _ in 0..<Int.random(in: 1...30, using: &endpointRandom) {
            let hasRead = await driven.run.hasRead
            let before = Set(await driven.run.underWay.keys)
            let next = await driven.run.round()
            let underWay = await driven.run.underWay
            try await check(replica, driven, underWay, before, isCopy && !hasRead)
            if next == .end {
                note("replica's run of \(driven.receiver.name) ends")
                return try await abandon(replica, id)
            }
            if next == .later || underWay.isEmpty && next == .signal { return }
            for number in underWay.keys.sorted().shuffled(using: &endpointRandom) {
                guard let message = underWay[number] else { continue }
                try await answer(number, message, replica, id)
            }
            if endpointRandom.chance(5) { return }
        }
    }

    func check(
        _ replica: Replica, _ driven: Driven, _ underWay: [Int: DeliveryMessage], _ before: Set<Int>,
        _ mayReadNothing: Bool
    ) async throws {
        let new = underWay.filter { !before.contains($0.key) }.sorted { $0.key < $1.key }
        if !new.isEmpty { note("\(driven.receiver.name) is sent \(new.map(\.value.id))") }
        guard new.isEmpty || !mayReadNothing else {
            throw violated("\(driven.receiver.name) gets something from a copy of the database")
        }
        guard new.isEmpty || replica.lease.isHeld else {
            throw violated("\(driven.receiver.name) gets something from a replica without a lease")
        }
        guard underWay.count <= driven.receiver.concurrency else { throw violated("too many messages are under way") }
        var seen: Set<RecordKey> = []
        for key in underWay.values.flatMap(\.keys) where !seen.insert(key).inserted {
            throw violated("\(driven.receiver.name): two messages of \(key.model) \(key.recordID) are under way")
        }
    }

    private func answer(_ number: Int, _ message: DeliveryMessage, _ replica: Replica, _ id: Int64) async throws {
        guard let driven = replica.runs[id] else { return }
        let receiver = driven.receiver
        // Under way since before it hung.
        if let arrived = driven.fates[number] {
            replica.runs[id]?.fates[number] = nil
            return await driven.run.finish(number, arrived && endpointRandom.chance(70) ? Self.accepted : Self.lost)
        }
        // Others go on meanwhile.
        if await driven.run.isAged(number), endpointRandom.chance(90) { return }
        switch receiver.isBroken ? 80 : Int.random(in: 0..<200, using: &endpointRandom) {
        case 0..<18: await driven.run.finish(number, Self.refused)
        case 18..<28:
            try await take(message, receiver)
            note("  and its answer is lost")
            await driven.run.finish(number, Self.lost)
        case 28..<31: await driven.run.finish(number, Self.gone)
        case 31..<38: await driven.run.age(number)
        case 38..<44: break
        case 80 where receiver.isBroken: await driven.run.finish(number, Self.refused)
        default:
            try await take(message, receiver)
            await driven.run.finish(number, Self.accepted)
        }
    }

    private static let refused = DeliveryAttempt(status: 500, retryAfter: nil, answer: nil, duration: .zero)
    private static let gone = DeliveryAttempt(status: 410, retryAfter: nil, answer: nil, duration: .zero)
}
