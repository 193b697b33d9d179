@testable import ChangeFeedHTTP
import ChangeFeed
import ChangeFeedTesting
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

/// What libraries do to requests without the app's doing.
@Suite("Habits of client libraries", .timeLimit(.minutes(10)))
struct ClientHabitsTests {
    private static let device = "?device_id=phone"
    private static let paths = [
        "/api/v1/webhook/events", "/api/v1/check-updates", SyncTests.pull + device, SyncTests.state + device,
        "/api/v2/app-types",
        SyncTests.snapshot + device + "&model=res.partner", SyncTests.digest + device + "&model=res.partner",
    ]

    private func joined(_ path: String, _ more: String) -> String { path + (path.contains("?") ? "&" : "?") + more }

    @Test("what keeps a GET out of caches is ignored wherever a GET is answered", arguments: paths)
    func cacheBuster(path: String) async throws {
        let (_, service) = try await SyncTests.installed()
        _ = try await service.send(SyncTests.pull + Self.device, key: TestKeys.admin)
        for more in ["_=1764370000000", "_", "_=", "_=1&_=2", "%5F=1", "_=%00"] {
            let answer = try await service.send(joined(path, more), key: TestKeys.admin)
            #expect(answer.status == 200, "\(path) \(more): \(answer.text)")
            let head = try await service.send(joined(path, more), key: TestKeys.admin, method: .head)
            #expect(head.status == 200, "\(path) \(more)")
        }
    }

    @Test("it is not ignored where something is changed")
    func cacheBusterOfChanges() async throws {
        let service = try Service()
        let reset = try await service.send(SyncTests.reset + Self.device + "&_=1", key: TestKeys.admin, method: .post)
        let cleanup = try await service.send(
            "/api/v1/cleanup?before=2000-01-01&_=1", key: TestKeys.admin, method: .delete)
        for answer in [reset, cleanup] { #expect(answer.status == 422 && answer.object["parameter"] as? String == "_") }
    }

    @Test(
        "a stream opens with the last event's id in the query, as polyfills send it, and with what else they add",
        arguments: [
            "lastEventId=8193", "last_event_id=8193", "Last-Event-ID=8193", "last-event-id=",
            "lastEventID=8193&lastEventId=8193", "Last-Event-Id=%00",
            "evs_last_event_id=8193&evs_preamble=2056", "lastEventId=8193&_=1764370000000",
        ])
    func polyfills(query: String) async throws {
        let (_, service) = try await SyncTests.installed()
        // HEAD: the answer without the stream behind it.
        let answer = try await service.send(
            "/api/v2/sync/stream\(Self.device)&\(query)", key: TestKeys.admin, method: .head)
        #expect(answer.status == 200 && answer.headers[.contentType] == "text/event-stream")
        let elsewhere = try await service.send("\(SyncTests.pull)\(Self.device)&\(query)", key: TestKeys.admin)
        #expect(elsewhere.status == 422 && elsewhere.code == "parameter_unknown")
    }

    @Test(
        "of what is almost such a name a stream says that it is unknown",
        arguments: ["lastEvent=1", "eventId=1", "last.event.id=1", "evs=1", "preamble=1"])
    func noPolyfills(query: String) async throws {
        let answer = try await Service().send(
            "/api/v2/sync/stream\(Self.device)&\(query)", key: TestKeys.admin, method: .get)
        #expect(
            answer.code == "parameter_unknown"
                && answer.object["parameter"] as? String == String(query.prefix { $0 != "=" }))
    }

    @Test(
        "fields by model arrive in each way in which clients write them",
        arguments: [
            "fields=sale.order:name,state&fields=res.partner:name",
            "fields=sale.order%3Aname%2Cstate%2Cres.partner%3Aname",
            "fields=sale.order:name&fields=sale.order:state&fields=res.partner:name",
            "fields%5Bsale.order%5D=name,state&fields=res.partner:name",
            "fields=sale.order:name,+state,+res.partner:+name",
        ])
    func fields(query: String) async throws {
        let (_, service) = try await SyncTests.installed(
            "UPDATE sale_order SET state = 'sale' WHERE id = 1; UPDATE res_partner SET phone = '1' WHERE id = 1")
        let answer = try await service.send(
            SyncTests.pull + Self.device + "&models=sale.order,res.partner&" + query, key: TestKeys.admin)
        let data = (answer.object["events"] as? [[String: Any]])?.map {
            Set(($0["data"] as? [String: Any] ?? [:]).keys)
        }
        #expect(data == [["id", "name", "state"], ["id", "name"]], "\(answer.text)")
    }

