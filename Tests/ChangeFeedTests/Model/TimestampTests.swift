import ChangeFeed
import Testing

@Suite("A timestamp")
struct TimestampTests {
    @Test(
        "is read from ISO 8601, without a zone as UTC",
        arguments: [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01", 0),
            ("1970-01-01T00:00", 0),
            ("1969-12-31T23:59:59.999999Z", -1),
            ("2026-11-24T02:43:08.123456Z", 1_795_488_188_123_456),
            ("2026-11-24 02:43:08.123456", 1_795_488_188_123_456),
            ("2026-11-24t02:43:08,1234569z", 1_795_488_188_123_456),
            ("2026-11-24T04:43:08.123456+02:00", 1_795_488_188_123_456),
            ("2026-11-24T04:43:08.123456 02:00", 1_795_488_188_123_456),
            ("2026-11-24T04:43:08.123456+0200", 1_795_488_188_123_456),
            ("2026-11-23T21:13:08.123456-05:30", 1_795_488_188_123_456),
            ("2026-11-25T01:43:08.123456+23:00", 1_795_488_188_123_456),
            ("2000-02-29T00:00:00Z", 951_782_400_000_000),
        ])
    func read(text: String, microseconds: Int64) {
        #expect(Timestamp(iso8601: text)?.microseconds == microseconds)
    }

    @Test(
        "is nothing else",
        arguments: [
            "", "now", "yesterday", "infinity", "0", "2026", "2026-11", "2026-13-01", "2026-02-30", "1900-02-29",
            "2026-11-24T", "2026-11-24T24:00:00Z", "2026-11-24T02", "2026-11-24T02:60", "2026-11-24T02:43:60Z",
            "2026-11-24T02:43:08.Z", "2026-11-24T02:43:08ZZ", "2026-11-24T02:43:08+", "2026-11-24T02:43:08+99:00",
            "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "2026-11-24T02:43:08+24:00", "0000-01-01",
            "-001-01-01", "99999-01-01", "２０２６-11-24", "2026-11-24T02:43:08Z'; DROP TABLE x; --",
        ])
    func refuse(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test("is written so that it reads back as it was")
    func roundTrip() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let moment = Timestamp(
                microseconds: .random(in: -62_135_596_800_000_000...253_402_300_799_999_999, using: &generator))
            #expect(Timestamp(iso8601: moment.iso8601) == moment)
        }
        #expect(Timestamp(microseconds: 1_795_488_188_000_001).iso8601 == "2026-11-24T02:43:08.000001Z")
    }
}
