/// One value of a statement. Values travel beside the SQL, never in it.
public enum Parameter: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    case null
    /// In PostgreSQL's text format; the server infers the type.
    case text(String)
    /// `bytea`, sent binary.
    case bytes([UInt8])

    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int64) { self = .text(String(value)) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(nilLiteral: ()) { self = .null }

    public static func int(_ value: some BinaryInteger) -> Self { .text(String(value)) }
    public static func bool(_ value: Bool) -> Self { .text(value ? "t" : "f") }
    public static func optional(_ value: String?) -> Self { value.map { .text($0) } ?? .null }

    /// An array literal; every element is quoted.
    public static func textArray(_ values: [String]) -> Self {
        let quoted = values.map { value in
            "\"" + value.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] } + "\""
        }
        return .text("{" + quoted.joined(separator: ",") + "}")
    }

    public static func intArray(_ values: [Int64]) -> Self {
        .text("{" + values.map(String.init).joined(separator: ",") + "}")
    }
}

/// A statement with its values.
public struct Query: Sendable {
    public let sql: String
    public let parameters: [Parameter]
    /// Prepared once per connection under this name, which errors show.
    public let name: String?
    /// Ask for results in PostgreSQL's binary format.
    public let binary: Bool

    public init(_ sql: String, _ parameters: [Parameter] = [], name: String? = nil, binary: Bool = false) {
        self.sql = sql
        self.parameters = parameters
        self.name = name
        self.binary = binary
    }
}

/// The arrays that libpq takes, in one buffer.
struct EncodedParameters {
    private var buffer: [UInt8] = []
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    init(_ parameters: [Parameter], statement: String?) throws(PostgresError) {
        for parameter in parameters {
            switch parameter {
            case .null:
                add(nil, length: 0, format: 0)
            case .text(let text):
                let start = buffer.count
                buffer.append(contentsOf: text.utf8)
                // libpq would end the value at the NUL, silently.
                guard !buffer[start...].contains(0) else {
                    throw PostgresError(
                        .invalidParameter, "A text parameter holds a NUL character.", sqlState: "22021",
                        statement: statement)
                }
                add(start, length: buffer.count - start, format: 0)
                buffer.append(0)
            case .bytes(let bytes):
                let start = buffer.count
                buffer.append(contentsOf: bytes)
                add(start, length: bytes.count, format: 1)
                buffer.append(0)
            }
        }
    }

    private mutating func add(_ offset: Int?, length: Int, format: Int32) {
        offsets.append(offset)
        lengths.append(Int32(length))
        formats.append(format)
    }

    func withPointers<R>(
        _ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> R
    ) -> R {
        if offsets.isEmpty { return body(0, nil, nil, nil) }
        return buffer.withUnsafeBytes { bytes in
            let base = bytes.bindMemory(to: CChar.self).baseAddress
            let values = offsets.map { offset in offset.flatMap { position in base.map { $0 + position } } }
            return body(Int32(values.count), values, lengths, formats)
        }
    }
}
