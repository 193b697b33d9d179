internal import HTTPTypes

/// Whether a request comes from the console's own page. Its cookie is SameSite=Strict, but sites are coarser than
/// origins: a page on another port of this host is of the same site.
enum SameOrigin {
    static let header = ConsoleHeaders.name("X-Changefeed-Console")
    private static let fetchSite = ConsoleHeaders.name("Sec-Fetch-Site")

    /// - Throws: `ConsoleRefusal.crossSite`.
    static func check(_ request: ConsoleRequest) throws(ConsoleRefusal) {
        let site = request.headers[fetchSite]
        guard request.method == .post else {
            // Browsers that send no Sec-Fetch-Site do not let another origin read the answer either.
            guard site == nil || site == "same-origin" else { throw .crossSite }
            return
        }
        // A form can send neither the header nor this type (Fetch standard, 2.2.2), and a script of another origin
        // needs a preflight for them, which nothing here permits.
        guard request.headers[header] != nil, mediaType(request.headers) == "application/json" else { throw .crossSite }
        if let origin = request.headers[.origin] {
            guard isOwn(origin, request.authority) else { throw .crossSite }
        } else if site != "same-origin" {
            throw .crossSite
        }
        if let site, site != "same-origin" { throw .crossSite }
    }

    /// Whether the browser reached the page by TLS: it says so itself, whatever proxies stand between.
    static func isSecure(_ request: ConsoleRequest) -> Bool {
        request.headers[.origin]?.hasPrefix("https://") == true
    }

    private static func isOwn(_ origin: String, _ authority: String?) -> Bool {
        guard let authority, !authority.isEmpty else { return false }
        return origin == "https://" + authority || origin == "http://" + authority
    }

    private static func mediaType(_ headers: HTTPFields) -> String? {
        headers[.contentType]?.split(separator: ";").first.map { $0.filter { $0 != " " }.lowercased() }
    }
}
