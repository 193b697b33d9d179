import ArgumentParser

/// The flags that every command takes.
struct CommonOptions: ParsableArguments {
    @Option(name: .customLong("database"), help: "Connection string or URI; overrides DATABASE_URL.")
    var database: String?

    @Option(name: .customLong("log-level"), help: "Overrides LOG_LEVEL.")
    var logLevel: String?

    func settings(_ more: [String: String?] = [:]) throws -> Settings {
        try Settings(layers(more))
    }

    /// All given values, before they are checked.
    func layers(_ more: [String: String?] = [:]) -> SettingLayers {
        var flags: [String: String] = [:]
        for (name, value) in more { flags[name] = value }
        if let database { flags[Setting.databaseURL.variable] = database }
        if let logLevel { flags[Setting.logLevel.variable] = logLevel }
        return SettingLayers(flags: flags)
    }
}
