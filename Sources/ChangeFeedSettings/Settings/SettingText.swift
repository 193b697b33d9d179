package import ChangeFeedHTTP
internal import Foundation

/// Reads the text of a setting as what it stands for; nil where it does not fit.
package enum SettingText {
    package static func number(_ text: String, _ range: ClosedRange<Int>) -> Int? {
        Int(text).flatMap { range.contains($0) ? $0 : nil }
    }

    /// A number of bytes; MB and GB are powers of 1024, as PostgreSQL has them.
    package static func bytes(_ text: String) -> Int64? {
        let upper = text.uppercased()
        let unit: Int64 = upper.hasSuffix("GB") ? 1 << 30 : upper.hasSuffix("MB") ? 1 << 20 : 1
        let digits = unit == 1 ? text : String(text.dropLast(2)).trimmingCharacters(in: .whitespaces)
        guard let number = Int64(digits), number >= 0 else { return nil }
        let product = number.multipliedReportingOverflow(by: unit)
        return product.overflow ? nil : product.partialValue
    }

    package static func flag(_ text: String) -> Bool? {
        Bool(text.lowercased())
    }

    /// The parts between commas, without the blanks around them; empty parts are ignored.
    package static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.filter { !$0.isEmpty }
    }

    /// A list whose parts all fit.
    package static func list<Part>(_ text: String, _ part: (String) -> Part?) -> [Part]? {
        let parts = list(text)
        let read = parts.compactMap(part)
        return read.count == parts.count ? read : nil
    }

    /// An http or https URL without credentials, query and fragment; a slash at its end is dropped.
    package static func httpURL(_ text: String) -> String? {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme),
            let host = parts.host, !host.isEmpty, !text.contains("@"), parts.query == nil, parts.fragment == nil
        else { return nil }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// An origin as browsers send it (RFC 6454, section 6.2): scheme, host and port, nothing else.
    package static func origin(_ text: String) -> String? {
        let text = text.lowercased()
        return text.wholeMatch(of: #/[a-z][a-z0-9+.\-]*:\/\/([a-z0-9.\-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?/#) == nil
            ? nil : text
    }

    /// The XML id of an Odoo record, `module.name`.
    package static func xmlID(_ text: String) -> String? {
        text.wholeMatch(of: #/[a-z0-9_]+\.[A-Za-z0-9_.\-]+/#) == nil ? nil : text
    }

    /// An IPv4 or IPv6 address, or a block of them such as `10.0.0.0/8`; without the brackets of a URL.
    package static func addressBlock(_ text: String) -> AddressBlock? {
        text.hasPrefix("[") ? nil : AddressBlock(text)
    }
}
