package import ChangeFeed
package import ChangeFeedDelivery
internal import Foundation
package import Postgres

/// All problems of the settings, so that the service need not be started once per mistake.
package struct SettingProblems: Error, CustomStringConvertible {
    package let all: [ChangeFeedError]

    package var description: String { all.map(\.description).joined(separator: "\n") }
}

/// Reads settings one by one and collects the problems.
package struct SettingReading {
    private let layers: SettingLayers
    package private(set) var problems: [ChangeFeedError]

    package init(_ layers: SettingLayers) {
        self.layers = layers
        problems = layers.problems
    }

    /// The checked value; nil if it is not given or does not fit.
    package mutating func value<Value>(_ setting: Setting, _ read: (String) -> Value?) -> Value? {
        guard let given = layers.given(setting) else { return nil }
        let value = read(given.text)
        if value == nil {
            let shown =
                setting.shown(given.text).map { " has the value \"\($0)\"" } ?? " has a value that cannot be used"
            object("\(setting.variable) (\(given.source))\(shown): expected \(setting.expected).")
        }
        return value
    }

    package mutating func number(_ setting: Setting, _ range: ClosedRange<Int>) -> Int? {
        value(setting) { SettingText.number($0, range) }
    }

    /// - Parameter fallback: the value if the setting is not given.
    package mutating func connection(_ setting: Setting, or fallback: Setting? = nil, purpose: String)
        -> ConnectionConfiguration?
    {
        if let fallback, layers.given(setting) == nil {
            return Self.connection(layers.given(fallback)?.text ?? "", purpose)
        }
        guard layers.given(setting) != nil else { return Self.connection("", purpose) }
        return value(setting) { Self.connection($0, purpose) }
    }

    /// The key for secrets, from the setting or the file; nil if none is given.
    package mutating func secretBox() -> SecretBox? {
        if layers.given(.secretKey) != nil { return value(.secretKey) { try? SecretBox(key: $0) } }
        guard let path = value(.secretKeyFile, { $0 }) else { return nil }
        guard let data = FileManager.default.contents(atPath: path) else {
            object("CHANGEFEED_SECRET_KEY_FILE names a file that cannot be read: \(path.plainLine)")
            return nil
        }
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard let box = try? SecretBox(key: text) else {
            object("The file that CHANGEFEED_SECRET_KEY_FILE names does not hold \(Setting.secretKey.expected).")
            return nil
        }
        return box
    }

    package mutating func object(_ problem: String) {
        problems.append(ChangeFeedError(.invalidSetting, problem))
    }

    package static let sessions = "sessions"

    private static func connection(_ text: String, _ purpose: String) -> ConnectionConfiguration? {
        guard var configuration = try? ConnectionConfiguration(text) else { return nil }
        configuration.applicationName = "changefeed \(purpose)"
        // Statements to Odoo's database qualify every name; `http_sessions` is wherever session_db has it.
        if purpose != Self.sessions { configuration.pinned = .qualified }
        return configuration
    }
}
