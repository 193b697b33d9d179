import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres
import Synchronization

@testable import ChangeFeedDelivery

/// Endpoints: devices whose messages receivers take. Two replicas with the service's own runs deliver to them, crash and
/// hang; receivers refuse, answer late or not at all; operators pause, retry, replay and remove.
extension SyncChecker {
    /// A process that delivers. Each endpoint that it holds has a run.
    final class Replica {
        var store: EndpointStore
        var runs: [Int64: Driven] = [:]
        /// Stopped: it does nothing until it goes on.
        var isHung = false
        /// Its clock says that its leases are still its own.
        var lease = Lease()

        init(_ store: EndpointStore) { self.store = store }
    }

    final class Lease: Sendable {
        private let isOver = Mutex(false)
        var isHeld: Bool { isOver.withLock { !$0 } }
        func end() { isOver.withLock { $0 = true } }
    }

    struct Driven {
        let endpoint: Endpoint
        let run: EndpointRun
        let receiver: Receiver
        /// Of messages under way while it hung: whether they arrived.
        var fates: [Int: Bool] = [:]
    }

    /// What delivery needs, shared by all replicas.
    struct Delivery {
        let pool: ConnectionPool
        let sync: DeviceSync
        let desk: EndpointDesk
        let box: SecretBox

        init(_ database: TestDatabase) throws {
            let pool = ConnectionPool(try database.configuration(user: "changefeed_login"), maximumConnections: 1)
            self.pool = pool
            let rules = RecordRules(pool: pool)
            sync = DeviceSync(pool: pool, rules: rules)
            desk = EndpointDesk { try await pool.query($0) }
            box = try SecretBox(key: String(repeating: "0", count: 64))
        }
    }

    func addEndpoints(_ delivery: Delivery) async throws {
        for number in 0..<2 {
            let models = Self.models.filter { _ in endpointRandom.chance(60) }
            receivers.append(
                Receiver(
                    "endpoint-\(number)", models: models.isEmpty ? Self.models : models, filters: someFilters(),
                    withData: number == 0, batchSize: endpointRandom.chance(40) ? 5 : 1,
                    concurrency: Int.random(in: 1...8, using: &endpointRandom)))
            replicas.append(Replica(store(delivery)))
        }
        for receiver in receivers { try await add(receiver, delivery) }
    }

    private func add(_ receiver: Receiver, _ delivery: Delivery) async throws {
        var draft = EndpointDesk.Draft(
            name: receiver.name, url: try WebhookURL("https://receiver.example/"), userID: 2)
        draft.scope.models = receiver.models.compactMap { ModelName($0) }
        for (model, filter) in receiver.filters where receiver.models.contains(model) {
            if let name = ModelName(model) { draft.scope.filters[name] = filter.domain }
        }
        draft.withData = receiver.withData
        draft.batchSize = receiver.batchSize
        draft.concurrency = receiver.concurrency
        draft.start = .all
        note("\(receiver.name) is added for \(receiver.models): \(receiver.kind)")
        _ = try await delivery.desk.add(draft, box: delivery.box)
    }

