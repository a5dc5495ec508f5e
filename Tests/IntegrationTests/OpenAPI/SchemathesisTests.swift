import GatewayTesting
import Testing

/// schemathesis sends requests of all sorts, by the document: no 5xx, and every answer is as documented.
struct SchemathesisTests {
    private static let root = #filePath.replacing("/Tests/IntegrationTests/OpenAPI/SchemathesisTests.swift", with: "")

    /// Few requests of each kind, some thousands altogether and the same ones each time; `make schemathesis` sends more.
    @Test(
        .enabled(if: PythonScripts.isInstalled),
        arguments: ["", "--json-omit-defaults --json-original-names --json-enums-as-numbers --base-path /training"]
    )
    func findsNothing(options: String) throws {
        let exit = try PythonScripts.run(
            SchemathesisTests.root + "/scripts/schemathesis.sh",
            [
                BuiltProduct.path("mltraining-gateway"), BuiltProduct.path("mltraining-local"), "--max-examples", "15",
                "--seed", "1",
                "--no-color",
            ],
            environment: ["GATEWAY_OPTIONS": options]
        )
        #expect(exit.exit == .code(0), "\(exit.output)\(exit.errors)")
        #expect(exit.output.contains("No issues found"))
    }

    /// What fits the document of an API with everything is never answered with a 5xx, nor otherwise than documented.
    ///
    /// Behind the gateway is a server that echoes, so that answers hold whatever requests may hold.
    @Test(.enabled(if: PythonScripts.isInstalled))
    func answersOfTheLibraryAreAsDocumented() throws {
        let library = SchemathesisTests.root + "/Tests/OpenAPITests/Resources/library.binpb"
        let service = "library.v1beta1.Library/"
        let server = try ChildProcess(
            PythonScripts.python,
            [
                SchemathesisTests.root + "/Tests/IntegrationTests/Resources/echo_server.py", service + "Echo",
                service + "EchoLegacy", "--", service + "WatchBooks", service + "DownloadPages",
            ]
        )
        let upstream = try server.waitForLine(prefix: "echo server listening on ", timeout: .seconds(60))
        let gateway = try GatewayProcess(upstream: "http://\(upstream)", ["--descriptor-set", library])
        let document = try PythonScripts.run(
            BuiltProduct.path("mltraining-gateway"),
            ["openapi", "--format", "json", "--descriptor-set", library]
        )
        let folder = try TemporaryFolder()
        try FileBytes.write(Array(document.output.utf8), to: folder.path + "/openapi.json")
        // It leaves a folder where it runs.
        let exit = try PythonScripts.run(
            "/usr/bin/env",
            [
                "-C", folder.path, SchemathesisTests.root + "/.venv-tests/bin/schemathesis", "--config-file",
                SchemathesisTests.root + "/scripts/schemathesis.toml", "run",
                folder.path + "/openapi.json", "--url", "http://\(gateway.address)", "--mode", "positive",
                "--phases", "examples,fuzzing", "--max-examples", "10", "--seed", "1", "--checks",
                "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
                    + "response_schema_conformance",
                // A file of one segment belongs to another operation, which paths of OpenAPI cannot tell.
                "--exclude-path", "/v1/files/{name}", "--continue-on-failure", "--suppress-health-check", "all",
                "--generation-database", "none", "--warnings", "off", "--no-color",
            ]
        )
        #expect(exit.exit == .code(0), "\(exit.output)\(exit.errors)")
        #expect(exit.output.contains("No issues found"))
        #expect(try gateway.stop() == .code(0))
        try server.terminate()
    }
}
