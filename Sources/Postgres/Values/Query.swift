/// One value of a statement. Values are sent separately from the SQL, never in it.
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
    public static func double(_ value: Double) -> Self { .text(String(value)) }
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

extension Query {
    /// The statement's name on the server. It contains the text's FNV-1a hash (RFC draft-eastlake-fnv): if an
    /// undetected pooler passes a session on, a statement of that name is this statement, not another client's.
    func serverName(_ name: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in sql.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return name + "_" + String(hash, radix: 16)
    }
}

extension Parameter {
    /// - Throws: `invalidParameter` for text that libpq would silently truncate at a NUL.
    static func check(_ parameters: [Parameter], statement: String?) throws(PostgresError) {
        for case .text(let text) in parameters where text.utf8.contains(0) {
            throw PostgresError(
                .invalidParameter, "A text parameter holds a NUL character.", sqlState: "22021", statement: statement)
        }
    }

    /// Calls the body with the arrays for `PQsendQueryParams`: count, values, lengths, formats. Small ones are on
    /// the stack.
    static func withPointers<R>(
        _ parameters: [Parameter],
        _ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> R
    ) -> R {
        if parameters.isEmpty { return body(0, nil, nil, nil) }
        let count = parameters.count
        // The values in sequence, each with the NUL that libpq needs after text.
        var size = 0
        for parameter in parameters {
            switch parameter {
            case .null: break
            case .text(let text): size += text.utf8.count + 1
            case .bytes(let bytes): size += bytes.count + 1
            }
        }
        return withUnsafeTemporaryAllocation(byteCount: size + 1, alignment: 1) { buffer in
            withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count) { values in
                withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * count) { numbers in
                    var rest = UnsafeMutableRawBufferPointer(buffer)
                    for index in 0..<count {
                        let start = UnsafePointer(rest.baseAddress?.assumingMemoryBound(to: CChar.self))
                        var length = 0
                        var format: Int32 = 0
                        var value: UnsafePointer<CChar>? = start
                        switch parameters[index] {
                        case .null: value = nil
                        case .text(var text): length = text.withUTF8 { rest.store(UnsafeRawBufferPointer($0)) }
                        case .bytes(let bytes):
                            length = bytes.withUnsafeBytes { rest.store($0) }
                            format = 1
                        }
                        values.initializeElement(at: index, to: value)
                        numbers.initializeElement(at: index, to: Int32(length))
                        numbers.initializeElement(at: count + index, to: format)
                    }
                    return body(
                        Int32(count), UnsafePointer(values.baseAddress), UnsafePointer(numbers.baseAddress),
                        numbers.baseAddress.map { UnsafePointer($0 + count) })
                }
            }
        }
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Copies bytes and a NUL to the front, for which the caller has reserved room, and moves past them.
    /// - Returns: the number of bytes without the NUL.
    fileprivate mutating func store(_ bytes: UnsafeRawBufferPointer) -> Int {
        copyMemory(from: bytes)
        self[bytes.count] = 0
        self = UnsafeMutableRawBufferPointer(rebasing: self[(bytes.count + 1)...])
        return bytes.count
    }
}
