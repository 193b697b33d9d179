import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres

/// The end of a run: everything is pulled, and each copy compared with the database.
extension SyncChecker {
    /// What user 2 sees of a model.
    static func shown(_ model: String) -> String {
        switch model {
        case "x.parent": "SELECT id, name FROM x_parent WHERE is_open"
        case "x.child": "SELECT c.id, c.name FROM x_child c JOIN x_parent p ON p.id = c.parent_id WHERE p.is_open"
        default: "SELECT id, name FROM \(table(model))"
        }
    }

    func finish(_ delivery: Delivery?) async throws {
        note("the end: everybody commits, everybody pulls")
        for writer in writers where writer.isOpen { try await writer.connection.execute(script: "COMMIT") }
        if isPaused { try await administrator.execute(script: "SELECT changefeed.resume()") }
        // Transactions of other databases count as well: a gap ends for everybody when those have ended who ran in it.
        try await eventually("every gap has ended") {
            try await self.administrator.execute(script: "SELECT changefeed.settle()")
            return try await self.administrator.value(
                "SELECT count(*) FROM changefeed.gap g WHERE g.to_snapshot IS NULL OR pg_snapshot_xmin(pg_current_snapshot()) < pg_snapshot_xmax(g.to_snapshot)"
            ) == "0"
        }
        for device in devices {
            try await catchUp(device)
            try await compare(device)
        }
        if let delivery { try await finishDelivery(delivery) }
        let backups = devices.map { ($0, $0.copy, $0.token) }
        // What comes now is hidden by nothing that comes after it.
        try await showOtherwise()
        if hasFilters { try await moveAcrossFilters() }
        for device in devices {
            try await catchUp(device)
            try await compare(device)
            try await prove(device)
        }
        if let delivery { try await finishDelivery(delivery) }
        if hasFilters {
            for device in devices {
                refilter(device)
                try await catchUp(device)
                try await compare(device)
            }
            return
        }
        for (device, copy, token) in backups where token != nil && random.chance(50) {
            note("\(device.name) is set back to what it was before the end")
            (device.copy, device.token) = (copy, token)
            try await catchUp(device)
            try await compare(device)
        }
    }

    private func compare(_ device: Device) async throws {
        for model in device.models {
            let filter = device.filters[model]?.sql ?? "true"
            let rows = try await administrator.query(
                Query(
                    "SELECT s.id, s.name FROM (\(Self.shown(model))) s JOIN (SELECT id FROM \(Self.table(model)) WHERE \(filter)) f ON f.id = s.id",
                    []))
            let real = try Dictionary(uniqueKeysWithValues: rows.map { (try $0["id"].int(), try $0["name"].string()) })
            let copy = (device.copy[model] ?? [:]).mapValues(\.name)
            guard copy == real else {
                let ids = Set(real.keys).union(copy.keys).filter { real[$0] != copy[$0] }.sorted()
                note(
                    "log of \(model) \(ids[0]): "
                        + (try await administrator.lines(
                            "SELECT id, xid, event, epoch, slot FROM changefeed.event WHERE model = '\(model)' AND ids @> ARRAY[\(ids[0])::bigint] ORDER BY id"
                        )).joined(separator: ", "))
                note(
                    "device: "
                        + (try await administrator.lines(
                            "SELECT to_jsonb(d)::text FROM changefeed.device d WHERE device_id = '\(device.name)'"))
                        .joined())
                throw violated(
                    "\(device.name), \(model): records \(ids.prefix(5)) of \(ids.count) differ; copy \(ids.prefix(5).map { copy[$0] ?? "none" }), database \(ids.prefix(5).map { real[$0] ?? "none" })"
                )
            }
        }
    }

    /// Takes and pulls until nothing comes.
    private func catchUp(_ device: Device) async throws {
        var rounds = 0
        while true {
            rounds += 1
            guard rounds < 5_000 else { throw violated("\(device.name) never comes to an end") }
            while !device.toList.isEmpty || device.list != nil { try await listPage(device) }
            let before = history.count
            try await pull(device, limit: 50)
            if !device.unacknowledged.isEmpty {
                _ = try await service.query(
                    "SELECT changefeed.acknowledge(2, $1::text, $2::bigint[])",
                    [.text(device.name), .intArray(device.unacknowledged)])
                device.unacknowledged = []
            } else if history[before].hasSuffix("pulls [], more: false") {
                break
            }
        }
    }
}
