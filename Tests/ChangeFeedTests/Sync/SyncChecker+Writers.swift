import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres

/// Odoo's part: transactions that write a few records each, or many.
extension SyncChecker {
    final class Writer {
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

    func write(_ index: Int) async throws {
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
}
