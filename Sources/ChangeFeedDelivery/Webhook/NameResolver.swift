internal import Glibc
internal import Postgres

/// The addresses of a host name, looked up once by the system's resolver.
enum NameResolver {
    /// - Returns: each address once, in the resolver's order; none if there is no such name.
    static func addresses(of name: String) async -> [Address] {
        await withCheckedContinuation { continuation in
            // The call blocks for as long as the resolver's time limits allow.
            BlockingThread.run { continuation.resume(returning: look(up: name)) }
        }
    }

    private static func look(up name: String) -> [Address] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &first) == 0 else { return [] }
        defer { freeaddrinfo(first) }
        var found: [Address] = []
        var next = first
        while let info = next?.pointee {
            if let address = info.ai_addr.flatMap({ address(at: $0, family: info.ai_family) }), !found.contains(address)
            {
                found.append(address)
            }
            next = info.ai_next
        }
        return found
    }

    private static func address(at pointer: UnsafeMutablePointer<sockaddr>, family: Int32) -> Address? {
        switch family {
        case AF_INET:
            pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
                withUnsafeBytes(of: address.pointee.sin_addr) { Address(bytes: Array($0)) }
            }
        case AF_INET6:
            pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
                withUnsafeBytes(of: address.pointee.sin6_addr) { Address(bytes: Array($0)) }
            }
        default: nil
        }
    }
}
