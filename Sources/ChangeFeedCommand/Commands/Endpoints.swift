import ArgumentParser
import ChangeFeed
import ChangeFeedDelivery
import ChangeFeedSettings
import Foundation
import Postgres

/// `changefeed endpoint`: where the service itself delivers changes to.
struct Endpoints: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "endpoint",
        abstract: "Add, list and change the webhooks, streams and topics to which the service delivers changes.",
        discussion: """
            An endpoint belongs to an Odoo user and gets what that user sees. A webhook's messages are signed by Standard Webhooks 1.0 with a secret \
            that is shown once. CHANGEFEED_SECRET_KEY encrypts it in the database, and the credentials for the servers of streams.
            """,
        subcommands: [
            Add.self, List.self, Show.self, Test.self, Pause.self, Resume.self, Rotate.self, Replay.self, Attempts.self,
            Waiting.self, Retry.self, Drop.self, Remove.self,
        ])
}

/// The name of an endpoint, and the settings.
struct EndpointName: ParsableArguments {
    @OptionGroup var common: CommonOptions

    @Argument(help: "The endpoint's name.")
    var name: String

    func ask<R: Sendable>(_ body: @escaping @Sendable (EndpointDesk) async throws -> R) async throws -> R {
        try await Endpoints.ask(common.settings(), body)
    }
}

/// The records of an endpoint that a command is about.
struct EndpointRecords: ParsableArguments {
    @OptionGroup var endpoint: EndpointName

    @Option(help: "Only records of this model.")
    var model: String?

    @Option(help: "Only this record.")
    var record: Int64?

    func ask(_ change: @escaping @Sendable (EndpointDesk, String, String?, Int64?) async throws -> Int64) async throws
        -> Int64
    {
        let (name, model, record) = (endpoint.name, model, record)
        return try await endpoint.ask { try await change($0, name, model, record) }
    }
}

extension Endpoints {
    static func ask<R: Sendable>(
        _ settings: Settings, _ body: @escaping @Sendable (EndpointDesk) async throws -> R
    ) async throws -> R {
        let pool = ConnectionPool(settings.database, maximumConnections: 1)
        defer { Task { await pool.close() } }
        do {
            return try await body(EndpointDesk { try await pool.query($0) })
        } catch {
            throw await SchemaFault.explanation(of: error, at: settings.database) ?? error
        }
    }

    static func box(_ settings: Settings) throws -> SecretBox {
        guard let box = settings.secretBox else {
            throw ChangeFeedError(
                .invalidSetting, "CHANGEFEED_SECRET_KEY is not set: it encrypts the secrets of endpoints.",
                hint: "Make one with: openssl rand -base64 32. The service needs the same.")
        }
        return box
    }

    /// The credentials in a file; `-`: standard input.
    static func credentials(in path: String) throws -> StreamCredentials {
        let content =
            path == "-" ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: path)
        guard let content else { throw ValidationError("The file with the credentials cannot be read.") }
        let text = String(decoding: content, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        do throws(WebhookError) {
            return try StreamCredentials(text)
        } catch {
            throw ValidationError("The credentials cannot be used: \(error.message).")
        }
    }

    static func signature(_ name: String) throws -> WebhookSignature.Method {
        guard let method = WebhookSignature.Method(rawValue: name) else {
            throw ValidationError("--signature is hmac or ed25519.")
        }
        return method
    }

    /// `all`, `now`, `earliest` or a time.
    static func start(_ text: String) throws -> DeviceSync.Start {
        guard let start = DeviceSync.Start(text) else {
            throw ValidationError("A start is all, now, earliest or a time such as 2026-01-31T12:00:00Z.")
        }
        return start
    }

