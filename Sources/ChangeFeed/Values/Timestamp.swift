internal import Glibc

/// A point in time, in microseconds since 1970-01-01 00:00:00 UTC: PostgreSQL's own resolution.
public struct Timestamp: Hashable, Sendable, Comparable {
    public let microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }

    public static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }

    /// By this machine's clock.
    public static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }
}

extension Timestamp {
    /// Reads the profile of ISO 8601 in RFC 3339, slightly more leniently: the time, its seconds and the zone
    /// are optional (no zone means UTC), a space may replace `T`, and a space before the offset counts as the
    /// `+` that form encoding removes. Digits beyond the microsecond are dropped. Years 0001 to 9999.
    public init?(iso8601 text: String) {
        var reader = DigitReader(text)
        guard let year = reader.number(4, 1...9999), reader.take("-"), let month = reader.number(2, 1...12),
            reader.take("-"), let day = reader.number(2, 1...Self.daysIn(month, of: year))
        else { return nil }
        var total = Self.days(year, month, day) * 86_400_000_000
        if !reader.isAtEnd {
            guard reader.take("T") || reader.take("t") || reader.take(" "), let hour = reader.number(2, 0...23),
                reader.take(":"), let minute = reader.number(2, 0...59)
            else { return nil }
            total += (hour * 3_600 + minute * 60) * 1_000_000
            if reader.take(":") {
                guard let second = reader.number(2, 0...59) else { return nil }
                total += second * 1_000_000
                if reader.take(".") || reader.take(",") {
                    guard let fraction = reader.fraction() else { return nil }
                    total += fraction
                }
            }
            guard let offset = reader.zone() else { return nil }
            total -= offset * 1_000_000
        }
        // An offset may lead out of the range of years that can be written.
        guard reader.isAtEnd, (-62_135_596_800_000_000...253_402_300_799_999_999).contains(total) else { return nil }
        self.init(microseconds: total)
    }

    /// `2026-11-24T02:43:08.123456Z`.
    public var iso8601: String {
        let (day, time) = microseconds.quotientFloored(86_400_000_000)
        let (year, month, dayOfMonth) = Self.date(day)
        let second = time / 1_000_000
        return Self.padded(year, 4) + "-" + Self.padded(month, 2) + "-" + Self.padded(dayOfMonth, 2) + "T"
            + Self.padded(second / 3_600, 2) + ":" + Self.padded(second / 60 % 60, 2) + ":"
            + Self.padded(second % 60, 2) + "." + Self.padded(time % 1_000_000, 6) + "Z"
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func daysIn(_ month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant, "days_from_civil").
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let (era, yearOfEra) = (month <= 2 ? year - 1 : year).quotientFloored(400)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The inverse (Howard Hinnant, "civil_from_days").
    private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (days + 719_468).quotientFloored(146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}

extension Int64 {
    /// Quotient and remainder with the remainder never negative; `divisor` is positive.
    fileprivate func quotientFloored(_ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// Scans the ASCII of a timestamp.
private struct DigitReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func digit() -> Int64? {
        guard position < bytes.count, (48...57).contains(bytes[position]) else { return nil }
        defer { position += 1 }
        return Int64(bytes[position] - 48)
    }

    mutating func number(_ width: Int, _ allowed: ClosedRange<Int64>) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<width {
            guard let next = digit() else { return nil }
            value = value * 10 + next
        }
        return allowed.contains(value) ? value : nil
    }

    /// One or more digits after the point, as microseconds.
    mutating func fraction() -> Int64? {
        guard var value = digit().map({ $0 * 100_000 }) else { return nil }
        var scale: Int64 = 10_000
        while let next = digit() {
            value += next * scale
            scale /= 10
        }
        return value
    }

    /// Seconds east of UTC; empty means UTC.
    mutating func zone() -> Int64? {
        if isAtEnd || take("Z") || take("z") { return 0 }
        let sign: Int64
        if take("-") { sign = -1 } else if take("+") || take(" ") { sign = 1 } else { return nil }
        guard let hours = number(2, 0...23) else { return nil }
        if isAtEnd { return sign * hours * 3_600 }
        _ = take(":")
        guard let minutes = number(2, 0...59) else { return nil }
        return sign * (hours * 3_600 + minutes * 60)
    }
}
