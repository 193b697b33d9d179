public import HTTPTypes
public import NIOCore

/// A request to the console, whatever listener it came by.
public struct ConsoleRequest: Sendable {
    public var method: HTTPRequest.Method
    /// The whole path, such as `/console/api/events`.
    public var path: String
    /// The query's parameters, decoded.
    public var query: [String: String]
    public var headers: HTTPFields
    /// Host and port to which the browser sent it.
    public var authority: String?
    public var body: ByteBuffer
    /// The browser's address, and its key for limits.
    public var client: String
    public var clientKey: String

    public init(
        method: HTTPRequest.Method, path: String, query: [String: String] = [:], headers: HTTPFields = [:],
        authority: String? = nil, body: ByteBuffer = ByteBuffer(), client: String = "local", clientKey: String = "local"
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.authority = authority
        self.body = body
        self.client = client
        self.clientKey = clientKey
    }

    /// A cookie's value (RFC 6265 4.2.1); of several with one name the first, which has the longest path.
    func cookie(_ name: String) -> String? {
        for line in headers[values: .cookie] {
            for pair in line.split(separator: ";") {
                let parts = pair.drop { $0 == " " }.split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                if parts.count == 2, parts[0] == name { return String(parts[1]) }
            }
        }
        return nil
    }
}
