internal import HTTPTypes
internal import Hummingbird

/// Whether a request with a cookie, which a browser sends automatically, comes from an allowed page.
/// Requests that only read are safe, because other sites cannot read the answer.
struct CrossSiteGuard: Sendable {
    let live: LiveConfiguration

    /// - Throws: `Problem` for a POST or DELETE from another site, or with a body that a plain HTML form could have sent.
    func check(_ request: Request, isCookie: Bool) throws(Problem) {
        guard isCookie, request.method != .get, request.method != .head else { return }
        if request.headers.announceBody, JSONBody.mediaType(of: request.headers) != "application/json" {
            throw JSONBody.notJSON
        }
        guard isSameSite(request) else {
            throw Problem(
                .crossSiteRequest, "This request comes from another site.",
                hint: "Send the session id in a header, or add the page's origin to CHANGEFEED_CORS_ORIGINS.")
        }
    }

    private func isSameSite(_ request: Request) -> Bool {
        if let origin = request.headers[.origin] { return live.origins.contains(origin) || isOwn(origin, request) }
        return HTTPField.Name("Sec-Fetch-Site").flatMap { request.headers[$0] } == "same-origin"
    }

    /// `https://host[:port]` if the request was sent to host[:port]. Behind a proxy that keeps the Host header.
    private func isOwn(_ origin: String, _ request: Request) -> Bool {
        guard let host = request.head.authority, !host.isEmpty else { return false }
        return origin == "https://" + host || origin == "http://" + host
    }
}
