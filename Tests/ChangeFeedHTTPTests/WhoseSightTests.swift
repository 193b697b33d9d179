import ChangeFeed
import ChangeFeedTesting
import Testing

@Suite("Which user's access an answer uses", .timeLimit(.minutes(10)))
struct WhoseSightTests {
    @Test(
        "pulls, pages of lists and the state name the user who asked",
        arguments: [(TestKeys.admin, 2), (TestKeys.sales, 6)])
    func named(key: String, user: Int) async throws {
        let (_, service) = try await SyncTests.installed("UPDATE res_partner SET phone = '1' WHERE id <= 3")
        for path in [
            SyncTests.pull + "?device_id=phone&limit=1",
            SyncTests.pull + "?device_id=phone&models=product.category&wait=1",
            SyncTests.snapshot + "?device_id=phone&model=res.partner", SyncTests.state + "?device_id=phone",
        ] {
            let answer = try await service.send(path, key: key)
            #expect(answer.status == 200 && answer.object["user_id"] as? Int == user, "\(path): \(answer.text)")
        }
    }

    @Test("a session names its user, too", arguments: [TestSession.admin, .sales])
    func session(session: TestSession) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let folder = try SessionFolder()
        try folder.write(session, database: database.name)
        let service = try Service(
            database, authentication: .init(sessionChecks: [SessionFiles(dataDirectory: folder.path)]))
        let answer = try await service.send(SyncTests.pull + "?device_id=phone", session: session)
        #expect(answer.status == 200 && answer.object["user_id"] as? Int == session.user, "\(answer.text)")
    }
}
