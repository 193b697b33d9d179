import ChangeFeed
import ChangeFeedDelivery
import ChangeFeedSettings
import Postgres

/// What endpoints cost the database while nothing concerns them.
struct BenchDeliveryCost {
    let bench: DeliveryBench
    let target: EndpointDesk.Draft
    /// Transactions per second, and seconds.
    let rate: Int
    let seconds: Int

    /// Compares many endpoints with one.
    func run(
        _ count: Int, _ connection: Connection, _ receiver: BenchReceiver, _ ids: [Int64]
    ) async throws {
        let one = try await cost(of: 1, connection, receiver, ids)
        let many = try await cost(of: count, connection, receiver, ids)
        Terminal.line(
            "database, per change that concerns nobody: \(Figures.fixed(one, 2)) ms with 1 endpoint, \(Figures.fixed(many, 2)) ms with \(count): \(Figures.fixed(many / one, 2)) times (goal: 1.2)"
        )
    }

    /// Milliseconds of the service's sessions for each transaction that changes one partner.
    private func cost(
        of count: Int, _ connection: Connection, _ receiver: BenchReceiver, _ ids: [Int64]
    ) async throws -> Double {
        let drafts = (1...count).map { number in
            var draft = target
            draft.name = "\(BenchDelivery.name)-\(number)"
            // A company that does not exist.
            if let model = ModelName("res.partner") {
                draft.scope.filters = [model: "[('company_id', '=', \(1_000_000 + number))]"]
            }
            return draft
        }
        return try await bench.delivering(drafts) {
            // Their first pulls are over.
            try await Task.sleep(for: .seconds(5))
            let before = receiver.count
            let sessions = try await ProcessorTime.sessions(connection)
            let start = ProcessorTime.of(sessions)
            for number in 0..<(rate * seconds) {
                let next = ContinuousClock.now + .seconds(1) / rate
                try await BenchDelivery.write(ids[number % ids.count], connection)
                try await Task.sleep(until: next)
            }
            try await Task.sleep(for: .seconds(1))
            let spent = ProcessorTime.of(try await ProcessorTime.sessions(connection)) - start
            guard receiver.count == before else {
                throw ChangeFeedError(.unexpectedAnswer, "A change concerned an endpoint whose filter shows nothing.")
            }
            return spent / Double(rate * seconds)
        }
    }
}
