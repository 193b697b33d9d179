import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres
import Testing

private let answeredReleases = Fixture.releases.filter { Fixture.real("domains.json.gz", release: $0) != nil }

/// What each release of Odoo made of domains, each of them the only further rule of its model.
@Suite(
    "Domains as each release of Odoo understands them", .timeLimit(.minutes(10)),
    .enabled(if: !answeredReleases.isEmpty, "Odoo's answers about domains are not beside this checkout"))
struct DomainAnswersTests {
    private struct Answer: Decodable {
        let model: String
        let domain: String
        /// Nil where Odoo refuses the domain; a text where PostgreSQL does.
        let ids: [Int64]?

        enum CodingKeys: String, CodingKey { case model, domain, demo }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            model = try values.decode(String.self, forKey: .model)
            domain = try values.decode(String.self, forKey: .domain)
            ids = try? values.decode([Int64].self, forKey: .demo)
        }
    }

    @Test("never too much, nearly all of them equal, few closed", arguments: answeredReleases)
    func answers(release: Int) async throws {
        let path = try #require(Fixture.real("domains.json.gz", release: release))
        let answers = try JSONDecoder().decode([Answer].self, from: Data(try await Fixture.unpack(path).utf8))
        let here = try await OdooAnswersTests.installed(release)
        let rule = try await here.superuser.value(
            """
            INSERT INTO ir_rule (model_id, name, active, perm_read, perm_write, perm_create, perm_unlink, "global")
            VALUES ((SELECT id FROM ir_model WHERE model = 'res.partner'), 'extra', true, true, true, true, true, true) RETURNING id
            """)
        let demo = try #require(try await OdooAnswers.read(release: release).users["demo"]).uid
        var outcome = Outcome()
        for answer in answers {
            _ = try await here.superuser.query(
                Query(
                    "UPDATE ir_rule SET domain_force = $1, model_id = (SELECT id FROM ir_model WHERE model = $2) WHERE id = $3::int",
                    [.text(answer.domain), .text(answer.model), .text(rule)]))
            _ = try await here.superuser.query(Query("SELECT changefeed.grant_rules($1)", [.text(answer.model)]))
            let found = try await here.visible(answer.model, to: demo)
            outcome.note(answer, found)
        }
        #expect(outcome.compared >= 130)
        #expect(outcome.tooMuch == [], "Odoo \(release)")
        #expect(outcome.tooFew == [], "Odoo \(release)")
        #expect(outcome.closed.count * 100 <= outcome.compared * 15, "Odoo \(release): \(outcome.closed)")
    }

    private struct Outcome {
        var compared = 0
        var tooMuch: [String] = []
        var tooFew: [String] = []
        var closed: [String] = []

        mutating func note(_ answer: Answer, _ found: [Int64]?) {
            let name = "\(answer.model) \(answer.domain)"
            guard let wanted = answer.ids else {
                // What Odoo refuses shows nothing.
                if !(found ?? []).isEmpty { tooMuch.append(name) }
                return
            }
            compared += 1
            guard let found else { return closed.append(name) }
            if !Set(found).isSubset(of: wanted) { tooMuch.append(name) }
            if !Set(wanted).isSubset(of: found) { tooFew.append(name) }
        }
    }
}
