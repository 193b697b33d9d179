import ChangeFeedTesting
import Glibc
import Testing

@Suite("A program that the tests start")
struct ChildProcessTests {
    // NIO's sockets are inherited. A server that another test started would keep a connection open that was closed here.
    @Test("inherits no descriptor")
    func descriptors() async throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let open = try await BuiltBinary.shell("ls /proc/$$/fd | tr '\\n' ' '")
        #expect(!open.split(separator: " ").contains("\(ends[0])"), "\(open)")
        #expect(!open.split(separator: " ").contains("\(ends[1])"), "\(open)")
    }
}
