/// The elements of a JSON array that PostgreSQL made, each as its text.
struct EventList: Sequence, IteratorProtocol {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
        position = bytes.first == UInt8(ascii: "[") ? 1 : bytes.count
    }

    mutating func next() -> String? {
        while position < bytes.count, bytes[position] != UInt8(ascii: "{") { position += 1 }
        guard position < bytes.count else { return nil }
        let start = position
        var depth = 0
        var isString = false
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if isString {
                if byte == UInt8(ascii: "\\") { position += 1 } else if byte == UInt8(ascii: "\"") { isString = false }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isString = true
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "}"):
                depth -= 1
                if depth == 0 { return String(decoding: bytes[start..<position], as: UTF8.self) }
            default: break
            }
        }
        return nil
    }
}
