import Testing

@testable import ChangeFeedDelivery

@Suite("Where messages may go")
struct AddressPolicyTests {
    static let forbidden = [
        // IPv4, by the registry of special-purpose addresses: first and last of each block.
        "0.0.0.0", "0.0.0.1", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.100.100.200",
        "100.127.255.255", "127.0.0.0", "127.0.0.1", "127.255.255.255", "168.63.129.16", "169.254.0.0",
        "169.254.169.254", "169.254.255.255", "172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.192",
        "192.0.0.255", "192.0.2.0", "192.0.2.255", "192.88.99.0", "192.88.99.255", "192.168.0.0", "192.168.255.255",
        "198.18.0.0", "198.19.255.255", "198.51.100.0", "198.51.100.255", "203.0.113.0", "203.0.113.255", "224.0.0.0",
        "224.0.0.1", "239.255.255.255", "240.0.0.0", "255.255.255.254", "255.255.255.255",
        // Mapped, as the IPv4 address, in both notations.
        "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:a9fe:a9fe",
        "::ffff:0.0.0.0", "::ffff:192.168.1.1", "0:0:0:0:0:ffff:7f00:1",
        // Compatible, translated, and the rest of ::/8.
        "::", "::1", "::2", "::127.0.0.1", "::8.8.8.8", "::ffff:0:127.0.0.1", "::ffff:0:8.8.8.8", "1::1", "64:ff9a::1",
        "ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        // NAT64: as the IPv4 address within, and the local prefix.
        "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b::10.1.2.3", "64:ff9b::192.168.0.1", "64:ff9b::",
        "64:ff9b::255.255.255.255", "64:ff9b:0:0:1::8.8.8.8", "64:ff9b:1::", "64:ff9b:1::8.8.8.8",
        "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "64:ff9b:2::8.8.8.8",
        // Other blocks of the IPv6 registry: first and last of each.
        "100::", "100::ffff:ffff:ffff:ffff", "100:0:0:1::1", "100:0:0:2::1", "2001::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "2001:1::1", "2001:1::2", "2001:2::",
        "2001:2:0:ffff:ffff:ffff:ffff:ffff",
        "2001:10::", "2001:1f:ffff::", "2001:20::", "2001:2f:ffff::", "2001:30::1",
        "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2002::",
        "2002:7f00:1::1", "2002:808:808::1", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::",
        "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fc00::",
        "fd00::1", "fd00:ec2::254", "fd20:ce::254", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe80::", "fe80::1",
        "fe80::a9fe:a9fe", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fec0::",
        "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "ff00::", "ff02::1", "ff0e::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        // Outside 2000::/3, not allocated.
        "200::1", "400::1", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::", "8000::1", "e000::1", "fe00::1",
        "fe7f:ffff::1",
    ]

    static let permitted = [
        "1.0.0.0", "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
        "126.255.255.255", "128.0.0.0", "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0",
        "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.1.255", "192.0.3.0", "192.88.98.255",
        "192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255",
        "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255",
        // Services for hosts: AS112 and AMT.
        "192.31.196.1", "192.52.193.1", "192.175.48.1", "2620:4f:8000::1",
        "::ffff:8.8.8.8", "::ffff:808:808", "64:ff9b::8.8.8.8", "64:ff9b::808:808", "2000::", "2001:200::",
        "2001:4860:4860::8888", "2001:db7:ffff::1", "2001:db9::", "2003::", "2606:4700:4700::1111", "2a00::1",
        "3ffe:ffff::1", "3fff:1000::", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ]

