internal import Glibc

/// An IPv4 or IPv6 address. An IPv4 address mapped into IPv6 (RFC 4291, 2.5.5.2) is the IPv4 address.
public struct IPAddress: Sendable, Hashable {
    /// 4 or 16 bytes, in network order.
    let bytes: [UInt8]

    /// Reads the usual notations; nil for anything else, including names.
    public init?(_ text: some StringProtocol) {
        var plain = String(text)
        if plain.hasPrefix("["), plain.hasSuffix("]") { plain = String(plain.dropFirst().dropLast()) }
        guard plain.utf8.count <= 64, !plain.utf8.contains(0) else { return nil }
        var four = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, plain, &four) == 1 {
            bytes = four
            return
        }
        var sixteen = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, plain, &sixteen) == 1 else { return nil }
        let mapped = sixteen[0..<10].allSatisfy { $0 == 0 } && sixteen[10] == 0xff && sixteen[11] == 0xff
        bytes = mapped ? Array(sixteen[12...]) : sixteen
    }

    /// The key for limits: the address; for IPv6 the first 64 bits, which belong to one subscriber (RFC 6177).
    var limitKey: String {
        let prefix = bytes.count == 4 ? bytes : Array(bytes[0..<8])
        return (bytes.count == 4 ? "ip4:" : "ip6:") + prefix.map { String($0, radix: 16) }.joined(separator: ".")
    }
}

/// An address, or a block of them in CIDR notation (RFC 4632).
public struct AddressBlock: Sendable, Equatable {
    private let base: IPAddress
    private let bits: Int

    /// Nil for anything but an address or a block.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        base = address
        if parts.count == 1 {
            bits = address.bytes.count * 8
        } else {
            guard let number = Int(parts[1]), parts[1].utf8.allSatisfy({ (48...57).contains($0) }),
                (0...address.bytes.count * 8).contains(number)
            else { return nil }
            bits = number
        }
    }

    func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == base.bytes.count else { return false }
        for index in 0..<base.bytes.count {
            let left = bits - index * 8
            if left <= 0 { return true }
            let mask: UInt8 = left >= 8 ? 0xff : ~(0xff >> UInt8(left))
            if address.bytes[index] & mask != base.bytes[index] & mask { return false }
        }
        return true
    }
}
