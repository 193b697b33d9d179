import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres

/// Writers, devices and retention in one random order that a seed repeats. At the end each device's copy must equal the
/// database, for the models that it follows; on the way, what must never happen is looked for.
///
/// One step at a time, over several connections: what matters is the order of statements and commits, and that is the
/// seed's. Writers keep to records of their own, so that nobody waits for anybody.
final class SyncChecker {
    /// What was broken, with the steps that led to it.
    struct Violation: Error, CustomStringConvertible {
        let seed: UInt64
        let what: String
        let history: [String]
        var description: String { "seed \(seed): \(what)\n" + history.suffix(60).joined(separator: "\n") }
    }

    static let models = ["x.alpha", "x.beta", "x.gamma", "x.parent", "x.child"]

    /// What user 2 sees of a model.
    private static func shown(_ model: String) -> String {
        switch model {
        case "x.parent": "SELECT id, name FROM x_parent WHERE is_open"
        case "x.child": "SELECT c.id, c.name FROM x_child c JOIN x_parent p ON p.id = c.parent_id WHERE p.is_open"
        default: "SELECT id, name FROM \(table(model))"
        }
    }

    /// Three small models that user 2 may read, a parent that is shown while it is open, with children that are shown while their parent is; and windows so small that batches have many; made by the administrator of the database.
    static let setUp = """
        SET ROLE odoo;
        CREATE TABLE x_alpha (id serial PRIMARY KEY, name varchar, writer int NOT NULL, write_date timestamp);
        CREATE TABLE x_beta (LIKE x_alpha INCLUDING ALL);
        CREATE TABLE x_gamma (LIKE x_alpha INCLUDING ALL);
        CREATE TABLE x_parent (LIKE x_alpha INCLUDING ALL, is_open boolean NOT NULL DEFAULT true);
        CREATE TABLE x_child (LIKE x_alpha INCLUDING ALL, parent_id int NOT NULL REFERENCES x_parent ON DELETE CASCADE);
        INSERT INTO ir_model (model, name) SELECT m, '{}' FROM unnest(ARRAY['x.alpha', 'x.beta', 'x.gamma', 'x.parent', 'x.child']) m;
        INSERT INTO ir_model_access (name, model_id, active, perm_read) SELECT model, id, true, true FROM ir_model WHERE model LIKE 'x.%';
        INSERT INTO ir_model_fields (model, name, ttype, store, state)
            SELECT m, f.name, f.ttype, true, 'manual' FROM unnest(ARRAY['x.alpha', 'x.beta', 'x.gamma', 'x.parent', 'x.child']) m,
                (VALUES ('id', 'integer'), ('name', 'char'), ('writer', 'integer'), ('write_date', 'datetime')) f (name, ttype);
        INSERT INTO ir_model_fields (model, name, ttype, store, relation, state) VALUES
            ('x.parent', 'is_open', 'boolean', true, NULL, 'manual'), ('x.child', 'parent_id', 'many2one', true, 'x.parent', 'manual');
        \(whatIsShown)
        \(whatIsKept)
        INSERT INTO ir_rule (name, model_id, domain_force)
            SELECT 'open', id, CASE model WHEN 'x.parent' THEN $$[('is_open', '=', True)]$$ ELSE $$[('parent_id.is_open', '=', True)]$$ END
            FROM ir_model WHERE model IN ('x.parent', 'x.child');
        RESET ROLE;
        SELECT changefeed.track('x.alpha'), changefeed.track('x.beta'), changefeed.track('x.gamma'), changefeed.track('x.parent'), changefeed.track('x.child');
        SELECT changefeed.decide_model(m, 'allow') FROM unnest(ARRAY['x.alpha', 'x.beta', 'x.gamma', 'x.parent', 'x.child']) m;
        SELECT changefeed.check_identity();
        DO $small$ BEGIN
            EXECUTE replace(pg_get_functiondef('changefeed.pull'::regproc), 'window_events CONSTANT int := 4096', 'window_events CONSTANT int := 40');
            EXECUTE replace(pg_get_functiondef('changefeed.data_digest'::regproc), 'most CONSTANT int := 2000', 'most CONSTANT int := 20');
        END $small$;
        """

    private let seed: UInt64
    var random: SeededGenerator
    private var history: [String] = []
    private var writers: [Writer] = []
    var devices: [Device] = []
    let administrator: Connection
    /// Two, as two replicas of the service would have them.
    private let services: [Connection]
    private var uuid = 0
    private var isPaused = false

    let release: Int
    /// Devices ask by filters in every third run, chosen by numbers of their own, so that the others are as without.
    var hasFilters: Bool { seed % 3 == 0 }
    var filterRandom: SeededGenerator

