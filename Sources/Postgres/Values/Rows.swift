internal import CLibPQ
internal import Glibc

/// Owns one `PGresult`.
///
/// `@unchecked Sendable`: a PGresult never changes after libpq returned it, libpq's accessors only read it, and
/// `PQclear` runs once, when the last reference is gone.
final class ResultStorage: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    var columnCount: Int32 { PQnfields(pointer) }

    func name(of column: Int32) -> String { PQfname(pointer, column).map { String(cString: $0) } ?? "" }

    /// -1 if there is no such column. Unlike `PQfnumber` it takes the name as it is.
    func column(named name: String) -> Int32 {
        for column in 0..<columnCount where PQfname(pointer, column).map({ strcmp($0, name) == 0 }) ?? false {
            return column
        }
        return -1
    }

    deinit { PQclear(pointer) }
}

/// The rows of one result; cells are views into libpq's memory.
public struct Rows: RandomAccessCollection, Sendable {
    let storage: ResultStorage

    public var startIndex: Int { 0 }
    public var endIndex: Int { Int(PQntuples(storage.pointer)) }
    public subscript(position: Int) -> Row { Row(storage: storage, index: Int32(position)) }

    /// Column names in order.
    public var columns: [String] { (0..<storage.columnCount).map { storage.name(of: $0) } }

    /// Rows that INSERT, UPDATE, DELETE, SELECT … affected or returned.
    public var affectedRows: Int {
        PQcmdTuples(storage.pointer).flatMap { Int(String(cString: $0)) } ?? 0
    }
}

/// One row.
public struct Row: Sendable {
    let storage: ResultStorage
    let index: Int32

    /// The cell of a column; a cell that throws `decoding` on access when there is no such column.
    public subscript(column: String) -> Cell {
        Cell(storage: storage, row: index, column: storage.column(named: column))
    }

    public subscript(position: Int) -> Cell {
        Cell(
            storage: storage, row: index,
            column: position >= 0 && position < Int(storage.columnCount) ? Int32(position) : -1)
    }
}

/// One value of a result, in text or binary format.
public struct Cell: Sendable {
    let storage: ResultStorage
    let row: Int32
    let column: Int32

    /// True for SQL NULL, and for a column that does not exist.
    public var isNull: Bool { column < 0 || PQgetisnull(storage.pointer, row, column) == 1 }

    private var isBinary: Bool { column >= 0 && PQfformat(storage.pointer, column) == 1 }

