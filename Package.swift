// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .strictMemorySafety(),
    .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
    name: "vexport",
    products: [
        .executable(name: "vexport", targets: ["vexport"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"]), .yum(["libmnl-devel"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CSystemCalls"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .yum(["zlib-devel"])]),
        .target(name: "Gzip", dependencies: ["CZlib"], swiftSettings: strict),
        .systemLibrary(
            name: "CLibYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"]), .yum(["libyaml-devel"])]),
        .systemLibrary(
            name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"]), .yum(["expat-devel"])]),
        .target(name: "CHost"),
        .target(name: "CSpawn"),
        .systemLibrary(name: "CVexportPlugin", path: "packaging/include"),
        .target(name: "CStarters", exclude: ["templates"]),
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .systemLibrary(
            name: "CSqlite3", pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"]), .yum(["sqlite-devel"])]),
        .systemLibrary(
            name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"]), .yum(["openssl-devel"])]),
        .target(name: "Netlink", dependencies: ["CMnl"], swiftSettings: strict),
        .target(name: "RingStore", exclude: ["FORMAT.md"], swiftSettings: strict),
        .target(name: "VexportCore", dependencies: ["RingStore"], swiftSettings: strict),
        .target(
            name: "LinkCollector",
            dependencies: [
                "CMalloc", "CSystemCalls", "Netlink", "VexportCore",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "HostCollector",
            dependencies: ["CExpat", "CHost", "VexportCore", .product(name: "Logging", package: "swift-log")],
            swiftSettings: strict),
        .target(
            name: "MetricsServer",
            dependencies: [
                "Gzip", "VexportCore",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "ControlClient",
            dependencies: [
                "VexportCore",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "Notifier",
            dependencies: [
                "CCrypto", "CCurl", "CSqlite3", "VexportCore", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "PluginHost",
            dependencies: [
                "CSpawn", "CVexportPlugin", "VexportCore", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "vexport",
            dependencies: [
                "CLibYaml", "CMalloc", "CStarters", "ControlClient", "HostCollector", "LinkCollector", "MetricsServer",
                "Notifier",
                "PluginHost", "RingStore", "VexportCore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .target(name: "CTestSupport", path: "Tests/CTestSupport"),
        .target(
            name: "TestSupport",
            dependencies: ["CTestSupport", "VexportCore", .product(name: "Logging", package: "swift-log")],
            path: "Tests/TestSupport"),
        .testTarget(name: "GzipTests", dependencies: ["Gzip", "TestSupport"]),
        .testTarget(name: "NetlinkTests", dependencies: ["Netlink", "TestSupport"]),
        .executableTarget(name: "ring-tool", dependencies: ["RingStore"], path: "Tests/RingTool"),
        .testTarget(name: "RingStoreTests", dependencies: ["RingStore", "TestSupport", "ring-tool"]),
        .testTarget(name: "VexportCoreTests", dependencies: ["RingStore", "TestSupport", "VexportCore"]),
        .testTarget(
            name: "LinkCollectorTests", dependencies: ["LinkCollector", "Netlink", "TestSupport", "VexportCore"]),
        .testTarget(name: "HostCollectorTests", dependencies: ["HostCollector", "TestSupport", "VexportCore"]),
        .testTarget(
            name: "MetricsServerTests",
            dependencies: [
                "MetricsServer", "TestSupport", "VexportCore", .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]),
        .testTarget(
            name: "NotifierTests",
            dependencies: ["Notifier", "TestSupport", "VexportCore", .product(name: "Logging", package: "swift-log")]),
        .testTarget(
            name: "PluginHostTests",
            dependencies: ["PluginHost", "TestSupport", "VexportCore", .product(name: "Logging", package: "swift-log")]
        ),
        .testTarget(name: "CommandTests", dependencies: ["PluginHost", "TestSupport", "VexportCore", "vexport"]),
        .testTarget(name: "ControlClientTests", dependencies: ["ControlClient", "TestSupport", "VexportCore"]),
        .testTarget(
            name: "KernelTests",
            dependencies: [
                "CTestSupport", "HostCollector", "LinkCollector", "Netlink", "TestSupport", "VexportCore", "vexport",
                .product(name: "Logging", package: "swift-log"),
            ]),
    ]
)

// Needs -sanitize=fuzzer, so it is there only for `make fuzz`.
if Context.environment["VEXPORT_FUZZ"] != nil {
    package.targets += [
        .target(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
        .executableTarget(
            name: "vexport-fuzz",
            dependencies: [
                "CFuzzer", "CTestSupport", "LinkCollector", "MetricsServer", "Netlink", "PluginHost", "RingStore",
                "TestSupport", "VexportCore",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            path: "Tests/Fuzz/Fuzzer"),
    ]
}
