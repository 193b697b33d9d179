internal import CStreamEngines
internal import Glibc

/// Swift texts for C.
enum CText {
    /// The pairs as C has them, during the call.
    static func withPairs<R>(
        _ pairs: [(name: String, value: String)], _ body: (UnsafePointer<cse_pair>?, Int32) -> R
    ) -> R {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(pairs.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 2 })
        var places: [(name: Int, value: Int)] = []
        places.reserveCapacity(pairs.count)
        for (name, value) in pairs {
            places.append((bytes.count, bytes.count + name.utf8.count + 1))
            bytes += name.utf8
            bytes.append(0)
            bytes += value.utf8
            bytes.append(0)
        }
        return bytes.withUnsafeBytes { texts in
            guard let first = texts.bindMemory(to: CChar.self).baseAddress else { return body(nil, 0) }
            let list = places.map { cse_pair(name: first + $0.name, value: first + $0.value) }
            return list.withUnsafeBufferPointer { body($0.baseAddress, Int32($0.count)) }
        }
    }

    /// Runs the body with room for a reason.
    /// - Returns: what it returned, and the reason.
    static func reason<R>(_ body: (UnsafeMutablePointer<CChar>) -> R) -> (result: R, reason: String) {
        var room = [CChar](repeating: 0, count: Int(CSE_REASON_LENGTH))
        let result = room.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
        let text = room.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return (result, String(decoding: text, as: UTF8.self))
    }

    /// Copies of texts that live during the call.
    static func withCopies<R>(_ body: (inout Copies) -> R) -> R {
        var copies = Copies()
        defer { for pointer in copies.pointers { free(pointer) } }
        return body(&copies)
    }

    struct Copies {
        fileprivate var pointers: [UnsafeMutablePointer<CChar>] = []

        mutating func add(_ text: String?) -> UnsafePointer<CChar>? {
            guard let copy = text.flatMap({ strdup($0) }) else { return nil }
            pointers.append(copy)
            return UnsafePointer(copy)
        }
    }
}
