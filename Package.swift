// swift-tools-version:6.2
import PackageDescription

/// Settings of every Swift target: warnings are errors and imports say what they mean.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
    // The request path crosses module boundaries per byte; without this, each crossing is a call.
    .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

let package = Package(
    name: "mltraining-gateway",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "canned-upstream", targets: ["CannedUpstream"]),
        .executable(name: "channel-benchmark", targets: ["ChannelBenchmark"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    ],
    targets: [
        // C libraries, from Debian's -dev packages.
        .systemLibrary(name: "CMicroHTTPD", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
        .systemLibrary(name: "CNGHTTP2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
        .systemLibrary(name: "CLibUV", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"])]),

        // What Swift's Glibc module leaves out of Linux; for GatewayTesting.
        .systemLibrary(name: "CLinux"),

        // Nouns and bytes, without I/O.
        .target(name: "Bytes", swiftSettings: settings),
        .target(name: "RPCCore", swiftSettings: settings),

        // Descriptors, routes, JSON.
        .target(name: "ProtobufSchema", dependencies: ["Bytes"], swiftSettings: settings),
        .target(name: "HTTPRules", dependencies: ["Bytes", "ProtobufSchema"], swiftSettings: settings),
        .target(name: "Transcoding", dependencies: ["Bytes", "ProtobufSchema", "HTTPRules"], swiftSettings: settings),

        // I/O, each the only importer of its C library.
        .target(name: "EventLoop", dependencies: ["CLibUV", "Bytes", "RPCCore"], swiftSettings: settings),
        .target(name: "HTTPServer", dependencies: ["CMicroHTTPD", "Bytes", "EventLoop"], swiftSettings: settings),
        .target(
            name: "GRPCChannel",
            dependencies: ["CNGHTTP2", "Bytes", "EventLoop", "RPCCore"],
            swiftSettings: settings
        ),

        // For tests and benchmarks only; nothing that ships depends on it.
        .target(name: "GatewayTesting", dependencies: ["CNGHTTP2", "CLinux", "Bytes"], swiftSettings: settings),
        .executableTarget(
            name: "CannedUpstream",
            dependencies: [
                "GatewayTesting",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),

        .executableTarget(
            name: "ChannelBenchmark",
            dependencies: [
                "GRPCChannel", "Bytes", "EventLoop", "RPCCore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks/ChannelBenchmark",
            swiftSettings: settings
        ),

        .testTarget(name: "BytesTests", dependencies: ["Bytes"], swiftSettings: settings),
        .testTarget(name: "RPCCoreTests", dependencies: ["RPCCore"], swiftSettings: settings),
        .testTarget(name: "EventLoopTests", dependencies: ["EventLoop", "RPCCore"], swiftSettings: settings),
        .testTarget(
            name: "GRPCChannelTests",
            dependencies: ["GRPCChannel", "GatewayTesting", "Bytes", "EventLoop", "RPCCore"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "GatewayTestingTests",
            dependencies: ["GatewayTesting", "CannedUpstream", "CNGHTTP2"],
            swiftSettings: settings
        ),
    ]
)
