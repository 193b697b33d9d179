package import ChangeFeed
package import ChangeFeedDelivery
internal import HTTPTypes
internal import NIOCore
package import Postgres
public import ServiceLifecycle
internal import Synchronization

/// The console: pages for operators in the browser, below `/console`, and the data behind them.
public final class Console: Service {
    /// XML ids of the Odoo groups whose members get in.
    public struct Groups: Sendable {
        /// They may act.
        public var operators: String
        /// They may look; nil: nobody else.
        public var readers: String?

        public init(operators: String = "base.group_system", readers: String? = nil) {
            self.operators = operators
            self.readers = readers
        }
    }

    private let version: String
    private let feed: any FeedHealth
    private let fit: SchemaFit
    private let rules: RecordRules
    private let delivery: DeliveryService.Configuration
    private let database: ConsoleDatabase
    private let desk: EndpointDesk
    private let door: ConsoleDoor
    private let doctor: ConsoleDoctor
    private let assets = ConsoleAssets()
    private let history = LagHistory()
    private let findings = Mutex<ByteBuffer?>(nil)

    public static let path = "/console"
    private static let api = "/console/api/"

    /// - Parameters:
    ///   - examination: what `changefeed doctor` would examine; nil: the console has no doctor.
    ///   - signIns: sign-ins of one address per minute; 0 means no limit.
    package init(
        version: String, groups: Groups, pool: ConnectionPool, authenticator: Authenticator, feed: any FeedHealth,
        rules: RecordRules, delivery: DeliveryService.Configuration = DeliveryService.Configuration(),
        examination: Examination.Plan? = nil, signIns: Int = 20
    ) {
        self.version = version
        self.feed = feed
        self.rules = rules
        self.delivery = delivery
        fit = SchemaFit(pool: pool)
        database = ConsoleDatabase(pool: pool, groups: groups)
        doctor = ConsoleDoctor(examination)
        desk = EndpointDesk { try await pool.query($0) }
        door = ConsoleDoor(
            authenticator: authenticator, sessions: ConsoleSessions(), database: database,
            limiter: RateLimiter(pool: pool), limit: RateLimit(name: "console-sign-in", quota: signIns))
    }

