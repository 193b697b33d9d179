/// Whose request it is: the peer's address, or what trusted proxies say in `X-Forwarded-For`.
struct ClientAddress: Sendable {
    let trustedProxies: [AddressBlock]

    /// Walks from the right, past the proxies that are trusted; the first other address is the client. Whatever a client
    /// wrote itself stands further left and is not believed.
    /// - Parameters:
    ///   - peer: Address of the other end of the connection.
    ///   - forwardedFor: The values of `X-Forwarded-For`, in their order.
    func client(peer: String, forwardedFor: [String]) -> String {
        guard var current = IPAddress(peer), isTrusted(current) else { return peer }
        var found = peer
        let hops = forwardedFor.joined(separator: ",").split(separator: ",", omittingEmptySubsequences: false)
        for hop in hops.reversed() {
            let text = hop.trimmingSpaces
            guard let address = IPAddress(text) else { return found }
            current = address
            found = String(text)
            if !isTrusted(current) { break }
        }
        return found
    }

    func isTrusted(_ address: IPAddress) -> Bool { trustedProxies.contains { $0.contains(address) } }

    /// What limits go by.
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
