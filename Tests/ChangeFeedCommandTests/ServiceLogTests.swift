import Foundation
import Logging
import Synchronization
import Testing

@testable import ChangeFeedCommand
@testable import ChangeFeedSettings

@Suite("The service's log")
struct ServiceLogTests {
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    private static func logger(_ lines: Lines, _ threshold: LogThreshold = LogThreshold(.info)) -> Logger {
        Logger(label: "changefeed") { label in
            ServiceLogHandler(label: label, format: .json, threshold: threshold) { line in
                lines.all.withLock { $0.append(line) }
            }
        }
    }

    @Test("each event is one line of JSON, whatever is in it; numbers stay numbers")
    func json() throws {
        let lines = Lines()
        var logger = Self.logger(lines)
        logger[metadataKey: "replica"] = "a"
        let text = "a \"quote\", a \\, a\nline\u{2028}, \u{1}\u{9b}31m"
        logger.warning(
            "\(text)",
            metadata: [
                "status": .stringConvertible(200), "duration_ms": .stringConvertible(1.5), "text": .string(text),
                "level": "mine", "list": .array(["x", .stringConvertible(2)]), "object": .dictionary(["k": "v"]),
            ])
        let line = try #require(lines.all.withLock { $0.first })
        #expect(!line.contains("\n") && !line.unicodeScalars.contains { $0.value < 32 || $0.value == 0x2028 })
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["message"] as? String == text && object["text"] as? String == text)
        #expect(object["level"] as? String == "warning" && object["level_"] as? String == "mine")
        #expect(object["status"] as? Int == 200 && object["duration_ms"] as? Double == 1.5)
        #expect(object["replica"] as? String == "a" && object["logger"] as? String == "changefeed")
        #expect((object["list"] as? [Any])?.count == 2 && (object["object"] as? [String: Any])?["k"] as? String == "v")
        #expect((object["time"] as? String)?.hasSuffix("Z") == true)
    }

    @Test("one threshold counts for all copies of a logger, also for those that were made before it changed")
    func threshold() {
        let lines = Lines()
        let threshold = LogThreshold(.warning)
        let logger = Self.logger(lines, threshold)
        var copy = logger
        copy[metadataKey: "copy"] = "yes"
        copy.info("not logged")
        threshold.level = .debug
        copy.debug("logged")
        logger.debug("logged")
        #expect(lines.all.withLock { $0.count } == 2)
    }

    @Test("the HTTP library's word about a listener that never began is no error of ours")
    func noise() {
        let lines = Lines()
        let logger = Self.logger(lines)
        logger.error("Waiting on child channel: CancellationError()", source: "HummingbirdCore")
        #expect(lines.all.withLock { $0.count } == 0)
        logger.error("Waiting on child channel: IOError()", source: "HummingbirdCore")
        #expect(lines.all.withLock { $0.count } == 1)
    }
}
