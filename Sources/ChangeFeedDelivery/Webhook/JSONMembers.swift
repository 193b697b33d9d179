internal import FoundationEssentials

/// The members of a JSON object, each with its value as it stands there. For texts that PostgreSQL or a server of streams
/// made: what is not JSON has fewer members or others, and never harms.
struct JSONMembers: Sequence, IteratorProtocol {
    private var reader: JSONReader

    init(_ bytes: ArraySlice<UInt8>) { reader = JSONReader(bytes, opening: UInt8(ascii: "{")) }

    init(_ text: String) { self.init(Array(text.utf8)[...]) }

    mutating func next() -> (name: String, value: ArraySlice<UInt8>)? {
        guard let name = Self.string(reader.value()), reader.take(UInt8(ascii: ":")) else { return nil }
        let value = reader.value()
        _ = reader.take(UInt8(ascii: ","))
        return value.isEmpty ? nil : (name, value)
    }

    static func text(_ value: ArraySlice<UInt8>) -> String { String(decoding: value, as: UTF8.self) }

    /// The string that a JSON string stands for; nil if the value is not one.
    static func string(_ value: ArraySlice<UInt8>) -> String? {
        guard value.count >= 2, value.first == UInt8(ascii: "\"") else { return nil }
        if !value.contains(UInt8(ascii: "\\")) { return text(value.dropFirst().dropLast()) }
        return try? JSONDecoder().decode([String].self, from: Data([UInt8(ascii: "[")] + value + [UInt8(ascii: "]")]))
            .first
    }
}

/// The elements of a JSON array, each as it stands there.
struct JSONElements: Sequence, IteratorProtocol {
    private var reader: JSONReader

    init(_ text: String) { reader = JSONReader(Array(text.utf8)[...], opening: UInt8(ascii: "[")) }

    mutating func next() -> ArraySlice<UInt8>? {
        let value = reader.value()
        _ = reader.take(UInt8(ascii: ","))
        return value.isEmpty ? nil : value
    }
}

/// Walks over JSON, value by value.
private struct JSONReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    /// Inside an object or array; at the end of what is neither.
    init(_ bytes: ArraySlice<UInt8>, opening: UInt8) {
        self.bytes = bytes
        position = bytes.startIndex
        if !take(opening) { position = bytes.endIndex }
    }

    private var current: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || (0x09...0x0d).contains(byte) { position += 1 }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard current == byte else { return false }
        position += 1
        return true
    }

    /// The value that begins here; empty at the end of what is read.
    mutating func value() -> ArraySlice<UInt8> {
        skipSpace()
        let start = position
        var depth = 0
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                skipString()
                if depth == 0 { return slice(from: start) }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return slice(from: start) }
                depth -= 1
                position += 1
                if depth == 0 { return slice(from: start) }
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x09...0x0d:
                // Behind a number or a word.
                if depth == 0 { return slice(from: start) }
                position += 1
            default: position += 1
            }
        }
        return slice(from: start)
    }

    private mutating func skipString() {
        position += 1
        while let byte = current, byte != UInt8(ascii: "\"") { position += byte == UInt8(ascii: "\\") ? 2 : 1 }
        position = Swift.min(position + 1, bytes.endIndex)
    }

    private func slice(from start: Int) -> ArraySlice<UInt8> { bytes[start..<Swift.min(position, bytes.endIndex)] }
}
