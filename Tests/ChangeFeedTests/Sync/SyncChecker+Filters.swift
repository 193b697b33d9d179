import ChangeFeed
import ChangeFeedTesting
import Foundation
import OdooAccess
import Postgres

/// Devices that ask for some of a model's records.
extension SyncChecker {
    /// A domain, and by hand what it means.
    struct Filter: Sendable {
        let domain: String
        let sql: String
    }

    /// By columns that the log keeps (company_id, parent_id) and by others, which change with every write.
    static let filters: [String: [Filter]] = [
        "x.alpha": [
            Filter(domain: "[('name','=like','1%')]", sql: "name LIKE '1%'"),
            Filter(domain: "['!',('name','like','7')]", sql: "name NOT LIKE '%7%'"),
        ],
        "x.beta": [
            Filter(domain: "['|',('name','ilike','5'),('writer','in',[0,1])]", sql: "name LIKE '%5%' OR writer <= 1")
        ],
        "x.gamma": [
            Filter(domain: "[('company_id','=',1)]", sql: "company_id = 1"),
            Filter(
                domain: "[('company_id','!=',1),('name','not like','9')]",
                sql: "company_id <> 1 AND name NOT LIKE '%9%'"),
        ],
        "x.parent": [Filter(domain: "[('name','not like','moved 1')]", sql: "name NOT LIKE '%moved 1%'")],
        "x.child": [
            Filter(
                domain: "[('parent_id','in',[\((0..<300).map { "\(2 * $0 + 1)" }.joined(separator: ","))])]",
                sql: "parent_id % 2 = 1 AND parent_id < 600"),
            Filter(domain: "[('name','!=',False),('parent_id','not in',[1,2,3])]", sql: "parent_id > 3"),
        ],
    ]

    /// A column on which no rule of its model hangs, and whose old values the log keeps.
    static let whatIsKept = """
        ALTER TABLE x_gamma ADD COLUMN company_id int NOT NULL DEFAULT 1;
        INSERT INTO ir_model_fields (model, name, ttype, store, state) VALUES ('x.gamma', 'company_id', 'integer', true, 'manual');
        """

    /// Filters for about half of the models, or for none.
    func someFilters() -> [String: Filter] {
        guard hasFilters, filterRandom.chance(80) else { return [:] }
        var chosen: [String: Filter] = [:]
        for (model, choices) in Self.filters.sorted(by: { $0.key < $1.key }) where filterRandom.chance(50) {
            chosen[model] = choices.randomElement(using: &filterRandom)
        }
        return chosen
    }

    private struct Compiled: Encodable {
        let domain: String
        let condition: String
        let numbers: [Int64]
        let texts: [String]
    }

    /// As the service hands them in, of these models.
    func parameter(_ filters: [String: Filter], of models: [String]) throws -> Parameter {
        let asked = filters.filter { models.contains($0.key) }
        guard !asked.isEmpty else { return .null }
        let compiled = try asked.mapValues { filter in
            let compiler = FilterCompiler(
                release: release, model: "x",
                fields: [
                    "name": .init(type: "char", columnType: "character varying"),
                    "writer": .init(type: "integer", columnType: "integer"),
                    "company_id": .init(type: "integer", columnType: "integer"),
                    "parent_id": .init(type: "many2one", columnType: "integer"),
                ])
            let condition = try compiler.compile(filter.domain)
            return Compiled(
                domain: filter.domain, condition: condition.sql, numbers: condition.numbers, texts: condition.texts)
        }
        return .text(String(decoding: try JSONEncoder().encode(compiled), as: UTF8.self))
    }

    /// Many records leave filters and come into them.
    func moveAcrossFilters() async throws {
        note("records move across filters")
        try await administrator.execute(
            script: """
                UPDATE x_gamma SET company_id = 3 - company_id WHERE id % 2 = 0;
                UPDATE x_alpha SET name = CASE WHEN name LIKE '1%' THEN '7' ELSE '12' END WHERE id % 2 = 0;
                UPDATE x_beta SET name = CASE WHEN name LIKE '%5%' THEN '8' ELSE '5' END WHERE id % 3 = 0;
                """)
    }

    /// A device asks by other filters; the next pull tells it to take those models anew.
    func refilter(_ device: Device) {
        device.filters = someFilters()
        (device.token, device.backup) = (nil, nil)
        note("\(device.name) filters \(device.filters.mapValues(\.domain).map { "\($0): \($1.prefix(60))" }.sorted())")
    }
}