    init(_ database: TestDatabase, seed: UInt64, release: Int = 18) async throws {
        self.seed = seed
        self.release = release
        random = SeededGenerator(seed: seed)
        filterRandom = SeededGenerator(seed: seed)
        administrator = try await database.connect()
        services = [
            try await database.connect(user: "changefeed_login"), try await database.connect(user: "changefeed_login"),
        ]
        for number in 0..<4 {
            writers.append(Writer(number: number, connection: try await database.connect(user: "odoo")))
        }
        for number in 0..<4 {
            devices.append(Device(name: "device \(number)", start: random.chance(50) ? "all" : "earliest"))
        }
        for device in devices { device.filters = someFilters() }
        let service = services[0]
        var compilation = RuleCompilation { try await service.query($0) }
        _ = try await compilation.compile(try await service.query("SELECT * FROM changefeed.access_rules(2)"))
    }

    func close() async {
        for connection in [administrator] + services + writers.map(\.connection) { await connection.close() }
    }

    // MARK: running

    /// - Throws: `Violation`, or `PostgresError`, which is one as well.
    func run(steps: Int) async throws {
        do {
            for _ in 0..<steps {
                if hasFilters, filterRandom.chance(2) {
                    refilter(devices.randomElement(using: &filterRandom) ?? devices[0])
                }
                // What disturbs is rare: a device that is told to take all anew needs a hundred steps until events come again,
                // and only then shows what gets lost.
                switch Int.random(in: 0..<200, using: &random) {
                case 0..<90: try await write(Int.random(in: 0..<writers.count, using: &random))
                case 90..<184: try await device(Int.random(in: 0..<devices.count, using: &random))
                case 184..<196: try await retain()
                default: try await disturb()
                }
            }
            try await finish()
        } catch let violation as Violation {
            throw violation
        } catch {
            throw Violation(seed: seed, what: "a step failed: \(error)", history: history)
        }
    }

    func note(_ text: String) { history.append(text) }

    func violated(_ what: String) -> Violation { Violation(seed: seed, what: what, history: history) }

    var service: Connection { services.randomElement(using: &random) ?? services[0] }

    // MARK: writers

    private final class Writer {
        let number: Int
        let connection: Connection
        var isOpen = false
        var savepoints = 0

        init(number: Int, connection: Connection) {
            self.number = number
            self.connection = connection
        }
    }

    static func table(_ model: String) -> String { model.replacing(".", with: "_") }

