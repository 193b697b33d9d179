import ChangeFeed
import Testing

@testable import ChangeFeedDelivery

@Suite("The retry schedule")
struct RetryTests {
    @Test("makes 10 attempts within 75 h 35 min 5 s")
    func sum() {
        let schedule = RetrySchedule.standard
        #expect(schedule.attempts == 10)
        var total = Duration.zero
        var attempts = 0
        while let delay = schedule.delay(afterAttempt: attempts, fraction: 0) {
            total += delay
            attempts += 1
        }
        #expect(attempts == 10)
        #expect(total == .seconds(75 * 3_600 + 35 * 60 + 5))
        // With all of the jitter: 2 s, 30 s, 3 min, 12 min, and five times 15 min.
        let longest = (0..<10).compactMap { schedule.delay(afterAttempt: $0, fraction: 1) }.reduce(.zero, +)
        #expect(longest - total == .seconds(2 + 30 + 180 + 720 + 5 * 900))
    }

    @Test(
        "adds up to 10 %, at least 2 s and at most 15 min",
        arguments: [
            (0, 1.0, 0.0), (1, 0, 5), (1, 0.5, 6), (1, 1, 7), (2, 1, 330), (3, 0.5, 1_890), (4, 1, 7_920),
            (5, 1, 18_900), (6, 1, 36_900), (9, 1, 87_300), (9, 7, 87_300), (1, -1, 5),
        ])
    func jitter(attempt: Int, fraction: Double, seconds: Double) {
        #expect(RetrySchedule.standard.delay(afterAttempt: attempt, fraction: fraction) == .seconds(seconds))
    }

    @Test("ends after the tenth attempt", arguments: [10, 11, 1_000])
    func ends(attempt: Int) { #expect(RetrySchedule.standard.delay(afterAttempt: attempt, fraction: 0) == nil) }

    @Test("may be another one")
    func other() {
        let schedule = RetrySchedule(delays: [.zero, .seconds(1)])
        #expect(schedule.delay(afterAttempt: 1, fraction: 1) == .seconds(3))
        #expect(schedule.delay(afterAttempt: 2, fraction: 1) == nil)
        #expect(RetrySchedule(delays: []).delay(afterAttempt: 0, fraction: 0) == nil)
    }
}

@Suite("Retry-After")
struct RetryAfterTests {
    @Test(
        "is a number of seconds, at most 24 hours",
        arguments: [
            ("0", 0), ("120", 120), (" 120\t", 120), ("007", 7), ("86400", 86_400), ("86401", 86_400),
            ("99999999999999999999999999", 86_400),
        ])
    func seconds(text: String, seconds: Int) throws {
        #expect(RetryAfter.parse(text, now: Timestamp(microseconds: 0)) == .seconds(seconds))
    }

    @Test(
        "is a date in one of three forms, never in the past and at most 24 hours ahead",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 37), ("Sunday, 06-Nov-94 08:49:37 GMT", 37),
            ("Sun Nov  6 08:49:37 1994", 37), ("Sun, 06 Nov 1994 08:49:00 GMT", 0),
            ("Sun, 06 Nov 1994 08:48:59 GMT", 0), ("Sat, 05 Nov 1994 00:00:00 GMT", 0),
            ("Mon, 07 Nov 1994 08:48:59 GMT", 86_399), ("Mon, 07 Nov 1994 08:49:01 GMT", 86_400),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400), ("Sun, 06 Nov 1994 08:49:60 GMT", 59),
            // Two digits of a year: at most 50 years ahead.
            ("Sunday, 06-Nov-44 00:00:00 GMT", 86_400), ("Monday, 06-Nov-45 00:00:00 GMT", 0),
            ("Monday, 07-Nov-94 00:00:00 GMT", 15 * 3_600 + 11 * 60),
        ])
    func dates(text: String, seconds: Int) throws {
        let now = try #require(Timestamp(iso8601: "1994-11-06T08:49:00Z"))
        #expect(RetryAfter.parse(text, now: now) == .seconds(seconds))
    }

    @Test("keeps parts of a second until a date")
    func parts() throws {
        let now = try #require(Timestamp(iso8601: "1994-11-06T08:49:36.75Z"))
        #expect(RetryAfter.parse("Sun, 06 Nov 1994 08:49:37 GMT", now: now) == .milliseconds(250))
    }

    @Test(
        "that is neither is ignored",
        arguments: [
            "", " ", "-1", "+1", "1.5", "1e3", "0x10", "soon", "１２", "1 2", "120, 60", "120;",
            "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 8:49:37 GMT",
            "Sun 06 Nov 1994 08:49:37 GMT", "Sonntag, 06-Nov-94 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT",
            "Sunday, 06-Nov-1994 08:49:37 GMT", "Sunday, 06-Nov-+4 08:49:37 GMT", "Sun Nov 6 08:49:37 94",
            "Sun, 06 nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z", String(repeating: "9", count: 65),
        ])
    func rubbish(text: String) throws {
        #expect(RetryAfter.parse(text, now: Timestamp(microseconds: 0)) == nil)
    }
}
