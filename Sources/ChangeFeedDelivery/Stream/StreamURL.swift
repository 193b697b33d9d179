/// The address of a stream or topic: `nats://host[:4222][,host…]/STREAM` or `kafka://host[:9092][,host…]/topic`, with
/// parameters behind `?`. Only operators name one, so that its servers may have any address.
public struct StreamURL: Sendable, Hashable {
    public let kind: EndpointKind
    /// Without the credentials that stood before `@`.
    public let text: String
    /// `host:port`, one at least.
    public let servers: [String]
    /// Of the stream or the topic.
    public let name: String
    /// What stood before `@`.
    public let credentials: StreamCredentials?
    /// Whether an unlink becomes a tombstone (`compacted=true`, Kafka).
    public let isCompacted: Bool
    /// The beginning of subjects (`prefix`, JetStream).
    public let prefix: String
    /// `tls=true`, or a file that only TLS needs.
    public let usesTLS: Bool
    /// Paths on the service's host: `ca`, `cert`, `key` (PEM), `creds` (NATS).
    public let files: [String: String]
    /// How Kafka checks user and password (`sasl`).
    public let mechanism: String

    static let mechanisms = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
    private static let parameters: [EndpointKind: Set<String>] = [
        .jetstream: ["tls", "ca", "cert", "key", "creds", "prefix"],
        .kafka: ["tls", "ca", "cert", "key", "compacted", "sasl"],
    ]

    /// - Throws: `WebhookError` (`url_invalid`) with the fault, without any part of the URL.
    public init(_ given: String) throws(WebhookError) {
        try WebhookURL.checkCharacters(given)
        let scheme: String
        let port: Int
        if given.hasPrefix("nats://") {
            (scheme, kind, port) = ("nats", .jetstream, 4222)
        } else if given.hasPrefix("kafka://") {
            (scheme, kind, port) = ("kafka", .kafka, 9092)
        } else {
            throw Self.invalid("the URL of a stream begins with `nats://` or `kafka://`")
        }
        var rest = Substring(given).dropFirst(scheme.utf8.count + 3)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        if let at = rest[..<end].lastIndex(of: "@") {
            credentials = try Self.credentials(rest[..<at])
            rest = rest[rest.index(after: at)...]
        } else {
            credentials = nil
        }
        text = "\(scheme)://\(rest)"
        servers = try rest[..<end].split(separator: ",", omittingEmptySubsequences: false).map {
            server throws(WebhookError) in try Self.server(server, port)
        }
        let path = rest[end...].prefix { $0 != "?" }.dropFirst()
        name = String(path)
        if let problem = Self.problem(ofName: name, kind) { throw Self.invalid(problem) }
        let found = try Self.parameters(rest[end...].drop { $0 != "?" }.dropFirst(), of: kind)
        isCompacted = try Self.flag(found["compacted"], "compacted")
        prefix = found["prefix"] ?? "changefeed"
        guard prefix.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(Self.isToken) else {
            throw Self.invalid("the prefix is not of letters, digits, `-` and `_`, in parts separated by `.`")
        }
        mechanism = found["sasl"] ?? "PLAIN"
        guard Self.mechanisms.contains(mechanism) else {
            throw Self.invalid("`sasl` must be " + Self.mechanisms.map { "`\($0)`" }.joined(separator: ", "))
        }
        files = found.filter { ["ca", "cert", "key", "creds"].contains($0.key) }
        for (name, path) in files where !path.hasPrefix("/") {
            throw Self.invalid("`\(name)` is not an absolute path")
        }
        guard (files["cert"] == nil) == (files["key"] == nil) else {
            throw Self.invalid("`cert` and `key` belong together")
        }
        usesTLS = try Self.flag(found["tls"], "tls") || files["ca"] != nil || files["cert"] != nil
    }

    private static func invalid(_ message: String) -> WebhookError { WebhookError(.urlInvalid, message) }

    private static func server(_ text: Substring, _ port: Int) throws(WebhookError) -> String {
        let (hostText, portText) = try WebhookURL.split(text)
        let host =
            switch try WebhookURL.host(hostText) {
            case .name(let name): name
            case .address(let address): address.isIPv4 ? "\(address)" : "[\(address)]"
            }
        let number = try portText.map { text throws(WebhookError) in try WebhookURL.port(text) } ?? port
        return "\(host):\(number)"
    }

    private static func isToken(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { StreamText.isPlain($0) }
    }

    private static func problem(ofName name: String, _ kind: EndpointKind) -> String? {
        let isPlain = name.utf8.allSatisfy {
            StreamText.isPlain($0) || (kind == .kafka && $0 == UInt8(ascii: "."))
        }
        if name.isEmpty { return kind == .kafka ? "the URL names no topic" : "the URL names no stream" }
        guard isPlain, name.utf8.count <= (kind == .kafka ? 249 : 255), name != ".", name != ".." else {
            return kind == .kafka
                ? "the topic is not of up to 249 letters, digits, `-`, `_` and `.`"
                : "the stream is not of up to 255 letters, digits, `-` and `_`"
        }
        return nil
    }

    private static func credentials(_ text: Substring) throws(WebhookError) -> StreamCredentials {
        guard let colon = text.firstIndex(of: ":") else {
            return try StreamCredentials(StreamText.decoded(text))
        }
        let user = StreamText.decoded(text[..<colon])
        guard !user.contains(":") else { throw invalid("the user's name contains a colon") }
        return try StreamCredentials(user + ":" + StreamText.decoded(text[text.index(after: colon)...]))
    }

    private static func parameters(_ text: Substring, of kind: EndpointKind) throws(WebhookError) -> [String: String] {
        var found: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let name = String(pair.prefix { $0 != "=" })
            guard parameters[kind]?.contains(name) == true else {
                let known = (parameters[kind] ?? []).sorted().map { "`\($0)`" }.joined(separator: ", ")
                throw invalid("the URL has a parameter other than \(known)")
            }
            guard found[name] == nil else { throw invalid("the URL has the parameter `\(name)` twice") }
            found[name] = StreamText.decoded(pair.drop { $0 != "=" }.dropFirst())
        }
        return found
    }

    private static func flag(_ text: String?, _ name: String) throws(WebhookError) -> Bool {
        switch text {
        case nil, "false": return false
        case "true": return true
        default: throw invalid("`\(name)` must be `true` or `false`")
        }
    }
}

extension StreamURL: CustomStringConvertible {
    public var description: String { text }
}
