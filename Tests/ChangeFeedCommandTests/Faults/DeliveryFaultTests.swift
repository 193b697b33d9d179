import ChangeFeedTesting
import Foundation
import Postgres
import Testing

/// Deliveries while processes are killed and stopped, the database restarts, and clocks jump: nothing is lost, what is sent
/// twice has the same id, and no record goes back.
@Suite("Faults of delivery", .timeLimit(.minutes(30)))
struct DeliveryFaultTests {
    enum Step: String, CaseIterable {
        case beforeThePage, underWay, beforeTheSettlement, inTheSettlement
    }

    @Test("a service that is killed at any step of a delivery loses nothing", arguments: Step.allCases)
    func killed(step: Step) async throws {
        let site = try await DeliverySite()
        let service = try await site.start()
        try await site.add()
        let holder = try await site.database.connect()
        switch step {
        case .beforeThePage:
            try await holder.execute(
                script: "BEGIN; SELECT FROM changefeed.device WHERE device_id LIKE 'endpoint:%' FOR UPDATE")
        case .underWay: site.receiver.reply { _ in .hangs }
        case .beforeTheSettlement, .inTheSettlement:
            try await holder.execute(script: "BEGIN; SELECT FROM changefeed.endpoint_progress FOR UPDATE")
        }
        try await site.write(2, on: [1, 2])
        switch step {
        case .beforeThePage: try await site.waits(for: "its page")
        case .underWay: try await site.arrives([1: 2])
        case .beforeTheSettlement, .inTheSettlement:
            try await site.arrives([1: 2, 2: 2])
            try await site.waits(for: "its settlement")
        }
        service.process.destroy()
        try await service.process.waitForExit()
        if step == .beforeThePage || step == .beforeTheSettlement { try await site.cutOff() }
        try await holder.execute(script: "ROLLBACK")
        await holder.close()
        site.receiver.reply { _ in .status(204) }
        try await site.write(3, on: [2])

        let next = try await site.start()
        try await site.arrives([1: 2, 2: 3])
        try await site.settled()
        site.judge()
        let first = site.delivered.filter { $0.record == 1 && $0.state == 2 }
        switch step {
        case .beforeThePage: #expect(first.count == 1)
        case .underWay, .beforeTheSettlement: #expect(first.count >= 2)
        // The server carries out what it was asked, whether or not anybody is there to hear of it.
        case .inTheSettlement: #expect(first.count <= 2)
        }
        next.process.terminate()
        #expect(try await next.process.waitForExit() == 0)
        await site.receiver.stop()
    }

    @Test("a replica that was stopped while another took over sends nothing that is out of date when it goes on")
    func stopped() async throws {
        let site = try await DeliverySite()
        let first = try await site.start()
        try await site.add()
        let second = try await site.start()
        site.receiver.reply { $0.body.contains(#""record_id":1,"#) ? .held : .status(204) }
        // The first replica has read both, and waits for the answer to one.
        try await site.write(2, on: [1, 2])
        try await site.arrives([1: 2])
        first.process.suspend()
        site.receiver.reply { _ in .status(204) }
        try await site.write(3, on: [1, 2])
        try await site.arrives([1: 3, 2: 3])
        // The answer lies there when the first one goes on.
        site.receiver.release()
        first.process.resume()
        try await eventually("it knows that the endpoint is another's: \(first.process.errors)") {
            first.process.errors.contains("no longer delivering to endpoint shop")
        }
        try await site.write(4, on: [1, 2])
        try await site.arrives([1: 4, 2: 4])
        try await site.settled()
        site.judge()
        for service in [first, second] {
            service.process.terminate()
            #expect(try await service.process.waitForExit() == 0)
        }
        await site.receiver.stop()
    }

    @Test("a database that crashes and restarts while deliveries are under way loses none")
    func restarted() async throws {
        let cluster = try await PrivateCluster.make()
        let site = try await DeliverySite(cluster)
        let service = try await site.start()
        try await site.add()
        let records = Array(1...5)
        for round in 2...9 {
            try await site.write(round, on: records)
            if round % 3 == 0 { try await cluster.restart(immediate: true) }
        }
        try await site.arrives(Dictionary(uniqueKeysWithValues: records.map { ($0, 9) }))
        try await site.settled()
        site.judge()
        service.process.terminate()
        #expect(try await service.process.waitForExit() == 0)
        await site.receiver.stop()
        await cluster.remove()
    }

    @Test("when the service's clock jumps, attempts are made when they were due, and nothing is lost")
    func clock() async throws {
        let folder = try await BuiltBinary.shell("mktemp -d /tmp/cf-clock-XXXXXX").split(separator: "\n").joined()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let scripts = Fixture.sqlFolder + "/../scripts/faults"
        let library = "\(folder)/clock.so"
        guard
            (try? await BuiltBinary.shell("cc -shared -fPIC -O1 -o '\(library)' '\(scripts)/clock.c' -ldl")) != nil
        else {
            print("skipped: there is no C compiler (cc)")
            return
        }
        func set(_ seconds: Int) throws {
            try "\(seconds)\n".write(toFile: folder + "/clock", atomically: true, encoding: .utf8)
        }
        try set(0)
        let site = try await DeliverySite()
        let service = try await site.start(["LD_PRELOAD": library, "FAULT_CLOCK": folder + "/clock"])
        try await site.add()
        for (round, jump) in [86_400, -86_400, 0].enumerated() {
            let state = 2 * round + 2
            site.receiver.reply { $0.body.contains(#""record_id":1,"#) ? .status(500) : .status(204) }
            try await site.write(state, on: [1])
            try await site.arrives([1: state])
            // Its second attempt is due in five seconds, by whatever clock.
            try set(jump)
            site.receiver.reply { _ in .status(204) }
            try await site.write(state + 1, on: [2])
            try await site.arrives([2: state + 1])
            try await site.settled()
            let last = try #require(site.delivered.last)
            #expect(abs(last.timestamp - Date().timeIntervalSince1970 - Double(jump)) < 3_600)
        }
        site.judge()
        service.process.terminate()
        #expect(try await service.process.waitForExit() == 0)
        await site.receiver.stop()
    }
}
