/// The names of hosts in URLs: letters, digits and hyphens (RFC 1123, 2.1), without a full stop at the end.
enum HostName {
    /// What is wrong with a name; nil if nothing is.
    static func problem(_ text: Substring) -> String? {
        if text.isEmpty { return "the URL has no host" }
        if text.utf8.count > 253 { return "the host name is longer than 253 bytes" }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        for label in labels {
            if label.isEmpty { return "the host name has an empty part" }
            if label.utf8.count > 63 { return "a part of the host name is longer than 63 bytes" }
            guard label.utf8.allSatisfy({ isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }) else {
                return "the host name contains a character other than ASCII letters, digits, `-` and `.`"
            }
            if label.hasPrefix("-") || label.hasSuffix("-") {
                return "a part of the host name begins or ends with a hyphen"
            }
        }
        if let last = labels.last, isNumber(last) {
            return "the host is a number but not an IPv4 address of four decimal numbers"
        }
        return nil
    }

    /// What programs may read as the last number of an IPv4 address (WHATWG URL, "ends in a number"): `1`, `0177`,
    /// `0x7f`, `0x`.
    private static func isNumber(_ label: Substring) -> Bool {
        if label.utf8.allSatisfy(isDigit) { return true }
        return label.lowercased().hasPrefix("0x") && label.utf8.dropFirst(2).allSatisfy(isHexDigit)
    }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    static func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
