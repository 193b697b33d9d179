/// All settings as a table in Markdown: the one of `docs/settings.md`, which a test compares with it.
package enum SettingReference {
    package static let lines =
        ["| variable | default | value | meaning |", "| --- | --- | --- | --- |"]
        + Setting.all.map { "| `\($0.variable)` | \(defaultText($0)) | \($0.expected) | \($0.meaning) |" }

    private static func defaultText(_ setting: Setting) -> String {
        guard let value = setting.defaultValue, !value.isEmpty else { return "not set" }
        return "`\(value)`"
    }
}
