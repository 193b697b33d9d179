/// The trace to which a client says that its request belongs, and this service's part of it
/// (W3C Trace Context, https://www.w3.org/TR/trace-context/#traceparent-header).
struct TraceContext: Sendable, Equatable {
    /// 32 hexadecimal digits, which identify the whole trace.
    let traceID: String
    /// 16 hexadecimal digits, which identify this service's part of it.
    let spanID: String
    /// The client records its part.
    let isSampled: Bool

    /// - Parameters:
    ///   - header: `traceparent`; two of them count as none.
    ///   - spanID: of this service's part; nil: a random one.
    /// - Returns: nil for what is not one, as the specification demands.
    init?(_ header: String?, spanID: String? = nil) {
        guard let header else { return nil }
        let bytes = Array(header.utf8)
        guard bytes.count >= 55, bytes[2] == Self.hyphen, bytes[35] == Self.hyphen, bytes[52] == Self.hyphen,
            let version = Self.digits(bytes[0..<2]), version != "ff",
            let trace = Self.digits(bytes[3..<35]), trace.contains(where: { $0 != "0" }),
            let parent = Self.digits(bytes[36..<52]), parent.contains(where: { $0 != "0" }),
            let flags = Self.digits(bytes[53..<55]).flatMap({ UInt8($0, radix: 16) })
        else { return nil }
        // Later versions may append parts.
        guard bytes.count == 55 || version != "00" && bytes[55] == Self.hyphen else { return nil }
        traceID = trace
        self.spanID = spanID ?? Self.randomSpan()
        isSampled = flags & 1 == 1
    }

    /// The value of `traceparent` in the answer: the same trace, with this service's part.
    var answer: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

    private static let hyphen = UInt8(ascii: "-")

    /// Lower-case hexadecimal digits.
    private static func digits(_ bytes: ArraySlice<UInt8>) -> String? {
        let areDigits = bytes.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        return areDigits ? String(decoding: bytes, as: UTF8.self) : nil
    }

    private static func randomSpan() -> String {
        let digits = String(UInt64.random(in: 1 ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