    /// Prints a table under a line of headers.
    static func table(_ rows: Rows, _ names: [String], none: String) {
        if rows.isEmpty { return Terminal.line(none) }
        Terminal.line(
            TextTable.align(
                [names] + rows.map { row in names.map { (row[$0].text ?? "").plainLine } }
            ).joined(separator: "\n"))
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the endpoints and how delivery goes.")

        @OptionGroup var common: CommonOptions

        @Flag(help: "A JSON array instead of a table.")
        var json = false

        func run() async throws {
            let settings = try common.settings()
            if json { return Terminal.line(try await Endpoints.ask(settings) { try await $0.list() }) }
            let rows = try await Endpoints.ask(settings) { try await $0.rows() }
            Endpoints.table(
                rows, ["name", "state", "models", "delivered", "waiting", "dead", "reason"],
                none: "There are no endpoints.")
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show an endpoint as a JSON object.",
            discussion: "With the public key of a webhook that signs by ed25519, if CHANGEFEED_SECRET_KEY is set.")
        @OptionGroup var endpoint: EndpointName
        func run() async throws {
            let (name, box) = (endpoint.name, try endpoint.common.settings().secretBox)
            let (list, key) = try await endpoint.ask { desk in
                (try await desk.list(name), try await desk.publicKey(name, box: box))
            }
            // The list has one object.
            let shown = list.dropFirst().dropLast()
            Terminal.line(key.map { "\(shown.dropLast()),\"public_key\":\"\($0)\"}" } ?? String(shown))
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send a test event from here, and say what came of it; exit 2 when it was not accepted.")
        @OptionGroup var endpoint: EndpointName
        func run() async throws {
            let delivery = DeliveryService.Configuration(try endpoint.common.settings())
            let name = endpoint.name
            let (isAccepted, text) = try await endpoint.ask { try await $0.test(name, delivery) }
            Terminal.line(text)
            if !isAccepted { throw ExitCode(ExitStatus.problemsFound.rawValue) }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Pause an endpoint: changes meanwhile come later.")
        @OptionGroup var endpoint: EndpointName
        @Option(help: "The reason, stored with the endpoint.")
        var reason: String?
        func run() async throws {
            let (name, reason) = (endpoint.name, reason)
            let done = try await endpoint.ask { try await $0.set(name, active: false, reason: reason) }
            Terminal.line(done ? "Paused." : "It was paused.")
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Resume an endpoint that is paused or disabled.")
        @OptionGroup var endpoint: EndpointName
        func run() async throws {
            let name = endpoint.name
            let done = try await endpoint.ask { try await $0.set(name, active: true) }
            Terminal.line(done ? "Resumed." : "It was active.")
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a webhook a new signing secret, which is printed once, or replace a stream's credentials.",
            discussion: "The former secret signs, too, for 24 hours, unless --now is given.")
        @OptionGroup var endpoint: EndpointName
        @Flag(help: "The former secret ends now.")
        var now = false
        @Option(help: "A file with user:password or a token for the server of a stream; -: standard input.")
        var credentials: String?
        @Option(help: "hmac, or ed25519: a key pair. Default: as before.")
        var signature: String?
        func run() async throws {
            let method = try signature.map(Endpoints.signature)
            guard method == nil || credentials == nil else {
                throw ValidationError("--signature is of webhooks, --credentials of streams.")
            }
            let box = try Endpoints.box(try endpoint.common.settings())
            if let credentials {
                let (name, replacement) = (endpoint.name, try Endpoints.credentials(in: credentials))
                try await endpoint.ask { try await $0.replaceCredentials(name, replacement, box: box) }
                return Terminal.line("Replaced.")
            }
            let (name, overlap): (String, Duration) = (endpoint.name, now ? .zero : .seconds(86_400))
            let secret = try await endpoint.ask {
                try await $0.rotate(name, overlap: overlap, method: method, box: box)
            }
            // Receivers of a key pair's messages need its public key alone.
            Terminal.line(secret.publicKey ?? secret.text)
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deliver again: since a time, from the oldest event of the log, or all records.")
        @OptionGroup var endpoint: EndpointName
        @Option(help: "A time, earliest, all, or now to skip what was not delivered yet.")
        var from: String
        func run() async throws {
            let (name, start) = (endpoint.name, try Endpoints.start(from))
            try await endpoint.ask { try await $0.replay(name, from: start) }
            Terminal.line("The service delivers again within seconds.")
        }
    }

    struct Attempts: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the last attempts, newest first: all failures, and a sample of the successes.")
        @OptionGroup var endpoint: EndpointName
        @Option(help: "How many.")
        var limit = 20
        func run() async throws {
            let (name, limit) = (endpoint.name, limit)
            let rows = try await endpoint.ask { try await $0.attempts(name, limit: limit) }
            Endpoints.table(
                rows, ["at", "model", "record", "events", "attempt", "ms", "status", "result"],
                none: "Nothing was sent yet.")
        }
    }

    struct Waiting: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show records that wait for another attempt, and dead letters.")
        @OptionGroup var endpoint: EndpointName
        @Option(help: "How many.")
        var limit = 20
        func run() async throws {
            let (name, limit) = (endpoint.name, limit)
            let rows = try await endpoint.ask { try await $0.waiting(name, limit: limit) }
            Endpoints.table(
                rows, ["model", "record", "event", "attempts", "next", "result"],
                none: "No record waits, and there is no dead letter.")
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try waiting records and dead letters again, now: all, of a model, or one.")
        @OptionGroup var records: EndpointRecords
        func run() async throws {
            let rows = try await records.ask { try await $0.retry($1, model: $2, record: $3) }
            Terminal.line("\(rows) \(rows == 1 ? "record is" : "records are") tried again.")
        }
    }

    struct Drop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Drop dead letters: all, of a model, or one.")
        @OptionGroup var records: EndpointRecords
        func run() async throws {
            let rows = try await records.ask { try await $0.drop($1, model: $2, record: $3) }
            Terminal.line("Dropped \(rows) \(rows == 1 ? "dead letter" : "dead letters").")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove an endpoint with its waiting records, dead letters and attempts.")
        @OptionGroup var endpoint: EndpointName
        func run() async throws {
            let name = endpoint.name
            try await endpoint.ask { try await $0.remove(name) }
            Terminal.line("Removed.")
        }
    }
}

extension DeliveryService.Configuration {
    init(_ settings: Settings) {
        self.init()
        addresses = settings.webhookAddresses
        urls = settings.webhookURLs
        box = settings.secretBox
        userAgent = "odoo-changefeed/\(Version.text)"
        connections = max(1, settings.poolSize / 2)
    }
}
