internal import Foundation
internal import Glibc
internal import Synchronization

/// The `changefeed` that was built beside the tests, run as a separate process.
public final class BuiltBinary: Sendable {
    /// The result of a finished command.
    public struct Result: Sendable {
        public let status: Int32
        public let output: String
        public let errors: String
    }

    private let process: pid_t
    private let outputPath: String
    private let errorsPath: String
    private let ended = Mutex<Int32?>(nil)

    /// Starts a command. Of this process's environment it gets only `PATH`.
    public static func start(_ arguments: [String], environment: [String: String] = [:]) throws -> BuiltBinary {
        try BuiltBinary(arguments, environment)
    }

    /// Runs a command to its end.
    public static func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Result {
        let command = try BuiltBinary(arguments, environment)
        let status = try await command.waitForExit()
        return Result(status: status, output: command.output, errors: command.errors)
    }

    /// Runs a shell line to its end and returns its standard output.
    /// - Throws: `PrivateCluster.Failure` when it fails.
    public static func shell(_ line: String) async throws -> String {
        try await Command.run("/bin/sh", ["-c", line])
    }

    /// Its path.
    public static func path() throws -> String {
        // The test runner is a helper of the toolchain; the bundle that it loads is next to the binary.
        let bundles = CommandLine.arguments.filter { $0.hasSuffix(".xctest") }
        let folders = bundles.map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
        let programs = folders.map { $0.appendingPathComponent("changefeed").path }
        guard let program = programs.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            throw PrivateCluster.Failure(description: "the changefeed binary is not beside the tests")
        }
        return program
    }

    private init(_ arguments: [String], _ environment: [String: String]) throws {
        let program = try Self.path()
        outputPath = try Command.temporaryFile()
        errorsPath = try Command.temporaryFile()
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let variables = environment.merging(["PATH": path]) { mine, _ in mine }
        process = try Command.spawn(
            program, arguments, environment: variables.map { "\($0)=\($1)" }, output: outputPath, errors: errorsPath)
    }

    deinit {
        if ended.withLock({ $0 }) == nil {
            kill(process, SIGKILL)
            var status: Int32 = 0
            waitpid(process, &status, 0)
        }
        unlink(outputPath)
        unlink(errorsPath)
    }

    /// Its standard output so far.
    public var output: String { Command.read(outputPath) }
    /// Its standard error so far.
    public var errors: String { Command.read(errorsPath) }

    public func terminate() { kill(process, SIGTERM) }
    public func reload() { kill(process, SIGHUP) }
    public func suspend() { kill(process, SIGSTOP) }
    public func resume() { kill(process, SIGCONT) }
    public func destroy() { kill(process, SIGKILL) }

    /// Its resident memory in bytes; 0 after its end.
    public var residentBytes: Int {
        let pages = (try? String(contentsOfFile: "/proc/\(process)/statm", encoding: .utf8))?.split(separator: " ")
            .dropFirst().first
        return (pages.flatMap { Int($0) } ?? 0) * sysconf(Int32(_SC_PAGESIZE))
    }

    /// Waits for its end.
    /// - Returns: the exit code, or 128 and the signal that ended it.
    /// - Throws: `PrivateCluster.Failure` after the limit.
    @discardableResult
    public func waitForExit(within limit: Duration = .seconds(60)) async throws -> Int32 {
        try await eventually(within: limit, "changefeed ends") {
            self.ended.withLock { ended in
                if ended != nil { return true }
                var status: Int32 = 0
                guard waitpid(self.process, &status, WNOHANG) == self.process else { return false }
                ended = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
                return true
            }
        }
        return ended.withLock { $0 } ?? -1
    }
}
