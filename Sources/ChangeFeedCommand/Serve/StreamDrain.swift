import ChangeFeedHTTP
import Logging
import ServiceLifecycle

/// After a signal the first to stop: says that the service is not ready, and ends the streams spread over a time. Only
/// then do the listeners close.
struct StreamDrain: Service {
    let time: Duration
    let server: HTTPServer
    let admin: AdminServer?

    func run() async throws {
        try? await gracefulShutdown()
        admin?.stopBeingReady()
        await server.drain(over: time)
    }
}
