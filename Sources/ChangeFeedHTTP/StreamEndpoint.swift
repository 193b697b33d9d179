internal import ChangeFeed
internal import HTTPTypes
internal import Hummingbird
internal import Synchronization

/// `GET /api/v2/sync/stream`: Server-Sent Events (WHATWG HTML, 9.2) that say "pull now". They carry no record, so that
/// nothing is lost with a stream: what counts is the pull.
struct StreamEndpoint: Sendable {
    let sync: DeviceSync
    let door: SyncDoor
    let hints: ChangeHints
    let streams: StreamsPerUser
    let timing: StreamTiming

    static let names = ["device_id", "user_id", "app_type"]

    func stream(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        let parameters = try QueryParameters(
            request.uri.query, known: Self.names, repeatable: ["models"], ignoring: [Credentials.sessionParameter])
        let device = try parameters.readDevice()
        let scope = try parameters.readScope()
        let lastID = HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] }.flatMap { Int64($0) } ?? 0
        let news = try await door.admit(credentials, context, device: device, userID: try parameters.readUser()) { caller in
            try await sync.news(for: device, scope: scope, of: caller)
        }
        let headers: HTTPFields = [
            .contentType: "text/event-stream", .cacheControl: "no-store, no-transform", .xAccelBuffering: "no",
        ]
        if request.method == .head { return Response(status: .ok, headers: headers) }
        let place = try streams.enter(context.caller.userID ?? 0)
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                defer { place.leave() }
                try await follow(news, since: lastID, device: device, scope: scope, credentials, context, &writer)
                try await writer.finish(nil)
            })
    }

    private func follow(
        _ news: DeviceSync.News, since lastID: Int64, device: DeviceName, scope: SyncScope, _ credentials: Credentials,
        _ context: FeedRequestContext, _ writer: inout any ResponseBodyWriter
    ) async throws {
        try await hints.withSubscription(to: news.models) { subscription in
            context.closed.whenComplete { _ in subscription.end() }
            let end = ContinuousClock.now + .seconds(Double.random(in: timing.end))
            var checkAt = ContinuousClock.now + timing.checkAgain
            var pingAt = ContinuousClock.now + .seconds(Double.random(in: timing.ping))
            try await writer.write(ByteBuffer(string: "retry: \(Int.random(in: timing.retryMilliseconds))\n\n"))
            // What came between the look and the subscription is among what this look finds.
            var current = try await check(device, scope, credentials, context)
            if current.isWaiting, current.newestID > lastID {
                try await writer.write(Self.change(.init(models: [:], newestID: current.newestID)))
            }
            while !subscription.isEnded, !Task.isCancelled {
                let now = ContinuousClock.now
                if now >= end { break }
                if now >= checkAt {
                    checkAt = now + timing.checkAgain
                    current = try await check(device, scope, credentials, context)
                    // Other rights, other models: the client begins a new stream with them.
                    if current.models != news.models { break }
                }
                if now >= pingAt {
                    pingAt = now + .seconds(Double.random(in: timing.ping))
                    try await writer.write(Self.ping)
                }
                if let hint = subscription.take() {
                    try await writer.write(Self.change(hint))
                    continue
                }
                await subscription.wait(atMost: min(end, checkAt, pingAt) - now)
            }
        }
    }

    /// - Throws: what ends the stream, when this client may not follow any more.
    private func check(
        _ device: DeviceName, _ scope: SyncScope, _ credentials: Credentials, _ context: FeedRequestContext
    ) async throws -> DeviceSync.News {
        try await door.door.again(credentials, context) { caller in try await sync.news(for: device, scope: scope, of: caller) }
    }

    private static let ping = ByteBuffer(string: "event: ping\ndata: {}\n\n")

    private static func change(_ hint: ChangeHints.Hint) -> ByteBuffer {
        let json = JSONText.object([
            ("models", .object(hint.models.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) })),
            ("newest_id", .int(Int(hint.newestID))),
        ])
        return ByteBuffer(string: "event: change\nid: \(hint.newestID)\ndata: \(json.text)\n\n")
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

    /// One stream's place; given back by `leave`, or when nobody holds it any more.
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

extension HTTPField.Name {
    // The literal is a valid field name.
    static let xAccelBuffering = HTTPField.Name("X-Accel-Buffering") ?? .date
}
