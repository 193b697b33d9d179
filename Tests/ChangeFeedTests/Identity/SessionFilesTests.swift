@testable import ChangeFeed
import ChangeFeedTesting
import Foundation
import Testing

@Suite("Odoo's session files")
struct SessionFilesTests {
    private let folder: SessionFolder
    private let files: SessionFiles

    init() throws {
        folder = try SessionFolder()
        files = SessionFiles(dataDirectory: folder.path)
    }

    private func find(_ id: String) async throws -> CallerProof? { try await files.find(#require(SessionID(id))) }

    @Test("a session is read as Odoo wrote it, with the time of its last use")
    func reads() async throws {
        try folder.write(.admin, database: "odoo", age: 100)
        let proof = try #require(try await find(TestSession.admin.id))
        #expect(proof.subject == 2 && proof.proof == TestSession.admin.token && proof.database == "odoo")
        let idle = Timestamp.now.microseconds - (proof.usedAt?.microseconds ?? 0)
        #expect((90_000_000...300_000_000).contains(idle))
        #expect(!"\(proof)".contains(TestSession.admin.token))
    }

    @Test(
        "a session without a logged-in user is rejected",
        arguments: [
            "", "{", "[]", "null", "{}", #"{"uid": null, "db": "odoo", "session_token": null}"#,
            #"{"uid": 2, "db": "odoo", "session_token": ""}"#, #"{"uid": 2, "db": null, "session_token": "x"}"#,
            #"{"uid": 1, "db": "odoo", "session_token": "x"}"#, #"{"uid": "2", "db": "odoo", "session_token": "x"}"#,
            #"{"uid": 99999999999, "db": "odoo", "session_token": "x"}"#,
            #"{"uid": 2, "db": "odoo", "session_token": "x\u0000"}"#,
        ])
    func refuses(_ content: String) async throws {
        try folder.write(content, as: TestSession.admin.id)
        #expect(try await find(TestSession.admin.id) == nil)
    }

    @Test("a file that is larger than a session, a folder and a pipe are not read")
    func odd() async throws {
        let session = TestSession.admin
        try folder.write(session.json(database: "odoo") + String(repeating: " ", count: 300_000), as: session.id)
        #expect(try await find(session.id) == nil)
        try FileManager.default.removeItem(atPath: folder.file(session.id))
        try FileManager.default.createDirectory(atPath: folder.file(session.id), withIntermediateDirectories: false)
        #expect(try await find(session.id) == nil)
        try FileManager.default.removeItem(atPath: folder.file(session.id))
        #expect(mkfifo(folder.file(session.id), 0o600) == 0)
        #expect(try await find(session.id) == nil)
    }

    @Test("symbolic links are not followed, neither of the file nor of its folder")
    func links() async throws {
        let session = TestSession.admin
        let elsewhere = try SessionFolder()
        try elsewhere.write(session, database: "odoo")
        try folder.link(session, to: elsewhere.file(session.id))
        #expect(try await find(session.id) == nil)
        let shelf = (folder.file(session.id) as NSString).deletingLastPathComponent
        try FileManager.default.removeItem(atPath: shelf)
        try FileManager.default.createSymbolicLink(
            atPath: shelf, withDestinationPath: (elsewhere.file(session.id) as NSString).deletingLastPathComponent)
        #expect(try await find(session.id) == nil)
    }

    @Test(
        "a name that leaves the folder is no session id",
        arguments: [
            "../../../../../../../../../../etc/passwd-------------", String(repeating: "a", count: 39),
            String(repeating: "a", count: 129),
            String(repeating: "a", count: 60) + "/x", String(repeating: "a", count: 60) + "\0",
            String(repeating: ".", count: 84),
            String(repeating: "ä", count: 42), String(repeating: "a", count: 60) + "%2f", "",
        ])
    func names(_ text: String) { #expect(SessionID(text) == nil) }

    @Test("a folder that is not there is Odoo out of reach, not a wrong session")
    func missing() async throws {
        let files = SessionFiles(dataDirectory: folder.path + "/nowhere")
        await #expect(throws: AuthenticationError.odooUnreachable) {
            try await files.find(#require(SessionID(TestSession.admin.id)))
        }
    }
}
