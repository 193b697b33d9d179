/// Where the value of a setting comes from.
package enum SettingSource: Sendable, Equatable, CustomStringConvertible {
    case flag
    case environment
    case environmentFile(String)
    case odooConfiguration(path: String, line: Int)
    case `default`

    package var description: String {
        switch self {
        case .flag: "flag"
        case .environment: "environment"
        case .environmentFile(let path): path
        case .odooConfiguration(let path, let line): "odoo.conf \(path):\(line)"
        case .default: "default"
        }
    }
}
