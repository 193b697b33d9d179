/// Lists that clients write with commas, in the query and in header fields.
enum CommaList {
    /// What stands between the commas, without the blanks around it (as lists in header fields are written, RFC 9110 5.6.1).
    /// - Returns: nil where there is nothing between two commas, at an end, or at all.
    static func elements(of text: String) -> [String]? {
        let elements = text.split(separator: ",", omittingEmptySubsequences: false).map(\.trimmingSpaces)
        return elements.contains(where: \.isEmpty) ? nil : elements.map(String.init)
    }
}
