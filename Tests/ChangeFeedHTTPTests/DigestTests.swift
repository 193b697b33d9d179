@testable import ChangeFeedHTTP
import ChangeFeedTesting
import Foundation
import Postgres
import Testing

/// What a copy shows otherwise without an event of its records.
@Suite("A digest of data", .timeLimit(.minutes(10)))
struct DigestTests {
    private static let device = "device_id=phone&model=sale.order"

    /// A copy of the orders as a device has it: `data` as they were sent, and their hashes.
    private func copy(_ service: Service, range: String = "") async throws -> [Int: (data: String, hash: Int)] {
        let page = try await service.send(
            SyncTests.snapshot + "?\(Self.device)&limit=500&hashes=true\(range)", key: TestKeys.admin)
        #expect(page.status == 200)
        var copy: [Int: (data: String, hash: Int)] = [:]
        for found in page.text.matches(of: /"record_id":(-?\d+),"data":(\{.*?\}),"data_hash":(\d+)\}/) {
            copy[try #require(Int(found.1))] = (String(found.2), try #require(Int(found.3)))
        }
        return copy
    }

    private func digest(_ service: Service, _ query: String = "") async throws -> (
        ids: [Int], hashes: [Int], answer: Answer
    ) {
        let answer = try await service.send(
            SyncTests.digest + "?\(Self.device)&buckets=1000\(query)", key: TestKeys.admin)
        let buckets = answer.object["buckets"] as? [[String: Any]] ?? []
        return (buckets.compactMap { $0["from_id"] as? Int }, buckets.compactMap { $0["hash"] as? Int }, answer)
    }

