internal import ChangeFeed
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Request bodies: JSON objects of a bounded size.
enum JSONBody {
    /// - Throws: `Problem`: `unsupported_media_type` before any of the body is read, `body_invalid` that says what is
    ///   expected.
    static func read<T: Decodable>(
        _ type: T.Type, from request: Request, _ context: FeedRequestContext, upTo limit: Int, expected: String
    ) async throws -> T {
        try check(request.headers)
        let buffer: ByteBuffer
        do {
            BodyExpectation.meet(request, on: context.channel)
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

    /// Without a coding, and with JSON's media type or none (RFC 9110 8.3: then the receiver may guess).
    private static func check(_ headers: HTTPFields) throws(Problem) {
        let codings =
            headers[client: .contentEncoding]?.split(separator: ",").map { $0.trimmingSpaces.lowercased() } ?? []
        guard codings.allSatisfy({ $0.isEmpty || $0 == "identity" }) else {
            var problem = Problem(
                .unsupportedMediaType, "The body is compressed or otherwise encoded, which is not supported.",
                hint: "Send it unencoded, without Content-Encoding.")
            problem.accept = .coding
            throw problem
        }
        guard let type = mediaType(of: headers) else { return }
        guard type == "application/json" || type.hasPrefix("application/") && type.hasSuffix("+json") else {
            throw notJSON
        }
    }

    /// In lower case and without parameters; `charset` means nothing to JSON (RFC 8259, section 11).
    static func mediaType(of headers: HTTPFields) -> String? {
        headers[client: .contentType]?.split(separator: ";", omittingEmptySubsequences: false).first?.trimmingSpaces
            .lowercased()
    }

    static var notJSON: Problem {
        var problem = Problem(
            .unsupportedMediaType, "The body must be JSON.", hint: "Send `Content-Type: application/json`.")
        problem.accept = .mediaType
        return problem
    }
}

extension KeyedDecodingContainer {
    /// A number, or a number as text: clients send both.
    func looseInteger(forKey key: Key) throws -> Int64? {
        if let number = try? decodeIfPresent(Int64.self, forKey: key) { return number }
        guard let text = try decodeIfPresent(String.self, forKey: key) else { return nil }
        guard let number = Int64(text) else {
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "not a whole number")
        }
        return number
    }
}
