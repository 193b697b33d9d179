package import ChangeFeed

/// Numbers, sizes and times as people read them, whatever the locale.
package enum HumanText {
    /// Bytes in powers of 1024, as PostgreSQL's `pg_size_pretty` names them: `672 kB`, `8 GB`, `1.5 GB`.
    package static func bytes(_ count: Int64) -> String {
        scaled(Double(count), units: ["bytes", "kB", "MB", "GB", "TB"], by: 1_024)
    }

    /// A time span in its two largest units: `3 min 20 s`, `2 days 4 h`; below ten seconds with tenths.
    package static func duration(seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0 else { return "-" }
        if seconds < 0.001 { return "0 s" }
        if seconds < 1 { return "\(Int((seconds * 1_000).rounded())) ms" }
        if seconds < 10 { return "\(tenths(seconds)) s" }
        let whole = Int(min(seconds.rounded(), 1e15))
        let (days, hours, minutes, rest) = (whole / 86_400, whole / 3_600 % 24, whole / 60 % 60, whole % 60)
        if days > 0 { return "\(days) \(days == 1 ? "day" : "days")" + (hours > 0 ? " \(hours) h" : "") }
        if hours > 0 { return "\(hours) h" + (minutes > 0 ? " \(minutes) min" : "") }
        if minutes > 0 { return "\(minutes) min" + (rest > 0 ? " \(rest) s" : "") }
        return "\(rest) s"
    }

    /// A count with blanks between its thousands: `49 323`.
    package static func count(_ number: Int64) -> String {
        let digits = Array(String(number.magnitude))
        var text = number < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += " " }
            text.append(digit)
        }
        return text
    }

    /// A share of one as percent: `12 %`, `0.4 %`.
    package static func percent(_ share: Double) -> String {
        guard share.isFinite else { return "-" }
        let percent = share * 100
        return (percent >= 9.95 || percent == 0 ? "\(Int(percent.rounded()))" : tenths(percent)) + " %"
    }

    /// A moment to the second in UTC, and how long ago it was: `2026-11-30 04:46:57 UTC (2 min ago)`.
    /// - Parameter text: as PostgreSQL's JSON or this project's answers write it; what is no time stays as it is.
    package static func moment(_ text: String, now: Timestamp = .now) -> String {
        guard let moment = Timestamp(iso8601: text) else { return text }
        let shown = moment.iso8601.prefix(19).replacing("T", with: " ")
        let age = Double(now.microseconds - moment.microseconds) / 1_000_000
        return "\(shown) UTC (\(age < 1 ? "just now" : duration(seconds: age.rounded()) + " ago"))"
    }

    /// Seconds from a moment to now; nil for what is no time.
    package static func age(_ text: String, now: Timestamp = .now) -> Double? {
        Timestamp(iso8601: text).map { Double(now.microseconds - $0.microseconds) / 1_000_000 }
    }

    /// A figure with at most two decimals.
    package static func decimal(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        if hundredths % 10 == 0 { return tenths(number) }
        return "\(hundredths / 100).\(hundredths / 10 % 10)\(hundredths % 10)"
    }

    /// At most one decimal.
    private static func tenths(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    private static func scaled(_ number: Double, units: [String], by step: Double) -> String {
        var (number, index) = (number, 0)
        while number >= step, index < units.count - 1 {
            number /= step
            index += 1
        }
        return (index == 0 || number >= 99.95 ? "\(Int(number.rounded()))" : tenths(number)) + " " + units[index]
    }
}
