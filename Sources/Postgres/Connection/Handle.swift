internal import CLibPQ
internal import Glibc
internal import Synchronization

/// A `PGconn` on its way from the thread that connected it to the actor that owns it.
///
/// `@unchecked Sendable`: exactly one owner uses the pointer at any time; the connecting thread gives it up when it
/// returns.
struct Handle: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Connects on a separate thread: libpq's name look-up blocks, and the socket may change on the way.
    static func connect(_ configuration: ConnectionConfiguration) async throws -> Handle {
        let options = configuration.connectOptions
        let attempt = Attempt()
        let handle = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Handle?, any Error>) in
                guard attempt.wait(continuation) else { return }
                BlockingThread.run { attempt.ended(open(options)) }
            }
        } onCancel: {
            attempt.giveUp()
        }
        guard let handle else { throw PostgresError(.connectionFailed, "the process is out of memory") }
        guard PQstatus(handle.pointer) == CONNECTION_OK else {
            let message = String(cString: PQerrorMessage(handle.pointer)).firstLine
            let needsPassword = PQconnectionNeedsPassword(handle.pointer) == 1
            PQfinish(handle.pointer)
            let state = needsPassword ? "28P01" : await Refusal.sqlState(of: message, options)
            throw PostgresError(.connectionFailed, message, sqlState: state)
        }
        return handle
    }

    /// A connection in progress, and its waiter. libpq cannot be interrupted: a connection without a waiter is closed
    /// by the thread that created it.
    private final class Attempt: Sendable {
        private struct State {
            var isGivenUp = false
            var waiter: CheckedContinuation<Handle?, any Error>?
        }
        private let state = Mutex(State())

        /// - Returns: false if no task wants it any more.
        func wait(_ continuation: CheckedContinuation<Handle?, any Error>) -> Bool {
            let isWanted = state.withLock { state in
                if !state.isGivenUp { state.waiter = continuation }
                return !state.isGivenUp
            }
            if !isWanted { continuation.resume(throwing: Self.cancelled) }
            return isWanted
        }

        func giveUp() {
            state.withLock { state in
                state.isGivenUp = true
                return state.waiter.take()
            }?.resume(throwing: Self.cancelled)
        }

        func ended(_ handle: Handle?) {
            if let waiter = state.withLock({ $0.waiter.take() }) {
                waiter.resume(returning: handle)
            } else if let handle {
                PQfinish(handle.pointer)
            }
        }

        private static var cancelled: PostgresError {
            PostgresError(.cancelled, "the task was cancelled while it connected")
        }
    }

    private static func open(_ options: [(String, String)]) -> Handle? {
        withParameters(options) { PQconnectdbParams($0, $1, 0) }.map(Handle.init)
    }

    /// Passes options on in libpq's form.
    fileprivate static func withParameters<R>(
        _ options: [(String, String)], _ body: ([UnsafePointer<CChar>?], [UnsafePointer<CChar>?]) -> R
    ) -> R {
        let keys = options.map { strdup($0.0) } + [nil]
        let values = options.map { strdup($0.1) } + [nil]
        defer { for pointer in keys + values { free(pointer) } }
        return body(keys.map { UnsafePointer($0) }, values.map { UnsafePointer($0) })
    }
}

/// Why a server refused the login. libpq gives no SQLSTATE for a failed connection: there are only the server's words,
/// and if they are in another language, a second attempt that asks libpq to print the state instead.
private enum Refusal {
    static func sqlState(of message: String, _ options: [(String, String)]) async -> String? {
        if let known = find(in: message) { return known }
        // A server's message follows a severity in its language and two blanks (libpq, pqBuildErrorMessage3); libpq's
        // own messages about an unreachable server do not.
        guard message.contains(":  ") else { return nil }
        return await withCheckedContinuation { continuation in
            BlockingThread.run { continuation.resume(returning: ask(options)) }
        }
    }

    /// Milliseconds for the second try.
    private static let patience: Int32 = 5_000

    private static func ask(_ options: [(String, String)]) -> String? {
        guard let connection = Handle.withParameters(options, { PQconnectStartParams($0, $1, 0) }) else { return nil }
        defer { PQfinish(connection) }
        PQsetErrorVerbosity(connection, PQERRORS_SQLSTATE)
        let end = ContinuousClock.now + .milliseconds(Int(patience))
        var status = PGRES_POLLING_WRITING
        while status == PGRES_POLLING_WRITING || status == PGRES_POLLING_READING {
            let left = Int32(max(0, (end - .now) / .milliseconds(1)))
            var socket = pollfd(
                fd: PQsocket(connection), events: Int16(status == PGRES_POLLING_READING ? POLLIN : POLLOUT), revents: 0)
            guard socket.fd >= 0, poll(&socket, 1, left) > 0 else { return nil }
            status = PQconnectPoll(connection)
        }
        guard status == PGRES_POLLING_FAILED else { return nil }
        let state = String(cString: PQerrorMessage(connection)).firstLine.suffix(5)
        return state.utf8.count == 5 && state.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
            ? String(state) : nil
    }

    private static func find(in message: String) -> String? {
        if message.contains("too many clients") || message.contains("remaining connection slots") { return "53300" }
        if message.contains("the database system is starting up") { return "57P03" }
        if message.contains("password authentication failed") { return "28P01" }
        if message.contains("authentication failed for user") || message.contains("no pg_hba.conf entry")
            || message.contains("is not permitted to log in") || message.contains("FATAL:  role ")
        {
            return "28000"
        }
        return nil
    }
}

/// The destination of a connection's notices. libpq calls from the loop's thread.
final class NoticeReceiver: Sendable {
    /// In a struct: to a closure that a mutex holds by itself, each `withLock` adds two thunks, which stay.
    struct Handler {
        let receive: @Sendable (String) -> Void
    }
    let handler = Mutex<Handler?>(nil)

    /// Receives notices instead of libpq's default, which prints to standard error.
    func attach(to connection: OpaquePointer) {
        PQsetNoticeReceiver(
            connection,
            { context, result in
                guard let context, let result else { return }
                let receiver = Unmanaged<NoticeReceiver>.fromOpaque(context).takeUnretainedValue()
                let severity = PQresultErrorField(result, 83 /* S */).map { String(cString: $0) } ?? "NOTICE"
                let message = PQresultErrorField(result, 77 /* M */).map { String(cString: $0) } ?? ""
                receiver.handler.withLock { $0 }?.receive("\(severity): \(message)")
            }, Unmanaged.passUnretained(self).toOpaque())
    }
}
