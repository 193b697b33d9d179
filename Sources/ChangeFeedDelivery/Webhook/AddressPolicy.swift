internal import Synchronization

/// Which addresses messages may be sent to: global unicast addresses, and the networks that the operator lists
/// (`CHANGEFEED_WEBHOOK_ALLOW`). Every address to which a name resolves is judged, and the connection is made to an
/// address that was judged. A network's own NAT64 prefix (RFC 6052, 2.2) cannot be recognised.
///
/// Copies share the list: a change counts for all of them, for connections that are made after it.
public struct AddressPolicy: Sendable {
    private let list: NetworkList

    private var allow: [Network] { list.networks }

    /// - Parameter allow: Networks that are permitted whatever they are. A listed IPv4 network permits the forms of its
    ///   addresses that are judged as IPv4: mapped (`::ffff:10.0.0.1`) and NAT64 (`64:ff9b::10.0.0.1`).
    public init(allow: [Network] = []) { list = NetworkList(allow) }

    /// From now on permits what another policy permits.
    public func adopt(_ other: AddressPolicy) { list.networks = other.list.networks }

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

private final class NetworkList: Sendable {
    private let current: Mutex<[Network]>

    init(_ networks: [Network]) { current = Mutex(networks) }

    var networks: [Network] {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }
}
