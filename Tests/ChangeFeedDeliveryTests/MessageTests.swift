import FoundationEssentials
import Testing

@testable import ChangeFeedDelivery

@Suite("A message's body")
struct MessageTests {
    private static let time = "2026-11-24T02:43:08.123456Z"

    private static func event(_ id: Int64 = 1_261_569, data: String? = nil, reason: String? = nil) -> DeliveredEvent {
        DeliveredEvent(
            id: id, model: "sale.order", recordID: 42, kind: "write", occurredAt: time, reason: reason, data: data)
    }

    private static func text(_ message: WebhookMessage) -> String { String(decoding: message.body, as: UTF8.self) }

    private static let head = #"{"type":"sale.order.write","timestamp":"2026-11-24T02:43:08.123456Z","data":"#
    private static let plain =
        #"{"id":1261569,"model":"sale.order","record_id":42,"event":"write","#
        + #""occurred_at":"2026-11-24T02:43:08.123456Z""#

    @Test("is thin without the record's data")
    func thin() {
        let message = WebhookMessage.thin(Self.event(data: #"{"id":42}"#))
        #expect(Self.text(message) == Self.head + Self.plain + "}}")
        #expect(message.type == "sale.order.write")
        #expect(!message.isTruncated)
        #expect(
            Self.text(.thin(Self.event(reason: "access"))) == Self.head + Self.plain + #","reason":"access"}}"#)
    }

    @Test("is full with them, byte for byte")
    func full() {
        let data = #"{"id": 42, "amount": 1234567890123456789.10, "name": "S\u00e9\"x\""}"#
        #expect(
            Self.text(.full(Self.event(data: data, reason: "copy")))
                == Self.head + Self.plain + #","reason":"copy","data":"# + data + "}}")
        #expect(Self.text(.full(Self.event())) == Self.head + Self.plain + "}}")
    }

    @Test("has at most 262,144 bytes: then the record's data are missing, and it says so")
    func truncated() {
        let frame = Self.text(.full(Self.event(data: "{}"))).utf8.count
        func data(_ count: Int) -> String { #"{"a":""# + String(repeating: "x", count: count - 8) + #""}"# }
        let fits = WebhookMessage.full(Self.event(data: data(262_144 - frame + 2)))
        #expect(fits.body.count == 262_144 && !fits.isTruncated)
        let message = WebhookMessage.full(Self.event(data: data(262_144 - frame + 3)))
        #expect(Self.text(message) == Self.head + Self.plain + #","truncated":true}}"#)
        #expect(message.isTruncated)
    }

    @Test("of a batch has its events in their order")
    func batch() {
        let events = [Self.event(1, data: #"{"id":42}"#), Self.event(2, reason: "filter")]
        func entry(_ id: Int, _ rest: String) -> String { Self.plain.replacing("1261569", with: "\(id)") + rest + "}" }
        let head = #"{"type":"changefeed.batch","timestamp":"2026-11-24T03:00:00Z","data":{"events":["#
        func text(_ events: [DeliveredEvent], _ withData: Bool) -> String {
            Self.text(.batch(events, withData: withData, timestamp: "2026-11-24T03:00:00Z"))
        }
        #expect(text(events, false) == head + entry(1, "") + "," + entry(2, #","reason":"filter""#) + "]}}")
        #expect(
            text(events, true)
                == head + entry(1, #","data":{"id":42}"#) + "," + entry(2, #","reason":"filter""#) + "]}}")
        #expect(text([], true) == head + "]}}")
    }

    @Test("of a batch has at most 262,144 bytes: records' data are missing from where they do not fit")
    func longBatch() throws {
        let large = #"{"a":""# + String(repeating: "x", count: 100_000) + #""}"#
        let events =
            [Self.event(1, data: large), Self.event(2, data: large), Self.event(3, data: large)]
            + (4...100).map { Self.event($0, data: #"{"id":42}"#) }
        let message = WebhookMessage.batch(events, withData: true, timestamp: Self.time)
        #expect(message.isTruncated)
        #expect(message.body.count <= 262_144)
        let read = try JSONDecoder().decode(Batch.self, from: Data(message.body))
        #expect(read.data.events.map(\.id) == Array(1...100))
        #expect(read.data.events.filter { $0.truncated == true }.map(\.id) == [3])
        #expect(read.data.events.filter { $0.data == nil }.map(\.id) == [3])
    }

    private struct Batch: Decodable {
        struct Events: Decodable { let events: [Entry] }
        struct Entry: Decodable {
            let id: Int64
            let truncated: Bool?
            let data: Record?
        }
        struct Record: Decodable {}
        let data: Events
    }

    @Test("of a test and of a notice")
    func others() {
        #expect(
            Self.text(.test(endpoint: 7, timestamp: Self.time))
                == #"{"type":"changefeed.test","timestamp":"2026-11-24T02:43:08.123456Z","data":{"endpoint":7}}"#)
        #expect(
            Self.text(
                .resync(models: ["sale.order", "res.partner"], code: "gap", mode: "models", timestamp: Self.time))
                == #"{"type":"changefeed.resync","timestamp":"2026-11-24T02:43:08.123456Z","#
                + #""data":{"models":["sale.order","res.partner"],"code":"gap","mode":"models"}}"#)
        #expect(Self.text(.resync(models: [], code: "", mode: "", timestamp: "")).contains(#""models":[],"#))
    }

    @Test("escapes strings", arguments: ["\"\\\n\r\t\u{8}\u{c}\u{0}\u{1f}", "\u{7f}é\u{2028}😀/</script>", "{}", ""])
    func escapes(text: String) throws {
        struct Message: Decodable {
            struct Event: Decodable { let reason: String }
            let data: Event
        }
        let message = WebhookMessage.thin(Self.event(reason: text))
        #expect(!message.body.contains { $0 < 0x20 })
        #expect(try JSONDecoder().decode(Message.self, from: Data(message.body)).data.reason == text)
    }

    @Test("belongs to an id that is the same for each attempt")
    func ids() {
        #expect(WebhookMessage.id(feed: "f3", endpoint: 7, event: 1_261_569) == "msg_f3_7_1261569")
        #expect(WebhookMessage.id(feed: "f3", endpoint: 7, event: 1_261_569, generation: 2) == "msg_f3_7_1261569_2")
        // A batch of others that ends with the same event is another message.
        let batches = [[1, 3], [2, 3], [1, 2, 3], [3]].map {
            WebhookMessage.id(feed: "f3", endpoint: 7, event: 3, batch: $0)
        }
        #expect(Set(batches).count == 4 && batches.last == "msg_f3_7_3")
        #expect(batches.first == WebhookMessage.id(feed: "f3", endpoint: 7, event: 3, batch: [1, 3]))
        #expect(WebhookMessage.id(feed: "a.b_c é", endpoint: 7, event: 1) == "msg_a-b-c--_7_1")
    }
}

@Suite("An event of the database")
struct DeliveredEventTests {
    @Test("is read, whatever the order and white space of its members")
    func reads() throws {
        let event = try DeliveredEvent(
            json: """
                 { "data" : {"id": 42, "a": [1, {"b": "}\\"]"}], "c": null, "n": 1.50} ,"reason":"fil\\u0074er",
                "x": [], "y": {}, "z": true, "id":1261569, "model": "sale.order","record_id":42,"event":"write",
                "occurred_at":"2026-11-24T02:43:08.123456Z"}
                """)
        #expect(
            event
                == DeliveredEvent(
                    id: 1_261_569, model: "sale.order", recordID: 42, kind: "write",
                    occurredAt: "2026-11-24T02:43:08.123456Z", reason: "filter",
                    data: #"{"id": 42, "a": [1, {"b": "}\"]"}], "c": null, "n": 1.50}"#))
        #expect(event.type == "sale.order.write")
    }

    private static let least =
        #""id":9223372036854775807,"model":"m","record_id":-1,"event":"create","occurred_at":"t""#

    @Test("needs neither reason nor data")
    func least() throws {
        for text in ["{\(Self.least)}", "{\(Self.least),\"reason\":null,\"data\":null}"] {
            let event = try DeliveredEvent(json: text)
            #expect(event == DeliveredEvent(id: .max, model: "m", recordID: -1, kind: "create", occurredAt: "t"))
        }
    }

    @Test("is refused without what every event has", arguments: ["id", "model", "record_id", "event", "occurred_at"])
    func lacks(name: String) {
        for text in [
            "{\(Self.least)}".replacing("\"\(name)\"", with: "\"other\""), "{\(Self.least),\"\(name)\":null}",
            "{\(Self.least),\"\(name)\":[1]}",
        ] {
            let error = #expect(throws: WebhookError.self) { try DeliveredEvent(json: text) }
            #expect(error?.message == "an event of the database has no valid member `\(name)`")
        }
    }

    @Test(
        "that is not JSON is refused, and harms nothing",
        arguments: [
            "", "{", "}", "[]", "null", "\"", "{\"", "{\"id", "{\"id\"", "{\"id\":", "{\"id\":\"\\", "{,}", "{]", "{:",
        ])
    func broken(text: String) { #expect(throws: WebhookError.self) { try DeliveredEvent(json: text) } }

    @Test("is read or refused wherever its text is cut off")
    func cut() {
        let whole = Array("{\(Self.least),\"data\":{\"a\":[\"\\u0041\\\\\"]}}".utf8)
        for length in whole.indices { _ = try? DeliveredEvent(json: String(decoding: whole[..<length], as: UTF8.self)) }
    }
}
