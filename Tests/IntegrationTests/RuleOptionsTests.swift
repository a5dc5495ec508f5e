import GatewayTesting
import Testing

/// `--http-rules`, `--auto-map` and the JSON options.
@Suite struct RuleOptionsTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func run(_ arguments: [String]) throws -> (exit: ChildProcess.Exit, output: [String], error: [String]) {
        let process = try ChildProcess(BuiltProduct.path("mltraining-gateway"), arguments)
        let exit = try process.waitForExit()
        return (exit, process.lines(.output), process.lines(.error))
    }

    private func rules(_ rules: String) throws -> String {
        let path = "\(folder.path)/rules.yaml"
        try FileBytes.write(Array("type: google.api.Service\nhttp:\n  rules:\n\(rules)\n".utf8), to: path)
        return path
    }

    @Test func rulesOverrideAnnotations() throws {
        let path = try rules(
            """
                - selector: test.routes.Shelf.GetBook
                  get: /v2/books/{name}
                - selector: test.routes.Shelf.Plain
                  post: /v2/plain
                  body: view
            """
        )
        let (exit, output, _) = try run(
            ["routes", "--descriptor-set", Resources.routes, "--http-rules", path, "--auto-map"]
        )
        #expect(exit == .code(0))
        let lines = output.map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines.filter { $0.hasSuffix("/GetBook") } == ["GET /v2/books/{name} test.routes.Shelf/GetBook"])
        #expect(lines.contains("POST /v2/plain test.routes.Shelf/Plain"))
        #expect(!lines.contains { $0.contains("/test.routes.Shelf/") })
    }

    @Test func servesTheRulesOfAFile() throws {
        let upstream = try ScriptedUpstream()
        upstream.on("/test.routes.Shelf/Plain") { .answer($0.messages.first ?? []) }
        let path = try rules("    - {selector: test.routes.Shelf.Plain, get: '/v2/{name=**}:plain'}")
        let gateway = try GatewayProcess(upstream, ["--descriptor-set", Resources.routes, "--http-rules", path])
        #expect(try gateway.get("/v2/a/b%2Fc%20d:plain").json == ["name": "a/b%2Fc d"])
        #expect(try gateway.stop() == .code(0))
        upstream.stop()
    }

    @Test func autoMapServesMethodsWithoutARule() throws {
        let upstream = try ScriptedUpstream()
        upstream.on("/test.routes.Shelf/Plain") { .answer($0.messages.first ?? []) }
        let gateway = try GatewayProcess(upstream, ["--descriptor-set", Resources.routes, "--auto-map"])
        #expect(try gateway.post("/test.routes.Shelf/Plain", json: #"{"name": "x"}"#).json == ["name": "x"])
        #expect(try gateway.get("/test.routes.Shelf/Plain").status == 405)
        #expect(try gateway.post("/test.routes.Shelf/Upload").status == 404)
        #expect(try gateway.stop() == .code(0))
        upstream.stop()
    }

    @Test func faultyFilesAreToldByPlace() throws {
        let path = try rules("    - selector: test.routes.Shelf.GetBok\n      get: /v2\n    - get: /v3")
        for command in ["serve", "routes"] {
            let (exit, output, error) = try run(
                [command, "--descriptor-set", Resources.routes, "--http-rules", path]
            )
            #expect(exit == .code(1))
            #expect(output.isEmpty)
            let expected = [
                "Error: \(path):4:17: there is no method \"test.routes.Shelf.GetBok\"; "
                    + "did you mean \"test.routes.Shelf.GetBook\"?",
                "\(path):6:7: the HTTP rule has no selector",
            ]
            #expect(error == expected)
        }
    }

    @Test(arguments: [
        ("/nowhere.yaml", "Error: /nowhere.yaml: No such file or directory"),
        ("/dev/null", "Error: /dev/null:1:1: the file is empty"),
        ("/dev/zero", "Error: /dev/zero: larger than 1048576 bytes"),
    ])
    func unreadableFilesAreOneClearLine(_ path: String, _ expected: String) throws {
        let (exit, _, error) = try run(["routes", "--http-rules", path])
        #expect(exit == .code(1))
        #expect(error == [expected])
    }

    @Test func aSetWithoutRulesNamesTheWaysOut() throws {
        let (_, _, error) = try run(["routes", "--descriptor-set", "/dev/null"])
        #expect(error.first?.contains("--auto-map") == true && error.first?.contains("--http-rules") == true)
        let mapped = try run(["routes", "--descriptor-set", "/dev/null", "--auto-map"])
        #expect(mapped.error == ["Error: the descriptor set has no method that HTTP can serve"])
    }

    // MARK: JSON

    @Test func answersAreNamedAndNumberedAsAsked() throws {
        let stack = try ScriptedStack(["--json-omit-defaults", "--json-original-names", "--json-enums-as-numbers"])
        let message = ProtobufFixture.message { response in
            response.message(1) { job in
                job.varint(2, 3 as UInt64)
                job.string(7, "x")
                job.bool(18, true)
            }
        }
        let answer = try stack.answer(to: .answer(message)).json
        #expect(answer == ["status": 3, "id": "x", "is_custom_job": true])
        try stack.stop()
    }

    /// Errors too; a stream keeps a record a line (``StreamingTests``).
    @Test
    func answersAreIndented() throws {
        let stack = try ScriptedStack(["--json-indent", "2", "--json-omit-defaults"])
        let answer = try stack.gateway.client().get("/v1/jobs/x")
        #expect(answer.text == "{\n  \"id\": \"x\"\n}\n")
        let error = try stack.gateway.client().get("/v2")
        #expect(error.text.hasPrefix("{\n  \"error\": {\n    \"code\": 404,\n"))
        let problem = try stack.gateway.client().get("/v2", headers: ["Accept": "application/problem+json"])
        #expect(problem.text.hasPrefix("{\n  \"type\": \"about:blank\",\n"))
        try stack.stop()
    }

    /// Bodies only: a mistyped query parameter would change what is asked for.
    @Test func unknownFieldsArePassedOverInBodies() throws {
        let upstream = try ScriptedUpstream()
        upstream.on("/test.routes.Shelf/CreateBook") { .answer($0.messages.first ?? []) }
        upstream.on("/test.routes.Shelf/GetBook") { .answer($0.messages.first ?? []) }
        let gateway = try GatewayProcess(
            upstream,
            ["--descriptor-set", Resources.routes, "--json-ignore-unknown-fields"]
        )
        #expect(try gateway.post("/v1/books", json: #"{"name": "x", "nam": 1}"#).json == ["name": "x"])
        #expect(try gateway.get("/v1/books/x?nam=1").status == 400)
        #expect(try gateway.get("/v1/books/x?view.lang=NONSENSE").status == 400)
        #expect(try gateway.post("/v1/books", json: #"{"name": 1}"#).status == 400)
        #expect(try gateway.stop() == .code(0))
        upstream.stop()
    }

    @Test(arguments: ["-1", "9", "x"])
    func indentationIsBounded(_ spaces: String) throws {
        #expect(try run(["serve", "--json-indent", spaces]).exit == .code(64))
    }
}
