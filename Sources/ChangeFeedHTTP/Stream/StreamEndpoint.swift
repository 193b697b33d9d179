internal import ChangeFeed
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Postgres
internal import Synchronization

/// `GET /api/v2/sync/stream`: Server-Sent Events (WHATWG HTML, 9.2) that say "pull now". They carry no record, so that
/// nothing is lost with a stream: what counts is the pull.
struct StreamEndpoint: Sendable {
    let sync: DeviceSync
    let door: SyncDoor
    let board: StreamBoard
    let handover: ConnectionHandover
    let streams: StreamsPerUser
    let timing: StreamTiming

    static let names = ["device_id", "user_id", "app_type", QueryParameters.filter]

    func stream(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        let parameters = try QueryParameters(
            request, known: Self.names, repeatable: ["models", QueryParameters.companies],
            ignoring: PolyfillParameters.contains)
        let device = try parameters.readDevice()
        let scope = try parameters.readScope()
        let companies = try parameters.readCompanies(request)
        let inquiry = Inquiry(
            device: device, scope: scope, companies: companies, credentials: credentials, client: context.client,
            known: door.newsQuestion(device, scope, companies, credentials))
        let user = try parameters.readUser()
        let held = try await door.remembered(inquiry.known, credentials, context, userID: user)
        let news: DeviceSync.News
        if case .news(let kept) = held {
            news = kept
        } else {
            news = try await door.admit(
                credentials, context, inquiry.question, device: device, userID: user
            ) { try await self.news(inquiry, of: $0) }
        }
        var headers: HTTPFields = [
            .contentType: "text/event-stream", .cacheControl: "no-store, no-transform", .xAccelBuffering: "no",
        ]
        if request.method == .head { return Response(status: .ok, headers: headers) }
        // The connection becomes the stream's own.
        headers[.connection] = "close"
        let place = try streams.enter(context.caller.userID ?? 0)
        let audience = news.audience
        let channel = context.channel
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { _ in
                let retry = "retry: \(Int.random(in: timing.retryMilliseconds))\n\n"
                let connection = try await handover.take(channel, after: retry)
                // Nothing ends here: the board goes on writing.
                await board.join(connection, audience: audience, place: place) {
                    await mayFollow(audience, inquiry)
                }
                // Looked at after joining: what came between the first look and that is among it. Told even to who has heard
                // of a higher id, since ids do not rise in the order of commits.
                // The memory has heard of it before the board could have.
                let now = try await look(inquiry)
                if now.isWaiting { await board.tellWaiting(connection, newestID: now.newestID) }
            })
    }

    /// What a stream asks: whether events are waiting for its device.
    private struct Inquiry: Sendable {
        let device: DeviceName
        let scope: SyncScope
        let companies: EnabledCompanies
        let credentials: Credentials
        let client: String
        /// The same in the memory's form.
        let known: IdleQuestion

        var question: Question { Question(.stream, scope, device: device) }
    }

    private func news(_ inquiry: Inquiry, of caller: CallerProof) async throws -> DeviceSync.News? {
        try await sync.news(
            for: inquiry.device, scope: inquiry.scope, companies: inquiry.companies, as: inquiry.known, of: caller)
    }

    /// A further look in a request that was admitted.
    private func look(_ inquiry: Inquiry) async throws -> DeviceSync.News {
        let held = try await door.remembered(inquiry.known, inquiry.credentials)
        if case .news(let news) = held { return news }
        return try await door.door.again(inquiry.credentials, client: inquiry.client, inquiry.question) {
            try await news(inquiry, of: $0)
        }
    }

    /// Whether a stream goes on.
    private func mayFollow(_ audience: Audience, _ inquiry: Inquiry) async -> Bool {
        do {
            // Other rights: the client begins a new stream with them.
            return try await look(inquiry).audience == audience
        } catch is TableLocked {
            return true
        } catch let error as PostgresError {
            // The database is unreachable for all clients; that says nothing about this one.
            return error.sqlState == nil || error.sqlState?.hasPrefix("57") == true || error.isLockNotAvailable
        } catch {
            return false
        }
    }
}

/// What EventSource polyfills put into the query when they connect (again), since not all of them can send `Last-Event-ID`. It
/// counts for as little as that header does: a stream that begins tells what waits, told before or not.
enum PolyfillParameters {
    /// `lastEventId` (event-source-polyfill, Mercure's `Last-Event-ID`, and other spellings: case, `-` and `_` do not matter),
    /// and what eventsource-polyfill sends, which also asks for padding that no browser needs any more.
    static func contains(_ name: String) -> Bool {
        ["evs_last_event_id", "evs_preamble"].contains(name)
            || name.lowercased().filter { $0 != "-" && $0 != "_" } == "lasteventid"
    }
}

/// When a stream says and does something by itself; spread, so that not all do at once.
struct StreamTiming: Sendable {
    /// Seconds between heartbeats. EventSource shows no comments to the page, so a heartbeat is an event.
    var ping: ClosedRange<Double> = 15...25
    /// How often key or session, user and rights are checked again.
    var checkAgain: Duration = .seconds(60)
    /// Seconds after which the client connects again, perhaps to another replica.
    var end: ClosedRange<Double> = 900...1_800
    /// What the client is told to wait before it connects again.
    var retryMilliseconds: ClosedRange<Int> = 2_000...5_000
}

/// How many streams each user has open here.
final class StreamsPerUser: Sendable {
    private let maximum: Int
    private let open = Mutex<[Int64: Int]>([:])

    init(maximum: Int) { self.maximum = maximum }

    /// One stream's place; given back by `leave`, or with the last reference.
    final class Place: Sendable {
        private let streams: StreamsPerUser
        private let user: Int64
        private let isLeft = Atomic(false)

        fileprivate init(_ streams: StreamsPerUser, _ user: Int64) {
            self.streams = streams
            self.user = user
        }

        func leave() {
            if !isLeft.exchange(true, ordering: .relaxed) { streams.leave(user) }
        }

        deinit { leave() }
    }

    /// - Throws: `Problem` (`too_many_streams`).
    func enter(_ user: Int64) throws(Problem) -> Place {
        let isIn = open.withLock { open in
            guard open[user, default: 0] < maximum else { return false }
            open[user, default: 0] += 1
            return true
        }
        guard isIn else {
            throw Problem(
                .tooManyStreams, "This user has as many streams open as one may have.",
                hint: "Close one, or pull with wait.", retryAfter: 30)
        }
        return Place(self, user)
    }

    private func leave(_ user: Int64) {
        open.withLock { open in
            let left = open[user, default: 1] - 1
            open[user] = left > 0 ? left : nil
        }
    }
}
