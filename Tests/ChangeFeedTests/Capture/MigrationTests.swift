import ChangeFeed
import ChangeFeedTesting
import Crypto
import Foundation
import Testing

@Suite("Migrations")
struct MigrationTests {
    private static let folder = Fixture.sqlFolder + "/migrations"

    @Test("a migration that was once there never changes: their checksums are those of sql/migrations/CHECKSUMS")
    func frozen() throws {
        let list = try String(contentsOfFile: Self.folder + "/CHECKSUMS", encoding: .utf8)
        var known: [String: String] = [:]
        for line in list.split(separator: "\n") {
            let words = line.split(separator: " ", omittingEmptySubsequences: true)
            known[String(words[1])] = String(words[0])
        }
        var found: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: Self.folder) where name.hasSuffix(".sql") {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: Self.folder + "/" + name))
            found[name] = SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
        }
        #expect(
            found == known,
            "A change of a table is a new migration. Its line: cd sql/migrations && sha256sum NEW >> CHECKSUMS")
    }

    @Test("the binary asks for the newest migration")
    func newest() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder).filter { $0.hasSuffix(".sql") }
        #expect(names.compactMap { Int($0.prefix(4)) }.max() == FeedIdentity.schemaVersion)
    }

    @Test(
        "sql/schema.sql is what a fresh installation makes, as pg_dump 15 has it",
        .enabled("the tests run on another release than PostgreSQL 15") {
            try await ServerPrograms.chosen().release() == 15
        })
    func schema() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let kept = try String(contentsOfFile: Fixture.sqlFolder + "/schema.sql", encoding: .utf8)
        let text = kept.split(separator: "\n", omittingEmptySubsequences: false).dropFirst().joined(separator: "\n")
        #expect(
            try await database.schemaText() == text,
            "scripts/schema.sh writes it again; read the difference before you commit it.")
    }
}