    @Test("is nowhere but to public hosts", arguments: forbidden)
    func refuses(text: String) throws {
        let reason = AddressPolicy().refusal(of: try #require(Address(text)))
        #expect(reason?.isEmpty == false)
    }

    @Test("is to public hosts, up to the edges of what is refused", arguments: permitted)
    func permits(text: String) throws { #expect(AddressPolicy().refusal(of: try #require(Address(text))) == nil) }

    @Test("is listed without repetition, more than 60 addresses of it forbidden")
    func listed() throws {
        let addresses = (Self.forbidden + Self.permitted).compactMap { Address($0) }
        #expect(addresses.count == Self.forbidden.count + Self.permitted.count)
        #expect(Self.forbidden.count > 60)
    }

    @Test(
        "is refused with the reason",
        arguments: [
            ("127.0.0.1", "a loopback address"), ("::1", "a loopback address"), ("::", "the unspecified address"),
            ("192.168.1.2", "a private address (RFC 1918)"), ("::ffff:192.168.1.2", "a private address (RFC 1918)"),
            ("64:ff9b::192.168.1.2", "the NAT64 form of a private address (RFC 1918)"),
            ("255.255.255.255", "the broadcast address"), ("2001::1", "a Teredo address (RFC 4380)"),
            ("::1.2.3.4", "an IPv4-compatible address (RFC 4291)"), ("fd00::1", "a unique local address (RFC 4193)"),
            ("4000::1", "an address outside global unicast (2000::/3)"),
        ])
    func reasons(text: String, reason: String) throws {
        #expect(AddressPolicy().refusal(of: try #require(Address(text))) == reason)
    }

    @Test("is also where the operator permits it, and only there")
    func allowed() throws {
        let networks = ["10.20.0.0/16", "192.168.1.7", "fd12:3456::/48", "::ffff:172.16.0.0/108", "::1"]
        let policy = AddressPolicy(allow: try networks.map { try Network($0) })
        let within = [
            "10.20.0.0", "10.20.255.255", "::ffff:10.20.1.1", "64:ff9b::10.20.1.1", "192.168.1.7", "fd12:3456::1",
            "fd12:3456:0:ffff::1", "172.16.0.1", "172.31.255.255", "::1", "8.8.8.8", "2606:4700::1",
        ]
        for text in within { #expect(policy.refusal(of: try #require(Address(text))) == nil, "\(text)") }
        let outside = [
            "10.19.255.255", "10.21.0.0", "::ffff:10.21.0.1", "64:ff9b::10.21.0.1", "192.168.1.8", "fd12:3456:1::1",
            "fd12:3455::1", "127.0.0.1", "::", "::2", "::10.20.0.1", "2002:a14:1::1", "64:ff9b:1::10.20.0.1",
            "169.254.169.254",
        ]
        for text in outside { #expect(policy.refusal(of: try #require(Address(text))) != nil, "\(text)") }
    }

    @Test("is anywhere if the operator lists everything")
    func everything() throws {
        let policy = AddressPolicy(allow: [try Network("0.0.0.0/0"), try Network("::/0")])
        for text in Self.forbidden { #expect(policy.refusal(of: try #require(Address(text))) == nil, "\(text)") }
    }
}

@Suite("An address or a network")
struct NetworkTests {
    @Test(
        "is read in its usual notations",
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:DB8:0:0::1", "2001:db8::1"),
            ("::", "::"), ("64:ff9b::1.2.3.4", "64:ff9b::102:304"),
        ])
    func addresses(text: String, plain: String) throws {
        let address = try #require(Address(text))
        #expect("\(address)" == plain)
        #expect(Address(plain) == address)
        #expect(Address(bytes: address.bytes) == address)
    }

    @Test(
        "that is none is not read",
        arguments: [
            "", "1", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.0.0.01", "1.2.3.4.5",
            "1.2.3.256", "1.2.3.-4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4\0", "1.2.3.4%eth0", "[::1]", "fe80::1%eth0",
            ":::",
            "1::2::3", "g::1", "::ffff:1.2.3", "localhost", "１.2.3.4", String(repeating: "1:", count: 40),
        ])
    func none(text: String) { #expect(Address(text) == nil) }

    @Test("of another number of bytes is none", arguments: [0, 3, 5, 15, 17])
    func bytes(count: Int) { #expect(Address(bytes: [UInt8](repeating: 1, count: count)) == nil) }

    @Test(
        "in CIDR notation is read",
        arguments: [
            ("10.0.0.0/8", "10.0.0.0/8"), ("10.1.2.3", "10.1.2.3/32"), ("0.0.0.0/0", "0.0.0.0/0"), ("::/0", "::/0"),
            ("fd00::1", "fd00::1/128"), ("2001:db8:8000::/33", "2001:db8:8000::/33"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"), ("::ffff:10.0.0.1", "10.0.0.1/32"), ("::ffff:0:0/96", "0.0.0.0/0"),
        ])
    func networks(text: String, plain: String) throws { #expect("\(try Network(text))" == plain) }

    @Test(
        "in CIDR notation is refused with the reason",
        arguments: [
            ("", "an address or a block"), ("/8", "an address or a block"), ("x/8", "an address or a block"),
            ("10/8", "an address or a block"), ("10.0.0.0/", "0 to 32"), ("10.0.0.0/33", "0 to 32"),
            ("10.0.0.0/-1", "0 to 32"), ("10.0.0.0/+8", "0 to 32"), ("10.0.0.0/8/8", "0 to 32"),
            ("10.0.0.0/255.0.0.0", "0 to 32"), ("::/129", "0 to 128"), ("::ffff:10.0.0.0/8", "96 to 128"),
            ("10.0.0.1/8", "write `10.0.0.0/8`"), ("fd00::1/64", "write `fd00::/64`"),
        ])
    func refused(text: String, reason: String) {
        let error = #expect(throws: WebhookError.self) { try Network(text) }
        #expect(error?.code == .networkInvalid)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test("contains the addresses of its prefix, of its own family")
    func contains() throws {
        let network = try Network("2001:db8:8000::/33")
        #expect(network.contains(try #require(Address("2001:db8:ffff::1"))))
        #expect(!network.contains(try #require(Address("2001:db8:7fff::1"))))
        #expect(!(try Network("::/0")).contains(try #require(Address("10.0.0.1"))))
        #expect(!(try Network("0.0.0.0/0")).contains(try #require(Address("::1"))))
    }
}
