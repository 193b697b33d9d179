/// A block of addresses that are not those of public hosts, by the IANA registries of special-purpose addresses for
/// IPv4 and IPv6 (RFC 6890 and later), of multicast addresses and of the IPv6 address space.
///
/// Of the special blocks that are globally reachable, those for services of hosts are not listed (AS112, and AMT for
/// IPv4); those for translation and for identifiers are. The first block that contains an address gives the reason.
struct SpecialNetwork: Sendable {
    let network: Network
    let reason: String

    private init(_ text: String, _ reason: String) {
        network = Self.network(text)
        self.reason = reason
    }

    /// A row that is none must not go unnoticed: its addresses would be permitted.
    private static func network(_ text: String) -> Network {
        guard let network = try? Network(text) else { preconditionFailure("\(text) is not a network") }
        return network
    }

    static let ipv4: [SpecialNetwork] = [
        SpecialNetwork("0.0.0.0/8", "an address of \"this network\" (RFC 791)"),
        SpecialNetwork("10.0.0.0/8", "a private address (RFC 1918)"),
        SpecialNetwork("100.64.0.0/10", "an address behind carrier-grade NAT (RFC 6598)"),
        SpecialNetwork("127.0.0.0/8", "a loopback address"),
        // The virtual host of Azure's platform: global by its number, and reachable from inside only.
        SpecialNetwork("168.63.129.16/32", "an address of a cloud's platform"),
        SpecialNetwork("169.254.0.0/16", "a link-local address (RFC 3927), as metadata services have"),
        SpecialNetwork("172.16.0.0/12", "a private address (RFC 1918)"),
        SpecialNetwork("192.0.0.0/24", "an address for protocols (RFC 6890)"),
        SpecialNetwork("192.0.2.0/24", "an address for documentation (RFC 5737)"),
        SpecialNetwork("192.88.99.0/24", "an address of 6to4 relays (RFC 7526)"),
        SpecialNetwork("192.168.0.0/16", "a private address (RFC 1918)"),
        SpecialNetwork("198.18.0.0/15", "an address for benchmarks (RFC 2544)"),
        SpecialNetwork("198.51.100.0/24", "an address for documentation (RFC 5737)"),
        SpecialNetwork("203.0.113.0/24", "an address for documentation (RFC 5737)"),
        SpecialNetwork("224.0.0.0/4", "a multicast address"),
        SpecialNetwork("255.255.255.255/32", "the broadcast address"),
        SpecialNetwork("240.0.0.0/4", "a reserved address (RFC 1112)"),
    ]

    static let ipv6: [SpecialNetwork] = [
        SpecialNetwork("::/128", "the unspecified address"),
        SpecialNetwork("::1/128", "a loopback address"),
        SpecialNetwork("::/96", "an IPv4-compatible address (RFC 4291)"),
        SpecialNetwork("::ffff:0:0:0/96", "an IPv4-translated address (RFC 2765)"),
        SpecialNetwork("64:ff9b:1::/48", "an address for local NAT64 (RFC 8215)"),
        SpecialNetwork("::/8", "a reserved address (RFC 4291)"),
        SpecialNetwork("100::/64", "a discard-only address (RFC 6666)"),
        SpecialNetwork("100:0:0:1::/64", "a dummy address (RFC 9780)"),
        SpecialNetwork("2001::/32", "a Teredo address (RFC 4380)"),
        SpecialNetwork("2001:2::/48", "an address for benchmarks (RFC 5180)"),
        SpecialNetwork("2001:10::/28", "an ORCHID identifier (RFC 4843)"),
        SpecialNetwork("2001:20::/28", "an ORCHID identifier (RFC 7343)"),
        SpecialNetwork("2001::/23", "an address for protocols (RFC 2928)"),
        SpecialNetwork("2001:db8::/32", "an address for documentation (RFC 3849)"),
        SpecialNetwork("2002::/16", "a 6to4 address (RFC 3056)"),
        SpecialNetwork("3fff::/20", "an address for documentation (RFC 9637)"),
        SpecialNetwork("5f00::/16", "a segment routing identifier (RFC 9602)"),
        SpecialNetwork("fc00::/7", "a unique local address (RFC 4193)"),
        SpecialNetwork("fe80::/10", "a link-local address (RFC 4291)"),
        SpecialNetwork("fec0::/10", "a site-local address (RFC 3879)"),
        SpecialNetwork("ff00::/8", "a multicast address"),
    ]

    /// Addresses that contain the IPv4 address to which a NAT64 passes packets on (RFC 6052).
    static let nat64 = network("64:ff9b::/96")
    /// The only part of the IPv6 address space that is allocated for public hosts.
    static let globalUnicast = network("2000::/3")
}
