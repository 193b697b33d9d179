import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres

/// Clients with copies, which pull, acknowledge, take lists, crash and are set back.
extension SyncChecker {
    /// A client with a copy of the records. The copy survives its crashes; what it has in hand does not.
    final class Device {
        let name: String
        /// What it begins with: `all` is handed the records that exist.
        let start: String
        var models = SyncChecker.models
        /// By model; of the others all records.
        var filters: [String: Filter] = [:]
        var copy: [String: [Int64: Held]] = [:]
        var token: String?
        /// Ids that the last pull gave, applied and not acknowledged.
        var unacknowledged: [Int64] = []
        /// Nothing happened since that settles them in another way.
        var areUndisturbed = false
        /// Some that were acknowledged, to be acknowledged again.
        var acknowledged: [Int64] = []
        /// Models to take anew, and the list that is being taken.
        var toList: [String] = []
        var list: List?
        /// Copy and token as they were: what a phone's backup holds.
        var backup: (copy: [String: [Int64: Held]], token: String)?

        init(name: String, start: String) {
            self.name = name
            self.start = start
        }

        struct List {
            let model: String
            var cursor: String?
            var listed: Set<Int64> = []
            /// Told by pulls since the list began: the list need not hold them.
            var told: Set<Int64> = []
        }

        func forget() {
            copy = [:]
            (token, list, backup) = (nil, nil, nil)
            (unacknowledged, acknowledged, toList) = ([], [], [])
        }
    }

