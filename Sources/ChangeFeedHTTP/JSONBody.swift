internal import ChangeFeed
internal import Foundation
internal import Hummingbird
internal import NIOCore

/// Bodies of requests: JSON objects of a bounded size.
enum JSONBody {
    /// - Throws: `Problem` (`body_invalid`) that says what was expected.
    static func read<T: Decodable>(
        _ type: T.Type, from request: Request, upTo limit: Int, expected: String
    ) async throws -> T {
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw Problem(.bodyTooLarge, "The body is larger than \(limit) bytes.")
        }
        do {
            return try JSONDecoder().decode(type, from: Data(buffer.readableBytesView))
        } catch {
            throw Problem(.bodyInvalid, "The body must be \(expected).", hint: "JSON, encoded as UTF-8.")
        }
    }
}

extension KeyedDecodingContainer {
    /// A number, or the text of one: clients send both.
    func looseInteger(forKey key: Key) throws -> Int64? {
        if let number = try? decodeIfPresent(Int64.self, forKey: key) { return number }
        guard let text = try decodeIfPresent(String.self, forKey: key) else { return nil }
        guard let number = Int64(text) else {
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "not a whole number")
        }
        return number
    }
}
