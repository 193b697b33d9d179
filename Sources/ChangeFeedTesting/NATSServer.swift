internal import Foundation
internal import Glibc
internal import Synchronization

/// A `nats-server` with JetStream on a port of its own, whose folder is removed with it.
public final class NATSServer: Sendable {
    public let port: Int
    private let program: String
    private let folder: String
    private let arguments: [String]
    private let process = Mutex<pid_t?>(nil)

    /// Its program; nil where it is not installed.
    public static var program: String? {
        ["/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin"].map { $0 + "/nats-server" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Starts one.
    /// - Parameters:
    ///   - arguments: further ones, such as `--user` and `--pass`.
    ///   - hasStreams: with JetStream.
    public init(_ arguments: [String] = [], hasStreams: Bool = true) async throws {
        guard let program = Self.program else {
            throw PrivateCluster.Failure(description: "nats-server is not installed")
        }
        self.program = program
        var template = Array("/tmp/cf-nats-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw PrivateCluster.Failure(description: "no temporary folder") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        port = try Self.freePort()
        self.arguments = ["-a", "127.0.0.1", "-p", "\(port)"] + (hasStreams ? ["-js", "-sd", folder] : []) + arguments
        try await start()
    }

    deinit {
        kill(with: SIGKILL)
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Starts it again, with the same port and folder.
    public func start() async throws {
        let started = try Command.spawn(
            program, arguments, output: folder + "/output", errors: folder + "/errors")
        process.withLock { $0 = started }
        try await eventually(within: .seconds(30), "nats-server listens: \(Command.read(folder + "/errors"))") {
            self.isListening
        }
    }

    /// Ends it by SIGKILL.
    public func kill() { kill(with: SIGKILL) }

    /// Stops it from doing anything, while its connections stay.
    public func suspend() { process.withLock { if let process = $0 { Glibc.kill(process, SIGSTOP) } } }
    public func resume() { process.withLock { if let process = $0 { Glibc.kill(process, SIGCONT) } } }

    private func kill(with signal: Int32) {
        process.withLock { process in
            guard let running = process else { return }
            Glibc.kill(running, signal)
            var status: Int32 = 0
            while waitpid(running, &status, 0) == -1, errno == EINTR {}
            process = nil
        }
    }

    private var isListening: Bool { Self.withSocket(port) { connect($0, $1, $2) } == 0 }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = Self.address(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw PrivateCluster.Failure(description: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func address(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    private static func withSocket(
        _ port: Int, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = Self.address(port)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
