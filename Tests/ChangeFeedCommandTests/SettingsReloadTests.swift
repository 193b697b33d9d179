import ChangeFeedHTTP
import ChangeFeedTesting
import Foundation
import Glibc
import Logging
import Synchronization
import Testing

@testable import ChangeFeedCommand
@testable import ChangeFeedSettings

@Suite("Settings that are read again", .timeLimit(.minutes(10)))
struct SettingsReloadTests {
    private final class Seen: Sendable {
        let lines = Mutex<[String]>([])
        let limits = Mutex<[Int]>([])
        var text: String { lines.withLock { $0.joined(separator: "\n") } }
    }

    private static func reload(_ environment: @escaping @Sendable () -> [String: String], _ seen: Seen)
        -> SettingsReload
    {
        let logger = Logger(label: "test") { label in
            ServiceLogHandler(label: label, format: .json, threshold: LogThreshold(.info)) { line in
                seen.lines.withLock { $0.append(line) }
            }
        }
        return SettingsReload(
            read: { SettingLayers(flags: [:], environment: environment(), environmentFile: "/nonexistent/.env") },
            logger: logger
        ) { settings in
            seen.limits.withLock { $0.append(settings.rateLimitEvents) }
        }
    }

    @Test("what can change is taken over, the rest is named, and names it again until a restart; values are not logged")
    func takesOver() {
        let seen = Seen()
        let environment = Mutex(["CHANGEFEED_RATE_LIMIT_EVENTS": "5", "CHANGEFEED_HOST": "planted.first"])
        let reload = Self.reload({ environment.withLock { $0 } }, seen)
        environment.withLock { $0 = ["CHANGEFEED_RATE_LIMIT_EVENTS": "7", "CHANGEFEED_HOST": "planted.second"] }
        reload.reload()
        #expect(seen.limits.withLock { $0 } == [7])
        #expect(seen.text.contains("took over CHANGEFEED_RATE_LIMIT_EVENTS"))
        #expect(seen.text.contains("a restart is needed for CHANGEFEED_HOST") && !seen.text.contains("planted"))
        reload.reload()
        #expect(seen.text.contains("nothing to take over"))
        #expect(seen.lines.withLock { $0.filter { $0.contains("a restart is needed") }.count } == 2)
    }

    @Test("settings that are wrong change nothing, and the log says so")
    func refuses() {
        let seen = Seen()
        let environment = Mutex<[String: String]>([:])
        let reload = Self.reload({ environment.withLock { $0 } }, seen)
        environment.withLock { $0 = ["CHANGEFEED_RATE_LIMIT_EVENTS": "many", "LOG_LEVEL": "debug"] }
        reload.reload()
        #expect(seen.limits.withLock { $0.count } == 0)
        #expect(seen.text.contains("nothing was changed") && seen.text.contains("CHANGEFEED_RATE_LIMIT_EVENTS"))
    }

    @Test("a settings file counts below the environment, has to be there, and may not hold unknown names")
    func file() throws {
        let path = NSTemporaryDirectory() + "changefeed-settings-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        func layers(_ more: [String: String] = [:]) -> SettingLayers {
            SettingLayers(
                flags: [:], environment: ["CHANGEFEED_SETTINGS_FILE": path].merging(more) { $1 },
                environmentFile: "/nonexistent/.env")
        }
        #expect(throws: SettingProblems.self) { try Settings(layers()) }
        try "CHANGEFEED_RATE_LIMIT_EVENTS=9\n".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try Settings(layers()).rateLimitEvents == 9)
        #expect(try Settings(layers(["CHANGEFEED_RATE_LIMIT_EVENTS": "4"])).rateLimitEvents == 4)
        try "CHANGEFEED_RATE_LIMIT_EVENT=9\n".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: SettingProblems.self) { try Settings(layers()) }
    }

    @Test("SIGHUP reloads a running service: the origin that a page comes from, the level of the log")
    func signal() async throws {
        let path = NSTemporaryDirectory() + "changefeed-settings-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        try "CHANGEFEED_CORS_ORIGINS=none\n".write(toFile: path, atomically: true, encoding: .utf8)
        let service = try RunningService(
            "host=/nonexistent dbname=none",
            environment: ["CHANGEFEED_SETTINGS_FILE": path, "LOG_LEVEL": ""])
        try await eventually("it lives") { try await Curl.get(service.url + "/healthz").status == 200 }
        let origin = "https://app.example.com"
        func allowed() async throws -> Bool {
            try await BuiltBinary.shell("curl -sD - -o /dev/null -H 'Origin: \(origin)' '\(service.url)/healthz'")
                .lowercased().contains("access-control-allow-origin: \(origin)")
        }
        #expect(try await !allowed())
        #expect(!service.process.errors.contains(" debug "))
        try "CHANGEFEED_CORS_ORIGINS=\(origin)\nLOG_LEVEL=debug\nCHANGEFEED_MAX_CONNECTIONS=7\n"
            .write(toFile: path, atomically: true, encoding: .utf8)
        service.process.reload()
        try await eventually("it says so: \(service.process.errors)") {
            service.process.errors.contains("took over LOG_LEVEL, CHANGEFEED_CORS_ORIGINS")
        }
        #expect(service.process.errors.contains("a restart is needed for CHANGEFEED_MAX_CONNECTIONS"))
        #expect(try await allowed())
        try await eventually("requests are at debug") { service.process.errors.contains(" debug ") }
        try "CHANGEFEED_CORS_ORIGINS=not an origin\n".write(toFile: path, atomically: true, encoding: .utf8)
        service.process.reload()
        try await eventually("it refuses") { service.process.errors.contains("nothing was changed") }
        #expect(try await allowed())
        service.process.terminate()
        #expect(try await service.process.waitForExit() == 0)
    }
}
