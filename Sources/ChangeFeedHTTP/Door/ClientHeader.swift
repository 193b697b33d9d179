internal import HTTPTypes

/// The header fields that clients send and this service reads, where a page's script may set them: the only list of
/// them. Others are set by browsers themselves or by proxies (Fetch standard, 2.2.2: Origin, Cookie, Expect,
/// Content-Length …).
enum ClientHeader: String, CaseIterable {
    case authorization = "Authorization"
    case contentType = "Content-Type"
    case contentEncoding = "Content-Encoding"
    case sessionUnderscore = "session_id"
    case sessionHyphen = "session-id"
    case session = "X-Session-Id"
    case requestID = "X-Request-Id"
    case database = "X-Odoo-Database"
    case companies = "X-Odoo-Allowed-Company-Ids"
    case traceParent = "traceparent"
    /// Not read: an EventSource's last event id has no effect. Its polyfills set it.
    case lastEventID = "Last-Event-ID"

    var name: HTTPField.Name {
        guard let name = HTTPField.Name(rawValue) else { preconditionFailure("\(rawValue) is not a field's name") }
        return name
    }

    /// Where a session id may be; the first one present counts.
    static let sessions: [ClientHeader] = [.sessionUnderscore, .sessionHyphen, .session]
}

extension HTTPFields {
    /// The value of a header field that clients send.
    subscript(client header: ClientHeader) -> String? { self[header.name] }
}
