@testable import ChangeFeedHTTP
import Testing

@Suite("A client's address")
struct ClientAddressTests {
    @Test("is read in the usual notations, and nothing else is", arguments: [
        ("10.0.0.1", true), ("::1", true), ("[2001:db8::1]", true), ("::ffff:10.0.0.1", true), ("256.1.1.1", false), ("10.1", false),
        ("", false), ("localhost", false), ("10.0.0.1:80", false), ("1.2.3.4\0", false), (String(repeating: "1", count: 1_000), false),
    ])
    func addresses(text: String, isOne: Bool) { #expect((IPAddress(text) != nil) == isOne) }

    @Test("is in a block or not", arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.0.0.1", "10.0.0.1", true), ("10.0.0.1", "10.0.0.2", false),
        ("0.0.0.0/0", "1.2.3.4", true), ("0.0.0.0/0", "::1", false), ("2001:db8::/33", "2001:db8:7fff::1", true),
        ("2001:db8::/33", "2001:db8:8000::1", false), ("10.0.0.0/8", "::ffff:10.2.3.4", true),
    ])
    func blocks(block: String, address: String, inside: Bool) throws {
        #expect(try #require(AddressBlock(block)).contains(#require(IPAddress(address))) == inside)
    }

    @Test("a block that is none is refused", arguments: ["10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::/129", "x/8", "", "/8"])
    func noBlock(text: String) { #expect(AddressBlock(text) == nil) }

    @Test("comes from X-Forwarded-For only through trusted proxies, from the right", arguments: [
        ("203.0.113.9", ["1.1.1.1"], "203.0.113.9"), ("10.0.0.1", ["1.1.1.1"], "1.1.1.1"), ("10.0.0.1", ["9.9.9.9, 1.1.1.1"], "1.1.1.1"),
        ("10.0.0.1", ["9.9.9.9, 1.1.1.1, 10.0.0.2"], "1.1.1.1"), ("10.0.0.1", ["1.1.1.1", "10.0.0.2"], "1.1.1.1"),
        ("10.0.0.1", ["rubbish"], "10.0.0.1"), ("10.0.0.1", ["1.1.1.1, rubbish"], "10.0.0.1"), ("10.0.0.1", ["rubbish, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", [""], "10.0.0.1"), ("10.0.0.1", [], "10.0.0.1"), ("10.0.0.1", ["2001:db8::5"], "2001:db8::5"), ("local", ["1.1.1.1"], "local"),
    ])
    func forwarded(peer: String, header: [String], client: String) throws {
        let addresses = ClientAddress(trustedProxies: [try #require(AddressBlock("10.0.0.0/8"))])
        #expect(addresses.client(peer: peer, forwardedFor: header) == client)
    }

    @Test("limits take IPv6 by /64 and IPv4 whole")
    func keys() {
        #expect(ClientAddress.limitKey("2001:db8:1:2:3::4") == ClientAddress.limitKey("2001:db8:1:2:ffff::9"))
        #expect(ClientAddress.limitKey("2001:db8:1:2::1") != ClientAddress.limitKey("2001:db8:1:3::1"))
        #expect(ClientAddress.limitKey("10.0.0.1") != ClientAddress.limitKey("10.0.0.2"))
        #expect(ClientAddress.limitKey("10.0.0.1") == ClientAddress.limitKey("::ffff:10.0.0.1"))
        #expect(ClientAddress.limitKey(String(repeating: "x", count: 9_999)).utf8.count < 100)
    }
}
