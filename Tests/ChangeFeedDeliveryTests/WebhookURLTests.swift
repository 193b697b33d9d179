import Testing

@testable import ChangeFeedDelivery

@Suite("The URL of an endpoint")
struct WebhookURLTests {
    @Test(
        "is taken apart",
        arguments: [
            ("https://example.com", "https://example.com", 443, "/"),
            ("https://example.com/", "https://example.com", 443, "/"),
            ("HTTPS://Example.COM/Path?q=1&r=%2F", "https://example.com", 443, "/Path?q=1&r=%2F"),
            ("https://example.com:443/a", "https://example.com", 443, "/a"),
            ("https://example.com:8443/a/../b", "https://example.com:8443", 8_443, "/a/../b"),
            ("https://example.com?x=/@:", "https://example.com", 443, "/?x=/@:"),
            ("https://example.com/@a:b", "https://example.com", 443, "/@a:b"),
            ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example", 443, "/"),
            ("https://receiver:65535/", "https://receiver:65535", 65_535, "/"),
            ("https://1.example/", "https://1.example", 443, "/"),
            ("https://0x7f.example/", "https://0x7f.example", 443, "/"),
            ("https://192.0.2.1/", "https://192.0.2.1", 443, "/"),
            ("https://[2001:DB8::1]/", "https://[2001:db8::1]", 443, "/"),
            ("https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443", 8_443, "/x"),
            ("https://[::ffff:192.0.2.1]/", "https://192.0.2.1", 443, "/"),
            ("http://example.com/a", "http://example.com", 80, "/a"),
            ("http://example.com:443/", "http://example.com:443", 443, "/"),
        ])
    func parts(text: String, origin: String, port: Int, target: String) throws {
        let url = try WebhookURL(text, rules: .init(schemes: ["http", "https"]))
        #expect("\(url)" == origin)
        #expect(url.port == port)
        #expect(url.target == target)
        #expect(url.text == text)
    }

    @Test("has a name, which is resolved, or an address, which is not")
    func hosts() throws {
        #expect(try WebhookURL("https://A.b/").host == .name("a.b"))
        #expect(try WebhookURL("https://8.8.8.8/").host == .address(try #require(Address("8.8.8.8"))))
        #expect(try WebhookURL("https://[::1]/").host == .address(try #require(Address("::1"))))
        #expect(try WebhookURL("https://[::ffff:7f00:1]/").host == .address(try #require(Address("127.0.0.1"))))
        #expect(try WebhookURL("https://localhost/").host == .name("localhost"))
    }

