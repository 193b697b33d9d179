internal import ChangeFeedDelivery

/// The address of a client or a proxy.
public struct IPAddress: Sendable, Hashable {
    let address: Address

    /// Reads the usual notations, also in brackets; nil for anything else, including names.
    public init?(_ text: some StringProtocol) {
        var plain = String(text)
        if plain.hasPrefix("["), plain.hasSuffix("]") { plain = String(plain.dropFirst().dropLast()) }
        guard let address = Address(plain) else { return nil }
        self.address = address
    }

    /// The key for limits: the address; for IPv6 the first 64 bits, which belong to one subscriber (RFC 6177).
    var limitKey: String {
        let prefix = address.isIPv4 ? address.bytes : Array(address.bytes[0..<8])
        return (address.isIPv4 ? "ip4:" : "ip6:") + prefix.map { String($0, radix: 16) }.joined(separator: ".")
    }
}

/// An address, or a block of them in CIDR notation (RFC 4632); bits behind the prefix do not count.
public struct AddressBlock: Sendable, Equatable {
    private let network: Network

    /// Nil for anything but an address or a block.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first)?.address else { return nil }
        let size = address.bytes.count * 8
        guard parts.count == 2 else {
            network = Network(address, bits: size)
            return
        }
        guard let bits = Int(parts[1]), parts[1].utf8.allSatisfy({ (48...57).contains($0) }), (0...size).contains(bits)
        else { return nil }
        network = Network(address, bits: bits)
    }

    func contains(_ address: IPAddress) -> Bool { network.contains(address.address) }
}
