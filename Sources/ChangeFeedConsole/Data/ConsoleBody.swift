internal import ChangeFeed
internal import FoundationEssentials
internal import NIOCore

/// Bodies of requests: JSON objects.
enum ConsoleBody {
    /// - Throws: `ConsoleRefusal.bodyInvalid`.
    static func object(_ request: ConsoleRequest) throws(ConsoleRefusal) -> JSONValue {
        guard let value = decode(request.body), case .object = value else { throw .bodyInvalid }
        return value
    }

    /// Nil for what is no JSON.
    static func decode(_ buffer: ByteBuffer) -> JSONValue? {
        try? JSONDecoder().decode(JSONValue.self, from: Data(buffer.readableBytesView))
    }
}
