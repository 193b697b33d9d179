public import HTTPTypes
public import NIOCore

/// What the console answers.
public struct ConsoleAnswer: Sendable {
    public var status: HTTPResponse.Status
    public var headers: HTTPFields
    public var body: ByteBuffer

    init(_ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], body: ByteBuffer = ByteBuffer()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// JSON that nothing may keep.
    init(json: ByteBuffer) {
        self.init(headers: [.contentType: "application/json", .cacheControl: "no-store"], body: json)
    }

    init(json: String) { self.init(json: ByteBuffer(string: json)) }
}

/// The header fields of every answer below `/console`, errors too: scripts, styles and data come from this origin
/// alone, and no other page may frame it (Content Security Policy 3).
public enum ConsoleHeaders {
    public static let all: [(HTTPField.Name, String)] = [
        (
            .contentSecurityPolicy,
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
                + "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
        ),
        (.xContentTypeOptions, "nosniff"),
        (name("Referrer-Policy"), "no-referrer"),
        (name("X-Frame-Options"), "DENY"),
        (name("Cross-Origin-Opener-Policy"), "same-origin"),
        (name("Cross-Origin-Resource-Policy"), "same-origin"),
    ]

    static func name(_ text: StaticString) -> HTTPField.Name {
        guard let name = HTTPField.Name(text.description) else { preconditionFailure("\(text) is not a field's name") }
        return name
    }
}
