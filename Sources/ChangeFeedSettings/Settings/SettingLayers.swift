package import ChangeFeed
internal import Foundation

/// All given values, uninterpreted: flags over environment over `.env` over Odoo's configuration file over
/// defaults. An empty value counts as not given.
package struct SettingLayers: Sendable {
    /// A given value, and its source.
    package struct Given: Sendable, Equatable {
        package let text: String
        package let source: SettingSource
    }

    private var named: [(source: SettingSource, values: [String: String])]
    private var odoo: OdooConfigurationFile?
    private var odooDatabase: OdooConfigurationFile.Entry?
    /// Problems of the sources themselves: unreadable files, unknown names.
    package private(set) var problems: [ChangeFeedError] = []
    /// Possible problems: names that resemble settings but are not. They may belong to another program.
    package private(set) var doubts: [String] = []

    /// - Parameter environmentFile: the path of `.env`, which need not exist.
    package init(flags: [String: String], environment: [String: String], environmentFile path: String) {
        var fileValues: [String: String] = [:]
        do { fileValues = try EnvironmentFile.read(path) } catch { problems = [Self.known(error)] }
        named = [(.flag, flags), (.environment, environment), (.environmentFile(path), fileValues)]
        if let file = given(.settingsFile)?.text { addFile(file) }
        for (source, values) in named { refuseUnknown(values.keys.sorted(), source) }
        guard let file = given(.odooConfiguration) else { return }
        do {
            let odoo = try OdooConfigurationFile(path: file.text)
            self.odoo = odoo
            refuseUnknown(in: odoo)
            if given(.databaseURL) == nil { odooDatabase = try OdooDatabase.connection(odoo) }
        } catch {
            problems.append(Self.known(error))
        }
    }

    /// A file that is named has to be there.
    private mutating func addFile(_ path: String) {
        guard FileManager.default.fileExists(atPath: path) else {
            return problems.append(
                ChangeFeedError(
                    .invalidSetting, "CHANGEFEED_SETTINGS_FILE names a file that is not there: \(path.plainLine)"))
        }
        do {
            named.append((.environmentFile(path), try EnvironmentFile.read(path)))
        } catch {
            problems.append(Self.known(error))
        }
    }

    /// The value of a setting and its source, including its default; nil if it has none.
    package func given(_ setting: Setting) -> Given? {
        for layer in named {
            if let text = layer.values[setting.variable], !text.isEmpty {
                return Given(text: text, source: layer.source)
            }
        }
        if let entry = odooEntry(setting), let odoo {
            return Given(text: entry.value, source: .odooConfiguration(path: odoo.path, line: entry.line))
        }
        return setting.defaultValue.flatMap { $0.isEmpty ? nil : Given(text: $0, source: .default) }
    }

    private func odooEntry(_ setting: Setting) -> OdooConfigurationFile.Entry? {
        for key in setting.fileKeys {
            if let entry = odoo?.value(key, in: Self.section) { return entry }
        }
        return switch setting.variable {
        case Setting.databaseURL.variable: odooDatabase
        case Setting.odooDataFolder.variable: odoo?.value("data_dir", in: "options")
        default: nil
        }
    }

    private static let section = "changefeed"

    // MARK: unknown names

    private mutating func refuseUnknown(_ names: [String], _ source: SettingSource) {
        let known = Setting.all.map(\.variable)
        for name in names where !known.contains(name) {
            if name.hasPrefix("CHANGEFEED_") {
                problems.append(Self.unknown(name, source, nearest: NearestName.of(name, among: known)))
            } else {
                doubt(name, source, among: known)
            }
        }
    }

    /// A name that resembles a setting which nothing else sets counts as a typo; any other that begins like
    /// a setting is only reported.
    private mutating func doubt(_ name: String, _ source: SettingSource, among known: [String]) {
        let upper = name.uppercased()
        if let nearest = NearestName.of(upper, among: known), NearestName.isSlip(upper, of: nearest) {
            let isGiven = named.contains { $0.values[nearest]?.isEmpty == false }
            guard isGiven else { return problems.append(Self.unknown(name, source, nearest: nearest)) }
            doubts.append("\(name) (\(source)) is not a setting of this service; \(nearest) is, and is also set.")
        } else if Self.beginnings.contains(where: upper.hasPrefix) {
            doubts.append("\(name) (\(source)) is not a setting of this service.")
        }
    }

    /// Prefixes of settings' names that other programs may use, too.
    private static let beginnings = ["CHANGEFEED", "DATABASE_", "ODOO_", "SESSION_DB_"]

    private mutating func refuseUnknown(in file: OdooConfigurationFile) {
        let settings = Setting.all.filter { $0.variable != Setting.odooConfiguration.variable }
        var seen: Set<String> = []
        for (key, line) in file.keys(in: Self.section) {
            let source = SettingSource.odooConfiguration(path: file.path, line: line)
            guard let setting = settings.first(where: { $0.fileKeys.contains(key) }) else {
                problems.append(
                    Self.unknown(key, source, nearest: NearestName.of(key, among: settings.flatMap(\.fileKeys))))
                continue
            }
            guard seen.insert(setting.variable).inserted else {
                problems.append(
                    ChangeFeedError(.invalidSetting, "\(setting.variable) is set twice: \(key) (\(source))."))
                continue
            }
        }
    }

    private static func unknown(_ name: String, _ source: SettingSource, nearest: String?) -> ChangeFeedError {
        ChangeFeedError(
            .invalidSetting, "There is no setting \(name) (\(source)).", hint: nearest.map { "Did you mean \($0)?" })
    }

    private static func known(_ error: any Error) -> ChangeFeedError {
        error as? ChangeFeedError ?? ChangeFeedError(.invalidSetting, "A source of settings cannot be read.")
    }
}

extension SettingLayers {
    /// Of this process and its working directory.
    package init(flags: [String: String]) {
        self.init(flags: flags, environment: ProcessInfo.processInfo.environment, environmentFile: ".env")
    }
}
