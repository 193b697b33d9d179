import Foundation
import Testing

@testable import ChangeFeedDelivery

@Suite("Messages are as docs/openapi.json describes them")
struct DocumentedMessageTests {
    private static let time = "2026-11-24T02:43:08.123456Z"

    private static func event(_ reason: String? = nil, data: String? = nil) -> DeliveredEvent {
        DeliveredEvent(
            id: 4096, model: "sale.order", recordID: 7, kind: reason == "access" ? "unlink" : "write", occurredAt: time,
            reason: reason, data: data)
    }

    private static let long = #"{"note":""# + String(repeating: "x", count: 300_000) + #""}"#

    private static let messages: [(schema: String, body: [UInt8])] = [
        ("EndpointMessage", WebhookMessage.thin(event()).body),
        ("EndpointMessage", WebhookMessage.thin(event("access")).body),
        ("EndpointMessage", WebhookMessage.full(event("copy", data: #"{"name":"S1","lines":[1]}"#)).body),
        ("EndpointMessage", WebhookMessage.full(event(data: long)).body),
        (
            "EndpointMessageBatch",
            WebhookMessage.batch([event(), event("filter", data: "{}")], withData: true, timestamp: time).body
        ),
        (
            "EndpointMessageResync",
            WebhookMessage.resync(
                models: ["sale.order"], code: "epoch_changed", mode: "replace", timestamp: time
            ).body
        ),
        ("EndpointMessageTest", WebhookMessage.test(endpoint: 1, timestamp: time).body),
    ]

    @Test("each kind", arguments: messages.indices)
    func documented(place: Int) throws {
        let (name, body) = Self.messages[place]
        let schemas = try Self.schemas()
        let message = try JSONSerialization.jsonObject(with: Data(body))
        let faults = Self.faults(of: message, by: ["$ref": "#/components/schemas/\(name)"], schemas, at: name)
        #expect(faults.isEmpty)
    }

    @Test("and another message is not")
    func others() throws {
        let schemas = try Self.schemas()
        func faults(_ text: String) throws -> [String] {
            Self.faults(
                of: try JSONSerialization.jsonObject(with: Data(text.utf8)),
                by: ["$ref": "#/components/schemas/EndpointMessageTest"], schemas, at: "m")
        }
        #expect(try faults(#"{"type":"changefeed.test","timestamp":"t","data":{"endpoint":1}}"#).isEmpty)
        #expect(try !faults(#"{"type":"changefeed.test","timestamp":"t","data":{}}"#).isEmpty)
        #expect(try !faults(#"{"type":"changefeed.test","timestamp":"t","data":{"endpoint":"1"}}"#).isEmpty)
        #expect(try !faults(#"{"type":"other","timestamp":"t","data":{"endpoint":1}}"#).isEmpty)
        #expect(try !faults(#"{"type":"changefeed.test","timestamp":"t","data":{"endpoint":1},"more":1}"#).isEmpty)
    }

    private static func schemas() throws -> [String: Any] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let document = try JSONSerialization.jsonObject(
            with: Data(contentsOf: root.appending(path: "docs/openapi.json")))
        let components = (document as? [String: Any])?["components"] as? [String: Any]
        return try #require(components?["schemas"] as? [String: Any])
    }

    /// Where a value is not as its schema says; members that the schema does not have are faults.
    private static func faults(of value: Any, by schema: [String: Any], _ schemas: [String: Any], at path: String)
        -> [String]
    {
        if let reference = schema["$ref"] as? String {
            guard let named = schemas[String(reference.split(separator: "/").last ?? "")] as? [String: Any] else {
                return ["\(path): no schema \(reference)"]
            }
            return faults(of: value, by: named, schemas, at: path)
        }
        if let values = schema["enum"] as? [String], !values.contains(value as? String ?? "") {
            return ["\(path) is none of \(values)"]
        }
        switch schema["type"] as? String {
        case "string": return value is String ? [] : ["\(path) is no string"]
        case "integer": return value is Int && !(value is String) ? [] : ["\(path) is no number"]
        case "boolean": return value is Bool ? [] : ["\(path) is no boolean"]
        case "array":
            guard let list = value as? [Any], let items = schema["items"] as? [String: Any] else {
                return ["\(path) is no array"]
            }
            return list.flatMap { faults(of: $0, by: items, schemas, at: path + "[]") }
        default:
            guard let object = value as? [String: Any] else { return ["\(path) is no object"] }
            let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
            let missing = (schema["required"] as? [String] ?? []).filter { object[$0] == nil }.map {
                "\(path).\($0) is missing"
            }
            let isOpen = schema["additionalProperties"] as? Bool ?? false
            return missing
                + object.flatMap { name, member in
                    guard let property = properties[name] else {
                        return isOpen ? [] : ["\(path).\(name) is not described"]
                    }
                    return faults(of: member, by: property, schemas, at: "\(path).\(name)")
                }
        }
    }
}
