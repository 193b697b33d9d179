@testable import ChangeFeedDelivery
import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres
import Synchronization
import Testing

@Suite("Delivery to a webhook", .timeLimit(.minutes(10)))
struct DeliveryTests {
    @Test("a change arrives once, signed, and is settled after the receiver accepted it")
    func signed() async throws {
        let rig = try await DeliveryRig()
        let secret = try await rig.add()
        try await rig.running {
            try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = 1")
            try await rig.until("it arrives") { rig.arrived == ["res.partner.write 1"] }
            try await rig.settled()
        }
        #expect(rig.receiver.messages.count == 1)
        let message = try #require(rig.receiver.messages.first)
        #expect(message.isSigned(by: secret))
        #expect(!message.isSigned(by: secret, body: message.body + " "))
        #expect(!message.isSigned(by: .random()))
        #expect(message.headers["content-type"] == "application/json")
        #expect(try await rig.database.psql("SELECT delivered, failed FROM changefeed.endpoints") == "1|0")
    }

    @Test("a record that fails holds up itself alone, and its newest state is what arrives")
    func alone() async throws {
        let rig = try await DeliveryRig()
        try await rig.add { $0.withData = true }
        let isBroken = Mutex(true)
        rig.receiver.reply { message in
            isBroken.withLock { $0 } && message.body.contains(#""record_id":1,"#)
                ? .status(500, body: "not now") : .status(200)
        }
        try await rig.running {
            try await rig.write("UPDATE res_partner SET phone = 'old' WHERE id IN (1, 2)")
            try await rig.until("the other arrives") { rig.arrived.contains("res.partner.write 2") }
            try await rig.until("it failed") { rig.arrived.contains("res.partner.write 1") }
            try await rig.write(
                "UPDATE res_partner SET phone = 'new' WHERE id = 1; UPDATE res_partner SET phone = 'x' WHERE id = 3")
            try await rig.until("later ones arrive") { rig.arrived.contains("res.partner.write 3") }
            isBroken.withLock { $0 = false }
            rig.receiver.forget()
            _ = try await rig.desk.retry("hook")
            try await rig.until("it arrives") { rig.arrived.contains("res.partner.write 1") }
            try await rig.settled()
        }
        let last = try #require(rig.receiver.messages.last { $0.body.contains(#""record_id":1,"#) })
        #expect(last.body.contains(#""phone":"new""#))
        #expect(rig.arrived.filter { $0 == "res.partner.write 1" }.count == 1)
    }

    @Test("a message that is not answered holds up itself alone")
    func straggler() async throws {
        let rig = try await DeliveryRig()
        try await rig.add()
        rig.receiver.reply { $0.body.contains(#""record_id":1,"#) ? .hangs : .status(200) }
        try await rig.running {
            try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = 1")
            try await rig.until("it is under way") { rig.arrived.contains("res.partner.write 1") }
            for id in 2...4 {
                try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = \(id)")
                try await rig.until("later ones arrive") { rig.arrived.contains("res.partner.write \(id)") }
            }
            rig.receiver.reply { _ in .status(200) }
            try await rig.until("it is tried again") { rig.arrived.filter { $0 == "res.partner.write 1" }.count > 1 }
            try await rig.settled()
        }
    }

    @Test("after the last attempt a record is a dead letter, which can be tried again, or a newer state replaces it")
    func dead() async throws {
        let rig = try await DeliveryRig()
        try await rig.add()
        rig.receiver.reply { $0.body.contains(#""record_id":1,"#) ? .status(422, body: "no") : .status(200) }
        try await rig.running {
            try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = 1")
            try await rig.until("it is dead") {
                try await rig.database.psql("SELECT is_dead, attempts, last_status FROM changefeed.endpoint_queue")
                    == "t|3|422"
            }
            let attempts = rig.receiver.messages
            #expect(attempts.count == 3)
            #expect(Set(attempts.compactMap { $0.headers["webhook-id"] }).count == 1)
            rig.receiver.reply { _ in .status(200) }
            #expect(try await rig.desk.retry("hook", model: "res.partner", record: 1) == 1)
            try await rig.settled()
            #expect(try await rig.database.psql("SELECT count(*) FROM changefeed.endpoint_queue") == "0")
        }
        #expect(
            try await rig.database.psql(
                "SELECT count(*) FROM changefeed.endpoint_attempt WHERE status = 422 AND answer = 'no'") == "3")
    }

    @Test("a receiver that was away gets one message per record, with the newest state")
    func outage() async throws {
        let rig = try await DeliveryRig("INSERT INTO res_partner (name) SELECT 'p' || n FROM generate_series(1, 30) n")
        try await rig.add { $0.withData = true }
        rig.receiver.reply { _ in .status(503) }
        try await rig.running(try rig.replica(schedule: .standard, pace: { ($0.page, $0.fullPages) = (10, 1) })) {
            for round in 1...20 {
                try await rig.write("UPDATE res_partner SET phone = 'r\(round)' WHERE name LIKE 'p%'")
            }
            try await rig.until("the circuit opens") { rig.receiver.messages.count >= 10 }
            rig.receiver.forget()
            rig.receiver.reply { _ in .status(200) }
            try await rig.until("all arrive") { Set(rig.arrived).count == 30 }
            try await rig.settled()
        }
        // The last ones of before the outage may have been under way.
        #expect(
            rig.receiver.messages.count <= 40,
            "\(rig.receiver.messages.map { "\($0.headers["webhook-id"] ?? "") \($0.body.suffix(400))" }.joined(separator: "\n"))"
        )
        var newest: [String: String] = [:]
        for message in rig.receiver.messages { newest[DeliveryRig.summary(message.body)] = message.body }
        #expect(newest.values.allSatisfy { $0.contains(#""phone":"r20""#) })
    }

    @Test(
        "410 disables the endpoint; a redirect is not followed; other answers are failures", arguments: [410, 301, 404])
    func refusals(status: Int) async throws {
        let rig = try await DeliveryRig()
        try await rig.add()
        let url = rig.receiver.url
        rig.receiver.reply { $0.path == "/hook" ? .status(status, headers: ["Location": url + "/else"]) : .status(200) }
        try await rig.running {
            try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = 1")
            try await rig.until("it is noted") {
                try await rig.database.psql("SELECT failed > 0 OR state <> 'active' FROM changefeed.endpoints") == "t"
            }
            if status == 410 {
                try await rig.until("it is disabled") {
                    try await rig.database.psql("SELECT state, reason FROM changefeed.endpoints")
                        == "disabled|its receiver answered 410 Gone"
                }
            }
        }
        #expect(rig.receiver.messages.allSatisfy { $0.path == "/hook" })
        if status == 410 { #expect(rig.receiver.messages.count == 1) }
    }

    @Test("a receiver that resets, answers garbage or without end harms nothing")
    func hostile() async throws {
        let rig = try await DeliveryRig()
        try await rig.add { $0.concurrency = 1 }
        try await rig.running(try rig.replica(schedule: RetrySchedule(delays: [.zero, .seconds(60)]))) {
            for (id, reply) in [WebhookReceiver.Reply.resets, .garbage, .endless].enumerated() {
                rig.receiver.reply { _ in reply }
                try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = \(id + 1)")
                try await rig.until("it was sent") { rig.receiver.messages.count > id }
            }
            rig.receiver.reply { _ in .status(200) }
            try await rig.write("UPDATE res_partner SET phone = '2' WHERE id = 4")
            try await rig.until("the next one arrives") { rig.arrived.contains("res.partner.write 4") }
            // The status was good, and of the body enough was read.
            try await rig.until("two wait") {
                try await rig.database.psql("SELECT count(*) FROM changefeed.endpoint_queue WHERE attempts = 1") == "2"
            }
        }
    }

    @Test("another replica takes over what a dead one held, and nothing is lost")
    func takeOver() async throws {
        let rig = try await DeliveryRig()
        try await rig.add()
        rig.receiver.reply { _ in .hangs }
        let first = try rig.replica(lease: .seconds(1))
        let dying = Task { try await first.run() }
        try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = 1")
        try await rig.until("it is under way") { !rig.arrived.isEmpty }
        // As if the process had died: it neither settles nor gives anything back.
        try await rig.database.psql(
            "UPDATE changefeed.endpoint_progress SET owner = '00000000-0000-0000-0000-000000000000', owned_until = clock_timestamp() + interval '1 second'"
        )
        rig.receiver.reply { _ in .status(200) }
        rig.receiver.forget()
        try await rig.running {
            try await rig.until("it arrives") { rig.arrived.contains("res.partner.write 1") }
            try await rig.settled()
        }
        dying.cancel()
        _ = await dying.result
        #expect(Set(rig.receiver.messages.compactMap { $0.headers["webhook-id"] }).count == 1)
    }

    @Test("sessions that are killed in between lose nothing, and bring no older state after a newer one")
    func killedSessions() async throws {
        let rig = try await DeliveryRig()
        try await rig.add { $0.withData = true }
        try await rig.running {
            for round in 1...15 {
                try await rig.write("UPDATE res_partner SET phone = 'r\(round)' WHERE id <= 5")
                try await rig.database.psql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'changefeed_login'"
                )
                try await Task.sleep(for: .milliseconds(100))
            }
            try await rig.until("the newest state of each arrives") {
                (1...5).allSatisfy { id in
                    rig.receiver.messages.last { $0.body.contains(#""record_id":\#(id),"#) }?.body.contains(
                        #""phone":"r15""#) == true
                }
            }
            try await rig.settled()
        }
        var newest: [String: Int] = [:]
        for message in rig.receiver.messages {
            let name = DeliveryRig.summary(message.body)
            let round =
                message.body.components(separatedBy: #""phone":"r"#).last.flatMap { Int($0.prefix { $0.isNumber }) }
                ?? 0
            #expect(round >= newest[name] ?? 0, "\(name): \(round) after \(newest[name] ?? 0)")
            newest[name] = round
        }
    }

    @Test("nothing leaves a database that may not push")
    func forbidden() async throws {
        let rig = try await DeliveryRig()
        try await rig.add()
        try await rig.database.psql("SELECT changefeed.decide_delivery('forbid', 'a test')")
        try await rig.running {
            try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = 1")
            try await Task.sleep(for: .milliseconds(500))
            #expect(rig.receiver.connections == 0)
            try await rig.database.psql("SELECT changefeed.decide_delivery('allow', 'a test')")
            try await rig.until("it arrives") { rig.arrived == ["res.partner.write 1"] }
            try await rig.database.psql("SELECT changefeed.decide_delivery('forbid', 'a test')")
            try await rig.write("UPDATE res_partner SET phone = '2' WHERE id = 1")
            try await Task.sleep(for: .milliseconds(500))
        }
        #expect(rig.arrived == ["res.partner.write 1"])
    }

    @Test("an archived user pauses the endpoint, with the reason")
    func archived() async throws {
        let rig = try await DeliveryRig()
        try await rig.add()
        try await rig.running {
            try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = 1")
            try await rig.until("it arrives") { rig.arrived == ["res.partner.write 1"] }
            try await rig.write(
                "UPDATE res_users SET active = false WHERE id = 2; UPDATE res_partner SET phone = '2' WHERE id = 1")
            try await rig.until("it is paused") {
                try await rig.database.psql("SELECT state, reason FROM changefeed.endpoints")
                    == "paused|its user is archived or does not exist"
            }
        }
        #expect(rig.receiver.messages.count == 1)
    }

    @Test("in order, a message that fails holds up all later ones")
    func inOrder() async throws {
        let rig = try await DeliveryRig()
        try await rig.add { $0.inOrder = true }
        let failures = Mutex(2)
        rig.receiver.reply { message in
            guard message.body.contains(#""record_id":2,"#) else { return .status(200) }
            return failures.withLock { left in
                left -= 1
                return left >= 0 ? .status(500) : .status(200)
            }
        }
        try await rig.running {
            for id in 1...3 { try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = \(id)") }
            try await rig.until("the last one arrives") { rig.arrived.contains("res.partner.write 3") }
            try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = 4")
            try await rig.until("one later arrives") { rig.arrived.contains("res.partner.write 4") }
            try await rig.settled()
        }
        #expect(rig.arrived == [1, 2, 2, 2, 3, 4].map { "res.partner.write \($0)" })
    }

    @Test("a new endpoint may begin with all records; batches hold several events")
    func copy() async throws {
        let rig = try await DeliveryRig()
        try await rig.add {
            $0.start = .all
            $0.batchSize = 50
        }
        let count = try #require(Int(try await rig.database.psql("SELECT count(*) FROM res_partner")))
        try await rig.running {
            try await rig.until("all arrive") {
                rig.receiver.messages.reduce(0) { $0 + $1.body.components(separatedBy: #""reason":"copy""#).count - 1 }
                    == count
            }
            try await rig.settled()
        }
        #expect(rig.receiver.messages.allSatisfy { $0.body.hasPrefix(#"{"type":"changefeed.batch","#) })
    }

    @Test("only the kinds that were asked for are sent")
    func kinds() async throws {
        let rig = try await DeliveryRig()
        try await rig.add { $0.kinds = ["unlink"] }
        try await rig.running {
            try await rig.write(
                "INSERT INTO res_partner (id, name) VALUES (9001, 'a'); UPDATE res_partner SET phone = '1' WHERE id = 1"
            )
            try await rig.settled()
            try await rig.write("DELETE FROM res_partner WHERE id = 9001")
            try await rig.until("the deletion arrives") { rig.arrived == ["res.partner.unlink 9001"] }
        }
    }

    @Test("an event of a kind that is not wanted takes no earlier one with it that still waits")
    func unwanted() async throws {
        let rig = try await DeliveryRig()
        try await rig.add { $0.kinds = ["create"] }
        rig.receiver.reply { _ in .status(500) }
        try await rig.running(try rig.replica(schedule: RetrySchedule(delays: [.zero, .seconds(600)]))) {
            try await rig.write("INSERT INTO res_partner (id, name) VALUES (9001, 'a')")
            try await rig.until("it waits") {
                try await rig.database.psql("SELECT attempts FROM changefeed.endpoint_queue") == "1"
            }
            try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = 9001")
            try await rig.until("the write is settled") {
                try await rig.database.psql(
                    "SELECT d.window_to IS NULL AND d.seen_log_id >= (SELECT max(e.id) FROM changefeed.event e) FROM changefeed.device d"
                ) == "t"
            }
            rig.receiver.reply { _ in .status(200) }
            #expect(try await rig.desk.retry("hook") == 1)
            try await rig.until("the creation arrives") { rig.arrived.count > 1 }
        }
        #expect(Set(rig.arrived) == ["res.partner.create 9001"])
    }

    @Test("a resync is told, and the records of its models are sent again")
    func resync() async throws {
        let rig = try await DeliveryRig()
        try await rig.add()
        try await rig.running {
            try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = 1")
            try await rig.until("it arrives") { rig.arrived == ["res.partner.write 1"] }
            try await rig.settled()
            rig.receiver.forget()
            try await rig.database.psql(
                "SELECT changefeed.mark_resync(d.id, d.models, 'model_reset', 'apply_differences', false) FROM changefeed.device d"
            )
            let count = try #require(Int(try await rig.database.psql("SELECT count(*) FROM res_partner")))
            try await rig.until("notice and records arrive") { rig.arrived.count == count + 1 }
            #expect(rig.arrived.first == "changefeed.resync")
            #expect(rig.arrived.dropFirst().allSatisfy { $0.hasPrefix("res.partner.create") && $0.hasSuffix("copy") })
            try await rig.write("UPDATE res_partner SET phone = '3' WHERE id = 2")
            try await rig.until("changes go on") { rig.arrived.last == "res.partner.write 2" }
        }
    }

    @Test("a replay sends again, with other ids")
    func replay() async throws {
        let rig = try await DeliveryRig()
        try await rig.add()
        try await rig.running {
            try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = 1")
            try await rig.until("it arrives") { rig.arrived == ["res.partner.write 1"] }
            try await rig.settled()
            try await rig.desk.replay("hook", from: .earliest)
            try await rig.until("it arrives again") { rig.arrived.filter { $0 == "res.partner.write 1" }.count == 2 }
            // The run with the new settings stays.
            try await Task.sleep(for: .seconds(1))
            #expect(rig.observations.filter { $0 == .owned(endpoint: "hook", true) }.count == 2)
        }
        #expect(
            Set(rig.receiver.messages.compactMap { $0.headers["webhook-id"] }).count == rig.receiver.messages.count,
            "\(rig.receiver.messages.map(\.headers))")
    }

    @Test("the database holds no secret that can be read, and a replica with another key sends nothing")
    func secrets() async throws {
        let rig = try await DeliveryRig()
        let secret = try await rig.add()
        let dump = try await rig.database.dump("--data-only", "-n", "changefeed")
        #expect(!dump.contains(secret.text) && !dump.contains(String(secret.text.dropFirst(6))))
        let other = try rig.replica(key: String(repeating: "0", count: 63) + "1")
        try await rig.running(other) {
            try await rig.write("UPDATE res_partner SET phone = '1' WHERE id = 1")
            try await rig.until("it says so") {
                rig.observations.contains { if case .unusable("hook", _) = $0 { true } else { false } }
            }
        }
        #expect(rig.receiver.connections == 0)
        let next = try await rig.desk.rotate("hook", overlap: .seconds(60), box: rig.box)
        try await rig.running {
            try await rig.until("it arrives") { rig.arrived == ["res.partner.write 1"] }
        }
        let message = try #require(rig.receiver.messages.first)
        #expect(message.isSigned(by: secret) && message.isSigned(by: next))
    }
}
