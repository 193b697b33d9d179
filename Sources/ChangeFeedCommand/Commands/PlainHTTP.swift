import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// One GET without TLS for a health check, and the status of the answer.
enum PlainHTTP {
    struct Address: Equatable {
        let host: String
        let port: Int
        let path: String

        fileprivate var url: String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)\(path)" }
    }

    /// - Parameter timeout: from the look-up of the name to the head of the answer.
    /// - Returns: the status, or nil if there was no HTTP answer in time.
    static func status(of address: Address, timeout: Duration) async -> Int? {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = TimeAmount(timeout)
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let answer = try? await client.execute(HTTPClientRequest(url: address.url), timeout: TimeAmount(timeout))
        try? await client.shutdown()
        return answer.map { Int($0.status.code) }
    }
}

extension PlainHTTP.Address {
    /// `http://HOST[:PORT][/PATH]`; no other part of a URL, no blanks, nothing that could end the request line.
    init?(_ url: String) {
        guard url.hasPrefix("http://"), url.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { return nil }
        let rest = url.dropFirst(7)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var authority = rest[..<slash]
        var port = 80
        if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
            guard let number = Int(authority[authority.index(after: colon)...]), (1...65_535).contains(number) else {
                return nil
            }
            port = number
            authority = authority[..<colon]
        }
        if authority.hasPrefix("["), authority.hasSuffix("]") { authority = authority.dropFirst().dropLast() }
        guard !authority.isEmpty, !authority.contains("@") else { return nil }
        self.init(host: String(authority), port: port, path: slash == rest.endIndex ? "/" : String(rest[slash...]))
    }
}
