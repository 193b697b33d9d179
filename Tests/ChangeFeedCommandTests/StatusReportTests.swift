import ChangeFeed
import Foundation
import Testing

@testable import ChangeFeedCommand
@testable import ChangeFeedSettings

@Suite("changefeed status for people")
struct StatusReportTests {
    private static let now = Timestamp(iso8601: "2026-11-30T12:00:00Z")

    /// A healthy feed, with some members replaced.
    private static func document(_ changes: [String: Any] = [:]) throws -> String {
        var document: [String: Any] = [
            "database": "odoo", "server_version": "17.2", "schema_version": FeedIdentity.schemaVersion, "epoch": 1,
            "in_recovery": false, "paused": false, "open_gaps": 0, "current_slot": 3,
            "slot_opened_at": "2026-11-29T12:00:00+00:00", "log_bytes": 700 << 20, "oldest_transaction_seconds": 0.2,
            "notification_queue_usage": 0, "lag_seconds": 0, "last_event_at": "2026-11-30T11:59:58+00:00",
            "oldest_event_at": NSNull(),
            "models": [
                [
                    "model": "res.partner", "table_name": "res_partner", "trigger_state": "enabled", "create_24h": 1,
                    "write_24h": 12_345, "unlink_24h": 0,
                ]
            ],
            "slots": [
                ["slot": 0, "bytes": 1, "closed_at": "2026-11-28T12:00:00+00:00", "emptied_at": NSNull()],
                ["slot": 1, "closed_at": "2026-11-27T12:00:00+00:00", "emptied_at": "2026-11-28T12:00:00+00:00"],
                ["slot": 3, "bytes": 1],
            ],
            "replicas": [["pid": 7, "client_addr": NSNull(), "leader": true]],
            "delivery": ["allowed": true, "reasons": []],
            "retention": [
                "ran_at": "2026-11-30T03:00:00+00:00", "archive_every_seconds": 86_400, "log_budget": 8 << 30,
                "log_budget_action": "oldest", "newest_error_at": NSNull(),
            ],
        ]
        document.merge(changes) { $1 }
        return String(decoding: try JSONSerialization.data(withJSONObject: document), as: UTF8.self)
    }

    private static func lines(_ changes: [String: Any] = [:]) throws -> [String] {
        try StatusReport(json: document(changes), now: try #require(now)).lines
    }

    @Test("a healthy feed is well in one line, then come groups with readable sizes and times")
    func healthy() throws {
        let lines = try Self.lines()
        #expect(lines.first == "All is well: 1 model tracked, no lag, the log has 700 MB.")
        let text = lines.joined(separator: "\n")
        for words in [
            "\nCapture\n", "\nLog\n", "\nService\n", "\nDatabase\n", "2026-11-30 11:59:58 UTC (2 s ago)",
            "700 MB (8.5 % of 8 GB)", "writes to table 3 of 3; 1 closed and not emptied yet",
            "ran 2026-11-30 03:00:00 UTC (9 h ago)", "12 345", "backend 7 from a local socket",
        ] {
            #expect(text.contains(words), "\(words) in\n\(text)")
        }
    }

    @Test(
        "what is not well is named with what to do",
        arguments: [
            ("paused", true, "Capture is paused"), ("in_recovery", true, "standby"),
            ("schema_version", 3, "changefeed install"), ("replicas", [Int](), "No service follows"),
            ("lag_seconds", 90, "1 min 30 s"), ("oldest_transaction_seconds", 90_000, "1 day 1 h"),
            ("open_gaps", 2, "2 gaps are open"), ("log_bytes", 7 << 30, "88 % of its budget"),
            ("notification_queue_usage", 0.6, "60 % full"), ("models", [Int](), "No model is tracked"),
        ] as [(String, any Sendable, String)])
    func concern(key: String, value: any Sendable, words: String) throws {
        let lines = try Self.lines([key: value])
        #expect(lines.first == "One thing needs attention:", "\(lines)")
        #expect(lines.dropFirst().first?.contains(words) == true, "\(lines)")
    }

    @Test("several concerns are counted; triggers, retention and failed steps are among them")
    func concerns() throws {
        let lines = try Self.lines([
            "models": [["model": "x.y\u{1b}", "trigger_state": "disabled"]],
            "retention": [
                "ran_at": "2026-11-20T03:00:00+00:00", "archive_every_seconds": 86_400,
                "newest_error_at": "2026-11-30T11:00:00+00:00",
            ],
        ])
        #expect(lines.first == "3 things need attention:")
        #expect(lines.contains { $0.contains("Triggers are not in order on x.y") })
        #expect(lines.contains { $0.contains("Retention ran last") })
        #expect(lines.contains { $0.contains("A background step failed") })
        // Names may contain anything, and a terminal obeys some of it.
        #expect(!lines.joined().contains("\u{1b}"))
    }

    @Test(
        "sizes, spans and counts",
        arguments: [
            (HumanText.bytes(0), "0 bytes"), (HumanText.bytes(1_023), "1023 bytes"),
            (HumanText.bytes(688_128), "672 kB"),
            (HumanText.bytes(1_610_612_736), "1.5 GB"), (HumanText.bytes(8 << 30), "8 GB"),
            (HumanText.duration(seconds: 0), "0 s"), (HumanText.duration(seconds: 0.0021), "2 ms"),
            (HumanText.duration(seconds: 2.25), "2.3 s"), (HumanText.duration(seconds: 59.6), "1 min"),
            (HumanText.duration(seconds: 200), "3 min 20 s"), (HumanText.duration(seconds: 7_300), "2 h 1 min"),
            (HumanText.duration(seconds: 187_200), "2 days 4 h"), (HumanText.count(1_234_567), "1 234 567"),
            (HumanText.count(-999), "-999"), (HumanText.percent(0.004), "0.4 %"), (HumanText.percent(0.876), "88 %"),
        ])
    func numbers(text: String, expected: String) {
        #expect(text == expected)
    }
}
