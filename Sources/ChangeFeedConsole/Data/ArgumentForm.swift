internal import ChangeFeed

/// What a parameter of a page, or an argument of an act, looks like. The database casts them: a text of another form
/// would be its error.
enum ArgumentForm: Sendable {
    /// 1 to 2^63 - 1.
    case number
    /// 1 to 2^31 - 1.
    case smallNumber
    /// The technical name of a model.
    case model
    case time
    /// One of these words.
    case word([String])
    /// 1 to so many characters, without NUL.
    case text(Int)

    func accept(_ text: String) -> JSONValue? {
        switch self {
        case .number: return Self.number(text, upTo: .max)
        case .smallNumber: return Self.number(text, upTo: Int64(Int32.max))
        case .model: return ModelName(text).map { .string($0.rawValue) }
        case .time: return Timestamp(iso8601: text).map { .string($0.iso8601) }
        case .word(let words): return words.contains(text) ? .string(text) : nil
        case .text(let limit):
            return (1...limit).contains(text.unicodeScalars.count) && !text.utf8.contains(0) ? .string(text) : nil
        }
    }

    func accept(_ value: JSONValue) -> JSONValue? {
        switch value {
        case .string(let text): accept(text)
        case .int(let number): accept(String(number))
        default: nil
        }
    }

    private static func number(_ text: String, upTo limit: Int64) -> JSONValue? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int64(text), (1...limit).contains(number)
        else { return nil }
        return .int(number)
    }
}

extension [String: ArgumentForm] {
    /// Checks what was sent; unknown names are refused.
    /// - Throws: `ConsoleRefusal.parameterInvalid`.
    func read(_ given: [String: JSONValue]) throws(ConsoleRefusal) -> JSONValue {
        var accepted: [String: JSONValue] = [:]
        for (name, value) in given.sorted(by: { $0.key < $1.key }) where value != .null {
            guard let form = self[name] else { throw .parameterInvalid("an unknown name") }
            guard let value = form.accept(value) else { throw .parameterInvalid(name) }
            accepted[name] = value
        }
        return .object(accepted)
    }
}
