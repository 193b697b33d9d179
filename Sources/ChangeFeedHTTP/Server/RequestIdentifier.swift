/// The id that identifies a request in logs: the client's, if it is 1 to 64 characters of
/// `A-Z a-z 0-9 . _ -`, otherwise a random one.
enum RequestIdentifier {
    static func accept(_ header: String?) -> String {
        guard let header, (1...64).contains(header.utf8.count), header.utf8.allSatisfy(isAllowed) else {
            return random()
        }
        return header
    }

    private static func random() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
