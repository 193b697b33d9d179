internal import CPostgresShims
internal import Glibc
internal import Synchronization

/// One thread with epoll that is a serial executor and a task executor at once: connections are actors on it, and a
/// caller that runs under `withTaskExecutorPreference(loop)` never changes threads around a query. Hops between
/// threads are the main cost of a query; libpq itself is cheap.
public final class EventLoop: SerialExecutor, TaskExecutor {
    /// The loop of the process.
    public static let shared = EventLoop(name: "changefeed-loop")

    private struct Queue: Sendable {
        var jobs: [UnownedJob] = []
        /// The thread is, or is about to be, inside epoll_wait without a timeout.
        var sleeping = false
        var stopping = false
    }

    private let queue = Mutex(Queue())
    /// Called on the loop's thread when the descriptor is ready. Only that thread adds, removes and calls.
    private let handlers = Mutex<[Int32: @Sendable (SocketEvents) -> Void]>([:])
    /// Called about every half second, on the loop's thread.
    private let ticks = Mutex<[ObjectIdentifier: @Sendable (ContinuousClock.Instant) -> Void]>([:])
    private let epoll: Int32
    private let bell: Int32
    private let thread = Mutex<pthread_t?>(nil)

    /// Starts the thread. It lives as long as the process, or until `shutdown()`.
    public init(name: String) {
        epoll = cps_epoll_create()
        bell = cps_eventfd()
        precondition(epoll >= 0 && bell >= 0, "the process is out of file descriptors")
        _ = cps_epoll_add(epoll, bell, CPS_READABLE)
        let context = Unmanaged.passRetained(ThreadStart(loop: self, name: name))
        var created = pthread_t()
        let result = pthread_create(
            &created, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
                cps_thread_name(start.name)
                start.loop.thread.withLock { $0 = pthread_self() }
                start.loop.run()
                return nil
            }, context.toOpaque())
        precondition(result == 0, "the process is out of threads")
        pthread_detach(created)
    }

    private final class ThreadStart {
        let loop: EventLoop
        let name: String
        init(loop: EventLoop, name: String) {
            self.loop = loop
            self.name = name
        }
    }

    /// Ends the thread once its queue is empty. Connections on it must be closed before.
    public func shutdown() {
        queue.withLock { $0.stopping = true }
        cps_eventfd_ring(bell)
    }

    // MARK: executor

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let wake = queue.withLock { queue in
            queue.jobs.append(job)
            let wake = queue.sleeping
            queue.sleeping = false
            return wake
        }
        if wake { cps_eventfd_ring(bell) }
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    public func asUnownedTaskExecutor() -> UnownedTaskExecutor {
        UnownedTaskExecutor(ordinary: self)
    }

    public func checkIsolated() {
        precondition(isOnThread, "not on the event loop's thread")
    }

    private var isOnThread: Bool {
        thread.withLock { $0 }.map { pthread_equal($0, pthread_self()) != 0 } ?? false
    }

    // MARK: descriptors

    /// Monitors a descriptor, level-triggered. Call on the loop's thread.
    func watch(_ descriptor: Int32, _ ready: @escaping @Sendable () -> Void) -> Bool {
        add(descriptor, CPS_READABLE) { _ in ready() }
    }

    /// Watches a socket for room to write and for its other end's leaving, and says each when it begins (edge-triggered);
    /// room that there is already, at once. What the other end sends is not read. Call on the loop's thread.
    ///
    /// - Returns: false when the kernel refuses.
    public func watchEdges(_ descriptor: Int32, _ changed: @escaping @Sendable (SocketEvents) -> Void) -> Bool {
        add(descriptor, CPS_WRITABLE | CPS_PEER_CLOSED | CPS_EDGES, changed)
    }

    private func add(
        _ descriptor: Int32, _ events: UInt32, _ handler: @escaping @Sendable (SocketEvents) -> Void
    ) -> Bool {
        guard cps_epoll_add(epoll, descriptor, events) == 0 else { return false }
        handlers.withLock { $0[descriptor] = handler }
        return true
    }

    /// Also monitors (or no longer monitors) for room to write.
    func watchWrites(_ descriptor: Int32, _ writes: Bool) {
        let events = writes ? CPS_READABLE | CPS_WRITABLE : CPS_READABLE
        _ = cps_epoll_modify(epoll, descriptor, events)
    }

    /// Forgets a descriptor, before it is closed.
    public func unwatch(_ descriptor: Int32) {
        handlers.withLock { $0[descriptor] = nil }
        _ = cps_epoll_remove(epoll, descriptor)
    }

    // MARK: time

    private static let tick: Duration = .milliseconds(500)

    /// Calls the body about every half second, until it is stopped. Call on the loop's thread.
    public func startTicking(_ owner: ObjectIdentifier, _ body: @escaping @Sendable (ContinuousClock.Instant) -> Void) {
        ticks.withLock { $0[owner] = body }
    }

    public func stopTicking(_ owner: ObjectIdentifier) { ticks.withLock { $0[owner] = nil } }

    /// - Returns: whether there is anything to call again.
    private func callTicks(_ last: inout ContinuousClock.Instant) -> Bool {
        let now = ContinuousClock.now
        guard now - last >= Self.tick else { return true }
        last = now
        let bodies = ticks.withLock { Array($0.values) }
        for body in bodies { body(now) }
        return !bodies.isEmpty
    }

    // MARK: the thread

    private static let roundsPerLook = 16

    private func run() {
        var jobs: [UnownedJob] = []
        var ready = [cps_event](repeating: cps_event(), count: 64)
        var lastTick = ContinuousClock.now
        var ticking = false
        while true {
            // Jobs and the jobs that they add come first, because polling the sockets costs a system call; but not for
            // ever.
            var idle = false
            for _ in 0..<Self.roundsPerLook {
                let stop = queue.withLock { queue in
                    swap(&jobs, &queue.jobs)
                    queue.sleeping = jobs.isEmpty
                    return queue.stopping && jobs.isEmpty
                }
                if stop {
                    close(epoll)
                    close(bell)
                    return
                }
                if jobs.isEmpty {
                    idle = true
                    break
                }
                for job in jobs {
                    job.runSynchronously(
                        isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
                }
                jobs.removeAll(keepingCapacity: true)
            }
            // A body that starts to tick does so on this thread, and is seen here.
            if !ticking { ticking = ticks.withLock { !$0.isEmpty } }
            let count = cps_epoll_wait(epoll, &ready, 64, !idle ? 0 : ticking ? 500 : -1)
            if idle { queue.withLock { $0.sleeping = false } }
            if ticking { ticking = callTicks(&lastTick) }
            for index in 0..<max(0, Int(count)) {
                let descriptor = ready[index].fd
                if descriptor == bell {
                    cps_eventfd_drain(bell)
                } else {
                    handlers.withLock { $0[descriptor] }?(SocketEvents(rawValue: ready[index].events))
                }
            }
        }
    }
}

/// What has become of a socket that a loop watches.
public struct SocketEvents: OptionSet, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// There is room to write.
    public static let writable = SocketEvents(rawValue: CPS_WRITABLE)
    /// The other end sends no more; it may still receive.
    public static let peerClosed = SocketEvents(rawValue: CPS_PEER_CLOSED)
    /// The connection is of no use any more.
    public static let broken = SocketEvents(rawValue: CPS_BROKEN)
}
