internal import CLibPQ
internal import Glibc
internal import Synchronization

/// A `PGconn` on its way from the thread that connected it to the actor that owns it.
///
/// `@unchecked Sendable`: exactly one owner uses the pointer at any time; the connecting thread gives it up when it
/// returns.
struct Handle: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Connects on a thread of its own: libpq's name look-up blocks, and the socket may change on the way.
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
            throw PostgresError(.connectionFailed, message, sqlState: needsPassword ? "28P01" : SQLStateText.find(in: message))
        }
        return handle
    }

    /// A connection on its way, and who waits for it. libpq cannot be interrupted: what comes for nobody is closed by the
    /// thread that made it.
    private final class Attempt: Sendable {
        private struct State {
            var isGivenUp = false
            var waiter: CheckedContinuation<Handle?, any Error>?
        }
        private let state = Mutex(State())

        /// - Returns: false when nobody wants it any more.
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

        private static var cancelled: PostgresError { PostgresError(.cancelled, "the task was cancelled while it connected") }
    }

    private static func open(_ options: [(String, String)]) -> Handle? {
        let keys = options.map { strdup($0.0) } + [nil]
        let values = options.map { strdup($0.1) } + [nil]
        defer { for pointer in keys + values { free(pointer) } }
        return PQconnectdbParams(keys.map { UnsafePointer($0) }, values.map { UnsafePointer($0) }, 0)
            .map(Handle.init)
    }
}

/// libpq gives no SQLSTATE for a failed connection; the server's words are all there is.
private enum SQLStateText {
    static func find(in message: String) -> String? {
        if message.contains("too many clients") || message.contains("remaining connection slots") { return "53300" }
        if message.contains("the database system is starting up") { return "57P03" }
        if message.contains("password authentication failed") { return "28P01" }
        if message.contains("authentication failed for user") || message.contains("no pg_hba.conf entry")
            || message.contains("is not permitted to log in") || message.contains("FATAL:  role ") {
            return "28000"
        }
        return nil
    }
}

/// Where a connection's notices go. libpq calls from the loop's thread.
final class NoticeReceiver: Sendable {
    let handler = Mutex<(@Sendable (String) -> Void)?>(nil)

    /// Takes notices instead of libpq's default, which prints to standard error.
    func attach(to connection: OpaquePointer) {
        PQsetNoticeReceiver(
            connection,
            { context, result in
                guard let context, let result else { return }
                let receiver = Unmanaged<NoticeReceiver>.fromOpaque(context).takeUnretainedValue()
                let severity = PQresultErrorField(result, 83 /* S */).map { String(cString: $0) } ?? "NOTICE"
                let message = PQresultErrorField(result, 77 /* M */).map { String(cString: $0) } ?? ""
                receiver.handler.withLock { $0 }?("\(severity): \(message)")
            }, Unmanaged.passUnretained(self).toOpaque())
    }
}
