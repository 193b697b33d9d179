import ChangeFeedTesting
import Testing

@Suite("The commands without a superuser", .timeLimit(.minutes(10)))
struct ManagedCommandTests {
    @Test(
        "a refusal ends with 77 and shows what is missing; after install --roles-for the rest needs no right to create roles"
    )
    func refusal() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.odoo)
        try await database.psql(
            "CREATE ROLE administrator LOGIN CREATEROLE; CREATE ROLE plain LOGIN; GRANT odoo TO plain; GRANT CREATE ON DATABASE \(database.name) TO plain"
        )
        let plain = ["--database", database.conninfo(user: "plain")]
        let refused = try await BuiltBinary.run(["install"] + plain)
        #expect(refused.status == 77)
        #expect(refused.errors.contains("plain may not install the feed yet; nothing was changed"))
        #expect(refused.errors.contains("these are missing: changefeed_owner"))
        #expect(try await database.psql("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'changefeed%'") == "0")

        let roles = try await BuiltBinary.run([
            "install", "--roles-for", "plain", "--database", database.conninfo(user: "administrator"),
        ])
        #expect(roles.status == 0, "\(roles.errors)")
        #expect(try await database.psql("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'changefeed%'") == "5")
        for command in ["install", "verify", "uninstall"] {
            let done = try await BuiltBinary.run([command] + plain)
            #expect(done.status == 0, "\(command): \(done.errors)")
        }
        #expect(try await BuiltBinary.run(["install", "--dry-run", "--roles-for", "plain"]).status == 64)
        await cluster.remove()
    }
}
