@testable import ChangeFeedDelivery
import Testing

@Suite("Addresses of streams")
struct StreamURLTests {
    @Test("a NATS address names servers and a stream, and its credentials are taken out of it")
    func nats() throws {
        let url = try StreamURL("nats://shop:p%40ss%3A1@nats.example.com,10.0.0.5:4333,[::1]/ODOO?tls=true")
        #expect(url.kind == .jetstream)
        #expect(url.servers == ["nats.example.com:4222", "10.0.0.5:4333", "[::1]:4222"])
        #expect(url.name == "ODOO" && url.usesTLS && url.prefix == "changefeed")
        #expect(url.text == "nats://nats.example.com,10.0.0.5:4333,[::1]/ODOO?tls=true")
        let user = try #require(url.credentials?.user)
        #expect(user.name == "shop" && user.password == "p@ss:1")
        #expect(try StreamURL("nats://s3cret@localhost/ODOO").credentials?.text == "s3cret")
        #expect(try StreamURL("nats://s3cret@localhost/ODOO").credentials?.user == nil)
        #expect(try StreamURL(url.text).credentials == nil)
    }

    @Test("a Kafka address names brokers and a topic, and whether it is compacted")
    func kafka() throws {
        let url = try StreamURL(
            "kafka://one:9093,two/odoo.changes?compacted=true&sasl=SCRAM-SHA-512&ca=/etc/ssl/ca.pem")
        #expect(url.kind == .kafka)
        #expect(url.servers == ["one:9093", "two:9092"])
        #expect(url.name == "odoo.changes" && url.isCompacted && url.mechanism == "SCRAM-SHA-512")
        #expect(url.usesTLS && url.files == ["ca": "/etc/ssl/ca.pem"])
        #expect(try !StreamURL("kafka://one/odoo").isCompacted)
    }

    @Test(
        "what is not such an address is refused, and the reason repeats nothing of it",
        arguments: [
            "", "http://host/S", "nats://host", "nats://host/", "nats:///S", "nats://host,/S", "nats://host:0/S",
            "nats://host:70000/S", "nats://host/S.T", "nats://host/S/T", "nats://host/S*", "nats://ho st/S",
            "nats://host/S?compacted=true", "nats://host/S?tls=perhaps", "nats://host/S?tls=true&tls=true",
            "nats://host/S?creds=relative", "nats://host/S?cert=/c.pem", "nats://host/S?prefix=a..b",
            "nats://host/S?prefix=a.%3E", "nats://:secret@host/S", "kafka://host", "kafka://host/a%20b",
            "kafka://host/..",
            "kafka://host/topic?sasl=GSSAPI", "kafka://host/topic?creds=/c", "nats://host/S#secret",
        ])
    func refused(text: String) {
        let error = #expect(throws: WebhookError.self) { try StreamURL(text) }
        #expect(error?.code == .urlInvalid || error?.code == .secretInvalid)
        #expect(error?.message.contains("secret") == false)
    }

    @Test("credentials are printed nowhere")
    func silent() throws {
        let credentials = try StreamCredentials("user:hunter2")
        var dumped = ""
        dump(credentials, to: &dumped)
        #expect(![dumped, "\(credentials)", String(reflecting: credentials)].contains { $0.contains("hunter2") })
        for text in ["", ":password", "a\nb", String(repeating: "x", count: 5_000)] {
            #expect(throws: WebhookError.self) { try StreamCredentials(text) }
        }
    }

    @Test("a subject has four parts, whatever the names of database and model contain")
    func subjects() {
        let event = DeliveredEvent(
            id: 4_096, model: "sale.order.line", recordID: 7, kind: "write", occurredAt: "2026-11-29T10:00:00.000001Z")
        let message = DeliveryMessage(
            id: "msg_1", events: [event], attempts: 0, body: WebhookMessage.thin(event).body)
        let cloud = CloudEvent(message, source: "s")
        #expect(StreamSubject.end(of: cloud) == "sale-order-line.write")
        let resync = WebhookMessage.resync(
            models: ["res.partner"], code: "scope_changed", mode: "merge", timestamp: "2026-11-29T10:00:00.000001Z")
        let notice = CloudEvent(DeliveryMessage(id: "n", events: [], attempts: 0, body: resync.body), source: "s")
        #expect(StreamSubject.end(of: notice) == "changefeed.resync")
        #expect(
            StreamSubject.beginning(prefix: "erp.odoo", database: "shop.prod *>") == "erp.odoo.shop-prod---.")
    }

    @Test(
        "a stream's subject covers another",
        arguments: [
            (">", "changefeed.shop.>", true), ("changefeed.>", "changefeed.shop.>", true),
            ("changefeed.*.>", "changefeed.shop.>", true), ("changefeed.shop.>", "changefeed.shop.>", true),
            ("changefeed.shop.*", "changefeed.shop.>", false), ("changefeed.other.>", "changefeed.shop.>", false),
            ("changefeed.shop.>", "changefeed.>", false), ("changefeed.shop", "changefeed.shop.>", false),
        ] as [(String, String, Bool)])
    func covers(wide: String, narrow: String, isCovered: Bool) {
        #expect(StreamSubject.covers(wide, narrow) == isCovered)
    }

    @Test("an attribute's value is printable ASCII in a header")
    func headers() {
        #expect(StreamText.header("sale.order/7") == "sale.order/7")
        #expect(StreamText.header("a b\"c%\r\né") == "a%20b%22c%25%0D%0A%C3%A9")
    }
}
