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
        .executable(name: "mltraining-local", targets: ["MLTrainingLocal"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        // Without its traits, swift-protobuf needs no full Foundation.
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0", traits: []),
        .package(url: "https://github.com/grpc/grpc-swift-2", exact: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", exact: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", exact: "2.4.1"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    ],
    targets: [
        // C libraries, from Debian's -dev packages.
        .systemLibrary(name: "CMicroHTTPD", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
        .systemLibrary(name: "CNGHTTP2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
        .systemLibrary(name: "CLibUV", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"])]),

        // Nouns and bytes, without I/O.
        .target(name: "Bytes", swiftSettings: settings),
        .target(name: "RPCCore", swiftSettings: settings),

        // Descriptors, routes, JSON.
        .target(name: "ProtobufSchema", dependencies: ["Bytes"], swiftSettings: settings),
        .target(name: "HTTPRules", dependencies: ["Bytes", "ProtobufSchema"], swiftSettings: settings),
        .target(name: "Transcoding", dependencies: ["Bytes", "ProtobufSchema", "HTTPRules"], swiftSettings: settings),

        // I/O, each the only importer of its C library.
        .target(name: "EventLoop", dependencies: ["CLibUV", "RPCCore"], swiftSettings: settings),
        .target(name: "HTTPServer", dependencies: ["CMicroHTTPD", "Bytes", "EventLoop"], swiftSettings: settings),
        .target(
            name: "GRPCChannel",
            dependencies: ["CNGHTTP2", "Bytes", "EventLoop", "RPCCore"],
            swiftSettings: settings
        ),

        // The ML training API, and the local service that speaks it.
        .target(
            name: "MLTraining",
            exclude: ["Protos"],
            resources: [.embedInCode("Resources/mltraining.binpb")],
            swiftSettings: settings
        ),
        .target(
            name: "MLTrainingMessages",
            dependencies: [
                .product(name: "GRPCCore", package: "grpc-swift-2"),
                .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            exclude: ["manifest.sha256"],
            swiftSettings: settings
        ),
        .target(
            name: "LocalTraining",
            dependencies: [
                "MLTrainingMessages",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRPCCore", package: "grpc-swift-2"),
                .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
                .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "MLTrainingLocal",
            dependencies: [
                "LocalTraining",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),

        .testTarget(name: "BytesTests", dependencies: ["Bytes"], swiftSettings: settings),
        .testTarget(name: "RPCCoreTests", dependencies: ["RPCCore"], swiftSettings: settings),
        .testTarget(
            name: "MLTrainingTests",
            dependencies: [
                "MLTraining",
                "MLTrainingMessages",
                .product(name: "GRPCCore", package: "grpc-swift-2"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "LocalTrainingTests",
            dependencies: [
                "LocalTraining",
                "MLTrainingMessages",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRPCCore", package: "grpc-swift-2"),
                .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
                .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            swiftSettings: settings
        ),
    ]
)