    func device(_ index: Int) async throws {
        let device = devices[index]
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<2 where device.toList.isEmpty && device.list == nil && device.backup == nil && device.token != nil:
            if let token = device.token { device.backup = (device.copy, token) }
            note("\(device.name) is backed up")
        case 0..<4 where device.toList.isEmpty && device.list == nil && device.backup != nil:
            guard let backup = device.backup else { break }
            device.backup = nil
            note("\(device.name) is set back to its backup")
            (device.copy, device.token) = (backup.copy, backup.token)
            (device.unacknowledged, device.acknowledged) = ([], [])
            device.areUndisturbed = false
        case 0..<6:
            note("\(device.name) crashes")
            device.unacknowledged = []
            if let list = device.list {
                device.toList.append(list.model)
                device.list = nil
            }
        case 6..<12: try await acknowledge(device, again: true)
        case 12..<15 where device.toList.isEmpty && device.list == nil:
            device.toList = [device.models.randomElement(using: &random) ?? "x.alpha"]
            // Until something is settled after this list, nothing tells a copy of before it.
            device.backup = nil
            note("\(device.name) takes \(device.toList) anew by itself")
        case 12..<70 where !device.toList.isEmpty || device.list != nil: try await listPage(device)
        case 12..<50: try await acknowledge(device, again: false)
        default: try await pull(device, limit: Int.random(in: random.chance(40) ? 20...200 : 1...12, using: &random))
        }
    }

    private struct Event: Decodable {
        let id: Int64
        let model: String
        let record_id: Int64
        let event: String
        let data: JSONValue?
        let data_hash: Int64?
    }

    private struct ListedRecord: Decodable {
        let record_id: Int64
        let data: JSONValue?
        let data_hash: Int64?
    }

    private struct Resync: Decodable {
        let mode: String
        let models: [String]
    }

    private func ask(_ device: Device, limit: Int) async throws -> (
        events: [Event], resync: Resync?, hasMore: Bool, token: String?
    ) {
        let rows = try await service.query(
            "SELECT problem, resync::text AS resync, events, next_sync_token, has_more FROM changefeed.pull(2, $1::text, 'all', $2::text[], $3::text, $4::int, with_hash => true, start => $5::text, filters => $6::jsonb)",
            [
                .text(device.name), .textArray(device.models), .optional(device.token), .int(limit),
                .text(device.start),
                try parameter(device.filters, of: device.models),
            ])
        guard let row = rows.first else { throw violated("pull gave no row") }
        if let problem = row["problem"].text {
            guard problem == "resync", let text = row["resync"].text else {
                throw violated("\(device.name): pull says \(problem)")
            }
            return ([], try JSONDecoder().decode(Resync.self, from: Data(text.utf8)), false, nil)
        }
        let events = try JSONDecoder().decode([Event].self, from: Data(try row["events"].string().utf8))
        return (events, nil, try row["has_more"].bool(), try row["next_sync_token"].string())
    }

    func pull(_ device: Device, limit: Int) async throws {
        let answer = try await ask(device, limit: limit)
        if let resync = answer.resync {
            note("\(device.name) is told \(resync.mode) of \(resync.models)")
            // Told before, or being taken: the list goes on.
            let new = resync.models.filter { !device.toList.contains($0) && device.list?.model != $0 }
            if resync.mode == "replace" { for model in new { device.copy[model] = nil } }
            device.toList += new
            // With this token it was told: the service takes it for one that the app did not drop.
            if device.backup?.token == device.token { device.backup = nil }
            device.token = nil
            device.unacknowledged = []
            return
        }
        note(
            "\(device.name) pulls \(answer.events.map { "\($0.id) \($0.event) \($0.model) \($0.record_id)" }), more: \(answer.hasMore)"
        )
        guard answer.events.map(\.id) == answer.events.map(\.id).sorted() else { throw violated("events out of order") }
        guard Set(answer.events.map { "\($0.model) \($0.record_id)" }).count == answer.events.count else {
            throw violated("one record twice in a pull")
        }
        guard Set(answer.events.map(\.model)).isSubset(of: device.models) else {
            throw violated("a model that was not asked for")
        }
        if random.chance(20) {
            // A pull moves nothing: the same again, but for what a truncation or the archiver takes away.
            let again = try await ask(device, limit: limit)
            guard again.resync != nil || again.events.map(\.id) == answer.events.map(\.id) else {
                throw violated("\(device.name) pulls again and gets \(again.events.map(\.id))")
            }
        }
        if random.chance(10) {
            note("  and crashes before it applies them")
            device.unacknowledged = []
            return
        }
        for event in answer.events {
            if event.event == "unlink" {
                device.copy[event.model]?[event.record_id] = nil
            } else {
                guard let held = Held(event.data, event.data_hash) else {
                    throw violated("event \(event.id) has no data")
                }
                device.copy[event.model, default: [:]][event.record_id] = held
            }
            if device.list?.model == event.model { device.list?.told.insert(event.record_id) }
        }
        device.unacknowledged = answer.events.map(\.id)
        device.areUndisturbed = true
        device.token = answer.token
    }

    private func acknowledge(_ device: Device, again: Bool) async throws {
        var ids = again ? device.acknowledged : device.unacknowledged
        guard !ids.isEmpty else { return }
        if !again {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4: ids = ids.filter { _ in random.chance(50) }.shuffled(using: &random)
            case 4..<6: ids = []
            default: break
            }
        }
        let byToken = ids.isEmpty && !again ? device.token : nil
        guard byToken != nil || !ids.isEmpty else { return }
        note("\(device.name) acknowledges \(byToken == nil ? "\(ids)" : "by token")\(again ? " again" : "")")
        let rows = try await service.query(
            "SELECT problem, acknowledged FROM changefeed.acknowledge(2, $1::text, $2::bigint[], $3::text)",
            [.text(device.name), byToken == nil ? .intArray(ids) : .null, .optional(byToken)])
        guard let row = rows.first else { throw violated("acknowledge gave no row") }
        switch row["problem"].text {
        case nil:
            let count = try row["acknowledged"].int()
            if again, count != 0 { throw violated("acknowledging again settled \(count)") }
            if !again, byToken == nil, device.areUndisturbed, count != Int64(ids.count) {
                throw violated("\(ids.count) acknowledged, \(count) settled")
            }
        case "resync": note("  and is told to take something anew")
        // After a reset, or when all was taken anew, events of before are nobody's any more.
        case "events_not_handed" where !device.areUndisturbed || again: note("  which are not its own any more")
        case let problem?: throw violated("acknowledge says \(problem)")
        }
        if byToken != nil { ids = device.unacknowledged }
        device.unacknowledged.removeAll { ids.contains($0) }
        device.acknowledged = Array((device.acknowledged + ids).suffix(6))
        if again || row["problem"].text != nil { device.acknowledged = [] }
        if row["problem"].text != nil { device.unacknowledged = [] }
    }

    /// One page of the list of a model.
    func listPage(_ device: Device) async throws {
        if device.list == nil {
            guard let model = device.toList.first else { return }
            device.toList.removeFirst()
            device.list = Device.List(model: model)
        }
        guard var list = device.list else { return }
        device.areUndisturbed = false
        let size = Int.random(in: 5...80, using: &random)
        guard
            let page = try await page(
                of: list.model, for: device.name, by: device.filters, from: list.cursor, size: size)
        else {
            note("\(device.name): the list of \(list.model) must begin again")
            device.list = Device.List(model: list.model)
            return
        }
        device.copy[list.model, default: [:]].merge(page.records) { $1 }
        list.listed.formUnion(page.records.keys)
        list.cursor = page.next
        let isComplete = page.isComplete
        note("\(device.name) has \(list.listed.count) of \(list.model)\(isComplete ? ", all" : "")")
        if isComplete {
            let keep = list.listed.union(list.told)
            device.copy[list.model] = device.copy[list.model, default: [:]].filter { keep.contains($0.key) }
            device.list = nil
        } else {
            device.list = list
        }
    }

    /// A page of a list, perhaps of a range of ids; nil when it must begin again.
    func page(
        of model: String, for device: String, by filters: [String: Filter], from cursor: String? = nil, size: Int = 500,
        range: ClosedRange<Int64>? = nil
    ) async throws -> (records: [Int64: Held], next: String?, isComplete: Bool)? {
        let rows = try await service.query(
            "SELECT problem, records, next_cursor, complete FROM changefeed.snapshot_page(2, $1::text, $2::text, $3::text, $4::int, $5::bigint, $6::bigint, with_hash => true, filters => $7::jsonb)",
            [
                .text(device), .text(model), .optional(cursor), .int(size), range.map { .int($0.lowerBound) } ?? .null,
                range.map { .int($0.upperBound) } ?? .null,
                try parameter(filters, of: [model]),
            ])
        guard let row = rows.first else { throw violated("snapshot gave no row") }
        if let problem = row["problem"].text {
            guard problem == "cursor_mismatch" else { throw violated("snapshot says \(problem)") }
            return nil
        }
        var records: [Int64: Held] = [:]
        for record in try JSONDecoder().decode([ListedRecord].self, from: Data(try row["records"].string().utf8)) {
            guard let held = Held(record.data, record.data_hash) else {
                throw violated("record \(record.record_id) has no data")
            }
            records[record.record_id] = held
        }
        return (records, row["next_cursor"].text, try row["complete"].bool())
    }
}
