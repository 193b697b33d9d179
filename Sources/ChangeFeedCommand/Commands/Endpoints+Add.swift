import ArgumentParser
import ChangeFeed
import ChangeFeedDelivery
import ChangeFeedSettings
import Foundation
import Postgres

extension Endpoints {
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Add a webhook, whose signing secret is printed once, or a stream of NATS JetStream or a topic of Kafka.",
            discussion: """
                URLs: https://host/path, nats://host[:4222]/STREAM, kafka://host[:9092][,host…]/topic[?compacted=true].
                """)

        @OptionGroup var endpoint: EndpointName

        @Argument(help: "Where messages are sent to.")
        var url: String

        @Option(help: "webhook, jetstream or kafka. Default: as the URL begins.")
        var kind: String?

        @Option(help: "A file with user:password or a token for the server of a stream; -: standard input.")
        var credentials: String?

        @Option(help: "Login of the Odoo user whose access rights decide what is sent.")
        var user: String

        @Option(help: "Only these models, separated by commas. Default: all of the app type.")
        var models: String?

        @Option(help: "An app type.")
        var appType = "all"

        @Option(help: "Only records for which a domain holds: MODEL:DOMAIN. May be repeated.")
        var filter: [String] = []

        @Option(help: "Only these kinds of events, separated by commas: create, write, unlink.")
        var events = "create,write,unlink"

        @Flag(help: "Send the records' data, too.")
        var data = false

        @Option(help: "Only these fields: MODEL:NAME,NAME. May be repeated.")
        var fields: [String] = []

        @Option(help: "Enabled companies, ids separated by commas. Default: all of the user's.")
        var companies: String?

        @Option(help: "How many events one message may hold, 1 to 100.")
        var batch = 1

        @Option(help: "How many messages may be under way. Default: 8, at most 64; for streams 1024, the most.")
        var concurrency: Int?

        @Flag(help: "One message after another: one that fails holds up all later ones.")
        var inOrder = false

        @Option(help: "How a webhook's messages are signed: hmac, or ed25519 (receivers get a public key).")
        var signature = "hmac"

        @Option(help: "Where to start: now, all (the existing records first), earliest, or a time.")
        var start = "now"

        func run() async throws {
            let settings = try endpoint.common.settings()
            guard endpoint.name.wholeMatch(of: #/[a-z0-9][a-z0-9_\-]{0,62}/#) != nil else {
                throw ValidationError(
                    "A name has 1 to 63 small letters, digits, - and _, and begins with a letter or digit.")
            }
            let kinds = SettingText.list(events)
            guard !kinds.isEmpty, Set(kinds).isSubset(of: ["create", "write", "unlink"]) else {
                throw ValidationError("--events names create, write or unlink.")
            }
            let target = try target(settings)
            let kind = target.kind
            let underWay = concurrency ?? kind.concurrency
            guard (1...100).contains(batch), kind == .webhook || batch == 1, kind.concurrencyLimits.contains(underWay)
            else {
                throw ValidationError(
                    "--batch is from 1 to 100, and 1 for streams; --concurrency is from 1 to \(kind.concurrencyLimits.upperBound)."
                )
            }
            let serverCredentials = try credentials.map { try Endpoints.credentials(in: $0) }
            if kind == .webhook, serverCredentials != nil {
                throw ValidationError("A webhook takes no --credentials: it has a signing secret.")
            }
            let login = user
            let user = try await endpoint.ask { try await $0.user(login: login) }
            var draft =
                switch target {
                case .webhook(let url): EndpointDesk.Draft(name: endpoint.name, url: url, userID: user)
                case .stream(let url): EndpointDesk.Draft(name: endpoint.name, stream: url, userID: user)
                }
            draft.scope.appType = appType
            if let models { draft.scope.models = try SettingText.list(models).map(Self.model) }
            for (model, domain) in try filter.map(Self.pair) { draft.scope.filters[model] = domain }
            for (model, names) in try fields.map(Self.pair) {
                draft.fields[model, default: []] += SettingText.list(names)
            }
            if let companies {
                let ids = SettingText.list(companies).compactMap { Int64($0) }
                guard ids.count == SettingText.list(companies).count else {
                    throw ValidationError("--companies names ids.")
                }
                draft.companies = EnabledCompanies(ids)
            }
            draft.kinds = kinds
            draft.withData = data
            draft.inOrder = inOrder
            draft.concurrency = underWay
            draft.batchSize = batch
            draft.start = try Endpoints.start(start)
            draft.signature = try Endpoints.signature(signature)
            guard kind == .webhook || draft.signature == .hmac else {
                throw ValidationError("Messages of a stream are not signed.")
            }
            let wanted = draft
            guard kind == .webhook else {
                try await endpoint.ask {
                    try await $0.addStream(wanted, credentials: serverCredentials, box: settings.secretBox)
                }
                return Terminal.line(
                    "Added endpoint \(endpoint.name). Try it: changefeed endpoint test \(endpoint.name)")
            }
            let box = try Endpoints.box(settings)
            let secret = try await endpoint.ask { try await $0.add(wanted, box: box) }
            Terminal.line(
                secret.publicKey.map {
                    "Added endpoint \(endpoint.name). Its receiver verifies messages with this public key:\n\($0)"
                } ?? "Added endpoint \(endpoint.name). Its signing secret, which is not shown again:\n\(secret.text)")
        }

        /// The URL, which fits the kind.
        private func target(_ settings: Settings) throws -> EndpointDesk.Target {
            let isStream = ["nats://", "kafka://"].contains { url.hasPrefix($0) }
            let target: EndpointDesk.Target
            do throws(WebhookError) {
                target =
                    isStream
                    ? .stream(try StreamURL(url)) : .webhook(try WebhookURL(url, rules: settings.webhookURLs))
            } catch {
                let isAboutSettings = ["the scheme must be", "the port is not in"].contains {
                    error.message.hasPrefix($0)
                }
                throw ValidationError(
                    "The URL cannot be used: \(error.message)."
                        + (isAboutSettings && !isStream
                            ? " See CHANGEFEED_WEBHOOK_SCHEMES and CHANGEFEED_WEBHOOK_PORTS." : ""))
            }
            guard kind.map({ $0 == target.kind.rawValue }) ?? true else {
                throw ValidationError(
                    "--kind does not fit the URL: webhook (https://…), jetstream (nats://…) or kafka (kafka://…).")
            }
            return target
        }

        private static func model(_ name: String) throws -> ModelName {
            guard let model = ModelName(name) else {
                throw ValidationError("A model has a technical name, such as res.partner.")
            }
            return model
        }

        private static func pair(_ text: String) throws -> (ModelName, String) {
            guard let colon = text.firstIndex(of: ":") else {
                throw ValidationError("Expected MODEL:… in --filter and --fields.")
            }
            return (try model(String(text[..<colon])), String(text[text.index(after: colon)...]))
        }
    }
}
