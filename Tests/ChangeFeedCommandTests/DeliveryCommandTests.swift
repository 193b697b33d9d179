import ChangeFeedTesting
import Testing

@Suite("changefeed delivery", .timeLimit(.minutes(10)))
struct DeliveryCommandTests {
    @Test(
        "shows why nothing may be pushed, tries without keeping, adopts a copy, forbids and allows, and only who may decides"
    )
    func decide() async throws {
        let original = try await PrivateCluster.shared().createDatabase(.installed)
        try await original.psql("SELECT changefeed.check_identity()")
        try await original.psql("CREATE DATABASE \(original.name)_copy TEMPLATE \(original.name)", in: "postgres")
        let copy = try await PrivateCluster.shared().database(named: original.name + "_copy")
        func run(_ words: String..., as user: String? = nil) async throws -> BuiltBinary.Result {
            try await BuiltBinary.run(["delivery"] + words + ["--database", copy.conninfo(user: user)])
        }
        let found = try await run(as: "changefeed_login")
        #expect(
            found.status == 2
                && found.output.hasPrefix(
                    "Nothing is pushed from this database: it is a copy until an operator adopts it (another database;"),
            "\(found)")
        #expect(try await run("adopt", as: "changefeed_login").status == 77)
        let tried = try await run("adopt", "--dry-run", "--json")
        #expect(
            tried.status == 0
                && tried.output.hasPrefix(#"{"allowed":true,"changed":true,"details":[],"dry_run":true,"reasons":[]}"#),
            "\(tried)")
        #expect(try await run("show").status == 2)
        #expect(try await run("adopt", "--reason", "moved").output == "This database may push.\n")
        #expect(
            try await run("adopt").output == "Nothing to adopt: this database is not a copy.\nThis database may push.\n"
        )
        #expect(try await copy.psql("SELECT reason FROM changefeed.home WHERE cause = 'adopted'") == "moved")
        #expect(
            try await run("forbid", "--reason", "for tests").output.hasPrefix(
                "Nothing is pushed from this database: postgres forbade it at "))
        #expect(try await run("show", "--json", as: "changefeed_login").output.contains(#""reasons":["forbidden"]"#))
        let status = try await BuiltBinary.run(["status", "--database", copy.conninfo(user: "changefeed_login")])
        #expect(status.output.contains("off: forbidden"), "\(status.output)")
        #expect(try await run("allow").status == 0)
        #expect(try await run("show").status == 0)
    }
}
