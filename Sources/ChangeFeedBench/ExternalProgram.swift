import ChangeFeed
import ChangeFeedSettings
import Foundation
import Postgres

/// pgbench and wrk, with which the benchmarks compare.
struct ExternalProgram {
    let path: String

    /// Finds a program on the `PATH` or among PostgreSQL's own.
    /// - Throws: `ChangeFeedError.programMissing`.
    init(_ name: String) throws {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        let own = versions.compactMap(Int.init).sorted(by: >).map { "/usr/lib/postgresql/\($0)/bin" }
        guard
            let folder = (folders + own).first(where: { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") })
        else {
            throw ChangeFeedError(
                .programMissing, "The program \(name) is not installed.", hint: "apt-get install postgresql-contrib wrk"
            )
        }
        path = "\(folder)/\(name)"
    }

    /// Runs it and returns its standard output. Blocks: a benchmark does nothing else meanwhile.
    func run(_ arguments: [String], environment: [String: String] = [:]) throws -> String {
        let output = Pipe()
        let process = try start(arguments, environment: environment, output: output)
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ChangeFeedError(.programMissing, "\(path) ended with exit code \(process.terminationStatus).")
        }
        return text
    }

    /// Starts it and leaves it running.
    func start(_ arguments: [String], environment: [String: String] = [:], output: Any) throws -> Process {
        let process = Process()
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardOutput = output
        // Dispatch's threads block every signal and a child inherits that: pgbench would not receive its own alarm.
        var none = sigset_t()
        var blocked = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &blocked)
        defer { pthread_sigmask(SIG_SETMASK, &blocked, nil) }
        try process.run()
        return process
    }
}

/// pgbench with its own script.
struct Pgbench {
    let program: ExternalProgram
    let configuration: ConnectionConfiguration

    init(_ configuration: ConnectionConfiguration) throws {
        program = try ExternalProgram("pgbench")
        self.configuration = configuration
    }

    /// Transactions per second.
    func run(_ script: String, clients: Int, threads: Int, seconds: Int, protocol name: String = "prepared")
        throws -> Double
    {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("changefeed-\(UUID().uuidString).sql")
        try script.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let output = try program.run(
            ["-n", "-M", name, "-f", file.path, "-T", "\(seconds)", "-c", "\(clients)", "-j", "\(threads)"],
            environment: configuration.environment)
        guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix("tps = ") }),
            let tps = line.split(separator: " ").dropFirst(2).first.flatMap({ Double($0) })
        else { throw ChangeFeedError(.unexpectedAnswer, "pgbench printed no tps.") }
        return tps
    }

    /// Leaves it running, in sessions with that application name.
    func start(_ script: String, clients: Int, threads: Int, seconds: Int, application: String) throws -> Process {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("changefeed-\(UUID().uuidString).sql")
        try script.write(to: file, atomically: true, encoding: .utf8)
        let process = try program.start(
            ["-n", "-M", "simple", "-f", file.path, "-T", "\(seconds)", "-c", "\(clients)", "-j", "\(threads)"],
            environment: configuration.environment.merging(["PGAPPNAME": application]) { $1 },
            output: FileHandle.nullDevice)
        process.terminationHandler = { _ in try? FileManager.default.removeItem(at: file) }
        return process
    }
}
