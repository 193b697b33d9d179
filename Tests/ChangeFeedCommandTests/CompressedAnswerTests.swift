import ChangeFeedTesting
import Foundation
import Testing

/// What curl takes apart again, a program that is not ours.
@Suite("Compressed answers on the wire", .timeLimit(.minutes(10)))
struct CompressedAnswerTests {
    @Test(
        "hold byte by byte what uncompressed ones hold, one after another over one connection, whatever their size",
        arguments: [20, 400])
    func same(partners: Int) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        try await database.psql(
            "INSERT INTO res_partner (id, name) SELECT 100 + n, md5(n::text) || ' Straße ☃' FROM generate_series(1, \(partners)) n",
            user: "odoo")
        let service = try RunningService(
            database.conninfo(user: "changefeed_login"), environment: ["CHANGEFEED_RATE_LIMIT_EVENTS": "0"])
        try await service.ready()
        let url = service.url + "/api/v1/webhook/events?limit=1000&model=res.partner"
        let lines = try await BuiltBinary.shell(
            """
            cd "$(mktemp -d)"
            ask() { curl -sf -H 'Authorization: Bearer \(TestKeys.admin)' -w '%{http_code} %{size_download} %{num_connects}\\n' "$@"; }
            ask -o plain '\(url)'
            ask --compressed -o first '\(url)' -o second '\(url)'
            ask --compressed -I -o head '\(url)'
            cmp plain first && cmp plain second && echo same
            grep -i '^content-encoding: gzip' head | tr -d '\\r'
            """)
        let answers = lines.split(separator: "\n").map { $0.split(separator: " ") }
        let sizes = answers.prefix(4).map { Int($0[1]) ?? 0 }
        #expect(answers.prefix(4).allSatisfy { $0[0] == "200" } && answers[2].last == "0", "\(lines)")
        #expect(sizes[1] * 3 < sizes[0] && sizes[1] == sizes[2] && sizes[3] == 0, "\(lines)")
        #expect(lines.contains("same\n") && lines.lowercased().contains("content-encoding: gzip"), "\(lines)")
    }
}
