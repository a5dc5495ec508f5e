// swift-tools-version:6.2
import PackageDescription

let release = BuildSettingCondition.when(configuration: .release)

/// Settings of every Swift target: warnings are errors and imports say what they mean.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
    // The request path crosses module boundaries per byte; without this, each crossing is a call.
    // Overlapping accesses to a variable are looked for in debug builds, and under AddressSanitizer.
    .unsafeFlags(["-cross-module-optimization", "-enforce-exclusivity=unchecked"], release),
]

/// What ships binds all symbols when it starts, after which their table is read-only.
///
/// It exports none, and its relocations are packed, of which Swift's metadata has 90,000: what start-up reads stays in
/// memory. lld comes with Swift and knows all of that.
let hardening: [LinkerSetting] = [
    .unsafeFlags(
        ["-use-ld=lld"]
            + ["-z", "now", "-z", "pack-relative-relocs", "--no-export-dynamic"].flatMap { ["-Xlinker", $0] },
        release
    )
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let inMemoryLogging = Target.Dependency.product(name: "InMemoryLogging", package: "swift-log")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let swiftProtobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grpcCore = Target.Dependency.product(name: "GRPCCore", package: "grpc-swift-2")
let grpcProtobuf = Target.Dependency.product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
let grpcTransport = Target.Dependency.product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport")

let package = Package(
    name: "mltraining-gateway",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "mltraining-gateway", targets: ["MLTrainingGateway"]),
        .executable(name: "mltraining-local", targets: ["MLTrainingLocal"]),
        .executable(name: "canned-upstream", targets: ["CannedUpstream"]),
        .executable(name: "channel-benchmark", targets: ["ChannelBenchmark"]),
        .executable(name: "transcoding-benchmark", targets: ["TranscodingBenchmark"]),
        .executable(name: "fuzz-targets", targets: ["FuzzDriver"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        // Files are read here, with libyaml, so it needs no traits.
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        // Without its traits, swift-protobuf needs no full Foundation.
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0", traits: []),
        .package(url: "https://github.com/grpc/grpc-swift-2", exact: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", exact: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", exact: "2.4.1"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    ],
    targets: [
        // C libraries, from Debian's -dev packages.
        .systemLibrary(name: "CMicroHTTPD", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
        .systemLibrary(name: "CNGHTTP2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
        .systemLibrary(name: "CLibUV", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"])]),
        .systemLibrary(name: "CGnuTLS", pkgConfig: "gnutls", providers: [.apt(["libgnutls28-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        // What Swift's Glibc module leaves out of Linux.
        .systemLibrary(name: "CLinux"),

        // Nouns and bytes, without I/O.
        .target(name: "Bytes", swiftSettings: settings),
        .target(name: "RPCCore", dependencies: ["Bytes"], swiftSettings: settings),

        // Descriptors, routes, JSON.
        .target(name: "ProtobufSchema", dependencies: ["Bytes"], swiftSettings: settings),
        .target(name: "HTTPRules", dependencies: ["Bytes", "ProtobufSchema"], swiftSettings: settings),
        // The only importer of CYAML.
        .target(name: "YAML", dependencies: ["CYAML"], swiftSettings: settings),
        .target(
            name: "ServiceConfig",
            dependencies: ["HTTPRules", "ProtobufSchema", "YAML"],
            swiftSettings: settings
        ),
        .target(name: "Transcoding", dependencies: ["Bytes", "ProtobufSchema", "HTTPRules"], swiftSettings: settings),

        // I/O, each the only importer of its C library.
        .target(name: "EventLoop", dependencies: ["CLibUV", "Bytes", "RPCCore"], swiftSettings: settings),
        .target(
            name: "HTTPServer",
            dependencies: ["CGnuTLS", "CLinux", "CMicroHTTPD", "Bytes", "EventLoop", "TLSSupport"],
            swiftSettings: settings
        ),
        .target(
            name: "GRPCChannel",
            dependencies: ["CGnuTLS", "CNGHTTP2", "Bytes", "EventLoop", "RPCCore", "TLSSupport"],
            swiftSettings: settings
        ),

        // Certificates and keys from files, for both sides of TLS.
        .target(name: "TLSSupport", dependencies: ["CGnuTLS", "Bytes"], swiftSettings: settings),

        // Of GnuTLS nothing but its hashes: HMAC for secrets that must be compared or looked up but not kept, and SHA-256.
        .target(name: "KeyedHashing", dependencies: ["CGnuTLS"], swiftSettings: settings),

        // The only importer of CZlib.
        .target(name: "Compression", dependencies: ["CZlib", "Bytes"], swiftSettings: settings),

        // The gateway.
        .target(
            name: "Gateway",
            dependencies: [
                "CLinux", "Bytes", "RPCCore", "ProtobufSchema", "HTTPRules", "Transcoding", "EventLoop", "HTTPServer",
                "GRPCChannel", "KeyedHashing", "Compression", logging,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "MLTraining",
            exclude: ["Protos"],
            resources: [.embedInCode("Resources/mltraining.binpb")],
            swiftSettings: settings
        ),

        // Documents made of schema and routes, off the request path.
        .target(
            name: "OpenAPI",
            dependencies: ["Bytes", "HTTPRules", "ProtobufSchema", "YAML"],
            swiftSettings: settings
        ),

        // The page that shows such a document: HTML, style and script of our own, compiled in.
        .target(
            name: "APIReference",
            dependencies: ["KeyedHashing", "RPCCore"],
            resources: [
                .embedInCode("Page/page.html"), .embedInCode("Page/page.css"), .embedInCode("Page/dom.js"),
                .embedInCode("Page/markdown.js"), .embedInCode("Page/document.js"), .embedInCode("Page/schema.js"),
                .embedInCode("Page/signin.js"), .embedInCode("Page/request.js"), .embedInCode("Page/answer.js"),
                .embedInCode("Page/tryit.js"), .embedInCode("Page/page.js"),
            ],
            swiftSettings: settings
        ),
        // A client for web pages and Node, of the document.
        .target(
            name: "TypeScriptClient",
            dependencies: ["HTTPRules", "OpenAPI", "ProtobufSchema"],
            resources: [.embedInCode("Resources/runtime.ts")],
            swiftSettings: settings
        ),

        // Where settings come from: the command line, the environment, a file.
        .target(
            name: "Settings",
            dependencies: ["HTTPRules", "ProtobufSchema", "ServiceConfig", configuration],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "MLTrainingGateway",
            dependencies: [
                "APIReference", "Bytes", "EventLoop", "Gateway", "GRPCChannel", "HTTPRules", "HTTPServer", "MLTraining",
                "OpenAPI", "ProtobufSchema", "ServiceConfig", "Settings", "Transcoding", "TypeScriptClient",
                argumentParser, logging,
            ],
            swiftSettings: settings,
            linkerSettings: hardening
        ),

        // The local training service.
        .target(
            name: "MLTrainingMessages",
            dependencies: [grpcCore, grpcProtobuf, swiftProtobuf],
            exclude: ["manifest.sha256"],
            swiftSettings: settings
        ),
        .target(
            name: "LocalTraining",
            dependencies: [
                "MLTrainingMessages", crypto, grdb, grpcCore, grpcTransport, grpcProtobuf, logging, nioCore, nioSSL,
                swiftProtobuf,
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "MLTrainingLocal",
            dependencies: ["LocalTraining", argumentParser, logging],
            swiftSettings: settings,
            linkerSettings: hardening
        ),

        // For tests and benchmarks only; nothing that ships depends on it.
        .target(
            name: "GatewayTesting",
            dependencies: ["CGnuTLS", "CNGHTTP2", "CLinux", "Bytes"],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "CannedUpstream",
            dependencies: ["GatewayTesting", argumentParser],
            swiftSettings: settings
        ),

        .executableTarget(
            name: "ChannelBenchmark",
            dependencies: ["GRPCChannel", "Bytes", "EventLoop", "RPCCore", argumentParser],
            path: "Benchmarks/ChannelBenchmark",
            swiftSettings: settings
        ),
        // Stands in for malloc, so nothing else may link it.
        .target(name: "CAllocationCounter", path: "Benchmarks/CAllocationCounter"),
        .executableTarget(
            name: "TranscodingBenchmark",
            dependencies: [
                "Bytes", "CAllocationCounter", "HTTPRules", "MLTraining", "MLTrainingMessages", "ProtobufSchema",
                "Transcoding", argumentParser, swiftProtobuf,
            ],
            path: "Benchmarks/TranscodingBenchmark",
            swiftSettings: settings
        ),

        // What `make fuzz` runs, and `make test` over the committed corpus.
        .target(
            name: "FuzzTargets",
            dependencies: ["Bytes", "HTTPRules", "MLTraining", "ProtobufSchema", "Transcoding"],
            path: "Tests/Fuzzing/Targets",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "FuzzDriver",
            dependencies: ["FuzzTargets"],
            path: "Tests/Fuzzing/Driver",
            swiftSettings: settings
        ),
        .testTarget(name: "FuzzingTests", dependencies: ["FuzzTargets"], swiftSettings: settings),

        .testTarget(name: "YAMLTests", dependencies: ["YAML", "GatewayTesting"], swiftSettings: settings),
        .testTarget(name: "BytesTests", dependencies: ["Bytes"], swiftSettings: settings),
        .testTarget(
            name: "OpenAPITests",
            dependencies: [
                "OpenAPI", "Bytes", "GatewayTesting", "HTTPRules", "MLTraining", "ProtobufSchema", "Transcoding",
                "YAML",
            ],
            exclude: ["Resources"],
            swiftSettings: settings
        ),
        .testTarget(name: "APIReferenceTests", dependencies: ["APIReference"], swiftSettings: settings),
        .testTarget(
            name: "TypeScriptClientTests",
            dependencies: [
                "TypeScriptClient", "GatewayTesting", "HTTPRules", "MLTraining", "OpenAPI", "ProtobufSchema",
            ],
            exclude: ["Resources"],
            swiftSettings: settings
        ),
        .testTarget(name: "RPCCoreTests", dependencies: ["RPCCore"], swiftSettings: settings),
        .testTarget(name: "CompressionTests", dependencies: ["Compression", "Bytes"], swiftSettings: settings),
        .testTarget(name: "KeyedHashingTests", dependencies: ["KeyedHashing"], swiftSettings: settings),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Bytes", "EventLoop", "Gateway", "GatewayTesting", "GRPCChannel", "HTTPServer", "KeyedHashing",
                "MLTraining", "ProtobufSchema", "RPCCore", "Transcoding", inMemoryLogging, logging,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HTTPServerTests",
            dependencies: ["HTTPServer", "GatewayTesting", "Bytes", "EventLoop"],
            swiftSettings: settings
        ),
        // Starts the built executables, so they are built before it runs.
        .testTarget(
            name: "IntegrationTests",
            dependencies: ["Bytes", "Compression", "GatewayTesting", "MLTrainingGateway", "MLTrainingLocal"],
            exclude: ["Resources"],
            swiftSettings: settings
        ),
        .testTarget(name: "EventLoopTests", dependencies: ["EventLoop", "RPCCore"], swiftSettings: settings),
        .testTarget(
            name: "GRPCChannelTests",
            dependencies: ["GRPCChannel", "GatewayTesting", "Bytes", "EventLoop", "RPCCore"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MLTrainingTests",
            dependencies: ["MLTraining", "MLTrainingMessages", grpcCore, swiftProtobuf],
            swiftSettings: settings
        ),
        .testTarget(
            name: "LocalTrainingTests",
            dependencies: [
                "GatewayTesting", "LocalTraining", "MLTrainingMessages", grdb, grpcCore, grpcTransport, grpcProtobuf,
                inMemoryLogging, logging, nioCore, nioPosix, nioSSL, swiftProtobuf,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "GatewayTestingTests",
            dependencies: ["GatewayTesting", "CannedUpstream", "CNGHTTP2"],
            swiftSettings: settings
        ),
        // Generated messages that the transcoder is compared with SwiftProtobuf on.
        .target(
            name: "RichMessages",
            dependencies: [swiftProtobuf],
            path: "Tests/RichMessages",
            exclude: ["Protos", "rich.binpb"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ProtobufSchemaTests",
            dependencies: ["ProtobufSchema", "Bytes"],
            exclude: ["Resources"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HTTPRulesTests",
            dependencies: ["HTTPRules", "Bytes", "GatewayTesting", "ProtobufSchema"],
            exclude: ["Resources"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ServiceConfigTests",
            dependencies: ["ServiceConfig", "HTTPRules", "ProtobufSchema"],
            swiftSettings: settings
        ),
        .testTarget(name: "SettingsTests", dependencies: ["HTTPRules", "Settings"], swiftSettings: settings),
        .testTarget(
            name: "TranscodingTests",
            dependencies: [
                "Transcoding", "Bytes", "GatewayTesting", "HTTPRules", "ProtobufSchema", "RichMessages", swiftProtobuf,
            ],
            swiftSettings: settings
        ),
    ]
)
