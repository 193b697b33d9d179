/// Comma-separated lists from clients, in the query and in header fields.
enum CommaList {
    /// The elements, without surrounding blanks (as for lists in header fields, RFC 9110 5.6.1).
    /// - Returns: nil if an element, or the whole text, is empty.
    static func elements(of text: String) -> [String]? {
        let elements = text.split(separator: ",", omittingEmptySubsequences: false).map(\.trimmingSpaces)
        return elements.contains(where: \.isEmpty) ? nil : elements.map(String.init)
    }
}
