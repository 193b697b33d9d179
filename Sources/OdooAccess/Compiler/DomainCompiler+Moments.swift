/// Texts for times relative to now, and Odoo 19's treatment of days and seconds.
extension DomainCompiler {
    struct Moment {
        /// A timestamp in UTC.
        var sql: String
        /// A day, from its beginning to its end.
        var isDay = false
    }

    private static let now = "(now() AT TIME ZONE 'UTC')"

    /// A text that is not a date: up to Odoo 18 interpreted by PostgreSQL, then as by Odoo's `parse_date`.
    mutating func relativeMoment(_ text: String) -> Moment? {
        guard dialect.hasRelativeDates else {
            sql.note(use: "time")
            switch text {
            case "now": return Moment(sql: Self.now)
            case "today": return Moment(sql: "date_trunc('day', \(Self.now))")
            case "yesterday": return Moment(sql: "date_trunc('day', \(Self.now)) - interval '1 day'")
            case "tomorrow": return Moment(sql: "date_trunc('day', \(Self.now)) + interval '1 day'")
            default: return nil
            }
        }
        var words = text.split(whereSeparator: \.isWhitespace)
        guard let first = words.first else { return nil }
        let isDay = first == "today"
        if isDay || first == "now" { words.removeFirst() }
        var intervals: [String] = []
        var days = 0.0
        for word in words {
            guard let interval = Self.interval(word, isDay: isDay) else { return nil }
            intervals.append(interval.text)
            days += interval.days
        }
        guard days <= DateFunctions.mostDays else { return nil }
        sql.note(use: "time")
        let steps = intervals.map { " + interval '\($0)'" }.joined()
        // Steps use the user's local time, whose offset from UTC stays as it is now.
        if isDay { return Moment(sql: inUTC("(now() AT TIME ZONE \(zone()))::date\(steps)"), isDay: true) }
        return Moment(sql: "((now() AT TIME ZONE \(zone()))\(steps) + (\(Self.now) - (now() AT TIME ZONE \(zone()))))")
    }

    /// `-30d`: a number of days, weeks, months or years; with a time also hours, minutes and seconds.
    private static func interval(_ word: Substring, isDay: Bool) -> (text: String, days: Double)? {
        guard let sign = word.first, sign == "+" || sign == "-", let letter = word.last else { return nil }
        let unit: (name: String, days: Double)
        switch letter {
        case "d": unit = ("day", 1)
        case "w": unit = ("week", 7)
        case "m": unit = ("month", 31)
        case "y": unit = ("year", 366)
        case "H" where !isDay: unit = ("hour", 1 / 24.0)
        case "M" where !isDay: unit = ("minute", 1 / 1_440.0)
        case "S" where !isDay: unit = ("second", 1 / 86_400.0)
        default: return nil
        }
        let digits = word.dropFirst().dropLast()
        guard !digits.isEmpty, digits.utf8.count <= 6, digits.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return nil
        }
        return ("\(sign)\(digits) \(unit.name)", (Double(digits) ?? 0) * unit.days)
    }

    /// The user's time zone.
    private mutating func zone() -> String {
        if let known = sql.zone { return known }
        sql.note(use: "user")
        sql.note(table: "public.res_users", columns: "id", "partner_id")
        sql.note(table: "public.res_partner", columns: "id", "tz")
        return """
            coalesce((SELECT nullif(p.tz, '') FROM public.res_users u JOIN public.res_partner p ON p.id = u.partner_id WHERE u.id = $1), 'UTC')
            """
    }

    private mutating func inUTC(_ local: String) -> String {
        "((\(local))::timestamp AT TIME ZONE \(zone()) AT TIME ZONE 'UTC')"
    }

    /// Odoo 19: a day is the user's, and a time is a whole second. Nil: a value that is compared like any other.
    mutating func moments(_ column: String, _ op: Domain.Operator, _ value: DomainValue, _ path: String)
        throws(DomainError) -> String?
    {
        switch (op, value) {
        case (.equal, .text(let text)), (.equalIfSet, .text(let text)): return second(column, try moment(text, path))
        case (.notEqual, .text(let text)): return "(\(second(column, try moment(text, path))) IS NOT TRUE)"
        case (.isIn, .list(let elements)), (.isNotIn, .list(let elements)):
            var conditions: [String] = []
            for element in elements {
                switch element {
                case .value(.empty): conditions.append("(\(column) IS NULL)")
                case .value(.text(let text)): conditions.append(second(column, try moment(text, path)))
                default: throw DomainError(.valueInvalid, "\(path) is compared with a value that is not a date")
                }
            }
            let found = conditions.isEmpty ? CompiledDomain.never : "(\(conditions.joined(separator: " OR ")))"
            return op == .isIn ? found : "(\(found) IS NOT TRUE)"
        case (.less, .text(let text)), (.greaterOrEqual, .text(let text)):
            return "(\(column) \(op.rawValue) date_trunc('second', \(try moment(text, path).sql)))"
        case (.greater, .text(let text)), (.lessOrEqual, .text(let text)):
            let moment = try moment(text, path)
            let end = "date_trunc('second', \(moment.sql)) + interval '1 \(moment.isDay ? "day" : "second")'"
            return "(\(column) \(op == .greater ? ">=" : "<") \(end))"
        default: return nil
        }
    }

    private func second(_ column: String, _ moment: Moment) -> String {
        let start = "date_trunc('second', \(moment.sql))"
        return "(\(column) >= \(start) AND \(column) < \(start) + interval '1 second')"
    }

    private mutating func moment(_ text: String, _ path: String) throws(DomainError) -> Moment {
        if Self.isDate(text) {
            let written = "\(sql.text(text))::timestamp"
            return text.utf8.count > 10 ? Moment(sql: written) : Moment(sql: inUTC(written), isDay: true)
        }
        guard let moment = relativeMoment(text) else {
            throw DomainError(
                .valueInvalid, "\(path) is compared with a text that is not a date in Odoo \(dialect.release)")
        }
        return moment
    }
}
