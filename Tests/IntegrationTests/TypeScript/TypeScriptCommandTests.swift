import GatewayTesting
import Testing

/// What `mltraining-gateway typescript` prints, and its exit codes.
struct TypeScriptCommandTests {
    private static let root = #filePath.replacing(
        "/Tests/IntegrationTests/TypeScript/TypeScriptCommandTests.swift",
        with: ""
    )

    private static func run(_ arguments: [String]) throws -> ChildProcess {
        let process = try ChildProcess(BuiltProduct.path("mltraining-gateway"), ["typescript"] + arguments)
        process.closeInput()
        _ = try process.waitForExit()
        return process
    }

    @Test
    func printsTheCommittedClient() throws {
        let process = try TypeScriptCommandTests.run([])
        let committed = try FileBytes.read("\(TypeScriptCommandTests.root)/openapi/mltraining.ts")
        #expect(try process.waitForExit() == .code(0))
        #expect(process.lines(.output).joined(separator: "\n") + "\n" == String(decoding: committed, as: UTF8.self))
        #expect(process.lines(.error).isEmpty)
    }

    /// As `serve`, which prints JSON that the types of the client are about.
    @Test(arguments: [
        ("--json-omit-defaults", "  modelName?: string;"), ("--json-original-names", "  model_name: string;"),
        ("--json-enums-as-numbers", "  status: number;"), ("--no-json-omit-defaults", "  modelName: string;"),
    ])
    func followsTheOptionsOfServe(option: String, line: String) throws {
        #expect(try TypeScriptCommandTests.run([option]).lines(.output).contains(line))
    }

    @Test(arguments: ["--descriptor-set=/nonexistent", "--descriptor-set=\(Resources.faults)", "--bogus"])
    func saysWhatIsWrong(argument: String) throws {
        let process = try TypeScriptCommandTests.run([argument])
        #expect(try process.waitForExit() == .code(argument == "--bogus" ? 64 : 1))
        #expect(process.lines(.output).isEmpty)
        #expect(!process.lines(.error).isEmpty)
    }
}
