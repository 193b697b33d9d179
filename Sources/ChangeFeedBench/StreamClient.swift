import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import CPostgresShims
import Glibc

/// Many connections that each read one stream, with epoll(7). What they read is handed on as it comes.
final class StreamClient {
    /// Requests under way at once while the streams are opened: what they hold is not what an idle stream holds.
    private static let atOnce = 32
    private var begun = 0
    private var sockets: [Int32] = []
    private var numbers: [Int32: Int] = [:]
    private let epoll = cps_epoll_create()
    private var ready = [cps_event](repeating: cps_event(), count: 64)
    private var buffer = [UInt8](repeating: 0, count: 65_536)

    /// - Parameter models: What each follows, by its number.
    init(
        _ host: (name: String, port: UInt16), key: String, streams: Int,
        models: (Int) -> [String] = { _ in ["res.partner"] }
    ) throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = host.port.bigEndian
        guard inet_pton(AF_INET, host.name, &address.sin_addr) == 1 else {
            throw ValidationError("--url takes an IPv4 address here.")
        }
        for number in 0..<streams {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            let status = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard descriptor >= 0, status == 0 else {
                throw ChangeFeedError(.unexpectedAnswer, "Connection \(number) was not accepted.")
            }
            let followed = models(number).map { "&models=\($0)" }.joined()
            let request =
                "GET /api/v2/sync/stream?device_id=bench%20\(number)\(followed) HTTP/1.1\r\n"
                + "Host: bench\r\nAuthorization: Bearer \(key)\r\n\r\n"
            _ = request.withCString { send(descriptor, $0, request.utf8.count, 0) }
            sockets.append(descriptor)
            numbers[descriptor] = number
            _ = cps_epoll_add(epoll, descriptor, CPS_READABLE)
            if sockets.count % Self.atOnce == 0 || sockets.count == streams { try awaitAnswers() }
        }
    }

    /// Waits until each stream that was asked for has begun.
    private func awaitAnswers() throws {
        var begun = 0
        var refusal: String?
        read(until: .now + .seconds(10)) { _, bytes in
            if Self.position(of: "retry: ", in: bytes) != nil { begun += 1 }
            if Self.position(of: "HTTP/1.1 200 ", in: bytes) == nil, Self.position(of: "HTTP/1.1 ", in: bytes) == 0 {
                refusal = String(decoding: bytes, as: UTF8.self)
            }
            return refusal == nil && begun < sockets.count - self.begun
        }
        self.begun += begun
        guard self.begun == sockets.count else {
            throw ChangeFeedError(
                .unexpectedAnswer,
                "Of \(sockets.count) streams \(self.begun) began. \(refusal ?? "The others did not answer.")")
        }
    }

    /// Reads until the deadline, or until the body has had enough.
    /// - Parameter body: Takes a stream's number and what came; says whether to go on.
    func read(until deadline: ContinuousClock.Instant, _ body: (Int, UnsafeRawBufferPointer) -> Bool) {
        while true {
            let left = (deadline - .now) / .milliseconds(1)
            let count = left <= 0 ? 0 : cps_epoll_wait(epoll, &ready, 64, Int32(left.rounded(.up)))
            if count <= 0 { return }
            for index in 0..<Int(count) {
                let descriptor = ready[index].fd
                let length = recv(descriptor, &buffer, buffer.count, 0)
                guard length > 0, let number = numbers[descriptor] else {
                    _ = cps_epoll_remove(epoll, descriptor)
                    continue
                }
                let goesOn = buffer.withUnsafeBytes { body(number, UnsafeRawBufferPointer(rebasing: $0[0..<length])) }
                if !goesOn { return }
            }
        }
    }

    /// Where a text begins in what came.
    static func position(of text: StaticString, in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let start = bytes.baseAddress else { return nil }
        let length = text.utf8CodeUnitCount
        var place = 0
        while bytes.count - place >= length,
            let found = memchr(start + place, Int32(text.utf8Start.pointee), bytes.count - place - length + 1)
        {
            place = UnsafeRawPointer(found) - start
            if memcmp(found, text.utf8Start, length) == 0 { return place }
            place += 1
        }
        return nil
    }

    func close() {
        for socket in sockets { Glibc.close(socket) }
        Glibc.close(epoll)
    }
}
