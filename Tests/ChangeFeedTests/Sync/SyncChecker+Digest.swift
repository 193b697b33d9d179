import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres

/// What a copy shows beyond the records themselves: names and lists that other records decide, in a language, for a company.
extension SyncChecker {
    /// Fields that change without the record: a name behind a many2one, and a list that is written from its other side.
    static let related: Set = ["parent_id", "beta_ids"]

    /// Those fields; a label that is translated; and, where the release keeps such values in the record, a price for each company.
    static let whatIsShown = """
        UPDATE res_users SET partner_id = coalesce(partner_id, 1) WHERE id = 2;
        CREATE TABLE x_alpha_beta_rel (alpha_id int NOT NULL, beta_id int NOT NULL, PRIMARY KEY (alpha_id, beta_id));
        ALTER TABLE x_beta ADD COLUMN label jsonb DEFAULT '{"en_US": "word", "fr_FR": "mot"}';
        INSERT INTO ir_model_fields (model, name, ttype, store, state, relation, relation_table, column1, column2) VALUES
            ('x.alpha', 'beta_ids', 'many2many', true, 'manual', 'x.beta', 'x_alpha_beta_rel', 'alpha_id', 'beta_id');
        INSERT INTO ir_model_fields (model, name, ttype, store, state, translate) VALUES ('x.beta', 'label', 'char', true, 'manual', 'true');
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'ir_model_fields'::regclass AND attname = 'company_dependent') THEN
                ALTER TABLE x_gamma ADD COLUMN price jsonb DEFAULT '{"1": 10, "2": 20}';
                INSERT INTO ir_model_fields (model, name, ttype, store, state, company_dependent) VALUES ('x.gamma', 'price', 'integer', true, 'manual', true);
            END IF;
        END $$;
        """

    /// A record as a device holds it.
    struct Held {
        let name: String
        /// What changes with the record alone, or by what a device is told of.
        let own: [String: JSONValue]
        let whole: [String: JSONValue]
        let hash: Int64

        init?(_ data: JSONValue?, _ hash: Int64?) {
            guard case .object(let fields)? = data, let name = fields["name"]?.string, let hash else { return nil }
            self.name = name
            self.hash = hash
            own = fields.filter { !SyncChecker.related.contains($0.key) }
            whole = fields
        }
    }

    func changeLanguage() async throws {
        note("the user's language is another one")
        try await administrator.execute(
            script: """
                UPDATE res_partner SET lang = CASE lang WHEN 'fr_FR' THEN 'en_US' ELSE 'fr_FR' END WHERE id = (SELECT partner_id FROM res_users WHERE id = 2)
                """)
    }

    func changeCompany() async throws {
        note("the user's current company is another one")
        try await administrator.execute(script: "UPDATE res_users SET company_id = 3 - company_id WHERE id = 2")
    }

    /// Something that changes what records show, and none of the records.
    func showOtherwise() async throws {
        if random.chance(40) { try await changeLanguage() }
        if random.chance(40) { try await changeCompany() }
        note("lists are written from their other side, and parents get other names")
        try await administrator.execute(
            script: """
                INSERT INTO x_alpha_beta_rel SELECT a.id, b.id FROM (SELECT id FROM x_alpha ORDER BY md5(id::text) LIMIT 9) a, (SELECT id FROM x_beta ORDER BY id DESC LIMIT 2) b
                ON CONFLICT DO NOTHING;
                DELETE FROM x_alpha_beta_rel WHERE alpha_id = (SELECT max(alpha_id) FROM x_alpha_beta_rel);
                UPDATE x_parent SET name = name || ' again' WHERE id % 3 = 0
                """)
    }

    private struct Digest: Decodable {
        struct Bucket: Decodable {
            let from_id: Int64
            let to_id: Int64
            let records: Int
            let hash: Int64
        }

        let pull_first: Bool
        let buckets: [Bucket]
        let next_from_id: Int64?
    }

    /// As a client proves its copy: by digests, taking the ranges that differ.
    func prove(_ device: Device) async throws {
        for model in device.models {
            let real = try await whole(model, by: device.filters)
            let copy = device.copy[model] ?? [:]
            if let id = Self.difference(copy.mapValues(\.own), real.mapValues(\.own)) {
                throw violated(
                    "\(device.name), \(model) \(id): the copy has \(copy[id]?.own ?? [:]), a new one \(real[id]?.own ?? [:])"
                )
            }
            try await mend(device, model)
            let mended = device.copy[model] ?? [:]
            if let id = Self.difference(mended.mapValues(\.whole), real.mapValues(\.whole)) {
                throw violated(
                    "\(device.name), \(model) \(id): by its digests a copy is right that has \(mended[id]?.whole ?? [:]), not \(real[id]?.whole ?? [:])"
                )
            }
            guard try await mend(device, model) == 0 else {
                throw violated("\(device.name), \(model): a copy that was mended has another digest")
            }
        }
    }

    private static func difference(_ one: [Int64: [String: JSONValue]], _ other: [Int64: [String: JSONValue]]) -> Int64?
    {
        Set(one.keys).union(other.keys).filter { one[$0] != other[$0] }.min()
    }

    /// All of a model, by a device that has nothing.
    private func whole(_ model: String, by filters: [String: Filter]) async throws -> [Int64: Held] {
        var records: [Int64: Held] = [:]
        var cursor: String?
        repeat {
            guard let page = try await page(of: model, for: "new", by: filters, from: cursor) else {
                throw violated("a list of \(model) broke off")
            }
            records.merge(page.records) { $1 }
            cursor = page.next
        } while cursor != nil
        return records
    }

    /// - Returns: how many ranges differed.
    @discardableResult
    private func mend(_ device: Device, _ model: String) async throws -> Int {
        var differing = 0
        var from: Int64? = 1
        while let first = from {
            let row = try await service.query(
                "SELECT problem, digest FROM changefeed.digest(2, $1::text, $2::text, 3, of_data => true, from_id => $3::bigint, filters => $4::jsonb)",
                [.text(device.name), .text(model), .int(Int(first)), try parameter(device.filters, of: [model])]
            ).first
            guard let text = row?["digest"].text else {
                throw violated("digest says \(row?["problem"].text ?? "nothing")")
            }
            let digest = try JSONDecoder().decode(Digest.self, from: Data(text.utf8))
            guard !digest.pull_first else {
                throw violated("\(device.name), \(model): a digest says that something waits")
            }
            for bucket in digest.buckets {
                let held = (device.copy[model] ?? [:]).filter { (bucket.from_id...bucket.to_id).contains($0.key) }
                if held.count == bucket.records, held.values.reduce(0, { ($0 + $1.hash) % (1 << 48) }) == bucket.hash {
                    continue
                }
                differing += 1
                guard
                    let page = try await page(
                        of: model, for: device.name, by: device.filters, range: bucket.from_id...bucket.to_id)
                else {
                    throw violated("a range of \(model) broke off")
                }
                device.copy[model] = (device.copy[model] ?? [:]).filter {
                    !(bucket.from_id...bucket.to_id).contains($0.key)
                }.merging(page.records) { $1 }
            }
            from = digest.next_from_id
        }
        note("\(device.name), \(model): \(differing) ranges differed")
        return differing
    }
}
