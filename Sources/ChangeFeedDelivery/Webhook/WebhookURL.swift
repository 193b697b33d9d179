/// The URL of an endpoint: an absolute URL (RFC 3986) in the strict form that every parser reads in the same way, so
/// that what is checked is what is connected to.
public struct WebhookURL: Sendable, Hashable {
    /// Which URLs are accepted.
    public struct Rules: Sendable {
        /// `https`, and `http` if the operator allows it.
        public var schemes: Set<String>
        /// Nil: all but `WebhookURL.refusedPorts`.
        public var ports: Set<Int>?

        public init(schemes: Set<String> = ["https"], ports: Set<Int>? = nil) {
            self.schemes = schemes
            self.ports = ports
        }
    }

    public enum Host: Sendable, Hashable {
        /// In lower case, to be resolved; each of its addresses is then judged by `AddressPolicy`.
        case name(String)
        case address(Address)
    }

    /// As given.
    public let text: String
    /// `https` or `http`.
    public let scheme: String
    public let host: Host
    /// 1 to 65535, the scheme's own if the URL has none.
    public let port: Int
    /// Path and query, for the request's first line: at least `/`.
    public let target: String

    /// The longest URL, in bytes.
    public static let maximumLength = 2_048
    /// Ports of services that may take lines of a request for commands: FTP, SSH, Telnet, mail, Redis, memcached.
    public static let refusedPorts: Set<Int> = [21, 22, 23, 25, 110, 143, 465, 587, 993, 995, 6379, 11211]

    /// - Throws: `WebhookError` (`url_invalid`) with what is wrong, without any part of the URL.
    public init(_ text: String, rules: Rules = Rules()) throws(WebhookError) {
        try Self.checkCharacters(text)
        let parts = Substring(text)
        guard let colon = parts.firstIndex(of: ":"), parts[colon...].hasPrefix("://") else {
            throw Self.invalid("the URL does not begin with a scheme and `://`")
        }
        scheme = parts[..<colon].lowercased()
        guard rules.schemes.contains(scheme), let ownPort = Self.ownPorts[scheme] else {
            throw Self.invalid(
                "the scheme must be " + rules.schemes.sorted().map { "`\($0)`" }.joined(separator: " or "))
        }
        let rest = parts[colon...].dropFirst(3)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let authority = rest[..<end]
        if authority.contains("@") { throw Self.invalid("the URL contains a user name or password before `@`") }
        let (hostText, portText) = try Self.split(authority)
        host = try Self.host(hostText)
        port = try portText.map { text throws(WebhookError) in try Self.port(text) } ?? ownPort
        if let ports = rules.ports {
            guard ports.contains(port) else { throw Self.invalid("the port is not in the list of allowed ports") }
        } else if Self.refusedPorts.contains(port) {
            throw Self.invalid("the port belongs to another protocol than HTTP")
        }
        target = (rest[end...].hasPrefix("/") ? "" : "/") + rest[end...]
        self.text = text
    }

    /// The header `Host`: the host, and the port unless it is the scheme's own.
    public var authority: String { hostText + (port == Self.ownPorts[scheme] ? "" : ":\(port)") }

    /// The host as in a URL, with an IPv6 address in brackets.
    public var hostText: String {
        switch host {
        case .name(let name): name
        case .address(let address): address.isIPv4 ? "\(address)" : "[\(address)]"
        }
    }

    private static let ownPorts = ["http": 80, "https": 443]

    private static func invalid(_ message: String) -> WebhookError { WebhookError(.urlInvalid, message) }

    /// The characters of RFC 3986, and `%` only before two hexadecimal digits.
    static func checkCharacters(_ text: String) throws(WebhookError) {
        let bytes = Array(text.utf8)
        if bytes.isEmpty { throw invalid("the URL is empty") }
        guard bytes.count <= maximumLength else { throw invalid("the URL is longer than 2,048 bytes") }
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case 0...0x20, 0x7f: throw invalid("the URL contains a space or a control character")
            case 0x80...: throw invalid("the URL contains a character that is not ASCII; write a name as `xn--…`")
            case UInt8(ascii: "#"): throw invalid("the URL contains a fragment (`#`)")
            case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "^"),
                UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
                throw invalid("the URL contains a character that must be percent-encoded")
            case UInt8(ascii: "%"):
                guard bytes[(index + 1)...].prefix(2).filter(HostName.isHexDigit).count == 2 else {
                    throw invalid("the URL contains a `%` without two hexadecimal digits behind it")
                }
            default: continue
            }
        }
    }

    /// Host and port of an authority; nil for a port that is not given.
    static func split(_ authority: Substring) throws(WebhookError) -> (host: Substring, port: Substring?) {
        let afterHost: Substring.Index
        if authority.hasPrefix("[") {
            guard let bracket = authority.firstIndex(of: "]") else {
                throw invalid("the IPv6 address has no closing bracket")
            }
            afterHost = authority.index(after: bracket)
        } else {
            afterHost = authority.firstIndex(of: ":") ?? authority.endIndex
        }
        if afterHost == authority.endIndex { return (authority, nil) }
        guard authority[afterHost] == ":" else { throw invalid("the URL has characters behind the IPv6 address") }
        return (authority[..<afterHost], authority[afterHost...].dropFirst())
    }

    static func port(_ text: Substring) throws(WebhookError) -> Int {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy(HostName.isDigit), let port = Int(text),
            (1...65_535).contains(port)
        else { throw invalid("the port is not a number from 1 to 65535") }
        return port
    }

    static func host(_ text: Substring) throws(WebhookError) -> Host {
        if text.hasPrefix("[") {
            guard let address = Address(text.dropFirst().dropLast()), text.contains(":") else {
                throw invalid("the text in brackets is not an IPv6 address")
            }
            return .address(address)
        }
        if let address = Address(text), address.isIPv4 { return .address(address) }
        if let problem = HostName.problem(text) { throw invalid(problem) }
        return .name(text.lowercased())
    }
}

extension WebhookURL: CustomStringConvertible {
    /// Scheme, host and port, for logs: path and query may contain a secret.
    public var description: String { scheme + "://" + authority }
}
