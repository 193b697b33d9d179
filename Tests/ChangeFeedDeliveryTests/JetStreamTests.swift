@testable import ChangeFeedDelivery
import ChangeFeedTesting
import Foundation
import Synchronization
import Testing

@Suite("Delivery to NATS JetStream", .serialized, .timeLimit(.minutes(10)))
struct JetStreamTests {
    private func sink(
        _ server: NATSServer, credentials: String = "", stream: String = "ODOO",
        change: (inout JetStreamSink.Limits) -> Void = { _ in }
    ) throws -> JetStreamSink {
        var limits = JetStreamSink.Limits()
        limits.connect = .seconds(10)
        limits.answer = .seconds(20)
        limits.look = .milliseconds(50)
        change(&limits)
        return try JetStreamSink(
            try StreamURL("nats://\(credentials)127.0.0.1:\(server.port)/\(stream)"), credentials: nil,
            origin: StreamRig.origin, name: "test", limits: limits)
    }

    @Test("a message is stored with its headers, in a stream that is made for it")
    func stored() async throws {
        guard let server = try await StreamRig.natsServer() else { return }
        let sink = try sink(server)
        let event = StreamRig.event(7, 331_776, kind: "unlink", reason: "access")
        let attempt = await sink.send(StreamRig.message(event))
        #expect(attempt.failure == nil)
        let reader = try await StreamReader(server)
        let stored = try await reader.messages()
        try #require(stored.count == 1)
        #expect(stored[0].subject == "changefeed.shop.sale-order.unlink")
        #expect(
            stored[0].headers == [
                "Nats-Msg-Id": "msg_1f2e3d4c_1_331776", "Nats-Expected-Stream": "ODOO", "ce-specversion": "1.0",
                "ce-id": "msg_1f2e3d4c_1_331776", "ce-source": StreamRig.origin.source,
                "ce-type": "sale.order.unlink", "ce-subject": "sale.order/7", "ce-partitionkey": "sale.order/7",
                "ce-time": "2026-11-29T10:00:00.123456Z", "ce-reason": "access", "content-type": "application/json",
            ])
        #expect(stored[0].body == String(decoding: WebhookMessage.thin(event).body, as: UTF8.self))
        let configuration = try #require(try await reader.ask("STREAM.INFO.ODOO")["config"] as? [String: Any])
        #expect(configuration["subjects"] as? [String] == ["changefeed.shop.>"])
        #expect(configuration["duplicate_window"] as? Int == 600_000_000_000)
        #expect(configuration["storage"] as? String == "file")
        await reader.connection.close()
        await sink.shutdown()
    }

    @Test("many messages are under way at the same time, and each record's stay in order")
    func many() async throws {
        guard let server = try await StreamRig.natsServer() else { return }
        let sink = try sink(server)
        let began = ContinuousClock.now
        #expect(await StreamRig.deliver(records: 256, events: 20, by: sink) == 0)
        print("JetStream: 5,120 messages, 256 under way, in \(ContinuousClock.now - began)")
        let reader = try await StreamReader(server)
        let stored = try await reader.messages().map { ($0.headers["ce-subject"] ?? "", $0.headers["ce-id"] ?? "") }
        let found = StreamRig.byRecord(stored)
        #expect(found.count == 256)
        for record in 1...Int64(256) {
            #expect(found["sale.order/\(record)"] == StreamRig.ids(ofRecord: record, events: 20))
        }
        await reader.connection.close()
        await sink.shutdown()
    }

    @Test("a message that is published again is accepted, and stored once, by another connection, too")
    func again() async throws {
        guard let server = try await StreamRig.natsServer() else { return }
        let message = StreamRig.message(StreamRig.event(1, 4_096))
        for _ in 1...2 {
            let sink = try sink(server)
            for _ in 1...3 { #expect(await sink.send(message).failure == nil) }
            await sink.shutdown()
        }
        let reader = try await StreamReader(server)
        #expect(try await reader.messages().count == 1)
        await reader.connection.close()
    }

    @Test("when the server is killed and started again nothing is lost, nothing is stored twice, and the order stays")
    func killed() async throws {
        guard let server = try await StreamRig.natsServer() else { return }
        let sink = try sink(server)
        let (records, events): (Int64, Int64) = (40, 100)
        let reached = Mutex(0)
        async let failures = StreamRig.deliver(records: records, events: events, by: sink) { count in
            reached.withLock { $0 = count }
        }
        for threshold in [800, 2_000] {
            try await eventually(within: .seconds(180), "\(threshold) messages are stored") {
                reached.withLock { $0 } >= threshold
            }
            server.kill()
            try await Task.sleep(for: .milliseconds(300))
            try await server.start()
        }
        let failed = await failures
        print("JetStream: killed twice, \(failed) attempts failed and were repeated")
        let reader = try await StreamReader(server)
        let stored = try await reader.messages().map { ($0.headers["ce-subject"] ?? "", $0.headers["ce-id"] ?? "") }
        let found = StreamRig.byRecord(stored)
        for record in 1...records {
            #expect(found["sale.order/\(record)"] == StreamRig.ids(ofRecord: record, events: events))
        }
        await reader.connection.close()
        await sink.shutdown()
    }

    @Test("a server that does not answer fails a message after the time limit, and cancelling ends it immediately")
    func silent() async throws {
        guard let server = try await StreamRig.natsServer() else { return }
        let sink = try sink(server) { $0.answer = .seconds(3) }
        #expect(await sink.send(StreamRig.message(StreamRig.event(1, 1))).failure == nil)
        server.suspend()
        let attempt = await sink.send(StreamRig.message(StreamRig.event(1, 2)))
        #expect(attempt.failure?.hasPrefix("no acknowledgement within 3 s") == true)
        #expect(attempt.duration < .seconds(60))
        let patient = try self.sink(server) { $0.answer = .seconds(60) }
        server.resume()
        #expect(await patient.send(StreamRig.message(StreamRig.event(1, 3))).failure == nil)
        server.suspend()
        let task = Task { await patient.send(StreamRig.message(StreamRig.event(1, 4))) }
        try await Task.sleep(for: .milliseconds(100))
        task.cancel()
        #expect(await task.value.failure == "the service stopped")
        server.resume()
        await sink.shutdown()
        await patient.shutdown()
        #expect(await patient.send(StreamRig.message(StreamRig.event(1, 5))).failure == "the service stopped")
    }

    @Test("a server that is away is reported, and a later message finds it")
    func away() async throws {
        guard let server = try await StreamRig.natsServer() else { return }
        let sink = try sink(server)
        server.kill()
        let attempt = await sink.send(StreamRig.message(StreamRig.event(1, 1)))
        #expect(attempt.failure?.hasPrefix("no connection: ") == true)
        try await server.start()
        #expect(await sink.send(StreamRig.message(StreamRig.event(1, 1))).failure == nil)
        await sink.shutdown()
    }

    @Test("a wrong password and a wrong token are reported, and the right ones are accepted")
    func credentials() async throws {
        guard let server = try await StreamRig.natsServer(["--user", "odoo", "--pass", "p@ss"]) else { return }
        let wrong = try sink(server, credentials: "odoo:no@")
        let failure = await wrong.send(StreamRig.message(StreamRig.event(1, 1))).failure
        #expect(failure?.hasPrefix("no connection: ") == true && failure?.contains("p@ss") == false)
        let right = try sink(server, credentials: "odoo:p%40ss@")
        #expect(await right.send(StreamRig.message(StreamRig.event(1, 1))).failure == nil)
        await wrong.shutdown()
        await right.shutdown()
        guard let other = try await StreamRig.natsServer(["--auth", "t0ken"]) else { return }
        let sink = try sink(other, credentials: "t0ken@")
        #expect(await sink.send(StreamRig.message(StreamRig.event(1, 1))).failure == nil)
        await sink.shutdown()
    }

    @Test("with TLS the server's certificate and its name are checked")
    func certificates() async throws {
        guard try await BuiltBinary.shell("command -v openssl || true") != "" else {
            return print("TLS of JetStream is skipped: openssl is not installed")
        }
        let folder = try await BuiltBinary.shell("mktemp -d").trimmingCharacters(in: .newlines)
        let made = { (name: String) in
            try await BuiltBinary.shell(
                "cd \(folder) && openssl req -x509 -newkey rsa:2048 -nodes -keyout \(name).key -out \(name).pem -days 2 "
                    + "-subj /CN=\(name) -addext subjectAltName=DNS:\(name)")
        }
        for (name, isAccepted) in [("localhost", true), ("elsewhere.example", false)] {
            _ = try await made(name)
            let certificate = "\(folder)/\(name).pem"
            let arguments = ["--tls", "--tlscert", certificate, "--tlskey", "\(folder)/\(name).key"]
            guard let server = try await StreamRig.natsServer(arguments) else { return }
            for (parameter, isTrusted) in [("ca=\(certificate)", true), ("tls=true", false)] {
                let sink = try JetStreamSink(
                    try StreamURL("nats://localhost:\(server.port)/ODOO?\(parameter)"), credentials: nil,
                    origin: StreamRig.origin, name: "test")
                let failure = await sink.send(StreamRig.message(StreamRig.event(1, 1))).failure
                if isAccepted, isTrusted {
                    #expect(failure == nil)
                } else {
                    #expect(failure?.hasPrefix("no connection: SSL Error") == true)
                }
                await sink.shutdown()
            }
        }
        _ = try await BuiltBinary.shell("rm -r \(folder)")
    }

    @Test("a stream that exists is checked and not changed, and one that cannot be made is reported")
    func checked() async throws {
        guard let server = try await StreamRig.natsServer() else { return }
        let reader = try await StreamReader(server)
        _ = try await reader.ask("STREAM.CREATE.OTHER", #"{"name":"OTHER","subjects":["orders.>"]}"#)
        let other = try sink(server, stream: "OTHER")
        #expect(
            await other.send(StreamRig.message(StreamRig.event(1, 1))).failure?
                .contains("does not take the subjects changefeed.shop.>") == true)
        await other.shutdown()
        _ = try await reader.ask("STREAM.CREATE.WIDE", #"{"name":"WIDE","subjects":["changefeed.>"],"max_age":0}"#)
        let wide = try sink(server, stream: "WIDE")
        #expect(await wide.send(StreamRig.message(StreamRig.event(1, 1))).failure == nil)
        let configuration = try await reader.ask("STREAM.INFO.WIDE")["config"] as? [String: Any]
        #expect(configuration?["subjects"] as? [String] == ["changefeed.>"])
        await wide.shutdown()
        let late = try sink(server, stream: "LATE")
        #expect(
            await late.send(StreamRig.message(StreamRig.event(1, 1))).failure?
                .contains("the stream LATE cannot be created: subjects overlap") == true)
        await late.shutdown()
        await reader.connection.close()
    }

    @Test("a stream that is removed meanwhile fails messages, and is made again with the next connection")
    func removed() async throws {
        guard let server = try await StreamRig.natsServer() else { return }
        let sink = try sink(server)
        #expect(await sink.send(StreamRig.message(StreamRig.event(1, 1))).failure == nil)
        let reader = try await StreamReader(server)
        _ = try await reader.ask("STREAM.DELETE.ODOO")
        let failure = await sink.send(StreamRig.message(StreamRig.event(1, 2))).failure
        #expect(failure == "no stream takes the message: it was removed, or JetStream is not enabled")
        #expect(await sink.send(StreamRig.message(StreamRig.event(1, 2))).failure == nil)
        _ = try await reader.ask("STREAM.DELETE.ODOO")
        _ = try await reader.ask("STREAM.CREATE.OTHER", #"{"name":"OTHER","subjects":["changefeed.>"]}"#)
        #expect(
            await sink.send(StreamRig.message(StreamRig.event(1, 3))).failure
                == "expected stream does not match (10060)")
        #expect(try await reader.messages("OTHER").isEmpty)
        await reader.connection.close()
        await sink.shutdown()
    }

    @Test("a server without JetStream is reported")
    func plain() async throws {
        guard let server = try await StreamRig.natsServer(hasStreams: false) else { return }
        let sink = try sink(server)
        let failure = await sink.send(StreamRig.message(StreamRig.event(1, 1))).failure
        #expect(failure?.hasPrefix("the server's JetStream does not answer") == true)
        await sink.shutdown()
    }
}
