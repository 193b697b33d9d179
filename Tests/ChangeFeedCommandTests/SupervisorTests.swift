import ChangeFeedTesting
@testable import ChangeFeedCommand
import Foundation
import Glibc
import Testing

/// A socket as systemd's, to which a service tells its state.
private final class NotificationSocket: Sendable {
    let descriptor: Int32
    let name: String

    init(abstract: Bool) throws {
        name = (abstract ? "@changefeed-" : "/tmp/changefeed-") + UUID().uuidString
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var path = Array(name.utf8)
        if abstract { path[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let length = socklen_t(2 + path.count)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(bound == 0)
    }

    deinit {
        close(descriptor)
        unlink(name)
    }

    /// The next datagram, if one is there.
    func receive() -> String? {
        var buffer = [UInt8](repeating: 0, count: 1_024)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? String(decoding: buffer[0..<count], as: UTF8.self) : nil
    }
}

@Suite("Notifications to systemd", .timeLimit(.minutes(10)))
struct SupervisorTests {
    @Test("READY once the service is ready, WATCHDOG again and again, STOPPING at the end", arguments: [false, true])
    func lifecycle(abstract: Bool) async throws {
        let supervisor = try NotificationSocket(abstract: abstract)
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let service = try BuiltBinary.start(
            ["serve"],
            environment: [
                "DATABASE_URL": database.conninfo(user: "changefeed_login"),
                "CHANGEFEED_PORT": "\(try FreePort.find())",
                "CHANGEFEED_ADMIN_PORT": "0", "NOTIFY_SOCKET": supervisor.name, "WATCHDOG_USEC": "40000",
            ])
        var heard: [String] = []
        func hears(_ text: String, times: Int = 1) async throws {
            try await eventually("\(text) after \(heard): \(service.errors)") {
                while let message = supervisor.receive() { heard.append(message) }
                return heard.filter { $0.hasPrefix(text) }.count >= times
            }
        }
        try await hears("READY=1")
        try await hears("WATCHDOG=1", times: 3)
        service.terminate()
        try await hears("STOPPING=1")
        #expect(try await service.waitForExit() == 0)
        #expect(heard.filter { $0.hasPrefix("READY=1") }.count == 1)
    }

    @Test("nothing while the database is away, but that it lives")
    func away() async throws {
        let supervisor = try NotificationSocket(abstract: true)
        let service = try BuiltBinary.start(
            ["serve"],
            environment: [
                "DATABASE_URL": "host=/nonexistent dbname=none", "CHANGEFEED_PORT": "\(try FreePort.find())",
                "CHANGEFEED_ADMIN_PORT": "0", "NOTIFY_SOCKET": supervisor.name, "WATCHDOG_USEC": "40000",
            ])
        var heard: [String] = []
        try await eventually("keep-alives: \(service.errors)") {
            while let message = supervisor.receive() { heard.append(message) }
            return heard.count >= 10
        }
        #expect(heard.allSatisfy { $0 == "WATCHDOG=1" })
    }

    @Test("a watchdog meant for another process is ignored")
    func watchdog() {
        #expect(SupervisorNotices.watchdog(["WATCHDOG_USEC": "30000000"], process: 5) == .seconds(15))
        #expect(
            SupervisorNotices.watchdog(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "5"], process: 5) == .seconds(15))
        #expect(SupervisorNotices.watchdog(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "6"], process: 5) == nil)
        #expect(SupervisorNotices.watchdog([:], process: 5) == nil)
    }
}
