import ArgumentParser
import ChangeFeed
import Configuration
import Logging
import Postgres
import SystemPackage

/// One setting of the service. README's table lists the same names; a test compares the two.
struct Setting: Sendable {
    /// The environment variable, also accepted in `.env`.
    let variable: String
    let expected: String
    let defaultValue: String?
    let isSecret: Bool

    /// The name under which swift-configuration knows it: `DATABASE_URL` is `database.url`.
    var key: ConfigKey { ConfigKey(variable.lowercased().split(separator: "_").map(String.init)) }

    static let databaseURL = Setting(
        variable: "DATABASE_URL", expected: "a libpq connection string or URI; empty means the PG* variables",
        defaultValue: "", isSecret: true)
    static let listenDatabaseURL = Setting(
        variable: "CHANGEFEED_LISTEN_DATABASE_URL",
        expected: "a connection string that reaches PostgreSQL directly, where DATABASE_URL goes through a pooler",
        defaultValue: nil, isSecret: true)
    static let host = Setting(
        variable: "CHANGEFEED_HOST", expected: "an address to listen on", defaultValue: "127.0.0.1", isSecret: false)
    static let port = Setting(
        variable: "CHANGEFEED_PORT", expected: "a whole number from 1 to 65535", defaultValue: "8000",
        isSecret: false)
    static let adminHost = Setting(
        variable: "CHANGEFEED_ADMIN_HOST", expected: "an address to listen on", defaultValue: "127.0.0.1",
        isSecret: false)
    static let adminPort = Setting(
        variable: "CHANGEFEED_ADMIN_PORT", expected: "a whole number from 0 to 65535; 0 turns it off",
        defaultValue: "8001", isSecret: false)
    static let poolSize = Setting(
        variable: "CHANGEFEED_POOL_SIZE", expected: "a whole number from 1 to 100", defaultValue: "8",
        isSecret: false)
    static let logLevel = Setting(
        variable: "LOG_LEVEL", expected: "trace, debug, info, notice, warning, error or critical",
        defaultValue: "info", isSecret: false)

    static let all = [databaseURL, listenDatabaseURL, host, port, adminHost, adminPort, poolSize, logLevel]
}

/// The settings' values, checked: flags over environment over `.env` over defaults.
struct Settings: Sendable {
    private(set) var database: ConnectionConfiguration
    private(set) var listen: ConnectionConfiguration
    let host: String
    let port: Int
    let adminHost: String
    /// 0 when there is no admin listener.
    let adminPort: Int
    let poolSize: Int
    let logLevel: Logger.Level

    /// Reads and checks every setting.
    /// - Throws: `ChangeFeedError.invalidSetting` that names the variable, the value and what was expected.
    static func load(flags: [String: String] = [:], environmentFile: String = ".env") async throws -> Settings {
        let provided = flags.map { name, value in
            (AbsoluteConfigKey(Setting(variable: name, expected: "", defaultValue: nil, isSecret: false).key),
             ConfigValue(.string(value), isSecret: true))
        }
        let providers: [any ConfigProvider] = [
            InMemoryProvider(values: Dictionary(uniqueKeysWithValues: provided)),
            EnvironmentVariablesProvider(),
            try await dotEnv(environmentFile),
        ]
        return try Settings(reader: ConfigReader(providers: providers))
    }

    private static func dotEnv(_ path: String) async throws -> EnvironmentVariablesProvider {
        do {
            return try await EnvironmentVariablesProvider(
                environmentFilePath: FilePath(path), allowMissing: true)
        } catch {
            throw ChangeFeedError(.invalidSetting, "The file \(path) cannot be read as NAME=value lines.")
        }
    }

    init(reader: ConfigReader) throws {
        func text(_ setting: Setting) -> String? {
            let value = reader.string(forKey: setting.key, isSecret: setting.isSecret)
            return value.flatMap { $0.isEmpty ? nil : $0 } ?? setting.defaultValue
        }
        func invalid(_ setting: Setting) -> ChangeFeedError {
            let value = setting.isSecret ? "its value (not shown: it may hold a password)" : "\"\(text(setting) ?? "")\""
            return ChangeFeedError(
                .invalidSetting, "\(setting.variable): \(value) cannot be used; expected \(setting.expected).")
        }
        func number(_ setting: Setting, _ range: ClosedRange<Int>) throws -> Int {
            guard let number = text(setting).flatMap({ Int($0) }), range.contains(number) else {
                throw invalid(setting)
            }
            return number
        }
        func connection(_ setting: Setting, _ value: String, _ purpose: String) throws -> ConnectionConfiguration {
            do {
                var configuration = try ConnectionConfiguration(value)
                configuration.applicationName = "changefeed \(purpose)"
                configuration.runtimeParameters["synchronous_commit"] = "on"
                return configuration
            } catch {
                throw invalid(setting)
            }
        }
        let url = text(.databaseURL) ?? ""
        database = try connection(.databaseURL, url, "serve")
        listen = try connection(.listenDatabaseURL, text(.listenDatabaseURL) ?? url, "listen")
        host = text(.host) ?? "127.0.0.1"
        port = try number(.port, 1...65_535)
        adminHost = text(.adminHost) ?? "127.0.0.1"
        adminPort = try number(.adminPort, 0...65_535)
        poolSize = try number(.poolSize, 1...100)
        guard let level = text(.logLevel).flatMap({ Logger.Level(rawValue: $0.lowercased()) }) else {
            throw invalid(.logLevel)
        }
        logLevel = level
    }
}

extension Settings {
    /// The same, with every session acting as a role that the user is a member of.
    func with(role: String) -> Settings {
        var copy = self
        copy.database.runtimeParameters["role"] = role
        copy.listen.runtimeParameters["role"] = role
        return copy
    }
}

/// The flags that every command takes.
struct CommonOptions: ParsableArguments {
    @Option(name: .customLong("database"), help: "Connection string or URI, over DATABASE_URL.")
    var database: String?

    @Option(name: .customLong("log-level"), help: "Over LOG_LEVEL.")
    var logLevel: String?

    func settings(_ more: [String: String?] = [:]) async throws -> Settings {
        var flags: [String: String] = [:]
        for (name, value) in more { flags[name] = value }
        if let database { flags["DATABASE_URL"] = database }
        if let logLevel { flags["LOG_LEVEL"] = logLevel }
        return try await Settings.load(flags: flags)
    }
}
