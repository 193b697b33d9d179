/// Which addresses messages may be sent to: global unicast addresses, and the networks that the operator lists
/// (`CHANGEFEED_WEBHOOK_ALLOW`). Every address to which a name resolves is judged, and the connection is made to an
/// address that was judged. A network's own NAT64 prefix (RFC 6052, 2.2) cannot be recognised.
public struct AddressPolicy: Sendable {
    private let allow: [Network]

    /// - Parameter allow: Networks that are permitted whatever they are. A listed IPv4 network permits the forms of its
    ///   addresses that are judged as IPv4: mapped (`::ffff:10.0.0.1`) and NAT64 (`64:ff9b::10.0.0.1`).
    public init(allow: [Network] = []) { self.allow = allow }

    /// Why nothing may be sent to an address, such as "a private address (RFC 1918)"; nil if it may.
    public func refusal(of address: Address) -> String? {
        if allow.contains(where: { $0.contains(address) }) { return nil }
        if address.isIPv4 { return SpecialNetwork.ipv4.first { $0.network.contains(address) }?.reason }
        if SpecialNetwork.nat64.contains(address), let embedded = Address(bytes: address.bytes.suffix(4)) {
            return refusal(of: embedded).map { "the NAT64 form of " + $0 }
        }
        if let special = SpecialNetwork.ipv6.first(where: { $0.network.contains(address) }) { return special.reason }
        return SpecialNetwork.globalUnicast.contains(address) ? nil : "an address outside global unicast (2000::/3)"
    }
}
