// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "odoo-changefeed",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "changefeed", targets: ["ChangeFeedCommand"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // libpq, found by pkg-config.
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        // zlib, found by pkg-config.
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        // The few C calls that Swift cannot import: epoll, eventfd.
        .target(name: "CPostgresShims"),
        // libpq as async Swift: connection, pool, pipeline, listener. No Odoo word in it.
        .target(
            name: "Postgres", dependencies: ["CLibPQ", "CPostgresShims"], swiftSettings: settings),
        // The files of sql/, carried in the binary byte for byte.
        .target(name: "CChangeFeedSQL"),
        // docs/openapi.json, likewise.
        .target(name: "COpenAPIDocument"),
        // Odoo's domain language: parser and compiler to SQL. Pure: text and catalog in, SQL and parameters out.
        .target(name: "OdooAccess", swiftSettings: settings),
        // The domain: capture, tail, identity, access, events.
        .target(
            name: "ChangeFeed",
            dependencies: [
                "Postgres", "OdooAccess", "CChangeFeedSQL",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        // The catalogue of metrics, their backend and the text that Prometheus scrapes.
        .target(
            name: "ChangeFeedMetrics",
            dependencies: [
                "ChangeFeed", "Postgres",
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: settings),
        // Routes, middleware, problem+json.
        .target(
            name: "ChangeFeedHTTP",
            dependencies: [
                "ChangeFeed", "ChangeFeedMetrics", "Postgres", "CPostgresShims", "COpenAPIDocument", "CZlib",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        // The command line.
        .executableTarget(
            name: "ChangeFeedCommand",
            dependencies: [
                "ChangeFeed", "ChangeFeedHTTP", "ChangeFeedMetrics", "OdooAccess", "Postgres", "CPostgresShims",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        // The C call of the tests' helpers that Swift cannot import.
        .target(name: "CTestingShims"),
        // The private cluster and a database per test.
        .target(
            name: "ChangeFeedTesting",
            dependencies: [
                "CTestingShims", "Postgres",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "OdooAccessTests", dependencies: ["OdooAccess", "Postgres", "ChangeFeedTesting"], swiftSettings: settings),
        .testTarget(
            name: "PostgresTests", dependencies: ["Postgres", "ChangeFeedTesting"],
            swiftSettings: settings),
        .testTarget(
            name: "ChangeFeedTests",
            dependencies: [
                "ChangeFeed", "OdooAccess", "Postgres", "ChangeFeedTesting", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ChangeFeedMetricsTests",
            dependencies: [
                "ChangeFeedMetrics", "ChangeFeed", "Postgres", "ChangeFeedTesting",
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ChangeFeedHTTPTests",
            dependencies: [
                "ChangeFeedHTTP", "ChangeFeed", "Postgres", "ChangeFeedTesting",
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ChangeFeedCommandTests",
            dependencies: [
                "ChangeFeedTesting", "Postgres", "ChangeFeedCommand",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
