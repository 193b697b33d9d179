internal import HTTPTypes
internal import Hummingbird

/// An answer that is not a success, as RFC 9457 (problem details) has it. What the client sent is never repeated in it.
struct Problem: Error, Sendable {
    let code: ProblemCode
    let detail: String
    /// What to do next, where there is something to do.
    var hint: String?
    /// The query parameter at fault.
    var parameter: String?
    /// Seconds to wait before asking again.
    var retryAfter: Int?
    /// What a device has to take anew, and how (`replace`, `apply_differences`).
    var resync: (mode: String, models: [String])?
    /// The models that it is about, where it is no resync.
    var models: [String] = []
    /// The methods that the path takes.
    var allow: String?
    /// What of a body was not acceptable. Only that is answered, so that a client can tell the two (RFC 9110 12.5.3).
    var accept: Acceptable?

    enum Acceptable {
        case coding
        case mediaType
    }

    init(
        _ code: ProblemCode, _ detail: String, hint: String? = nil, parameter: String? = nil, retryAfter: Int? = nil
    ) {
        self.code = code
        self.detail = detail
        self.hint = hint
        self.parameter = parameter
        self.retryAfter = retryAfter
    }

    /// The body (RFC 9457), with the members `error` and `detail` that older clients read.
    func json(requestID: String) -> JSONText {
        var members: [(String, JSONText)] = [
            ("type", .string("about:blank")),
            ("title", .string(code.title)),
            ("status", .int(code.status.code)),
            ("detail", .string(detail)),
            ("code", .string(code.rawValue)),
            ("error", .string(detail)),
            ("request_id", .string(requestID)),
        ]
        if let parameter { members.append(("parameter", .string(parameter))) }
        if let resync {
            members.append(("mode", .string(resync.mode)))
            members.append(("models", .array(resync.models.map { .string($0) })))
        }
        if !models.isEmpty { members.append(("models", .array(models.map { .string($0) }))) }
        if let hint { members.append(("hint", .string(hint))) }
        return .object(members)
    }

    func response(requestID: String) -> Response {
        var headers: HTTPFields = [.contentType: "application/problem+json"]
        if let retryAfter { headers[.retryAfter] = String(max(1, retryAfter)) }
        switch code {
        case .credentialsMissing, .sessionMalformed, .sessionInvalid, .sessionsNotConfigured:
            headers[.wwwAuthenticate] = "Bearer"
        case .apiKeyMalformed, .apiKeyInvalid: headers[.wwwAuthenticate] = "Bearer error=\"invalid_token\""
        case .methodNotAllowed: headers[.allow] = allow
        default: break
        }
        switch accept {
        case .coding: headers[.acceptEncoding] = "identity"
        case .mediaType: headers[.accept] = "application/json"
        case nil: break
        }
        return Response(
            status: code.status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: json(requestID: requestID).text)))
    }
}
