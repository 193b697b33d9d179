internal import ChangeFeed
internal import HTTPTypes
internal import Hummingbird

/// The parameters of a URL's query, each known and present once (`application/x-www-form-urlencoded`, WHATWG URL 5.1).
struct QueryParameters: Sendable {
    private let values: [String: String]
    private let lists: [String: [String]]

    /// - Parameters:
    ///   - known: `name[` stands for all of the form `name[KEY]`.
    ///   - repeatable: Parameters that may occur more than once, for `list`; `name[` stands for all of the
    ///     form `name[KEY]`.
    ///   - isAlsoIgnored: Further parameters that are ignored, however often they occur.
    /// - Throws: `Problem` for an unknown or repeated name and for anything but percent-encoded UTF-8.
    init(
        _ request: Request, known: [String], repeatable: [String] = [],
        ignoring isAlsoIgnored: (String) -> Bool = { _ in false }
    ) throws(Problem) {
        let isReading = request.method == .get || request.method == .head
        var values: [String: String] = [:]
        var lists: [String: [String]] = [:]
        for (index, pair) in (request.uri.query ?? "").utf8.split(separator: UInt8(ascii: "&")).enumerated() {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let decoded = parts.first.flatMap(Self.decode)
            if let decoded {
                // `Credentials` has read it.
                if decoded == Credentials.sessionParameter { continue }
                if isReading && decoded == Self.cacheBuster || isAlsoIgnored(decoded) { continue }
            }
            if let name = decoded, Self.contains(name, in: repeatable) {
                guard let value = parts.count == 2 ? Self.decode(parts[1]) : "", !value.utf8.contains(0) else {
                    throw Self.invalid(
                        String(name.prefix { $0 != "[" }), expected: "percent-encoded UTF-8 text without NUL")
                }
                guard let elements = CommaList.elements(of: value) else {
                    throw Self.emptyElement(String(name.prefix { $0 != "[" }))
                }
                lists[name, default: []] += elements
                continue
            }
            // filter=MODEL:DOMAIN is equivalent to filter[MODEL]=DOMAIN.
            let isTagged = decoded == "filter" && known.contains(Self.filter)
            guard let given = decoded, isTagged || Self.contains(given, in: known) else {
                throw Self.unknown(
                    decoded, at: index + 1, known: (known + repeatable).map { $0.hasSuffix("[") ? $0 + "MODEL]" : $0 })
            }
            let shown = String(given.prefix { $0 != "[" })
            guard var value = parts.count == 2 ? Self.decode(parts[1]) : "", !value.utf8.contains(0) else {
                throw Self.invalid(shown, expected: "percent-encoded UTF-8 text without NUL")
            }
            var name = given
            if isTagged {
                guard let colon = value.firstIndex(of: ":") else {
                    throw Self.invalid(shown, expected: "MODEL:DOMAIN, repeated for each model")
                }
                name = "filter[\(value[..<colon])]"
                value = String(value[value.index(after: colon)...])
            }
            guard values[name] == nil else {
                throw Problem(.parameterRepeated, "Parameter \(shown) is given more than once.", parameter: shown)
            }
            values[name] = value
        }
        self.values = values
        self.lists = lists
    }

    private static func contains(_ name: String, in names: [String]) -> Bool {
        names.contains { $0 == name || $0.hasSuffix("[") && name.hasPrefix($0) && name.hasSuffix("]") }
    }

    /// The texts of all parameters `name[KEY]` that occur once each, by key.
    func texts(of name: String) -> [(key: String, text: String)] {
        values.filter { $0.key.hasPrefix(name + "[") }
            .map { (String($0.key.dropFirst(name.count + 1).dropLast()), $0.value) }
            .sorted { $0.key < $1.key }
    }

    /// The elements of a parameter that may be repeated or contain a comma-separated list; nil if absent.
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

    /// Reads one parameter; nil if absent.
    /// - Throws: `Problem` that says what is expected, when the body returns nil.
    func read<T>(_ name: String, expected: String, _ body: (String) -> T?) throws(Problem) -> T? {
        guard let text = values[name] else { return nil }
        guard let value = body(text) else { throw Self.invalid(name, expected: expected) }
        return value
    }

    /// Reads a whole number of plain digits, with a minus sign where the range begins below 0.
    func readInteger<I: FixedWidthInteger>(_ name: String, in range: ClosedRange<I>) throws(Problem) -> I? {
        try read(name, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            let digits = range.lowerBound < 0 && text.hasPrefix("-") ? text.dropFirst() : text[...]
            guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let value = I(text), range.contains(value) else {
                return nil
            }
            return value
        }
    }

    /// Reads an RFC 3339 time.
    func readTime(_ name: String) throws(Problem) -> Timestamp? {
        try read(name, expected: "an ISO 8601 date and time, such as 2026-11-24T02:43:08Z (no zone means UTC)") {
            Timestamp(iso8601: $0)
        }
    }

    static func invalid(_ name: String, expected: String) -> Problem {
        Problem(.parameterInvalid, "Parameter \(name) must be \(expected).", parameter: name)
    }

    /// A list with an empty element.
    static func emptyElement(_ name: String) -> Problem {
        Problem(
            .parameterInvalid, "Parameter \(name) contains an empty element.",
            hint: "Separate elements with commas; blanks around them are ignored.", parameter: name)
    }

    /// The parameter that jQuery's `cache: false` adds to the URL of a GET, to bypass caches.
    static let cacheBuster = "_"

    /// Names the parameter if it has the form of a name, and otherwise gives its position: it may be a misplaced key or
    /// id, and those are not repeated.
    /// - Parameter place: counted from 1.
    private static func unknown(_ name: String?, at place: Int, known: [String]) -> Problem {
        let shown = name.flatMap { isName($0) ? $0 : nil }
        return Problem(
            .parameterUnknown,
            shown.map { "Parameter \($0) is unknown." } ?? "Parameter number \(place) of the query is unknown.",
            hint: known.isEmpty
                ? "This path takes no parameters." : "Known parameters: \(known.joined(separator: ", ")).",
            parameter: shown)
    }

    /// Up to 48 characters that begin with a letter or `_`, or 24 with one to four digits at the end (`image_128`). Ids
    /// and keys do not have this form.
    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first) else { return false }
        let figures = text.utf8.reversed().prefix(while: isFigure).count
        return figures <= 4 && text.utf8.count <= (figures > 0 ? 24 : 48)
            && text.utf8.dropLast(figures).allSatisfy { isLetter($0) || "-.[]:$".utf8.contains($0) }
    }

    private static func isFigure(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        default: false
        }
    }

    private static func decode(_ text: some Collection<UInt8>) -> String? {
        var bytes: [UInt8] = []
        var iterator = text.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(hex), let low = iterator.next().flatMap(hex) else {
                    return nil
                }
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