    /// Samples the lag until the service ends.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                self.history.note(await self.feed.health().lag)
                try? await Task.sleep(for: LagHistory.step)
            }
        }
    }

    /// - Throws: `ConsoleRefusal`, `AuthenticationError`, `AccessRefusal`, `PostgresError`, `ChangeFeedError`.
    public func answer(_ request: ConsoleRequest) async throws -> ConsoleAnswer {
        if let asset = assets.answer(request) { return asset }
        guard request.path.hasPrefix(Self.api) else { throw ConsoleRefusal.notFound }
        try SameOrigin.check(request)
        if await !feed.health().ready { try await fit.check() }
        let name = String(request.path.dropFirst(Self.api.count))
        switch request.method {
        case .get, .head:
            guard let page = ConsolePage(rawValue: name) else { throw ConsoleRefusal.notFound }
            return try await show(page, request)
        case .post:
            switch name {
            case "sign-in":
                var answer = ConsoleAnswer(json: #"{"signed_in":true}"#)
                answer.headers[.setCookie] = try await door.signIn(request)
                return answer
            case "sign-out":
                var answer = ConsoleAnswer(json: #"{"signed_in":false}"#)
                answer.headers[.setCookie] = try await door.signOut(try door.visitor(request))
                return answer
            case "findings": return try await look(try door.visitor(request))
            case "doctor": return try await examine(try door.visitor(request))
            case "act": return try await act(request)
            default: throw ConsoleRefusal.notFound
            }
        default: throw ConsoleRefusal.notFound
        }
    }

    // MARK: pages

    private func show(_ page: ConsolePage, _ request: ConsoleRequest) async throws -> ConsoleAnswer {
        let visitor = try door.visitor(request)
        let arguments = try page.parameters.read(request.query.mapValues { .string($0) })
        for name in page.required where arguments[name] == nil { throw ConsoleRefusal.parameterInvalid(name) }
        switch page {
        case .me:
            let found = try await read(page, arguments, visitor)
            let left = (visitor.entry.ends - .now).components.seconds
            return Self.compose([
                ("version", .json(try JSONParameter.text(version))),
                ("standing", .json("\"\(found.standing.rawValue)\"")), ("seconds_left", .json(String(max(0, left)))),
                ("user", .buffer(found.json)),
            ])
        case .overview:
            let found = try await read(page, arguments, visitor)
            return Self.compose([
                ("service", .json(try await service())), ("history", .json(lags())), ("feed", .buffer(found.json)),
            ])
        case .findings:
            // Looking takes seconds on a large database: the last result, and whoever wants another asks for it.
            _ = try await read(.me, arguments, visitor)
            return Self.compose([("findings", .buffer(findings.withLock { $0 }))])
        case .explain: return try await explain(arguments, visitor)
        default:
            guard let json = try await read(page, arguments, visitor).json else { throw ConsoleRefusal.notFound }
            return ConsoleAnswer(json: json)
        }
    }

    private func read(
        _ page: ConsolePage, _ arguments: JSONValue, _ visitor: ConsoleDoor.Visitor
    ) async throws -> ConsoleDatabase.Page {
        try await door.admit(visitor) { [database] proof in
            try await database.read(page.rawValue, arguments, for: proof)
        }
    }

    private func look(_ visitor: ConsoleDoor.Visitor) async throws -> ConsoleAnswer {
        let found = try await read(.findings, .object([:]), visitor).json
        findings.withLock { $0 = found }
        return Self.compose([("findings", .buffer(found))])
    }

    private func examine(_ visitor: ConsoleDoor.Visitor) async throws -> ConsoleAnswer {
        _ = try await read(.me, .object([:]), visitor)
        return Self.compose([("steps", .json(try JSONParameter.text(try await doctor.examine())))])
    }

    private func explain(_ arguments: JSONValue, _ visitor: ConsoleDoor.Visitor) async throws -> ConsoleAnswer {
        let explanation = try await explanation(arguments, visitor)
        var verdicts: [RuleVerdicts.Verdict]?
        if let model = arguments["model"]?.string, let record = arguments["record"]?.int,
            let rules = try await RuleVerdicts(explanation, model: model, recordID: record, rules: rules)
        {
            let answer = try await door.admit(visitor) { [database] proof in
                try await database.read("verdicts", rules.question, for: proof)
            }
            verdicts = try rules.list(answer.json)
        }
        return Self.compose([
            ("explanation", .buffer(explanation)), ("verdicts", .json(try JSONParameter.text(verdicts))),
        ])
    }

    private func explanation(_ arguments: JSONValue, _ visitor: ConsoleDoor.Visitor) async throws -> ByteBuffer? {
        let first = try await read(.explain, arguments, visitor)
        guard first.problem != nil else { return first.json }
        guard let user = first.json.flatMap(ConsoleBody.decode)?["user_id"]?.int else {
            throw AccessRefusal.rulesNotCompiled
        }
        let compiled = try await rules.withCompiledRules(for: user, companies: EnabledCompanies()) {
            let again = try await read(.explain, arguments, visitor)
            guard again.problem == nil else { throw AccessRefusal.rulesNotCompiled }
            return again
        }
        return compiled.json
    }

    private func service() async throws -> String {
        let report = await feed.health()
        let members: [String: JSONValue] = [
            "ready": .bool(report.ready), "reason": report.reason.map { .string($0) } ?? .null,
            "role": .string(report.role.rawValue), "version": .string(version),
            "lag_seconds": report.lag.map { .number($0 / .seconds(1)) } ?? .null,
        ]
        return try JSONParameter.text(JSONValue.object(members))
    }

    private func lags() -> String {
        let pairs = history.pairs().map { "[\($0.ago),\($0.lag.map { String($0) } ?? "null")]" }
        return "[" + pairs.joined(separator: ",") + "]"
    }

    // MARK: acts

    private func act(_ request: ConsoleRequest) async throws -> ConsoleAnswer {
        let visitor = try door.visitor(request)
        let body = try ConsoleBody.object(request)
        guard let name = body["action"]?.string, let act = ConsoleAct(rawValue: name) else {
            throw ConsoleRefusal.parameterInvalid("action")
        }
        guard case .object(let given) = body["arguments"] ?? .object([:]) else { throw ConsoleRefusal.bodyInvalid }
        let arguments = try act.arguments.read(given)
        for name in act.required where arguments[name] == nil { throw ConsoleRefusal.parameterInvalid(name) }
        switch act {
        case .endpointTest, .endpointRotate: return try await ownAct(act, arguments, visitor)
        default:
            let outcome = try await record(act.rawValue, arguments, visitor)
            return try Self.answer(outcome)
        }
    }

    private func record(
        _ action: String, _ arguments: JSONValue, _ visitor: ConsoleDoor.Visitor
    ) async throws -> ConsoleDatabase.Outcome {
        try await door.admit(visitor) { [database] proof in
            try await database.act(action, arguments, client: visitor.client, for: proof)
        }
    }

    /// What needs this service's key or network: checked before, noted in the audit afterwards.
    private func ownAct(
        _ act: ConsoleAct, _ arguments: JSONValue, _ visitor: ConsoleDoor.Visitor
    ) async throws -> ConsoleAnswer {
        let name = arguments["name"]?.string ?? ""
        guard try await read(.me, .object([:]), visitor).standing == .operator else {
            _ = try await record("note_" + act.rawValue, arguments, visitor)
            throw ConsoleRefusal.readOnly
        }
        var secret: String?
        var detail: String
        var isDone = true
        do {
            switch act {
            case .endpointRotate:
                guard let box = delivery.box else {
                    throw ChangeFeedError(.endpointRefused, "CHANGEFEED_SECRET_KEY is not set.")
                }
                secret = try await desk.rotate(name, overlap: .seconds(86_400), box: box).text
                detail = "a new secret; the former one signs for another day"
            default: (isDone, detail) = try await desk.test(name, delivery)
            }
        } catch let error as ChangeFeedError {
            isDone = false
            detail = error.message
        }
        let outcome = try await record(
            "note_" + act.rawValue,
            .object(["name": .string(name), "failed": .bool(!isDone), "detail": .string(detail)]), visitor)
        return try Self.answer(outcome, secret: secret)
    }

    private static func answer(_ outcome: ConsoleDatabase.Outcome, secret: String? = nil) throws -> ConsoleAnswer {
        switch outcome.outcome {
        case "done": break
        case "refused": throw outcome.standing == nil ? ConsoleRefusal.notMember : ConsoleRefusal.readOnly
        default: throw ConsoleRefusal.actFailed(outcome.detail ?? "The database did not do it.")
        }
        var members: [String: JSONValue] = ["detail": outcome.detail.map { .string($0) } ?? .null]
        if let secret { members["secret"] = .string(secret) }
        return ConsoleAnswer(json: try JSONParameter.text(JSONValue.object(members)))
    }

    private enum Part {
        case json(String)
        case buffer(ByteBuffer?)
    }

    /// A JSON object of parts that are JSON already.
    private static func compose(_ members: [(String, Part)]) -> ConsoleAnswer {
        var buffer = ByteBuffer()
        for (index, (name, part)) in members.enumerated() {
            buffer.writeString((index == 0 ? "{" : ",") + "\"" + name + "\":")
            switch part {
            case .json(let text): buffer.writeString(text)
            case .buffer(let json):
                if let json { buffer.writeImmutableBuffer(json) } else { buffer.writeString("null") }
            }
        }
        buffer.writeString("}")
        return ConsoleAnswer(json: buffer)
    }
}
