import ChangeFeedTesting
import Foundation
import Postgres
import Testing

/// What a device must survive: each time it goes on exactly, or is told to take its models anew.
@Suite("Devices after crashes, fail-overs, restores and copies", .serialized, .timeLimit(.minutes(10)))
struct SurvivalTests {
    /// A device that follows res.partner, by SQL.
    private struct Device {
        let name: String

        /// What a pull says, and the records that it gives.
        func pull(_ connection: Connection) async throws -> (problem: String, ids: [Int64], records: Set<Int64>) {
            let rows = try await connection.query(
                "SELECT problem, events, resync ->> 'code' AS code FROM changefeed.pull(2, $1, 'all', ARRAY['res.partner'], NULL, 500, false)",
                [.text(name)])
            guard let row = rows.first else { return ("no row", [], []) }
            struct Event: Decodable {
                let id: Int64
                let record_id: Int64
            }
            let events = try JSONDecoder().decode([Event].self, from: Data((row["events"].text ?? "[]").utf8))
            return (row["code"].text ?? row["problem"].text ?? "", events.map(\.id), Set(events.map(\.record_id)))
        }

        func acknowledge(_ ids: [Int64], _ connection: Connection) async throws {
            guard !ids.isEmpty else { return }
            #expect(
                try await connection.value(
                    "SELECT acknowledged FROM changefeed.acknowledge(2, $1, $2::bigint[])",
                    [.text(name), .intArray(ids)])
                    == "\(ids.count)")
        }