    private func write(_ index: Int) async throws {
        let writer = writers[index]
        let model = Self.models.randomElement(using: &random) ?? "x.alpha"
        let table = Self.table(model)
        let mine = "WHERE writer = \(writer.number)"
        let few =
            "\(mine) AND id IN (SELECT id FROM \(table) \(mine) ORDER BY md5(id::text || '\(random.next())') LIMIT \(Int.random(in: 1...3, using: &random)))"
        let values = "'\(random.next() % 1_000)', now() AT TIME ZONE 'utc'"
        var sql: String
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<15 where !writer.isOpen:
            let level = random.chance(30) ? "ISOLATION LEVEL REPEATABLE READ" : ""
            sql = "BEGIN \(level)"
            writer.isOpen = true
            writer.savepoints = 0
        case 0..<12:
            sql = "COMMIT"
            writer.isOpen = false
        case 12..<15:
            sql = "ROLLBACK"
            writer.isOpen = false
        case 15..<20 where writer.isOpen:
            writer.savepoints += 1
            sql = "SAVEPOINT s\(writer.savepoints)"
        case 20..<24 where writer.isOpen && writer.savepoints > 0:
            sql = "ROLLBACK TO SAVEPOINT s\(writer.savepoints)"
        case 24..<45:
            sql = insert(Int.random(in: 1...3, using: &random), into: model, values, writer)
        case 45..<48:
            sql = insert(Int.random(in: 20...60, using: &random), into: model, values, writer)
        case 48..<70 where model == "x.parent":
            // As Odoo does, with those that carry its fields. By its name they are found again.
            let name = "moved \(random.next())"
            sql = """
                UPDATE x_parent SET (name, write_date, is_open) = ('\(name)', now() AT TIME ZONE 'utc', NOT is_open) \(few); \
                UPDATE x_child SET write_date = now() AT TIME ZONE 'utc' WHERE parent_id IN (SELECT id FROM x_parent WHERE name = '\(name)')
                """
        case 48..<60 where model == "x.alpha":
            // A list, from the other side: no record of x.alpha is written.
            let pair = """
                FROM (SELECT id FROM x_alpha \(mine) ORDER BY md5(id::text || '\(random.next())') LIMIT 3) a, \
                (SELECT id FROM x_beta \(mine) ORDER BY md5(id::text || '\(random.next())') LIMIT 2) b
                """
            sql =
                random.chance(70)
                ? "INSERT INTO x_alpha_beta_rel SELECT a.id, b.id \(pair) ON CONFLICT DO NOTHING"
                : "DELETE FROM x_alpha_beta_rel WHERE (alpha_id, beta_id) IN (SELECT a.id, b.id \(pair))"
        case 48..<60 where model == "x.child":
            sql =
                "UPDATE x_child SET parent_id = (SELECT id FROM x_parent \(mine) ORDER BY md5(id::text || '\(random.next())') LIMIT 1) \(few)"
        case 48..<62 where model == "x.gamma":
            sql = "UPDATE x_gamma SET (company_id, write_date) = (3 - company_id, now() AT TIME ZONE 'utc') \(few)"
        case 48..<80: sql = "UPDATE \(table) SET (name, write_date) = (\(values)) \(few)"
        case 80..<84: sql = "UPDATE \(table) SET (name, write_date) = (\(values)) \(mine)"
        case 84..<97: sql = "DELETE FROM \(table) \(few)"
        default:
            sql =
                writer.isOpen
                ? "DELETE FROM \(table) \(mine)"
                : "SET lock_timeout = '20ms'; TRUNCATE \(table)\(model == "x.parent" ? ", x_child" : ""); RESET lock_timeout"
        }
        note("writer \(writer.number): \(sql)")
        do {
            try await writer.connection.execute(script: sql)
        } catch let error as PostgresError where ["55P03", "40001", "40P01"].contains(error.sqlState) {
            // TRUNCATE met somebody, or an older snapshot met a newer row: as Odoo, give up and begin anew.
            note("  gave up: \(error.sqlState ?? "")")
            try await writer.connection.execute(script: writer.isOpen ? "ROLLBACK" : "RESET lock_timeout")
            writer.isOpen = false
        }
    }

    private func insert(_ count: Int, into model: String, _ values: String, _ writer: Writer) -> String {
        guard model == "x.child" else {
            return
                "INSERT INTO \(Self.table(model)) (name, write_date, writer) SELECT \(values), \(writer.number) FROM generate_series(1, \(count))"
        }
        return """
            INSERT INTO x_child (name, write_date, writer, parent_id) SELECT \(values), \(writer.number), p.id \
            FROM (SELECT id FROM x_parent WHERE writer = \(writer.number) ORDER BY md5(id::text || '\(random.next())') LIMIT 2) p, generate_series(1, \((count + 1) / 2))
            """
    }

    // MARK: what happens beside

    private func retain() async throws {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4:
            note("settle")
            try await administrator.execute(script: "SELECT changefeed.settle()")
        case 4..<8:
            note("rotate")
            try await administrator.execute(script: "SELECT changefeed.rotate()")
        case 8:
            // Only what everybody has settled; or, rarely, what some have not.
            let forced = random.chance(20)
            note("empty the oldest slot\(forced ? " by force" : "")")
            try await emptyOldest(forced: forced)
        default:
            note("vacuum")
            try await administrator.execute(script: "VACUUM changefeed.device")
        }
    }

    private func emptyOldest(forced: Bool) async throws {
        let slot = try await administrator.value(
            """
            SELECT s.slot FROM changefeed.slot s, changefeed.control c
            WHERE s.closed_at IS NOT NULL AND s.quiet_snapshot IS NOT NULL AND s.slot <> c.slot
              AND (\(forced) OR NOT EXISTS (SELECT FROM changefeed.device d WHERE d.epoch = c.epoch
                   AND pg_snapshot_xmin(d.seen) < pg_snapshot_xmax(s.quiet_snapshot)))
            ORDER BY s.closed_at LIMIT 1
            """)
        guard !slot.isEmpty else { return }
        if forced { for device in devices { device.areUndisturbed = false } }
        try await administrator.execute(script: "SELECT changefeed.empty_slot(\(slot)::smallint)")
    }

    private func disturb() async throws {
        switch Int.random(in: 0..<11, using: &random) {
        case 0..<2:
            isPaused.toggle()
            note(isPaused ? "pause" : "resume")
            try await administrator.execute(
                script: isPaused ? "SELECT changefeed.pause('checker')" : "SELECT changefeed.resume()")
        case 2:
            uuid += 1
            note("another database.uuid: the epoch rises")
            try await administrator.execute(
                script:
                    "UPDATE ir_config_parameter SET value = 'checker \(uuid)' WHERE key = 'database.uuid'; SELECT changefeed.check_identity()"
            )
        case 3..<7:
            let device = devices.randomElement(using: &random) ?? devices[0]
            device.models = Self.models.filter { _ in random.chance(60) }
            if device.models.isEmpty { device.models = Self.models }
            (device.token, device.backup) = (nil, nil)
            note("\(device.name) follows \(device.models)")
        case 7: try await changeLanguage()
        case 8: try await changeCompany()
        default:
            let device = devices.randomElement(using: &random) ?? devices[0]
            let isHanded = random.chance(50)
            note("\(device.name) is reset and has no records; \(isHanded ? "is handed" : "takes") all anew")
            try await service.execute(
                script: "SELECT changefeed.reset_device(2, '\(device.name)', '\(isHanded ? "all" : "now")')")
            device.forget()
            if !isHanded { device.toList = device.models }
        }
    }

    // MARK: devices

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

    private func device(_ index: Int) async throws {
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

    private func pull(_ device: Device, limit: Int) async throws {
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
    private func listPage(_ device: Device) async throws {
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

    // MARK: the end

    private func finish() async throws {
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
        let backups = devices.map { ($0, $0.copy, $0.token) }
        // What comes now is hidden by nothing that comes after it.
        try await showOtherwise()
        if hasFilters { try await moveAcrossFilters() }
        for device in devices {
            try await catchUp(device)
            try await compare(device)
            try await prove(device)
        }
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
