internal import ChangeFeed

/// The parameters of a URL's query, each known and given once (`application/x-www-form-urlencoded`, WHATWG URL 5.1).
struct QueryParameters: Sendable {
    private let values: [String: String]

    /// - Parameter ignored: Parameters that somebody else has read.
    /// - Throws: `Problem` for an unknown or repeated name and for what is not percent-encoded UTF-8.
    init(_ query: String?, known: [String], ignoring ignored: [String] = []) throws(Problem) {
        var values: [String: String] = [:]
        for pair in (query ?? "").utf8.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let decoded = parts.first.flatMap(Self.decode)
            if let decoded, ignored.contains(decoded) { continue }
            guard let name = decoded, known.contains(name) else {
                throw Problem(
                    .parameterUnknown, "The query holds a parameter that is not known here.",
                    hint: "Known are: \(known.joined(separator: ", ")).")
            }
            guard values[name] == nil else {
                throw Problem(.parameterRepeated, "Parameter \(name) is given more than once.", parameter: name)
            }
            guard let value = parts.count == 2 ? Self.decode(parts[1]) : "", !value.utf8.contains(0) else {
                throw Self.invalid(name, expected: "percent-encoded UTF-8 text without NUL")
            }
            values[name] = value
        }
        self.values = values
    }

    /// Reads one parameter; nil when it is not there.
    /// - Throws: `Problem` that says what was expected, when the body gives nil.
    func read<T>(_ name: String, expected: String, _ body: (String) -> T?) throws(Problem) -> T? {
        guard let text = values[name] else { return nil }
        guard let value = body(text) else { throw Self.invalid(name, expected: expected) }
        return value
    }

    /// Reads a whole number of plain digits.
    func readInteger<I: FixedWidthInteger>(_ name: String, in range: ClosedRange<I>) throws(Problem) -> I? {
        try read(name, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            guard text.utf8.allSatisfy({ (48...57).contains($0) }), let value = I(text), range.contains(value) else {
                return nil
            }
            return value
        }
    }

    /// Reads a moment as RFC 3339 writes it.
    func readTime(_ name: String) throws(Problem) -> Timestamp? {
        try read(name, expected: "an ISO 8601 date and time, such as 2026-11-24T02:43:08Z (no zone means UTC)") {
            Timestamp(iso8601: $0)
        }
    }

    private static func invalid(_ name: String, expected: String) -> Problem {
        Problem(.parameterInvalid, "Parameter \(name) must be \(expected).", parameter: name)
    }

    private static func decode(_ text: some Collection<UInt8>) -> String? {
        var bytes: [UInt8] = []
        var iterator = text.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(hex), let low = iterator.next().flatMap(hex) else { return nil }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}