    @Test(
        "fields without a model, or with nothing for a name, are refused with words that show the way",
        arguments: [
            "fields=name", "fields=name&fields=sale.order:state", "fields=sale.order:", "fields=:name",
            "fields=Sale%20Order:name", "fields",
        ])
    func noFields(query: String) async throws {
        let answer = try await Service().send(SyncTests.pull + Self.device + "&" + query, key: TestKeys.admin)
        #expect(
            answer.code == "parameter_invalid" && answer.object["parameter"] as? String == "fields", "\(answer.text)")
    }

    @Test(
        "blanks around the commas of a list do not count, in the query as in the header",
        arguments: [
            "models=sale.order,%20res.partner", "models=%20sale.order%09,+res.partner+",
            "models=+sale.order&models=res.partner+",
            "fields%5Bsale.order%5D=name,+state&models=sale.order,res.partner",
            "models=sale.order,res.partner&allowed_company_ids=1,+2",
        ])
    func blanks(query: String) async throws {
        let (_, service) = try await SyncTests.installed("UPDATE sale_order SET state = 'sale' WHERE id = 1")
        let answer = try await service.send(SyncTests.pull + Self.device + "&" + query, key: TestKeys.admin)
        #expect(
            answer.status == 200 && answer.object["models"] as? [String] == ["res.partner", "sale.order"],
            "\(answer.text)")
        let name = ClientHeader.companies.name
        let header = try await service.send(
            SyncTests.pull + "?device_id=other", key: TestKeys.admin, headers: [name: " 1 ,\t2 "])
        #expect(header.status == 200, "\(header.text)")
    }

    @Test(
        "an element with nothing in it is refused and its list named",
        arguments: [
            ("models=sale.order,,res.partner", "models"), ("models=sale.order,", "models"), ("models=,", "models"),
            ("models=", "models"),
            ("models=+", "models"), ("models=sale.order&models=", "models"),
            ("models=sale.order,+,res.partner", "models"),
            ("fields%5Bres.partner%5D=name,", "fields"), ("fields%5Bres.partner%5D=", "fields"),
            ("allowed_company_ids=1,", "allowed_company_ids"),
            ("allowed_company_ids=", "allowed_company_ids"),
        ])
    func emptyElements(query: String, name: String) async throws {
        let answer = try await Service().send(SyncTests.pull + Self.device + "&" + query, key: TestKeys.admin)
        #expect(
            answer.status == 422 && answer.code == "parameter_invalid" && answer.object["parameter"] as? String == name)
        #expect((answer.object["detail"] as? String)?.contains("empty element") == true)
    }

    @Test("blanks inside an element are part of it", arguments: ["models=sale.+order", "allowed_company_ids=1+3"])
    func blanksInside(query: String) async throws {
        #expect(
            try await Service().send(SyncTests.pull + Self.device + "&" + query, key: TestKeys.admin).code
                == "parameter_invalid")
    }

    @Test(
        "companies in the header are read as those in the query are",
        arguments: ["1,", ",1", "", "1,,3", "1 3", "a", "0"])
    func companiesHeader(value: String) async throws {
        let answer = try await Service().send(
            SyncTests.pull + Self.device, key: TestKeys.admin, headers: [ClientHeader.companies.name: value])
        #expect(answer.code == "parameter_invalid" && answer.object["parameter"] as? String == "allowed_company_ids")
    }

    // MARK: bodies

    private static let bodies = [
        (SyncTests.acknowledge, #"{"device_id":"phone","event_ids":[]}"#), (SyncTests.reset, #"{"device_id":"phone"}"#),
        (SyncTests.pull, #"{"device_id":"old"}"#),
    ]

    @Test(
        "a compressed or encoded body is refused by that name, and no encoding is offered",
        arguments: [
            "gzip", "deflate", "br", "zstd", "x-gzip", "GZIP", "identity, gzip", "gzip, identity", "made-up",
        ])
    func codings(coding: String) async throws {
        for (path, body) in Self.bodies {
            let answer = try await Service().send(
                path, key: TestKeys.admin, headers: [.contentEncoding: coding], method: .post, body: body)
            #expect(answer.status == 415 && answer.code == "unsupported_media_type", "\(path): \(answer.text)")
            #expect(answer.headers[.acceptEncoding] == "identity" && answer.headers[.accept] == nil)
            #expect((answer.object["detail"] as? String)?.contains("encoded") == true)
        }
    }

    @Test(
        "a body of another media type is refused, with the name of the accepted one",
        arguments: [
            "application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", "application/xml",
            "application/jsonp", "text/json", "", ";",
            "application/msgpack",
        ])
    func mediaTypes(type: String) async throws {
        for (path, body) in Self.bodies {
            let answer = try await Service().post(path, type: type, body: body)
            #expect(answer.status == 415 && answer.code == "unsupported_media_type", "\(path): \(answer.text)")
            // Else clients would take it for a matter of codings (RFC 9110 12.5.3).
            #expect(answer.headers[.accept] == "application/json" && answer.headers[.acceptEncoding] == nil)
        }
    }

    @Test(
        "JSON is read under each of its names, and without one",
        arguments: [
            "application/json", "Application/JSON; charset=utf-8", "application/json;charset=\"UTF-8\"",
            "application/problem+json", nil,
        ])
    func json(type: String?) async throws {
        let (_, service) = try await SyncTests.installed()
        let answer = try await service.post(
            SyncTests.reset, type: type, coding: "identity", body: #"{"device_id":"phone"}"#)
        #expect(answer.status == 200, "\(answer.text)")
    }
}

extension Service {
    /// Sends a body under a media type, or under none.
    fileprivate func post(_ path: String, type: String?, coding: String? = nil, body: String) async throws -> Answer {
        try await server.application.test(.router) { client in
            var fields: HTTPFields = [
                .authorization: "Bearer \(TestKeys.admin)", .contentLength: String(body.utf8.count),
            ]
            fields[.contentType] = type
            fields[.contentEncoding] = coding
            let response = try await client.execute(
                uri: path, method: .post, headers: fields, body: ByteBuffer(string: body))
            return Answer(status: response.status.code, headers: response.headers, text: String(buffer: response.body))
        }
    }
}
