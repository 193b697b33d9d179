import ChangeFeedTesting
import Foundation
import Postgres
import Testing

@Suite("One device on many connections concurrently", .timeLimit(.minutes(10)))
struct ConcurrentPullTests {
    private struct Event: Decodable {
        let id: Int64
        let record_id: Int64
    }

    /// Pulls and acknowledges in a loop; gives the records that it was told of.
    private func follow(_ connection: Connection, rounds: Int) async throws -> Set<Int64> {
        var told: Set<Int64> = []
        for round in 0..<rounds {
            let rows = try await connection.query(
                "SELECT problem, events FROM changefeed.pull(2, 'phone', 'all', ARRAY['res.partner'], NULL, $1, false)",
                [.int(1 + round % 7)])
            guard let row = rows.first else { continue }
            #expect(row["problem"].isNull)
            let events = try JSONDecoder().decode([Event].self, from: Data(try row["events"].string().utf8))
            told.formUnion(events.map(\.record_id))
            let settled = try await connection.query(
                "SELECT problem FROM changefeed.acknowledge(2, 'phone', $1::bigint[])", [.intArray(events.map(\.id))])
            #expect(settled.first?["problem"].isNull == true)
        }
        return told
    }

    @Test("every change is sent on some connection, nothing is refused, and the device comes to rest")
    func together() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let writer = Task {
            let connection = try await database.connect(user: "odoo")
            for number in 0..<120 {
                try await connection.execute(
                    script: "INSERT INTO res_partner (name) VALUES ('\(number)'), ('\(number) b')")
            }
        }
        var connections: [Connection] = []
        for _ in 0..<6 { connections.append(try await database.connect(user: "changefeed_login")) }
        var told = try await withThrowingTaskGroup(of: Set<Int64>.self) { group in
            for connection in connections { group.addTask { try await follow(connection, rounds: 60) } }
            return try await group.reduce(into: Set<Int64>()) { $0.formUnion($1) }
        }
        try await writer.value
        // What is left comes now.
        told.formUnion(try await follow(connections[0], rounds: 150))
        let all = Set(
            try await database.psql("SELECT id FROM res_partner WHERE id > 20").split(separator: "\n").compactMap {
                Int64($0)
            })
        #expect(told == all && all.count == 240)
        #expect(
            try await database.psql("SELECT count(*) FROM changefeed.device WHERE target IS NULL AND acked = '{}'")
                == "1")
        #expect(
            try await connections[0].value("SELECT state ->> 'pending' FROM changefeed.device_state(2, 'phone')") == "0"
        )
    }
}
