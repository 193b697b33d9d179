internal import HTTPTypes
internal import Hummingbird

/// An error answer according to RFC 9457 (problem details). It never repeats what the client sent.
struct Problem: Error, Sendable {
    let code: ProblemCode
    let detail: String
    /// What to do next, if anything.
    var hint: String?
    /// The query parameter at fault.
    var parameter: String?
    /// Seconds to wait before retrying.
    var retryAfter: Int?
    /// The resync that the device needs (`replace`, `apply_differences`).
    var resync: (mode: String, models: [String])?
    /// The models concerned, if it is not a resync.
    var models: [String] = []
    /// The methods that the path accepts.
    var allow: String?
    /// The unacceptable property of a body. Only that one is answered, so that a client can distinguish the two (RFC
    /// 9110 12.5.3).
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
        case .credentialsMissing, .sessionMalformed, .sessionInvalid, .sessionsNotConfigured, .consoleSignInNeeded:
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
