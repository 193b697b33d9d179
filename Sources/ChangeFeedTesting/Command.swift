internal import CTestingShims
internal import Foundation
internal import Glibc

/// Runs a program and returns its output.
///
/// With `posix_spawn` and `waitpid`: a server that the program leaves in the background must not be waited for.
enum Command {
    static func run(_ program: String, _ arguments: [String], input: String? = nil) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            // A separate thread: Dispatch's threads are Swift's global executor, on which the tests run.
            Thread.detachNewThread {
                continuation.resume(with: Result { try runBlocking(program, arguments, input: input) })
            }
        }
    }

    /// Starts a program without waiting for it.
    static func start(_ program: String, _ arguments: [String]) throws {
        _ = try spawn(program, arguments, input: "/dev/null", output: "/dev/null", errors: "/dev/null")
    }

    private static func runBlocking(_ program: String, _ arguments: [String], input: String?) throws -> String {
        // Files, not pipes: nothing can fill up.
        let base = try temporaryFile()
        let (inputPath, errorPath) = (base + ".in", base + ".err")
        defer { for path in [base, inputPath, errorPath] { unlink(path) } }
        if let input { try write(input, to: inputPath) }
        let child = try spawn(
            program, arguments, input: input == nil ? "/dev/null" : inputPath, output: base, errors: errorPath)
        var status: Int32 = 0
        while waitpid(child, &status, 0) == -1, errno == EINTR {}
        let output = read(base)
        guard status == 0 else {
            throw PrivateCluster.Failure(
                description:
                    "\(program) \(arguments.last ?? "") ended with wait status \(status): \(read(errorPath))\(output)")
        }
        return output
    }

    /// - Parameter environment: `NAME=value` instead of this process's.
    static func spawn(
        _ program: String, _ arguments: [String], environment: [String]? = nil, input: String = "/dev/null",
        output: String, errors: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        // NIO's accepted sockets are inherited, and those that a child holds stay open for the peer when NIO closes
        // them.
        cts_close_from(&actions, 3)
        // Threads may block signals, and a child inherits that: it would not receive SIGTERM.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var child = pid_t()
        let words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        let variables =
            (environment ?? ProcessInfo.processInfo.environment.map { "\($0)=\($1)" }).map { strdup($0) } + [nil]
        defer { for variable in variables { free(variable) } }
        guard posix_spawn(&child, program, &actions, &attributes, words, variables) == 0 else {
            throw PrivateCluster.Failure(description: "\(program) cannot be started")
        }
        return child
    }

    static func temporaryFile() throws -> String {
        var template = Array("/tmp/cf-out-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw PrivateCluster.Failure(description: "no temporary file") }
        close(descriptor)
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func write(_ text: String, to path: String) throws {
        guard let file = fopen(path, "w") else { throw PrivateCluster.Failure(description: "cannot write \(path)") }
        defer { fclose(file) }
        _ = Array(text.utf8).withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
    }

    static func read(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes += buffer[0..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
