import ChangeFeedSettings
import Glibc

/// The minimum of HTTP/1.0 for a health check (RFC 1945): one GET, and the status of the answer.
enum PlainHTTP {
    struct Address: Equatable {
        let host: String
        let port: Int
        let path: String
    }

    /// - Parameter timeout: for connecting, for sending and for each wait for the answer.
    /// - Returns: the status, or nil if there was no HTTP answer in time.
    static func status(of address: Address, timeout: Duration) -> Int? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address.host, String(address.port), &hints, &found) == 0 else { return nil }
        defer { freeaddrinfo(found) }
        var candidate = found
        while let info = candidate {
            if let status = ask(info.pointee, address, timeout) { return status }
            candidate = info.pointee.ai_next
        }
        return nil
    }

    private static func ask(_ info: addrinfo, _ address: Address, _ timeout: Duration) -> Int? {
        let descriptor = socket(info.ai_family, info.ai_socktype, info.ai_protocol)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // SO_SNDTIMEO also limits connect(2), socket(7).
        var limit = timeval(tv_sec: Int(timeout.components.seconds), tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        guard connect(descriptor, info.ai_addr, info.ai_addrlen) == 0 else { return nil }
        let host = address.host.contains(":") ? "[\(address.host)]" : address.host
        let request = "GET \(address.path) HTTP/1.0\r\nHost: \(host):\(address.port)\r\nConnection: close\r\n\r\n"
        let bytes = Array(request.utf8)
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return nil }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 512)
        while !answer.contains(UInt8(ascii: "\n")), answer.count < 4_096 {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count <= 0 { break }
            answer += buffer[0..<count]
        }
        return status(ofLine: String(decoding: answer.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }

    /// `HTTP/1.1 200 OK` is 200.
    static func status(ofLine line: String) -> Int? {
        let parts = line.split(separator: " ")
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/1.") else { return nil }
        return Int(parts[1].prefix(3))
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
