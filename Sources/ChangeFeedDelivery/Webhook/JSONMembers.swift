internal import FoundationEssentials

/// The members of a JSON object, each with the text of its value as it stands there. For texts that PostgreSQL made:
/// what is not JSON has fewer members or others, and never harms.
struct JSONMembers: Sequence, IteratorProtocol {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
        skipSpace()
        position = current == UInt8(ascii: "{") ? position + 1 : bytes.count
    }

    mutating func next() -> (name: String, value: String)? {
        skipSpace()
        guard current == UInt8(ascii: "\""), let name = Self.string(value()) else { return nil }
        skipSpace()
        guard current == UInt8(ascii: ":") else { return nil }
        position += 1
        skipSpace()
        let text = value()
        skipSpace()
        if current == UInt8(ascii: ",") { position += 1 }
        return text.isEmpty ? nil : (name, text)
    }

    /// The string that a JSON string stands for; nil if the text is not one.
    static func string(_ text: String) -> String? {
        guard text.utf8.first == UInt8(ascii: "\"") else { return nil }
        let inside = text.utf8.dropFirst().dropLast()
        if !inside.contains(UInt8(ascii: "\\")) { return String(inside) }
        return try? JSONDecoder().decode([String].self, from: Data("[\(text)]".utf8)).first
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || (0x09...0x0d).contains(byte) { position += 1 }
    }

    /// The text of the value that begins here.
    private mutating func value() -> String {
        let start = position
        var depth = 0
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""): skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return text(from: start) }
                depth -= 1
                position += 1
            default: skipScalar(within: depth)
            }
            if depth == 0 { break }
        }
        return text(from: start)
    }

    /// A number, a word, or what stands between the values of a nested one.
    private mutating func skipScalar(within depth: Int) {
        let ends = depth == 0 ? Array(",:]} \t\n\r".utf8) : Array("\"[]{}".utf8)
        while let byte = current, !ends.contains(byte) { position += 1 }
    }

    private mutating func skipString() {
        position += 1
        while let byte = current, byte != UInt8(ascii: "\"") { position += byte == UInt8(ascii: "\\") ? 2 : 1 }
        position = Swift.min(position + 1, bytes.count)
    }

    private func text(from start: Int) -> String {
        String(decoding: bytes[start..<Swift.min(position, bytes.count)], as: UTF8.self)
    }
}