    @Test(
        "is refused with the reason",
        arguments: [
            ("", "empty"), ("example.com", "scheme and `://`"), ("https:/example.com", "scheme and `://`"),
            ("https:example.com", "scheme and `://`"), ("//example.com/", "scheme and `://`"),
            ("://example.com/", "must be `https`"), ("http://example.com/", "must be `https`"),
            ("ftp://example.com/", "must be `https`"), ("file:///etc/passwd", "must be `https`"),
            ("gopher://127.0.0.1:6379/", "must be `https`"), ("javascript://x", "must be `https`"),
            ("https://", "no host"), ("https:///path", "no host"), ("https://?x", "no host"),
            ("https://:443/", "no host"),
            ("https://user@example.com/", "user name"), ("https://user:word@example.com/", "user name"),
            ("https://@example.com/", "user name"), ("https://example.com:443@127.0.0.1/", "user name"),
            ("https://example.com/#part", "fragment"), ("https://example.com#@127.0.0.1/", "fragment"),
            ("https://example.com/a b", "a space"), ("https://example.com/\n", "a space"),
            (" https://example.com/", "a space"),
            ("https://exa\tmple.com/", "a space"), ("https://example.com\r\nHost: x/", "a space"),
            ("https://example.com/\u{7f}", "a space"), ("https://example.com/\0", "a space"),
            ("https://bücher.example/", "not ASCII"), ("https://example.com/ü", "not ASCII"),
            ("https://１２７.0.0.1/", "not ASCII"), ("https://example。com/", "not ASCII"),
            ("https://example.com\\@127.0.0.1/", "percent-encoded"), ("https:\\\\example.com/", "percent-encoded"),
            ("https://example.com/{id}", "percent-encoded"), ("https://example.com/\"", "percent-encoded"),
            ("https://example.com/%", "two hexadecimal"), ("https://example.com/%2", "two hexadecimal"),
            ("https://example.com/%zz", "two hexadecimal"), ("https://%31%32%37.0.0.1/", "a character other than"),
            ("https://exa_mple.com/", "a character other than"), ("https://example.com;x/", "a character other than"),
            ("https://exam!ple/", "a character other than"), ("https://example.com./", "an empty part"),
            ("https://.example.com/", "an empty part"), ("https://a..b/", "an empty part"),
            ("https://./", "an empty part"),
            ("https://-a.example/", "hyphen"), ("https://a-.example/", "hyphen"),
            ("https://\(String(repeating: "a", count: 64)).example/", "63 bytes"),
            ("https://\(String(repeating: "a.", count: 127))/", "253 bytes"),
            ("https://127.1/", "four decimal"), ("https://2130706433/", "four decimal"),
            ("https://0x7f.1/", "four decimal"),
            ("https://0177.0.0.1/", "four decimal"), ("https://0x7f000001/", "four decimal"),
            ("https://0/", "four decimal"),
            ("https://127.0.0.0x1/", "four decimal"), ("https://127.0.0.1.1/", "four decimal"),
            ("https://127.0.0.256/", "four decimal"), ("https://127.0.0.01/", "four decimal"),
            ("https://1.2.3.4.0X/", "four decimal"), ("https://example.1/", "four decimal"),
            ("https://127.0.0.1./", "an empty part"), ("https://[127.0.0.1]/", "not an IPv6"),
            ("https://[]/", "not an IPv6"),
            ("https://[::1%25eth0]/", "not an IPv6"), ("https://[fe80::1%eth0]/", "two hexadecimal"),
            ("https://[v1.x]/", "not an IPv6"), ("https://[::1/", "closing bracket"),
            ("https://[::1]x/", "behind the IPv6"),
            ("https://[::1].example/", "behind the IPv6"), ("https://::1/", "no host"),
            ("https://[[::1]]/", "behind the IPv6"), ("https://a[::1]/", "a character other than"),
            ("https://example.com:/", "the port is not"), ("https://example.com:0/", "the port is not"),
            ("https://example.com:65536/", "the port is not"), ("https://example.com:-1/", "the port is not"),
            ("https://example.com:+443/", "the port is not"), ("https://example.com:443x/", "the port is not"),
            ("https://example.com:000443/", "the port is not"), ("https://example.com:443:80/", "the port is not"),
            ("https://example.com:25/", "another protocol"), ("https://example.com:6379/", "another protocol"),
            ("https://example.com/" + String(repeating: "a", count: 2_029), "2,048 bytes"),
        ])
    func refused(text: String, reason: String) {
        let error = #expect(throws: WebhookError.self) { try WebhookURL(text) }
        #expect(error?.code == .urlInvalid)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test("may have 2,048 bytes")
    func longest() throws {
        let text = "https://example.com/" + String(repeating: "a", count: 2_028)
        #expect(text.utf8.count == WebhookURL.maximumLength)
        #expect(try WebhookURL(text).target.utf8.count == 2_029)
    }

    @Test("has a port of the operator's list, if there is one, and never port 0")
    func ports() throws {
        let rules = WebhookURL.Rules(ports: [0, 25, 443])
        #expect(try WebhookURL("https://example.com/", rules: rules).port == 443)
        #expect(try WebhookURL("https://example.com:25/", rules: rules).port == 25)
        for port in [0, 80, 8_443] {
            #expect(throws: WebhookError.self) { try WebhookURL("https://example.com:\(port)/", rules: rules) }
        }
    }

    @Test("has a scheme that can be used, whatever the rules say")
    func schemes() {
        #expect(throws: WebhookError.self) { try WebhookURL("ftp://example.com/", rules: .init(schemes: ["ftp"])) }
        let both = #expect(throws: WebhookError.self) {
            try WebhookURL("ws://example.com/", rules: .init(schemes: ["http", "https"]))
        }
        #expect(both?.message == "the scheme must be `http` or `https`")
    }

    @Test("is described without path and query, and its errors do not repeat it")
    func secretive() throws {
        #expect("\(try WebhookURL("https://example.com/services/T0/B0/word?key=word"))" == "https://example.com")
        let error = #expect(throws: WebhookError.self) { try WebhookURL("https://me:word@example.com/word") }
        #expect(error?.message.contains("word@") == false && error?.message.contains("example") == false)
    }
}
