internal import Foundation
internal import Synchronization

/// An Odoo's answers to one user over its external API, `/jsonrpc`: `authenticate`, `context_get`, `search` by a range
/// of ids, `read`.
public final class StubRecords: Sendable {
    private struct State {
        /// Per field the JSON text of its value.
        var models: [String: [Int: [String: String]]] = [:]
        var answersOnce: [String: [Int]] = [:]
        var calls: [String] = []
    }

    private let login: String
    private let key: String
    private let user: Int
    private let state = Mutex(State())

    /// - Parameter records: per model a JSON array of objects with an id.
    public init(login: String, key: String, user: Int, records: [String: String]) throws {
        (self.login, self.key, self.user) = (login, key, user)
        for (model, text) in records {
            for record in try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]] ?? [] {
                guard let id = record["id"] as? Int else { continue }
                let texts = try record.mapValues { value in
                    String(
                        decoding: try JSONSerialization.data(withJSONObject: value, options: .fragmentsAllowed),
                        as: UTF8.self)
                }
                state.withLock { $0.models[model, default: [:]][id] = texts }
            }
        }
    }

    /// The methods that were called so far, with the models.
    public var calls: [String] { state.withLock { $0.calls } }
    /// From now on Odoo hides this record.
    public func hide(_ id: Int, of model: String) { state.withLock { $0.models[model]?[id] = nil } }
    /// From now on Odoo has this value, a JSON text.
    public func set(_ field: String, of id: Int, in model: String, to value: String) {
        state.withLock { $0.models[model]?[id]?[field] = value }
    }
    /// The next search of the model misses these, the following one finds them: they were added in between.
    public func hideOnce(_ ids: [Int], of model: String) { state.withLock { $0.answersOnce[model] = ids } }

    func answer(_ question: String) -> String {
        guard let object = try? JSONSerialization.jsonObject(with: Data(question.utf8)) as? [String: Any],
            let call = object["params"] as? [String: Any], let arguments = call["args"] as? [Any]
        else { return Self.refusal("builtins.ValueError") }
        if call["method"] as? String == "authenticate" {
            return Self.result(arguments[1] as? String == login && arguments[2] as? String == key ? "\(user)" : "false")
        }
        guard arguments.count >= 6, arguments[1] as? Int == user, arguments[2] as? String == key,
            let model = arguments[3] as? String, let method = arguments[4] as? String,
            let given = arguments[5] as? [Any]
        else { return Self.refusal("odoo.exceptions.AccessDenied") }
        return state.withLock { state in
            state.calls.append("\(model).\(method)")
            if method == "context_get" { return Self.result(#"{"lang":"en_US","tz":false,"uid":\#(user)}"#) }
            guard let records = state.models[model] else { return Self.refusal("odoo.exceptions.AccessError") }
            switch method {
            case "search":
                var ids = records.keys.sorted()
                for case let leaf as [Any] in given.first as? [Any] ?? [] {
                    guard leaf.count == 3, leaf[0] as? String == "id", let bound = leaf[2] as? Int else {
                        return Self.refusal("builtins.ValueError")
                    }
                    ids = ids.filter { leaf[1] as? String == ">=" ? $0 >= bound : $0 <= bound }
                }
                let hidden = state.answersOnce.removeValue(forKey: model) ?? []
                return Self.result(
                    "[" + ids.filter { !hidden.contains($0) }.map(String.init).joined(separator: ",") + "]")
            case "read":
                let wanted = given.first as? [Int] ?? []
                guard wanted.allSatisfy({ records[$0] != nil }) else {
                    return Self.refusal("odoo.exceptions.AccessError")
                }
                let names = given.count > 1 ? given[1] as? [String] ?? [] : []
                let rows = wanted.map { id in
                    let members = (records[id] ?? [:]).filter { names.contains($0.key) || $0.key == "id" }
                    return "{" + members.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
                }
                return Self.result("[" + rows.joined(separator: ",") + "]")
            default: return Self.refusal("builtins.AttributeError")
            }
        }
    }

    private static func result(_ json: String) -> String { #"{"jsonrpc":"2.0","id":1,"result":\#(json)}"# }

    private static func refusal(_ name: String) -> String {
        #"{"jsonrpc":"2.0","id":1,"error":{"code":200,"message":"Odoo Server Error","data":{"name":"\#(name)","message":"no"}}}"#
    }
}
