// swift-tools-version: 6.2
// Not part of the normal build: scripts/fuzz.sh builds it with a sanitizer.

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "fuzz",
    platforms: [.macOS(.v15)],
    targets: [
        // A link to the module of the main package.
        .target(name: "OdooAccess", swiftSettings: settings),
        // What libFuzzer calls; it must not have a main() of Swift's.
        .executableTarget(
            name: "DomainFuzz", dependencies: ["OdooAccess"],
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]),
        // Times the rules of a database dump, and counts those that compile.
        .executableTarget(name: "RuleMeasure", dependencies: ["OdooAccess"], swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
