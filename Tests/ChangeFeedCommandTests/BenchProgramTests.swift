import ChangeFeedTesting
import Foundation
import Testing

@Suite("changefeed bench")
struct BenchProgramTests {
    @Test("runs the changefeed-bench beside it, with all that follows")
    func beside() async throws {
        let help = try await BuiltBinary.run(["bench", "capture", "--help"])
        #expect(help.status == 0 && help.output.contains("USAGE: changefeed-bench capture"), "\(help.errors)")
        let refused = try await BuiltBinary.run(["bench", "cost", "--samples", "1"])
        #expect(refused.status == 64 && refused.errors.contains("--samples"))
    }

    @Test("names what to build where there is none")
    func alone() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let copy = folder.appendingPathComponent("changefeed").path
        try FileManager.default.linkItem(atPath: try BuiltBinary.path(), toPath: copy)
        let text = try await BuiltBinary.shell("'\(copy)' bench cost 2>&1; echo \"status $?\"")
        #expect(text.contains("swift build -c release --product changefeed-bench") && text.hasSuffix("status 1\n"))
    }
}
