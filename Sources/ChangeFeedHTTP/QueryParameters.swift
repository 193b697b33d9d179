internal import ChangeFeed

/// The parameters of a URL's query, each known and given once (`application/x-www-form-urlencoded`, WHATWG URL 5.1).
struct QueryParameters: Sendable {
    private let values: [String: String]
    private let lists: [String: [String]]

    /// - Parameters:
    ///   - repeatable: Parameters that may be given more than once, to be read by `list`; `name[` stands for all of the
    ///     form `name[KEY]`.
    ///   - ignored: Parameters that somebody else has read.
    /// - Throws: `Problem` for an unknown or repeated name and for what is not percent-encoded UTF-8.
    init(
        _ query: String?, known: [String], repeatable: [String] = [], ignoring ignored: [String] = []
    ) throws(Problem) {
        var values: [String: String] = [:]
        var lists: [String: [String]] = [:]
        for pair in (query ?? "").utf8.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let decoded = parts.first.flatMap(Self.decode)
            if let decoded, ignored.contains(decoded) { continue }
            if let name = decoded, repeatable.contains(where: { $0 == name || $0.hasSuffix("[") && name.hasPrefix($0) && name.hasSuffix("]") }) {
                guard let value = parts.count == 2 ? Self.decode(parts[1]) : "", !value.utf8.contains(0) else {
                    throw Self.invalid(String(name.prefix { $0 != "[" }), expected: "percent-encoded UTF-8 text without NUL")
                }
                lists[name, default: []] += value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
                continue
            }
            guard let name = decoded, known.contains(name) else {
                throw Problem(
                    .parameterUnknown, "The query holds a parameter that is not known here.",
                    hint: known.isEmpty
                        ? "This path takes none."
                        : "Known are: \((known + repeatable.map { $0.hasSuffix("[") ? $0 + "MODEL]" : $0 }).joined(separator: ", ")).")
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
        self.lists = lists
    }

    /// The elements of a parameter that may be repeated or hold a list with commas; nil when it is not there.
    func list(_ name: String) -> [String]? { lists[name] }

    /// The lists of all parameters `name[KEY]`, by key.
    func lists(of name: String) -> [(key: String, elements: [String])] {
        lists.filter { $0.key.hasPrefix(name + "[") }
            .map { (String($0.key.dropFirst(name.count + 1).dropLast()), $0.value) }
            .sorted { $0.key < $1.key }
    }

    /// Reads `true` or `false`.
    func readBool(_ name: String) throws(Problem) -> Bool? {
        try read(name, expected: "true or false") { ["true": true, "1": true, "false": false, "0": false][$0] }
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
            let digits = range.lowerBound < 0 && text.hasPrefix("-") ? text.dropFirst() : text[...]
            guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let value = I(text), range.contains(value) else {
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

    static func invalid(_ name: String, expected: String) -> Problem {
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
