internal import Glibc

/// A separate thread for a call that blocks: libpq's connect with its name look-up, and its cancel request.
///
/// Not a Dispatch queue: on Linux its threads are those of Swift's global executor, one per core, so a few calls that
/// block would stop every task that runs there.
package enum BlockingThread {
    private final class Start {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Runs the body once. If no thread can be created, it runs on the caller's.
    package static func run(_ body: @escaping @Sendable () -> Void) {
        let start = Unmanaged.passRetained(Start(body))
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, start.toOpaque())
        if result == 0 {
            pthread_detach(thread)
        } else {
            start.takeRetainedValue().body()
        }
    }
}
