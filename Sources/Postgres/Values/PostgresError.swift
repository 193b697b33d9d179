internal import CLibPQ

/// A failure between this process and PostgreSQL. Arguments of a query are never part of it.
public struct PostgresError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// No connection could be made.
        case connectionFailed
        /// The connection broke; whether the statement was carried out is unknown.
        case connectionLost
        /// The server was silent for too long; the connection was closed, and whether the statement was carried out is
        /// unknown.
        case silent
        /// The server refused the statement; `sqlState` has the reason.
        case server
        /// A time limit was reached.
        case timeout
        /// The task was cancelled, and so was the statement on the server.
        case cancelled
        /// No connection became free in time.
        case poolExhausted
        /// A connection string that libpq cannot read.
        case invalidConfiguration
        /// A parameter that cannot be sent, such as text with a NUL.
        case invalidParameter
        /// A result did not have the expected type or shape.
        case decoding
        /// An earlier statement of the pipeline failed; this one was not run.
        case pipelineAborted
        /// The connection or pool was closed by this process.
        case closed
        /// This process stands aside from the database at present.
        case stoodAside
        /// The server is a standby, which the configuration refuses.
        case standby
    }

    /// One reference, so that an error takes little room where it does not occur.
    private final class Storage: Sendable, Equatable {
        let code: Code
        let sqlState: String?
        let severity: String?
        let message: String
        let detail: String?
        let hint: String?
        let statement: String?

        init(
            _ code: Code, _ message: String, sqlState: String?, severity: String?, detail: String?, hint: String?,
            statement: String?
        ) {
            self.code = code
            self.message = message
            self.sqlState = sqlState
            self.severity = severity
            self.detail = detail
            self.hint = hint
            self.statement = statement
        }

        static func == (left: Storage, right: Storage) -> Bool {
            left.code == right.code && left.sqlState == right.sqlState && left.severity == right.severity
                && left.message == right.message && left.detail == right.detail && left.hint == right.hint
                && left.statement == right.statement
        }
    }

    private let storage: Storage

    public var code: Code { storage.code }
    /// Five characters as in the manual's appendix "PostgreSQL Error Codes"; absent if the server sent none.
    public var sqlState: String? { storage.sqlState }
    /// It waited in vain for a lock ("lock_not_available").
    public var isLockNotAvailable: Bool { sqlState == "55P03" }
    public var severity: String? { storage.severity }
    /// The primary message, one line.
    public var message: String { storage.message }
    /// The server's DETAIL. It may quote values of rows: not part of `description`, not for logs.
    public var detail: String? { storage.detail }
    public var hint: String? { storage.hint }
    /// The name of the statement, if it had one.
    public var statement: String? { storage.statement }

    public init(
        _ code: Code, _ message: String, sqlState: String? = nil, severity: String? = nil, detail: String? = nil,
        hint: String? = nil, statement: String? = nil
    ) {
        storage = Storage(
            code, message, sqlState: sqlState, severity: severity, detail: detail, hint: hint, statement: statement)
    }

    public var description: String {
        var text = message
        if let sqlState { text += " [\(sqlState)]" }
        if let statement { text += " (statement \(statement))" }
        if let hint { text += " Hint: \(hint)" }
        return text
    }

    /// Reads the fields of an error result. Every field may be absent.
    static func server(_ result: OpaquePointer?, statement: String?, cancelled: Bool) -> PostgresError {
        func field(_ code: Character) -> String? {
            guard let result, let ascii = code.asciiValue else { return nil }
            return PQresultErrorField(result, Int32(ascii)).map { String(cString: $0) }
        }
        let sqlState = field("C")
        var code = Code.server
        if PQresultStatus(result) == PGRES_PIPELINE_ABORTED { code = .pipelineAborted }
        if sqlState == "57014" { code = cancelled ? .cancelled : .timeout }
        let text = field("M") ?? PQresultErrorMessage(result).map { String(cString: $0) } ?? ""
        let fallback = code == .pipelineAborted ? "an earlier statement of the pipeline failed" : "unknown server error"
        return PostgresError(
            code, text.isEmpty ? fallback : text.firstLine, sqlState: sqlState, severity: field("V") ?? field("S"),
            detail: field("D"), hint: field("H"), statement: statement)
    }
}

extension String {
    /// libpq's messages end with a line break and may span lines.
    var firstLine: String {
        String(split(separator: "\n", maxSplits: 1).first ?? "")
    }
}