    /// The value's bytes, valid during the call only. NULL has none.
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        guard !isNull, let start = PQgetvalue(storage.pointer, row, column) else {
            return try body(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        return try body(
            UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(storage.pointer, row, column))))
    }

    /// The value as UTF-8 text; nil for NULL. In binary format only of text-like types.
    public var text: String? {
        isNull ? nil : withBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// - Throws: `decoding` for NULL.
    public func string() throws -> String {
        guard let text else { throw failure("text") }
        return text
    }

    /// - Throws: `decoding` for NULL and for anything but a whole number of 2, 4 or 8 bytes.
    public func int() throws -> Int64 {
        guard let value = try optionalInt() else { throw failure("a whole number") }
        return value
    }

    public func optionalInt() throws -> Int64? {
        if isNull { return nil }
        let value: Int64? = withBytes { bytes in
            if isBinary {
                // int8, int2, int4, oid (src/include/catalog/pg_type.dat): other types of these lengths are no numbers.
                guard [20, 21, 23, 26].contains(PQftype(storage.pointer, column)) else { return nil }
                return switch bytes.count {
                case 2: Int64(Int16(truncatingIfNeeded: bytes.bigEndian(0, 2)))
                case 4: Int64(Int32(truncatingIfNeeded: bytes.bigEndian(0, 4)))
                case 8: Int64(bitPattern: bytes.bigEndian(0, 8))
                default: nil
                }
            }
            return Int64(String(decoding: bytes, as: UTF8.self))
        }
        guard let value else { throw failure("a whole number") }
        return value
    }

    public func bool() throws -> Bool {
        let value: Bool? = withBytes { bytes in
            guard bytes.count == 1 else { return nil }
            return switch bytes[0] {
            case 1, UInt8(ascii: "t"): true
            case 0, UInt8(ascii: "f"): false
            default: nil
            }
        }
        guard let value else { throw failure("a boolean") }
        return value
    }

    public func double() throws -> Double {
        let value: Double? = withBytes { bytes in
            if isBinary {
                return bytes.count == 8
                    ? Double(bitPattern: bytes.bigEndian(0, 8))
                    : bytes.count == 4 ? Double(Float(bitPattern: UInt32(bytes.bigEndian(0, 4)))) : nil
            }
            return Double(String(decoding: bytes, as: UTF8.self))
        }
        guard let value else { throw failure("a number") }
        return value
    }

    /// A one-dimensional array of whole numbers without NULLs.
    ///
    /// Binary format as `array_send` writes it: dimensions, flags, element type, then length and lower bound, then
    /// each element with its length (PostgreSQL, src/backend/utils/adt/arrayfuncs.c).
    public func intArray() throws -> [Int64] {
        let values: [Int64]? = isNull ? nil : withBytes { isBinary ? Self.binaryArray($0) : Self.textArray($0) }
        guard let values else { throw failure("an array of whole numbers") }
        return values
    }

    private static func binaryArray(_ bytes: UnsafeRawBufferPointer) -> [Int64]? {
        guard bytes.count >= 12 else { return nil }
        let dimensions = bytes.bigEndian(0, 4)
        if dimensions == 0 { return [] }
        guard dimensions == 1, bytes.count >= 20 else { return nil }
        let count = Int(bytes.bigEndian(12, 4))
        guard count >= 0, count <= bytes.count / 4 else { return nil }
        var values: [Int64] = []
        values.reserveCapacity(count)
        var position = 20
        for _ in 0..<count {
            guard position + 4 <= bytes.count else { return nil }
            let length = Int(bytes.bigEndian(position, 4))
            position += 4
            guard length == 4 || length == 8, position + length <= bytes.count else { return nil }
            let raw = bytes.bigEndian(position, length)
            values.append(length == 8 ? Int64(bitPattern: raw) : Int64(Int32(truncatingIfNeeded: raw)))
            position += length
        }
        return values
    }

    private static func textArray(_ bytes: UnsafeRawBufferPointer) -> [Int64]? {
        guard bytes.first == UInt8(ascii: "{"), bytes.last == UInt8(ascii: "}") else { return nil }
        let inner = bytes.dropFirst().dropLast()
        var values: [Int64] = []
        for part in inner.split(separator: UInt8(ascii: ",")) {
            guard let value = Int64(String(decoding: part, as: UTF8.self)) else { return nil }
            values.append(value)
        }
        return values
    }

    /// Microseconds since 1970-01-01 00:00:00 UTC of a `timestamptz`, or of a `timestamp` that is UTC.
    public func timestamp() throws -> Int64 {
        let value: Int64? = withBytes { bytes in
            if isBinary {
                // Microseconds since 2000-01-01 (src/include/datatype/timestamp.h).
                guard bytes.count == 8 else { return nil }
                let (sum, overflow) = Int64(bitPattern: bytes.bigEndian(0, 8))
                    .addingReportingOverflow(946_684_800_000_000)
                return overflow ? nil : sum
            }
            return TimestampText.microseconds(String(decoding: bytes, as: UTF8.self))
        }
        guard let value else { throw failure("a timestamp") }
        return value
    }

    private func failure(_ expected: String) -> PostgresError {
        let name = column < 0 ? "no such column" : "column \(storage.name(of: column))"
        return PostgresError(.decoding, "\(name): expected \(expected)\(isNull ? ", found NULL" : "")")
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func bigEndian(_ offset: Int, _ count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in offset..<(offset + count) { value = value << 8 | UInt64(self[index]) }
        return value
    }
}