    @Test(
        "finds a renamed partner and a list that was written from its other side, which one of times of writing does not"
    )
    func shown() async throws {
        let (database, service) = try await SyncTests.installed(
            """
            CREATE TABLE x_tag (id serial PRIMARY KEY, name varchar); CREATE TABLE x_order_tag (order_id int, tag_id int);
            INSERT INTO x_tag (name) VALUES ('rush');
            INSERT INTO ir_model (model, name) VALUES ('x.tag', '{}');
            INSERT INTO ir_model_fields (model, name, ttype, relation, relation_table, column1, column2, store, state) VALUES
                ('sale.order', 'x_tag_ids', 'many2many', 'x.tag', 'x_order_tag', 'order_id', 'tag_id', true, 'manual');
            """)
        try await database.psql("SELECT changefeed.track('sale.order')")
        let first = try await copy(service)
        #expect(first.count == 5 && first[4]?.data.contains(#""x_tag_ids":[]"#) == true)
        for (id, record) in first {
            #expect(
                try await database.psql("SELECT changefeed.data_hash($text$\(record.data)$text$)") == "\(record.hash)",
                "\(id)")
        }
        let before = try await digest(service, "&of=data")
        #expect(before.ids == [1, 2, 3, 4, 5] && before.hashes == first.sorted { $0.key < $1.key }.map(\.value.hash))
        let written = try await digest(service)
        #expect(
            written.answer.object["of"] as? String == "write_date" && written.answer.object["next_from_id"] is NSNull)

        try await database.psql(
            "UPDATE res_partner SET name = 'Renamed' WHERE id = 2; INSERT INTO x_order_tag VALUES (4, 1)", user: "odoo")
        let after = try await digest(service, "&of=data")
        #expect(after.answer.object["pull_first"] as? Bool == false)
        #expect(zip(before.hashes, after.hashes).map { $0 == $1 } == [true, false, true, false, true])
        #expect(try await digest(service).hashes == written.hashes)
        let mended = try await copy(service, range: "&from_id=4&to_id=4")
        #expect(mended[4]?.hash == after.hashes[3] && mended[4]?.data.contains(#""x_tag_ids":[1]"#) == true)

        // A pull gives the same hash.
        try await database.psql("UPDATE sale_order SET state = 'sale' WHERE id = 2", user: "odoo")
        let pull = try await service.send(
            SyncTests.pull + "?device_id=phone&models=sale.order&hashes=true", key: TestKeys.admin)
        let hash = (pull.object["events"] as? [[String: Any]])?.first?["data_hash"] as? Int
        let waiting = try await digest(service, "&of=data")
        #expect(hash == waiting.hashes[1] && waiting.answer.object["pull_first"] as? Bool == true)
        #expect(
            try await !service.send(SyncTests.pull + "?device_id=phone&models=sale.order", key: TestKeys.admin).text
                .contains("data_hash"))
    }

    @Test("continues where it ended, for a range, some fields, and the user's own access")
    func parts() async throws {
        let (database, service) = try await SyncTests.installed()
        try await database.psql(
            """
            DO $$ BEGIN EXECUTE replace(pg_get_functiondef('changefeed.data_digest'::regproc), 'most CONSTANT int := 2000', 'most CONSTANT int := 2'); END $$;
            """)
        _ = try await copy(service)
        var ids: [Int] = []
        var hashes: [Int] = []
        var from: Int? = 1
        while let next = from {
            let part = try await digest(service, "&of=data&from_id=\(next)")
            ids += part.ids
            hashes += part.hashes
            #expect(part.answer.object["records"] as? Int == part.ids.count)
            from = part.answer.object["next_from_id"] as? Int
        }
        #expect(ids == [1, 2, 3, 4, 5])
        let range = try await digest(service, "&of=data&from_id=2&to_id=3")
        #expect(range.hashes == Array(hashes[1...2]) && range.answer.object["next_from_id"] is NSNull)
        let names = try await digest(service, "&of=data&from_id=2&to_id=3&fields=name")
        let named = try await copy(service, range: "&from_id=2&to_id=3&fields=name")
        #expect(names.hashes == [named[2]?.hash, named[3]?.hash] && names.hashes != range.hashes)
        #expect(named[2]?.data == #"{"id":2,"name":"S00002"}"#)
        let wide = try await service.send(SyncTests.digest + "?\(Self.device)&of=data&buckets=1", key: TestKeys.admin)
        let bucket = (wide.object["buckets"] as? [[String: Any]])?.first
        #expect(bucket?["to_id"] as? Int == 2 && bucket?["records"] as? Int == 2)
    }

    @Test(
        "records with ids below 1, which only SQL writes, are in lists, digests and ranges alike",
        arguments: [false, true])
    func belowOne(isOfData: Bool) async throws {
        let (_, service) = try await SyncTests.installed(
            "INSERT INTO sale_order (id, name, partner_id) VALUES (-5, 'minus', 1), (0, 'zero', 1), (-2147483648, 'least', 1);"
        )
        let copied = try await copy(service)
        #expect(copied.keys.sorted() == [-2_147_483_648, -5, 0, 1, 2, 3, 4, 5])
        let answer = try await digest(service, isOfData ? "&of=data" : "").answer
        #expect(answer.object["records"] as? Int == 8)
        for bucket in answer.object["buckets"] as? [[String: Any]] ?? [] {
            let (from, to) = (try #require(bucket["from_id"] as? Int), try #require(bucket["to_id"] as? Int))
            #expect(try await copy(service, range: "&from_id=\(from)&to_id=\(to)").count == bucket["records"] as? Int)
        }
        // Page by page, the cursor among them.
        var cursor: String? = ""
        var ids: [Int] = []
        while let next = cursor {
            let page = try await service.send(
                SyncTests.snapshot + "?\(Self.device)&limit=1&from_id=-9223372036854775808&to_id=9223372036854775807"
                    + (next.isEmpty ? "" : "&cursor=\(next)"),
                key: TestKeys.admin)
            #expect(page.status == 200)
            ids += (page.object["records"] as? [[String: Any]] ?? []).compactMap { $0["record_id"] as? Int }
            cursor = page.object["next_cursor"] as? String
        }
        #expect(ids == copied.keys.sorted())
    }

    @Test("refuses what does not belong to it")
    func refusals() async throws {
        let (_, service) = try await SyncTests.installed()
        _ = try await copy(service)
        for (query, code) in [
            ("of=all", "parameter_invalid"), ("from_id=1", "parameter_invalid"), ("to_id=1", "parameter_invalid"),
            ("fields=name", "parameter_invalid"),
            ("of=data&from_id=-", "parameter_invalid"), ("of=data&from_id=1-2", "parameter_invalid"),
            ("of=data&to_id=99999999999999999999", "parameter_invalid"), ("of=data&fields=no_field", "field_unknown"),
            ("of=data&of=data", "parameter_repeated"),
        ] {
            let answer = try await service.send(SyncTests.digest + "?\(Self.device)&\(query)", key: TestKeys.admin)
            #expect(answer.status == 422 && answer.object["code"] as? String == code, "\(query): \(answer.text)")
        }
        for path in [
            SyncTests.pull + "?device_id=phone&hashes=1x", SyncTests.snapshot + "?\(Self.device)&hashes=perhaps",
        ] {
            #expect(try await service.send(path, key: TestKeys.admin).status == 422)
        }
    }
}