    private func store(_ delivery: Delivery) -> EndpointStore {
        processes += 1
        let digits = String(processes)
        return EndpointStore(
            pool: delivery.pool,
            owner: "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits)
    }

    // MARK: steps

    /// One thing that happens to delivery.
    func deliver(_ delivery: Delivery) async throws {
        let index = Int.random(in: 0..<replicas.count, using: &endpointRandom)
        let replica = replicas[index]
        switch Int.random(in: 0..<100, using: &endpointRandom) {
        case 0..<14: try await look(index, delivery)
        case 14..<17: try await crash(index, delivery)
        case 17..<20 where !replica.isHung: try await hang(index)
        case 17..<30 where replica.isHung: try await wake(index)
        case 20..<25: try await passTime()
        case 25..<35: try await operate(delivery)
        default:
            guard !replica.isHung else { return }
            for id in replica.runs.keys.sorted() { try await work(replica, id) }
        }
    }

    /// As a replica looks after its leases every two seconds.
    private func look(_ index: Int, _ delivery: Delivery) async throws {
        let replica = replicas[index]
        guard !replica.isHung else { return }
        let endpoints = try await replica.store.lease(seconds: 3_600).compactMap(\.endpoint)
        if !replica.lease.isHeld {
            for id in replica.runs.keys.sorted() { try await abandon(replica, id) }
            replica.lease = Lease()
        }
        let others = replicas.filter { $0 !== replica && !$0.isHung && $0.lease.isHeld }
        for endpoint in endpoints where others.contains(where: { $0.runs[endpoint.id] != nil }) {
            throw violated("two replicas deliver to \(endpoint.name)")
        }
        let present = Dictionary(uniqueKeysWithValues: endpoints.map { ($0.id, $0) })
        for id in replica.runs.keys.sorted() where present[id]?.revision != replica.runs[id]?.endpoint.revision {
            try await end(replica, id)
        }
        for endpoint in endpoints where replica.runs[endpoint.id] == nil {
            guard let receiver = receivers.first(where: { $0.name == endpoint.name }) else { continue }
            note("replica \(index) delivers to \(endpoint.name)")
            var pace = EndpointRun.Pace()
            (pace.look, pace.straggler, pace.abandoned) = (.seconds(3_600), .seconds(3_600), .seconds(3_600))
            (pace.trial, pace.batch, pace.behind) = (.zero, .zero, .zero)
            pace.page = Int.random(in: endpointRandom.chance(50) ? 1...10 : 50...200, using: &endpointRandom)
            pace.fullPages = Int.random(in: 0...4, using: &endpointRandom)
            pace.held = endpointRandom.chance(20) ? 3 : 10_000
            let turn = DeliveryTurn(permits: 1, locks: TableLocks(pool: delivery.pool))
            let run = EndpointRun(
                endpoint,
                EndpointRun.Surroundings(
                    store: replica.store, sync: delivery.sync, observe: { _ in }, sink: NoSink(),
                    gate: DeliveryGate(sync: delivery.sync, turn: turn), turn: turn,
                    isHeld: { [lease = replica.lease] in lease.isHeld },
                    schedule: RetrySchedule(delays: [.zero, .zero, .zero, .zero]), pace: pace))
            replica.runs[endpoint.id] = Driven(endpoint: endpoint, run: run, receiver: receiver)
        }
    }

    /// Ends a run in order, as when its endpoint's settings have changed. What is under way then is cut off.
    private func end(_ replica: Replica, _ id: Int64) async throws {
        guard let driven = replica.runs[id] else { return }
        await driven.run.stop()
        for number in await driven.run.underWay.keys { await driven.run.age(number) }
        for _ in 0..<20 { if await driven.run.round() == .end { break } }
        try await abandon(replica, id)
    }

    /// A run ends in the middle; each message that was under way has arrived, or has not.
    func abandon(_ replica: Replica, _ id: Int64) async throws {
        guard let driven = replica.runs.removeValue(forKey: id) else { return }
        for (number, message) in await driven.run.underWay.sorted(by: { $0.key < $1.key })
        where driven.fates[number] == nil && endpointRandom.chance(50) {
            try await take(message, driven.receiver)
        }
    }

    /// kill -9; ten seconds later its leases have run out, and another process has taken its place.
    private func crash(_ index: Int, _ delivery: Delivery) async throws {
        let replica = replicas[index]
        note("replica \(index) is killed")
        for id in replica.runs.keys.sorted() { try await abandon(replica, id) }
        try await expire(replica)
        replica.store = store(delivery)
        (replica.isHung, replica.lease) = (false, Lease())
    }

    private func expire(_ replica: Replica) async throws {
        replica.lease.end()
        try await administrator.execute(
            script:
                "UPDATE changefeed.endpoint_progress SET owned_until = clock_timestamp() - interval '1 second' WHERE owner = '\(replica.store.owner)'"
        )
    }

    private func hang(_ index: Int) async throws {
        let replica = replicas[index]
        note("replica \(index) hangs")
        replica.isHung = true
        for id in replica.runs.keys.sorted() {
            guard let driven = replica.runs[id] else { continue }
            for (number, message) in await driven.run.underWay.sorted(by: { $0.key < $1.key })
            where driven.fates[number] == nil {
                let arrives = endpointRandom.chance(50)
                if arrives { try await take(message, driven.receiver) }
                replica.runs[id]?.fates[number] = arrives
            }
        }
        if endpointRandom.chance(70) { try await expire(replica) }
    }

    /// It goes on where it was. If its leases have run out, what it was about to send may be out of date.
    private func wake(_ index: Int, withAllAnswers: Bool = false) async throws {
        let replica = replicas[index]
        note("replica \(index) goes on\(replica.lease.isHeld ? "" : ", without its leases")")
        replica.isHung = false
        guard !replica.lease.isHeld else { return }
        for id in replica.runs.keys.sorted() {
            guard let driven = replica.runs[id] else { continue }
            for (number, arrived) in driven.fates.sorted(by: { $0.key < $1.key })
            where withAllAnswers || endpointRandom.chance(70) {
                await driven.run.finish(number, arrived ? Self.accepted : Self.lost)
            }
            let before = Set(await driven.run.underWay.keys)
            for _ in 0..<3 { if await driven.run.round() == .end { break } }
            try await check(replica, driven, await driven.run.underWay, before, false)
        }
    }

    /// Half a minute passes: no message is under way any longer, and what waits is due.
    private func passTime() async throws {
        note("time passes")
        for replica in replicas {
            if replica.isHung { try await expire(replica) }
            for id in replica.runs.keys.sorted() where !replica.isHung {
                guard let driven = replica.runs[id] else { continue }
                for (number, message) in await driven.run.underWay.sorted(by: { $0.key < $1.key }) {
                    if driven.fates[number] == nil, endpointRandom.chance(50) {
                        try await take(message, driven.receiver)
                    }
                    await driven.run.finish(number, Self.lost)
                }
                await driven.run.passMinute()
            }
        }
        try await administrator.execute(
            script: "UPDATE changefeed.endpoint_queue SET due_at = clock_timestamp() WHERE NOT is_dead")
    }

    // MARK: operators

    private func operate(_ delivery: Delivery) async throws {
        let receiver = receivers.randomElement(using: &endpointRandom) ?? receivers[0]
        switch Int.random(in: 0..<20, using: &endpointRandom) {
        case 0..<4:
            receiver.isBroken.toggle()
            note("\(receiver.name) \(receiver.isBroken ? "is down" : "works again")")
        case 4..<6:
            note("\(receiver.name) is paused")
            _ = try await delivery.desk.set(receiver.name, active: false)
        case 6..<12:
            note("\(receiver.name) is resumed")
            _ = try await delivery.desk.set(receiver.name, active: true)
        case 12..<15: note("\(receiver.name): \(try await delivery.desk.retry(receiver.name)) are tried again")
        case 15:
            note("\(receiver.name) is replayed from the oldest event")
            receiver.isReplayed = true
            try await delivery.desk.replay(receiver.name, from: .earliest)
        case 16:
            try await rest(receiver)
            note("\(receiver.name) has lost its copy, and is replayed")
            receiver.forget()
            try await delivery.desk.replay(receiver.name, from: .all)
        case 17:
            try await rest(receiver)
            note("\(receiver.name) is removed")
            receiver.forget()
            try await delivery.desk.remove(receiver.name)
            try await add(receiver, delivery)
        default:
            guard isCopy else { return }
            try await adopt()
        }
    }

    /// Nothing of before is under way to the receiver any longer.
    private func rest(_ receiver: Receiver) async throws {
        for replica in replicas {
            for (id, driven) in replica.runs where driven.receiver === receiver { try await abandon(replica, id) }
        }
    }

    private func adopt() async throws {
        note("the database is adopted")
        try await administrator.execute(script: "SELECT changefeed.adopt('checker')")
        isCopy = false
    }

    // MARK: the end

    /// All receivers work again, and take what there is.
    func finishDelivery(_ delivery: Delivery) async throws {
        note("the end of delivery")
        if isCopy { try await adopt() }
        for index in replicas.indices { try await crash(index, delivery) }
        for receiver in receivers {
            receiver.isBroken = false
            _ = try await delivery.desk.set(receiver.name, active: true)
            _ = try await delivery.desk.retry(receiver.name)
        }
        try await takeOver(delivery)
        for index in replicas.indices { try await crash(index, delivery) }
        var (rounds, isOver) = (0, false)
        while !isOver {
            rounds += 1
            guard rounds < 100 else { throw violated("delivery never comes to an end") }
            if rounds == 2 {
                try await change("id % 2 = 0")
                for driven in replicas[0].runs.values { await driven.run.take(.hint) }
            } else {
                try await passTime()
            }
            if rounds == 3 { for receiver in receivers { _ = try await delivery.desk.retry(receiver.name) } }
            try await look(0, delivery)
            isOver = replicas[0].runs.count == receivers.count
            for id in replicas[0].runs.keys.sorted() {
                // What fails once more, or is answered when it has changed again, is not lost either.
                let isDrained = try await drain(replicas[0], id, failing: rounds < 3 ? 15 : 0)
                isOver = isOver && isDrained
            }
            let waiting = try await administrator.value("SELECT count(*) FROM changefeed.endpoint_queue")
            isOver = isOver && waiting == "0" && rounds > 3
        }
        for receiver in receivers {
            try await compare(receiver)
            receiver.isReplayed = false
        }
    }

    /// A replica hangs with messages under way, another delivers these and newer ones, and the first one goes on.
    private func takeOver(_ delivery: Delivery) async throws {
        try await passTime()
        try await look(0, delivery)
        for id in replicas[0].runs.keys.sorted() { _ = try await drain(replicas[0], id, failing: 0) }
        try await change("id % 29 = 0")
        for id in replicas[0].runs.keys.sorted() {
            await replicas[0].runs[id]?.run.take(.hint)
            _ = await replicas[0].runs[id]?.run.round()
        }
        try await hang(0)
        try await expire(replicas[0])
        try await change("id % 29 = 0")
        try await look(1, delivery)
        for id in replicas[1].runs.keys.sorted() { _ = try await drain(replicas[1], id, failing: 0) }
        try await wake(0, withAllAnswers: true)
    }

    private func change(_ condition: String) async throws {
        note("records change: \(condition)")
        for model in Self.models {
            try await administrator.execute(
                script: "UPDATE \(Self.table(model)) SET name = name || '.' WHERE \(condition)")
        }
    }

    /// Takes all that an endpoint is sent.
    /// - Returns: whether nothing is left; otherwise it waits for a time, or its run has ended.
    private func drain(_ replica: Replica, _ id: Int64, failing percent: Int) async throws -> Bool {
        guard let driven = replica.runs[id] else { return false }
        for _ in 0..<5_000 {
            let before = Set(await driven.run.underWay.keys)
            let next = await driven.run.round()
            let underWay = await driven.run.underWay
            try await check(replica, driven, underWay, before, false)
            if next == .end {
                try await abandon(replica, id)
                return false
            }
            var answered = 0
            for (number, message) in underWay.sorted(by: { $0.key < $1.key }) {
                if percent > 0, await driven.run.isAged(number), endpointRandom.chance(80) { continue }
                if endpointRandom.chance(percent) {
                    await driven.run.age(number)
                    continue
                }
                answered += 1
                let fails = endpointRandom.chance(percent)
                if !fails || endpointRandom.chance(30) { try await take(message, driven.receiver) }
                await driven.run.finish(number, fails ? Self.lost : Self.accepted)
            }
            if answered == 0, next == .signal, Set(underWay.keys) == before { return await driven.run.isIdle }
        }
        throw violated("\(driven.receiver.name) is sent messages without end")
    }
}
