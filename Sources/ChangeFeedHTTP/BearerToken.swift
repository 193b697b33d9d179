internal import ChangeFeed
internal import HTTPTypes

/// `Authorization: Bearer KEY` (RFC 6750; the scheme's case does not matter, RFC 9110 11.1).
enum BearerToken {
    /// - Throws: `Problem`: nothing is looked up for what is not shaped like a key.
    static func apiKey(_ headers: HTTPFields) throws(Problem) -> ApiKey {
        guard let header = headers[.authorization] else {
            throw Problem(
                .apiKeyMissing, "This path asks for an Odoo API key.",
                hint: "Send `Authorization: Bearer KEY`; Odoo makes keys under Preferences, Account Security.")
        }
        let parts = header.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer", let key = ApiKey(parts[1]) else {
            throw Problem(
                .apiKeyMalformed, "The Authorization header does not hold an Odoo API key.",
                hint: "Send `Authorization: Bearer KEY`; a key is 40 characters of 0-9 and a-f.")
        }
        return key
    }
}
