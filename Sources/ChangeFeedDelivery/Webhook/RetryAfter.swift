public import ChangeFeed

/// The header `Retry-After` of an answer (RFC 9110, 10.2.3).
public enum RetryAfter {
    /// The longest time that a receiver is granted.
    public static let longest: Duration = .seconds(24 * 3_600)

    /// From now until the next attempt, from zero to 24 hours; nil for a text that is neither a number of seconds nor
    /// a date.
    /// - Parameter text: Whole seconds, or a date in one of the three forms of RFC 9110, 5.6.7: IMF-fixdate
    ///   (`Sun, 06 Nov 1994 08:49:37 GMT`), RFC 850 (`Sunday, 06-Nov-94 08:49:37 GMT`) or asctime
    ///   (`Sun Nov  6 08:49:37 1994`).
    public static func parse(_ text: String, now: Timestamp) -> Duration? {
        guard text.utf8.count <= 64 else { return nil }
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
        if words.count == 1, let only = words.first {
            guard only.utf8.allSatisfy(isDigit) else { return nil }
            // A number that does not fit is longer than the longest.
            return Int64(only).map { min(longest, .seconds($0)) } ?? longest
        }
        guard let date = date(words, now: now) else { return nil }
        return min(longest, max(.zero, .microseconds(date.microseconds - now.microseconds)))
    }

    private static let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let longDays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func date(_ words: [Substring], now: Timestamp) -> Timestamp? {
        switch words.count {
        case 6:
            guard words[0].last == ",", days.contains(String(words[0].dropLast())), words[1].utf8.count == 2,
                words[3].utf8.count == 4, words[5] == "GMT"
            else { return nil }
            return timestamp(year: words[3], month: words[2], day: words[1], time: words[4])
        case 5:
            guard days.contains(String(words[0])), words[4].utf8.count == 4 else { return nil }
            return timestamp(year: words[4], month: words[1], day: words[2], time: words[3])
        case 4:
            let parts = words[1].split(separator: "-", omittingEmptySubsequences: false)
            guard words[0].last == ",", longDays.contains(String(words[0].dropLast())), parts.count == 3,
                parts[2].utf8.count == 2, parts[2].utf8.allSatisfy(isDigit), words[3] == "GMT",
                let year = Int(parts[2]), let thisYear = Int(now.iso8601.prefix(4))
            else { return nil }
            // A year that seems to be more than 50 years ahead is the last one in the past with these digits.
            var full = thisYear - thisYear % 100 + 100 + year
            while full > thisYear + 50 { full -= 100 }
            return timestamp(year: String(full)[...], month: parts[1], day: parts[0], time: words[2])
        default: return nil
        }
    }

    private static func timestamp(year: Substring, month: Substring, day: Substring, time: Substring) -> Timestamp? {
        guard let number = months.firstIndex(of: String(month)), (1...2).contains(day.utf8.count),
            day.utf8.allSatisfy(isDigit), time.utf8.count == 8
        else { return nil }
        // A leap second is the second before it.
        let second = time.hasSuffix(":60") ? time.dropLast(2) + "59" : time
        let padded = { (text: String) in text.utf8.count == 1 ? "0" + text : text }
        return Timestamp(iso8601: "\(year)-\(padded(String(number + 1)))-\(padded(String(day)))T\(second)Z")
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
