import ChangeFeedSettings
import Foundation
import Glibc
import Postgres

/// A receiver that was away while much was written: how many messages it gets afterwards, and in what memory.
extension BenchDelivery {
    /// - Parameter ids: partners that the user sees.
    func outage(_ connection: Connection, _ receiver: BenchReceiver, _ ids: [Int64]) async throws {
        let records = try await partners(connection, like: ids[0])
        do {
            try await outage(of: records, connection, receiver)
        } catch {
            try? await remove(records, connection)
            throw error
        }
        try await remove(records, connection)
    }

    private func outage(of records: [Int64], _ connection: Connection, _ receiver: BenchReceiver) async throws {
        while await receiver.wait(beyond: receiver.count, atMost: .seconds(5)) != nil {}
        receiver.refuse(true)
        var changes = 0
        while changes < outageChanges {
            _ = try await connection.query(
                "UPDATE res_partner SET write_date = clock_timestamp() AT TIME ZONE 'UTC' WHERE id = ANY($1::int[])",
                [.intArray(records)])
            changes += records.count
        }
        let (before, resident) = (receiver.count, Self.resident)
        receiver.forget()
        receiver.refuse(false)
        // The next trial comes within a minute.
        let deadline = ContinuousClock.now + .seconds(90)
        while receiver.count == before, .now < deadline {
            _ = await receiver.wait(beyond: before, atMost: .seconds(1))
        }
        let start = ContinuousClock.now
        var (last, peak) = (start, resident)
        while let arrival = await receiver.wait(beyond: receiver.count, atMost: .seconds(10)) {
            (last, peak) = (arrival, max(peak, Self.resident))
        }
        let told = Set(receiver.records).intersection(records).count
        Terminal.line(
            "outage: \(changes) changes of \(records.count) records; then \(receiver.count - before) messages of \(told) records in \(Figures.fixed((last - start) / .seconds(1), 1)) s, \(receiver.refused) refused before; resident memory \(resident >> 20) MB, at most \(peak >> 20) MB"
        )
    }

    /// Copies of a partner, for as long as the measurement runs.
    private func partners(_ connection: Connection, like id: Int64) async throws -> [Int64] {
        let rows = try await connection.query(
            """
            INSERT INTO res_partner
            SELECT (jsonb_populate_record(p, jsonb_build_object('id', n.id))).*
            FROM res_partner p,
                (SELECT nextval(pg_get_serial_sequence('res_partner', 'id')) AS id FROM generate_series(1, $2::int)) n
            WHERE p.id = $1::int
            RETURNING id
            """, [.int(id), .int(outageRecords)])
        return try rows.map { try $0["id"].int() }
    }

    private func remove(_ records: [Int64], _ connection: Connection) async throws {
        _ = try await connection.query("DELETE FROM res_partner WHERE id = ANY($1::int[])", [.intArray(records)])
    }

    /// This process's resident memory in bytes.
    private static var resident: Int {
        let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
            .dropFirst().first
        return (pages.flatMap { Int($0) } ?? 0) * sysconf(Int32(_SC_PAGESIZE))
    }
}
