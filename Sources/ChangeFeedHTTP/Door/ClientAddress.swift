/// The client's address: the peer's, or the one that trusted proxies report in `X-Forwarded-For`.
struct ClientAddress: Sendable {
    let trustedProxies: [AddressBlock]

    /// Walks from the right, past trusted proxies; the first other address is the client. Values that a client
    /// wrote itself are further left and are not trusted. If an element is not an address, the host that wrote it is
    /// the last known one: all clients behind it share its limits.
    /// - Parameters:
    ///   - peer: Address of the other end of the connection.
    ///   - forwardedFor: The values of `X-Forwarded-For`, in their order.
    /// - Returns: an address without its port.
    func client(peer: String, forwardedFor: [String]) -> String {
        guard let first = IPAddress(peer), isTrusted(first) else { return peer }
        var found = peer
        // Empty elements are ignored (RFC 9110 5.6.1.2).
        let hops = forwardedFor.joined(separator: ",").split(separator: ",").map(\.trimmingSpaces).filter {
            !$0.isEmpty
        }
        for hop in hops.reversed() {
            let text = Self.withoutPort(hop)
            guard let address = IPAddress(text) else { return found }
            found = String(text)
            if !isTrusted(address) { break }
        }
        return found
    }

    /// Some proxies (Azure's Application Gateway) append the client's port, which differs for each
    /// connection: `203.0.113.7:51000`, `[2001:db8::7]:51000`. An IPv6 address without brackets has no port.
    private static func withoutPort(_ text: Substring) -> Substring {
        guard let colon = text.lastIndex(of: ":"), isPort(text[text.index(after: colon)...]) else { return text }
        let address = text[..<colon]
        let isBracketed = address.hasPrefix("[") && address.hasSuffix("]")
        return isBracketed || !address.contains(":") ? address : text
    }

    private static func isPort(_ text: Substring) -> Bool {
        (1...5).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) }
            && Int(text).map { $0 <= 65_535 } == true
    }

    func isTrusted(_ address: IPAddress) -> Bool { trustedProxies.contains { $0.contains(address) } }

    /// The key for limits.
    static func limitKey(_ client: String) -> String { IPAddress(client)?.limitKey ?? "name:" + client.prefix(64) }
}

extension Substring {
    /// Without spaces and tabs at either end (RFC 9110 5.6.3).
    var trimmingSpaces: Substring {
        var text = self
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
