@testable import ChangeFeedHTTP
import Testing

@Suite("A client's address")
struct ClientAddressTests {
    @Test(
        "is read in the usual notations, and nothing else is",
        arguments: [
            ("10.0.0.1", true), ("::1", true), ("[2001:db8::1]", true), ("::ffff:10.0.0.1", true), ("256.1.1.1", false),
            ("10.1", false),
            ("", false), ("localhost", false), ("10.0.0.1:80", false), ("1.2.3.4\0", false),
            (String(repeating: "1", count: 1_000), false),
        ])
    func addresses(text: String, isOne: Bool) { #expect((IPAddress(text) != nil) == isOne) }

    @Test(
        "is in a block or not",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.0.0.1", "10.0.0.1", true),
            ("10.0.0.1", "10.0.0.2", false),
            ("0.0.0.0/0", "1.2.3.4", true), ("0.0.0.0/0", "::1", false), ("2001:db8::/33", "2001:db8:7fff::1", true),
            ("2001:db8::/33", "2001:db8:8000::1", false), ("10.0.0.0/8", "::ffff:10.2.3.4", true),
        ])
    func blocks(block: String, address: String, inside: Bool) throws {
        #expect(try #require(AddressBlock(block)).contains(#require(IPAddress(address))) == inside)
    }

    @Test(
        "a block that is none is refused",
        arguments: ["10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::/129", "x/8", "", "/8"])
    func noBlock(text: String) { #expect(AddressBlock(text) == nil) }

    @Test(
        "comes from X-Forwarded-For only through trusted proxies, from the right",
        arguments: [
            ("203.0.113.9", ["1.1.1.1"], "203.0.113.9"), ("10.0.0.1", ["1.1.1.1"], "1.1.1.1"),
            ("10.0.0.1", ["9.9.9.9, 1.1.1.1"], "1.1.1.1"),
            ("10.0.0.1", ["9.9.9.9, 1.1.1.1, 10.0.0.2"], "1.1.1.1"), ("10.0.0.1", ["1.1.1.1", "10.0.0.2"], "1.1.1.1"),
            ("10.0.0.1", ["rubbish"], "10.0.0.1"), ("10.0.0.1", ["1.1.1.1, rubbish"], "10.0.0.1"),
            ("10.0.0.1", ["rubbish, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", [""], "10.0.0.1"), ("10.0.0.1", [], "10.0.0.1"), ("10.0.0.1", ["2001:db8::5"], "2001:db8::5"),
            ("local", ["1.1.1.1"], "local"),
        ])
    func forwarded(peer: String, header: [String], client: String) throws {
        let addresses = ClientAddress(trustedProxies: [try #require(AddressBlock("10.0.0.0/8"))])
        #expect(addresses.client(peer: peer, forwardedFor: header) == client)
    }

    @Test(
        "is the same whatever port follows it",
        arguments: [
            ("198.51.100.1:51000", "198.51.100.1"), ("198.51.100.1:0", "198.51.100.1"),
            ("198.51.100.1:65535", "198.51.100.1"),
            ("[2001:db8::5]:443", "[2001:db8::5]"), ("[2001:db8::5]", "[2001:db8::5]"),
            ("2001:db8:1::5", "2001:db8:1::5"),
            ("2001:db8::1:443", "2001:db8::1:443"), ("::ffff:198.51.100.1", "::ffff:198.51.100.1"),
            ("9.9.9.9:1, 198.51.100.1:2, 10.0.0.2:3", "198.51.100.1"), ("198.51.100.1:1,10.0.0.3", "198.51.100.1"),
        ])
    func ports(header: String, client: String) throws {
        let addresses = ClientAddress(trustedProxies: [try #require(AddressBlock("10.0.0.0/8"))])
        let found = addresses.client(peer: "10.0.0.1", forwardedFor: [header])
        #expect(found == client && IPAddress(found) != nil)
    }

    @Test(
        "is found past blanks and elements with nothing in them",
        arguments: [
            ["198.51.100.1,"], [",198.51.100.1 , ,"], ["", "198.51.100.1", ""], ["\t198.51.100.1\t", " , 10.0.0.2 ,,"],
            ["198.51.100.1", ","],
        ])
    func empty(header: [String]) throws {
        let addresses = ClientAddress(trustedProxies: [try #require(AddressBlock("10.0.0.0/8"))])
        #expect(addresses.client(peer: "10.0.0.1", forwardedFor: header) == "198.51.100.1")
    }

    @Test(
        "is that of the last proxy if the header holds something else, so that no client escapes a limit",
        arguments: [
            "198.51.100.1:", "198.51.100.1:x", "198.51.100.1:65536", "198.51.100.1:123456", "198.51.100.1:1:2", ":80",
            "[2001:db8::5", "[2001:db8::5]:",
            "[2001:db8::5]:x", "[]:80", "[2001:db8::5]x:80", "2001:db8::5%eth0", "unknown", "_hidden", "unknown:80",
            "\"198.51.100.1\"",
            "for=198.51.100.1", "198.51.100.1;198.51.100.2", "198.51.100.1 198.51.100.2", "198.51.100.1:+80",
            "198.51.100.1:8\u{0}",
        ])
    func doubtful(element: String) throws {
        let addresses = ClientAddress(trustedProxies: [try #require(AddressBlock("10.0.0.0/8"))])
        #expect(addresses.client(peer: "10.0.0.1", forwardedFor: ["1.1.1.1, \(element)"]) == "10.0.0.1")
        #expect(addresses.client(peer: "10.0.0.1", forwardedFor: ["1.1.1.1, \(element), 10.0.0.2:99"]) == "10.0.0.2")
    }

    @Test("limits take IPv6 by /64 and IPv4 whole")
    func keys() {
        #expect(ClientAddress.limitKey("2001:db8:1:2:3::4") == ClientAddress.limitKey("2001:db8:1:2:ffff::9"))
        #expect(ClientAddress.limitKey("2001:db8:1:2::1") != ClientAddress.limitKey("2001:db8:1:3::1"))
        #expect(ClientAddress.limitKey("10.0.0.1") != ClientAddress.limitKey("10.0.0.2"))
        #expect(ClientAddress.limitKey("10.0.0.1") == ClientAddress.limitKey("::ffff:10.0.0.1"))
        #expect(ClientAddress.limitKey("[2001:db8:1:2::1]") == ClientAddress.limitKey("2001:db8:1:2::1"))
        #expect(ClientAddress.limitKey(String(repeating: "x", count: 9_999)).utf8.count < 100)
    }
}
