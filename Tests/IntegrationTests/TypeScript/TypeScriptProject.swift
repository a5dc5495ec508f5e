import GatewayTesting
import Glibc
import Testing

/// The scripts of `Resources/typescript` with clients that the gateway has printed, compiled.
final class TypeScriptProject: Sendable {
    static let compiler = "/usr/bin/tsc"
    static let node = "/usr/bin/node"
    static let isInstalled = access(compiler, X_OK) == 0 && access(node, X_OK) == 0
    static let oddDescriptorSet = #filePath.replacing(
        "IntegrationTests/TypeScript/TypeScriptProject.swift",
        with: "TypeScriptClientTests/Resources/odd.binpb"
    )
    private static let scripts = #filePath.replacing(
        "TypeScript/TypeScriptProject.swift",
        with: "Resources/typescript/"
    )
    /// The one that is committed.
    private static let trainingClient = #filePath.replacing(
        "Tests/IntegrationTests/TypeScript/TypeScriptProject.swift",
        with: "openapi/mltraining.ts"
    )

    private static let guide = #filePath.replacing(
        "Tests/IntegrationTests/TypeScript/TypeScriptProject.swift",
        with: "docs/typescript.md"
    )

    private let folder: TemporaryFolder

    /// Compiles as strictly as `tsconfig.json` says; whatever the compiler finds is an error.
    init() throws {
        folder = try TemporaryFolder()
        let project = folder.path
        try TypeScriptProject.run("/bin/cp", ["-r", TypeScriptProject.scripts + ".", project])
        try TypeScriptProject.run("/bin/cp", [TypeScriptProject.trainingClient, "\(project)/mltraining.ts"])
        try TypeScriptProject.print(["--descriptor-set", FeedStack.descriptorSet], to: "\(project)/feed_client.ts")
        try TypeScriptProject.print(
            ["--auto-map", "--descriptor-set", TypeScriptProject.oddDescriptorSet],
            to: "\(project)/odd_client.ts"
        )
        // These only have to compile.
        try TypeScriptProject.print(["--descriptor-set", Resources.routes], to: "\(project)/routes_client.ts")
        try TypeScriptProject.print(
            ["--json-omit-defaults", "--json-original-names", "--json-enums-as-numbers", "--auto-map"]
                + ["--descriptor-set", TypeScriptProject.oddDescriptorSet],
            to: "\(project)/other_json_client.ts"
        )
        try FileBytes.write(Array(TypeScriptProject.guideProgram().utf8), to: "\(project)/guide.ts")
        try TypeScriptProject.run(TypeScriptProject.compiler, ["--project", project])
        // Node takes a file for a module where a package says so.
        try FileBytes.write(Array(#"{"type": "module"}"#.utf8), to: "\(project)/out/package.json")
    }

    /// Runs a script against the gateway at `address`, which must end well, and returns the lines that it prints.
    func run(_ script: String, _ address: String) throws -> [String] {
        try TypeScriptProject.run(TypeScriptProject.node, ["\(folder.path)/out/\(script).js", address])
    }

    /// The program that the guide's blocks of TypeScript are, for a gateway that it is told of.
    private static func guideProgram() throws -> String {
        var program = #"import { baseUrl, end } from "./harness.js";"# + "\n"
        var isInside = false
        for line in String(decoding: try FileBytes.read(guide), as: UTF8.self).split(separator: "\n") {
            if line.hasPrefix("```") {
                isInside = line == "```ts"
            } else if isInside {
                program += line.replacing(#""http://127.0.0.1:8080""#, with: "baseUrl") + "\n"
            }
        }
        return program + "end();\n"
    }

    private static func print(_ arguments: [String], to path: String) throws {
        let lines = try run(BuiltProduct.path("mltraining-gateway"), ["typescript"] + arguments)
        try FileBytes.write(Array(lines.joined(separator: "\n").utf8), to: path)
    }

    /// What a program writes, which must end well.
    @discardableResult
    private static func run(_ executable: String, _ arguments: [String]) throws -> [String] {
        let child = try ChildProcess(executable, arguments)
        child.closeInput()
        let exit = try child.waitForExit(timeout: .seconds(120))
        try #require(exit == .code(0), "\(child.transcript)")
        return child.lines(.output)
    }
}

/// Compiles one ``TypeScriptProject`` for all tests of a suite.
struct SharedTypeScriptProject: SuiteTrait, TestScoping {
    @TaskLocal private static var project: TypeScriptProject?

    static var current: TypeScriptProject {
        get throws { try #require(project) }
    }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        try await Self.$project.withValue(TypeScriptProject(), operation: function)
    }
}

extension Trait where Self == SharedTypeScriptProject {
    static var sharedTypeScriptProject: Self { Self() }
}