        /// Pulls and acknowledges until there is nothing more.
        func drain(_ connection: Connection) async throws -> Set<Int64> {
            var all: Set<Int64> = []
            while true {
                let answer = try await pull(connection)
                #expect(answer.problem == "")
                guard !answer.ids.isEmpty else { return all }
                all.formUnion(answer.records)
                try await acknowledge(answer.ids, connection)
            }
        }
    }

    private let device = Device(name: "phone")

    @Test(
        "crashes of PostgreSQL, with writers that do not wait for the disk: nothing sent is rolled back, nothing stored stays unsent"
    )
    func crash() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.installed)
        try await database.psql("SELECT changefeed.check_identity()")
        var told: Set<Int64> = []
        for round in 0..<6 {
            let writer = try await database.connect(user: "odoo")
            let service = try await database.connect(user: "changefeed_login")
            try await writer.execute(script: "SET synchronous_commit = off")
            for number in 0..<20 {
                try await writer.execute(script: "INSERT INTO res_partner (name) VALUES ('\(round) \(number)')")
                guard number % 5 == 4 else { continue }
                let answer = try await device.pull(service)
                #expect(answer.problem == "")
                told.formUnion(answer.records)
                // Half of the time the crash comes between pull and acknowledgement.
                if round % 2 == 0 || number < 19 { try await device.acknowledge(answer.ids, service) }
            }
            try await cluster.restart(immediate: true)
            // What the device was told of is there.
            let there = Set(
                try await database.psql("SELECT id FROM res_partner").split(separator: "\n").compactMap { Int64($0) })
            #expect(told.isSubset(of: there))
            #expect(try await database.psql("SELECT changed FROM changefeed.check_identity()") == "f")
        }
        let service = try await database.connect(user: "changefeed_login")
        told.formUnion(try await device.drain(service))
        let there = Set(
            try await database.psql("SELECT id FROM res_partner WHERE id > 20").split(separator: "\n").compactMap {
                Int64($0)
            })
        #expect(told == there)
        await cluster.remove()
    }

    @Test("a lagging standby is promoted: transaction numbers repeat, and devices are asked to resync")
    func failover() async throws {
        let primary = try await PrivateCluster.make()
        let database = try await primary.createDatabase(.installed)
        try await database.psql("SELECT changefeed.check_identity(); UPDATE res_partner SET phone = '1' WHERE id = 1")
        let service = try await database.connect(user: "changefeed_login")
        #expect(try await device.drain(service) == [1])
        let standby = try await primary.makeStandby()
        let copy = standby.database(named: database.name)
        try await eventually("the standby follows") {
            try await copy.psql("SELECT count(*) FROM res_partner WHERE phone = '1'") == "1"
        }
        // A cursor is never minted on a standby.
        await #expect(throws: PostgresError.self) {
            try await copy.connect().query("SELECT changefeed.check_identity()")
        }
        try await copy.psql("SELECT pg_wal_replay_pause()")
        try await database.psql("UPDATE res_partner SET phone = '2' WHERE id IN (2, 3)")
        #expect(try await device.drain(service) == [2, 3])
        try await primary.stop(immediate: true)
        // As when the network had kept it from getting the last of it.
        try await copy.psql("ALTER SYSTEM SET primary_conninfo = ''")
        try await standby.promote()
        try await copy.psql("UPDATE res_partner SET phone = '4' WHERE id = 4")
        #expect(try await copy.psql("SELECT changed FROM changefeed.check_identity()") == "t")
        let other = try await copy.connect(user: "changefeed_login")
        #expect(try await device.pull(other).problem == "epoch_changed")
        await standby.remove()
        await primary.remove()
    }

    @Test("point-in-time recovery: devices that are ahead of it are asked to resync")
    func pointInTime() async throws {
        let original = try await PrivateCluster.make()
        let database = try await original.createDatabase(.installed)
        try await database.psql("SELECT changefeed.check_identity(); UPDATE res_partner SET phone = '1' WHERE id = 1")
        let service = try await database.connect(user: "changefeed_login")
        #expect(try await device.drain(service) == [1])
        let backup = try await original.backup()
        try await database.psql("UPDATE res_partner SET phone = '2' WHERE id = 2")
        let position = try await database.psql("SELECT pg_current_wal_lsn()")
        // What is to be undone, and what the device has already heard of.
        try await database.psql("DELETE FROM hr_expense; UPDATE res_partner SET phone = '3' WHERE id = 3")
        #expect(try await device.drain(service) == [2, 3])
        try await original.stop()
        try await backup.recover(to: position, of: original)
        let recovered = backup.database(named: database.name)
        try await eventually("it is recovered") { try await recovered.psql("SELECT pg_is_in_recovery()") == "f" }
        #expect(try await recovered.psql("SELECT string_agg(phone, ',' ORDER BY id) FROM res_partner") == "1,2")
        #expect(try await recovered.psql("SELECT changed FROM changefeed.check_identity()") == "t")
        let other = try await recovered.connect(user: "changefeed_login")
        #expect(try await device.pull(other).problem == "epoch_changed")
        await backup.remove()
        await original.remove()
    }

    @Test(
        "dump and restore into another cluster, younger or older: devices are asked to resync, and continue after a reset",
        arguments: [true, false])
    func restore(intoYounger: Bool) async throws {
        let busy = try await PrivateCluster.make()
        let fresh = try await PrivateCluster.make()
        let (from, into) = intoYounger ? (busy, fresh) : (fresh, busy)
        let burner = try await busy.createDatabase(.empty)
        try await burner.psql((0..<3_000).map { _ in "SELECT pg_current_xact_id();" }.joined())
        let database = try await from.createDatabase(.installed)
        try await database.psql("SELECT changefeed.check_identity(); UPDATE res_partner SET phone = '1' WHERE id <= 3")
        let service = try await database.connect(user: "changefeed_login")
        #expect(try await device.drain(service) == [1, 2, 3])
        // The roles of the template, and an empty database to restore into.
        _ = try await into.createDatabase(.installed)
        let restored = try await into.createDatabase(.empty)
        try await restored.psql(database.dump())
        #expect(try await restored.psql("SELECT changed FROM changefeed.check_identity()") == "t")
        let other = try await restored.connect(user: "changefeed_login")
        #expect(try await device.pull(other).problem == "epoch_changed")
        _ = try await other.query("SELECT changefeed.reset_device(2, 'phone')")
        try await restored.psql("UPDATE res_partner SET phone = '2' WHERE id = 5")
        #expect(try await device.drain(other) == [5])
        // Numbers of the old cluster come up again here.
        try await restored.psql((0..<200).map { "UPDATE res_partner SET phone = '\($0)' WHERE id = 6;" }.joined())
        #expect(try await device.drain(other) == [6])
        await busy.remove()
        await fresh.remove()
    }

    @Test("a copy by CREATE DATABASE … TEMPLATE asks its devices to resync; those of the original continue")
    func template() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.installed)
        try await database.psql("SELECT changefeed.check_identity(); UPDATE res_partner SET phone = '1' WHERE id = 1")
        let service = try await database.connect(user: "changefeed_login")
        #expect(try await device.drain(service) == [1])
        await service.close()
        try await database.psql("CREATE DATABASE copied TEMPLATE \(database.name)", in: "postgres")
        let copy = cluster.database(named: "copied")
        try await copy.psql("SELECT changefeed.check_identity()")
        #expect(try await device.pull(copy.connect(user: "changefeed_login")).problem == "epoch_changed")
        try await database.psql("SELECT changefeed.check_identity(); UPDATE res_partner SET phone = '1' WHERE id = 2")
        #expect(try await device.drain(database.connect(user: "changefeed_login")) == [2])
        await cluster.remove()
    }
}
