// swift-tools-version: 6.2
// Linux only: the connections to PostgreSQL wait by epoll.

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    // In debug builds, so that a newer compiler does not break a release build. Libraries may deprecate at any time.
    .treatAllWarnings(as: .error, .when(configuration: .debug)),
    .treatWarning("DeprecatedDeclaration", as: .warning, .when(configuration: .debug)),
]

/// A module of Swift, in `Sources/NAME`.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// A program, in `Sources/NAME`.
func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// Tests of a module, in `Tests/NAMETests`.
func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.byName(name: name), "ChangeFeedTesting"] + dependencies,
        swiftSettings: settings)
}

/// The commit that scripts/build.sh builds; a plain build has none. Only hexadecimal digits and the mark of changed files.
let commit = (Context.environment["CHANGEFEED_COMMIT"] ?? "")
    .wholeMatch(of: #/[0-9a-f]{7,40}(-dirty)?/#).map { String($0.output.0) }

extension Target.Dependency {
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let asyncHTTPClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let coreMetrics = product(name: "CoreMetrics", package: "swift-metrics")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let cryptoExtras = product(name: "CryptoExtras", package: "swift-crypto")
    static let deque = product(name: "DequeModule", package: "swift-collections")
    static let httpTypes = product(name: "HTTPTypes", package: "swift-http-types")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdTesting = product(name: "HummingbirdTesting", package: "hummingbird")
    static let logging = product(name: "Logging", package: "swift-log")
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioHTTPCompression = product(name: "NIOHTTPCompression", package: "swift-nio-extras")
    static let nioHTTPTypes = product(name: "NIOHTTPTypes", package: "swift-nio-extras")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let serviceLifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
}

let package = Package(
    name: "odoo-changefeed",
    products: [
        .executable(name: "changefeed", targets: ["ChangeFeedCommand"]),
        .executable(name: "changefeed-bench", targets: ["ChangeFeedBench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C: two libraries found by pkg-config, files that the binary carries, calls that Swift cannot import.
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(
            name: "CBuildCommit", cSettings: commit.map { [.define("CHANGEFEED_COMMIT", to: $0)] } ?? []),
        .target(name: "CChangeFeedSQL"),
        .target(name: "CConsoleAssets"),
        .target(name: "COpenAPIDocument"),
        .target(name: "CPostgresShims"),
        // Loads libnats and librdkafka when an endpoint needs them; neither is needed to build.
        .target(name: "CStreamEngines"),
        .target(name: "CTestingShims"),

        // libpq as async Swift: connection, pool, pipeline, listener. No Odoo word in it.
        module("Postgres", ["CLibPQ", "CPostgresShims", .deque]),
        // Odoo's domain language: parser and compiler to SQL. Pure: text and catalog in, SQL and parameters out.
        module("OdooAccess"),
        // The domain: log, callers, access, devices, retention.
        module(
            "ChangeFeed",
            [
                "Postgres", "OdooAccess", "CChangeFeedSQL", .asyncHTTPClient, .crypto, .cryptoExtras, .deque, .logging,
                .nioCore, .nioHTTP1, .nioPosix,
                .serviceLifecycle,
            ]),
        // Endpoints: signed webhooks, where they may go, when they are sent again; NATS JetStream and Kafka.
        module(
            "ChangeFeedDelivery",
            [
                "ChangeFeed", "CStreamEngines", "Postgres", .asyncHTTPClient, .crypto, .cryptoExtras, .deque, .logging,
                .nioCore, .nioHTTP1, .nioPosix, .serviceLifecycle,
            ]),
        // The catalogue of metrics, their backend and the text that Prometheus scrapes.
        module("ChangeFeedMetrics", ["ChangeFeed", "ChangeFeedDelivery", "Postgres", .coreMetrics]),
        // The console in the browser: sign-in, its data, and the page, whose files CConsoleAssets embeds.
        .target(
            name: "ChangeFeedConsole",
            dependencies: [
                "ChangeFeed", "ChangeFeedDelivery", "CConsoleAssets", "Postgres", .crypto, .httpTypes, .nioCore,
                .serviceLifecycle,
            ], exclude: ["Web"], swiftSettings: settings),
        // Routes, middleware, problem+json.
        module(
            "ChangeFeedHTTP",
            [
                "ChangeFeed", "ChangeFeedConsole", "ChangeFeedDelivery", "ChangeFeedMetrics", "Postgres",
                "COpenAPIDocument", "CPostgresShims", "CZlib",
                .hummingbird, .httpTypes, .logging,
                .nioCore, .nioHTTP1, .nioHTTPTypes, .nioPosix, .serviceLifecycle,
            ]),
        // Settings and what all programs print and exit with.
        module(
            "ChangeFeedSettings",
            [
                "CBuildCommit", "ChangeFeed", "ChangeFeedDelivery", "ChangeFeedHTTP", "Postgres", .argumentParser,
                .logging,
            ]),
        // `changefeed`.
        program(
            "ChangeFeedCommand",
            [
                "ChangeFeed", "ChangeFeedConsole", "ChangeFeedDelivery", "ChangeFeedHTTP", "ChangeFeedMetrics",
                "ChangeFeedSettings", "Postgres",
                .argumentParser, .asyncHTTPClient, .coreMetrics, .logging, .nioCore, .nioHTTP1, .serviceLifecycle,
                .unixSignals,
            ]),
        // `changefeed-bench`.
        program(
            "ChangeFeedBench",
            [
                "ChangeFeed", "ChangeFeedDelivery", "ChangeFeedSettings", "CPostgresShims", "OdooAccess", "Postgres",
                .argumentParser,
                .asyncHTTPClient, .nioCore,
                .nioHTTP1, .nioHTTPCompression, .nioPosix,
            ]),

        // The private cluster and a database per test.
        module("ChangeFeedTesting", ["CTestingShims", "Postgres", .nioCore, .nioHTTP1, .nioPosix]),
        tests(of: "Postgres"),
        tests(of: "OdooAccess", ["Postgres"]),
        tests(of: "ChangeFeed", ["ChangeFeedDelivery", "OdooAccess", "Postgres", .crypto]),
        tests(
            of: "ChangeFeedDelivery",
            ["ChangeFeed", "CStreamEngines", "Postgres", .crypto, .nioCore, .nioHTTP1, .nioPosix]),
        tests(of: "ChangeFeedMetrics", ["ChangeFeed", "Postgres", .coreMetrics]),
        tests(of: "ChangeFeedConsole", ["ChangeFeed", "ChangeFeedDelivery", "Postgres", .httpTypes, .nioCore]),
        tests(
            of: "ChangeFeedHTTP",
            [
                "ChangeFeed", "ChangeFeedConsole", "ChangeFeedDelivery", "ChangeFeedMetrics", "Postgres",
                .hummingbirdTesting,
            ]),
        tests(
            of: "ChangeFeedCommand",
            ["ChangeFeedBench", "ChangeFeedMetrics", "ChangeFeedSettings", "Postgres", .argumentParser]),
    ],
    swiftLanguageModes: [.v6]
)
