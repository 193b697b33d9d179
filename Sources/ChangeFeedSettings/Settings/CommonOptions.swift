package import ArgumentParser

/// The flags that every command takes.
package struct CommonOptions: ParsableArguments {
    @Option(name: .customLong("database"), help: "Connection string or URI; overrides DATABASE_URL.")
    package var database: String?

    @Option(name: .customLong("log-level"), help: "Overrides LOG_LEVEL.")
    package var logLevel: String?

    package init() {}

    package func settings(_ more: [String: String?] = [:]) throws -> Settings {
        try Settings(layers(more))
    }

    /// All given values, before they are checked.
    package func layers(_ more: [String: String?] = [:]) -> SettingLayers { SettingLayers(flags: flags(more)) }

    /// Settings given as flags, by variable.
    package func flags(_ more: [String: String?] = [:]) -> [String: String] {
        var flags: [String: String] = [:]
        for (name, value) in more { flags[name] = value }
        if let database { flags[Setting.databaseURL.variable] = database }
        if let logLevel { flags[Setting.logLevel.variable] = logLevel }
        return flags
    }
}
