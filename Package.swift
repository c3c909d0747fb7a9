// swift-tools-version: 6.3
import PackageDescription

// The map of Weir. Sources/README.md walks the targets in the order an event meets them; here each
// names what it may import, and dependencies run one way, down to Base.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableExperimentalFeature("Lifetimes"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .define("INVARIANTS", .when(configuration: .debug)),
]

/// A library target of the engine, in `Sources/`.
func layer(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// An executable target.
func tool(_ name: String, path: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

/// The tests of one target, in `Tests/<name>Tests`.
func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.byName(name: name)] + dependencies,
        path: "Tests/\(name)Tests", swiftSettings: settings)
}

/// A library of the tests, in `Tests/<name>`.
func support(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: settings)
}

/// A library of the Debian system, by its pkg-config name and package.
func system(_ name: String, pkgConfig: String, debian: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([debian])])
}

/// A thin C or C++ target of ours.
func shim(_ name: String, _ dependencies: [Target.Dependency] = [], links: [String] = []) -> Target
{
    .target(
        name: name, dependencies: dependencies,
        cSettings: [.define("_GNU_SOURCE"), .unsafeFlags(["-O3", "-Wall", "-Wextra", "-Werror"])],
        cxxSettings: [.unsafeFlags(["-O3", "-Wall", "-Wextra", "-Werror"])],
        linkerSettings: links.map { .linkedLibrary($0) })
}

let package = Package(
    name: "weir",
    targets: [
        system("CUring", pkgConfig: "liburing", debian: "liburing-dev"),
        system("CZstd", pkgConfig: "libzstd", debian: "libzstd-dev"),
        system("CMicrohttpd", pkgConfig: "libmicrohttpd", debian: "libmicrohttpd-dev"),
        system("CZlib", pkgConfig: "zlib", debian: "zlib1g-dev"),
        system("CLZ4", pkgConfig: "liblz4", debian: "liblz4-dev"),
        shim("CSimdjson", links: ["simdjson", "stdc++"]),
        shim("CRe2", links: ["re2", "stdc++"]),
        shim("CLinux"),
        shim("CKernels"),

        layer("Base", ["CKernels", "CLinux"]),
        layer("Disk", ["Base", "CUring", "CLinux"]),
        layer("Codecs", ["Base", "CKernels", "CZstd"]),
        layer("Expressions", ["Base", "CKernels", "CRe2"]),
        layer("PartFormat", ["Base", "Codecs", "Expressions"]),
        layer("Aggregates", ["Base"]),
        layer("SQL", ["Base"]),
        layer("Events", ["Base", "Codecs", "Expressions", "CSimdjson", "CZlib"]),
        layer("EventLog", ["Base", "Disk"]),
        layer("Store", ["Base", "Disk", "PartFormat", "Aggregates", "Expressions"]),
        layer(
            "Stream",
            ["Base", "Aggregates", "Expressions", "Events", "EventLog", "PartFormat", "Store"]),
        layer("Query", ["Base", "Aggregates", "Expressions", "PartFormat", "SQL", "Store"]),
        layer("HTTP", ["Base", "CMicrohttpd", "CZlib", "CLinux"]),
        layer(
            "Server",
            [
                "Base", "Disk", "Events", "EventLog", "Expressions", "PartFormat", "Stream",
                "Store", "SQL", "Query", "HTTP",
            ]),

        tool("weir", path: "Sources/weir", ["Server"]),
        tool(
            "weir-bench", path: "Benchmarks/weir-bench",
            [
                "Base", "CLZ4", "CLinux", "Codecs", "Disk", "Aggregates", "Events", "EventLog",
                "Expressions", "PartFormat", "Query", "Store", "Stream", "HTTP",
            ]),
        tool(
            "weir-simulate", path: "tools/weir-simulate",
            [
                "Aggregates", "Base", "Disk", "EventLog", "Events", "Expressions", "PartFormat",
                "Store", "Stream",
            ]),
        tool(
            "weir-part", path: "tools/weir-part",
            [
                "Base", "Disk", "Expressions", "PartFormat", "Aggregates", "Events", "EventLog",
                "Store",
            ]),

        support("NaiveSQL", ["Base", "Expressions"]),
        support("TestSupport", ["EventLog", "Store", "Stream"]),
        support(
            "Fuzzing",
            [
                "Base", "Disk", "EventLog", "Events", "Expressions", "PartFormat", "SQL", "Store",
                "Stream",
            ]),

        tests("Base", ["CKernels"]),
        tests("Disk", ["Base"]),
        tests("Codecs", ["Base", "CKernels"]),
        tests("Expressions", ["Base", "CKernels", "NaiveSQL", "TestSupport"]),
        tests("PartFormat", ["Base", "Codecs", "Expressions"]),
        tests("Aggregates", ["Base"]),
        tests("SQL", ["Base", "TestSupport"]),
        tests("Events", ["Base", "CZlib", "Expressions"]),
        tests("EventLog", ["Base", "Disk"]),
        tests(
            "Store", ["Base", "Disk", "PartFormat", "Aggregates", "Expressions", "TestSupport"]),
        tests(
            "Stream",
            [
                "Base", "Disk", "Aggregates", "Expressions", "Events", "EventLog", "PartFormat",
                "Query", "Store", "TestSupport",
            ]),
        tests(
            "Query",
            [
                "Base", "Disk", "Aggregates", "Events", "EventLog", "Expressions", "NaiveSQL",
                "PartFormat", "SQL",
                "Store", "Stream", "TestSupport",
            ]),
        tests("HTTP", ["Base", "CZlib"]),
        tests("Server", ["Base", "Disk", "Events", "EventLog", "HTTP", "Query", "TestSupport"]),
        .testTarget(
            name: "BenchTests", dependencies: ["weir-bench"], path: "Tests/BenchTests",
            swiftSettings: settings),
        .testTarget(
            name: "WeirPartTests",
            dependencies: [
                "weir-part", "Aggregates", "Base", "Codecs", "Disk", "Expressions", "PartFormat",
                "Store",
            ],
            path: "Tests/WeirPartTests", swiftSettings: settings),
        .testTarget(
            name: "SimulateTests",
            dependencies: ["weir-simulate", "Base", "Disk", "Store", "TestSupport"],
            path: "Tests/SimulateTests", swiftSettings: settings),
        tests("Fuzzing", ["Base"]),
        .testTarget(
            name: "EndToEnd", dependencies: ["TestSupport"], path: "Tests/EndToEnd",
            swiftSettings: settings),
        .testTarget(name: "Tidy", path: "Tests/Tidy", swiftSettings: settings),
    ]
)
