import GatewayTesting
import Testing

/// schemathesis sends requests of all sorts, by the document: no 5xx, and every answer is as documented.
struct SchemathesisTests {
    private static let root = #filePath.replacing("/Tests/IntegrationTests/OpenAPI/SchemathesisTests.swift", with: "")

    /// Few requests of each kind, some thousands altogether; `make schemathesis` sends more.
    @Test(
        .enabled(if: PythonScripts.isInstalled),
        arguments: ["", "--json-omit-defaults --json-original-names --json-enums-as-numbers --base-path /training"]
    )
    func findsNothing(options: String) throws {
        let exit = try PythonScripts.run(
            SchemathesisTests.root + "/scripts/schemathesis.sh",
            [
                BuiltProduct.path("mltraining-gateway"), BuiltProduct.path("mltraining-local"), "--max-examples", "15",
                "--no-color",
            ],
            environment: ["GATEWAY_OPTIONS": options]
        )
        #expect(exit.exit == .code(0), "\(exit.output)\(exit.errors)")
        #expect(exit.output.contains("No issues found"))
    }
}
