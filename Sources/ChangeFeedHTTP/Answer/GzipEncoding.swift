internal import CZlib
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import NIOPosix

/// Compresses answers of known length with gzip (RFC 1952) for clients that accept it (RFC 9110, 12.5.3 and 8.4).
///
/// Streams are not compressed: a compressor would hold back their hints.
struct GzipEncoding: Sendable {
    /// Answers with fewer bytes are not compressed: with its header such an answer fits a packet or two either way.
    static let minimumBytes = 1_024
    /// From this many bytes on, compression takes half a millisecond or more, and runs on a separate thread.
    private static let inlineBytes = 262_144
    /// A third to a half of the time of zlib's own default, 6, for half as many bytes again
    /// (docs/design/front-door.md).
    private static let level: Int32 = 1

    /// Off: nothing is compressed, and answers do not depend on `Accept-Encoding`.
    var isOn = true

    /// The answer for this client. For HEAD it is that of GET: its body is dropped afterwards.
    func encode(_ response: Response, for request: Request) async throws -> Response {
        guard isOn, response.status == .ok, let length = response.body.contentLength, length >= Self.minimumBytes,
            response.headers[.contentEncoding] == nil
        else { return response }
        var response = response
        response.headers.append(HTTPField(name: .vary, value: "Accept-Encoding"))
        guard Self.isAccepted(request.headers[values: .acceptEncoding]) else { return response }
        let plain = try await BodyCollector.collect(response.body)
        let packed =
            if length < Self.inlineBytes { Self.gzip(plain) } else {
                try await NIOThreadPool.singleton.runIfActive { Self.gzip(plain) }
            }
        guard let packed, packed.readableBytes < plain.readableBytes else {
            response.body = ResponseBody(byteBuffer: plain)
            return response
        }
        response.headers[.contentEncoding] = "gzip"
        response.headers[.contentLength] = nil
        response.body = ResponseBody(byteBuffer: packed)
        return response
    }

    /// Whether `Accept-Encoding` allows gzip: named with a weight above 0, or covered by `*`. Without the field any
    /// coding would be allowed, but clients without it rarely decode.
    static func isAccepted(_ fields: [String]) -> Bool {
        var named: Double?
        var any: Double?
        for element in fields.flatMap({ $0.split(separator: ",") }) {
            let parts = element.split(separator: ";", omittingEmptySubsequences: false).map(\.trimmingSpaces)
            guard let weight = weight(parts.dropFirst()) else { continue }
            switch parts[0].lowercased() {
            case "gzip", "x-gzip": named = max(named ?? 0, weight)
            case "*": any = max(any ?? 0, weight)
            default: break
            }
        }
        return (named ?? any ?? 0) > 0
    }

    /// `q` of 0 to 1 with three digits at most, 1 if absent; nil if malformed.
    private static func weight(_ parameters: ArraySlice<Substring>) -> Double? {
        guard let parameter = parameters.first else { return 1 }
        let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            .map(\.trimmingSpaces)
        guard parameters.count == 1, parts.count == 2, parts[0].lowercased() == "q",
            (1...5).contains(parts[1].utf8.count),
            parts[1].utf8.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: ".") }),
            let value = Double(parts[1]), value <= 1
        else { return nil }
        return value
    }

    /// - Returns: nil if zlib has no memory.
    static func gzip(_ plain: ByteBuffer) -> ByteBuffer? {
        var stream = z_stream()
        // 15 bits of window, and 16 for gzip's header and trailer instead of zlib's (zlib.h, deflateInit2).
        let begun = deflateInit2_(
            &stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)
        )
        guard begun == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        let bound = Int(deflateBound(&stream, UInt(plain.readableBytes)))
        var packed = ByteBufferAllocator().buffer(capacity: bound)
        let status = plain.withUnsafeReadableBytes { input in
            packed.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { output in
                // zlib does not write to its input; its C type lacks the const.
                stream.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.bindMemory(to: UInt8.self).baseAddress
                stream.avail_out = UInt32(output.count)
                let status = deflate(&stream, Z_FINISH)
                return status == Z_STREAM_END ? output.count - Int(stream.avail_out) : 0
            }
        }
        return status > 0 ? packed : nil
    }
}

/// Reads a body into memory.
private struct BodyCollector: ResponseBodyWriter {
    private final class Storage {
        var buffer: ByteBuffer
        init(_ buffer: ByteBuffer) { self.buffer = buffer }
    }

    private let storage: Storage

    static func collect(_ body: ResponseBody) async throws -> ByteBuffer {
        let storage = Storage(ByteBuffer())
        try await body.write(BodyCollector(storage: storage))
        return storage.buffer
    }

    mutating func write(_ buffer: ByteBuffer) async throws {
        // Most bodies are one buffer: shared, not copied.
        if storage.buffer.readableBytes == 0 {
            storage.buffer = buffer
        } else {
            storage.buffer.writeImmutableBuffer(buffer)
        }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
