/// A block of addresses in CIDR notation (RFC 4632). A block within `::ffff:0:0/96` is the IPv4 block.
public struct Network: Sendable, Hashable, CustomStringConvertible {
    public let base: Address
    /// The length of the prefix, in bits.
    public let bits: Int

    /// - Parameter text: `10.20.0.0/16`, `fd12:3456::/48`, or one address.
    /// - Throws: `WebhookError` (`network_invalid`) for anything else, also for a block with bits behind its prefix:
    ///   `10.0.0.1/8` may mean one address or sixteen million.
    public init(_ text: some StringProtocol) throws(WebhookError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = Address(first) else {
            throw WebhookError(.networkInvalid, "a network is an address or a block such as `10.20.0.0/16`")
        }
        let size = address.bytes.count * 8
        guard parts.count == 2 else {
            self.init(address, bits: size)
            return
        }
        // The prefix of a mapped block counts the 96 bits before the IPv4 address.
        let skipped = address.isIPv4 && first.utf8.contains(UInt8(ascii: ":")) ? 96 : 0
        let digits = parts[1].utf8
        guard (1...3).contains(digits.count),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int(parts[1]), (skipped...skipped + size).contains(number)
        else {
            throw WebhookError(
                .networkInvalid, "the prefix of this network is a number of bits from \(skipped) to \(skipped + size)")
        }
        let network = Network(address, bits: number - skipped)
        guard network.base == address else {
            throw WebhookError(
                .networkInvalid,
                "the address of this network has bits behind its prefix: write `\(network)` for all of it")
        }
        self = network
    }

    /// - Parameter bits: The length of the prefix; bits of the address behind it do not count.
    public init(_ address: Address, bits: Int) {
        let masked = address.bytes.enumerated().map { index, byte in byte & Self.mask(index, bits) }
        base = Address(bytes: masked) ?? address
        self.bits = bits
    }

    public func contains(_ address: Address) -> Bool {
        guard address.bytes.count == base.bytes.count else { return false }
        for index in 0..<base.bytes.count
        where address.bytes[index] & Self.mask(index, bits) != base.bytes[index] { return false }
        return true
    }

    public var description: String { "\(base)/\(bits)" }

    /// The bits of byte `index` that belong to the prefix.
    private static func mask(_ index: Int, _ bits: Int) -> UInt8 {
        let left = bits - index * 8
        return left <= 0 ? 0 : left >= 8 ? 0xff : ~(0xff >> UInt8(left))
    }
}
