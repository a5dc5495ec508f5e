import GatewayTesting
import Glibc
import Testing

/// The command line: what it prints, and its exit codes.
@Suite
struct CommandLineTests {
    /// Runs the gateway's executable to its end.
    private func run(_ arguments: String...) throws -> (exit: ChildProcess.Exit, output: [String], error: [String]) {
        let process = try ChildProcess(BuiltProduct.path("mltraining-gateway"), arguments)
        let exit = try process.waitForExit()
        return (exit, process.lines(.output), process.lines(.error))
    }

    @Test
    func routesListsTheTableOfTheDesign() throws {
        let (exit, output, error) = try run("routes")
        #expect(exit == .code(0))
        #expect(error.isEmpty)
        let service = "viam.app.mltraining.v1.MLTrainingService"
        let rest = [
            "POST /v1/jobs SubmitTrainingJob", "POST /v1/jobs:submitCustom SubmitCustomTrainingJob",
            "GET /v1/jobs/{id} GetTrainingJob", "GET /v1/jobs ListTrainingJobs",
            "GET /v1/organizations/{organization_id}/jobs ListTrainingJobs",
            "POST /v1/jobs/{id}:cancel CancelTrainingJob", "DELETE /v1/jobs/{id} DeleteCompletedTrainingJob",
            "GET /v1/jobs/{id}/logs GetTrainingJobLogs", "GET /v1/containers ListSupportedContainers",
            "GET /v1/organizations/{organization_id}/containers ListContainers",
            "GET /v1/containers/{id} GetContainer", "POST /v1/containers RegisterCustomTrainingContainer",
            "DELETE /v1/containers/{id} DeleteCustomTrainingContainer",
        ]
        var expected: Set<[String]> = []
        for line in rest {
            let words = line.split(separator: " ").map(String.init)
            expected.insert([words[0], words[1], "\(service)/\(words[2])"])
            expected.insert(["POST", "/\(service)/\(words[2])", "\(service)/\(words[2])"])
        }
        #expect(Set(output.map { $0.split(separator: " ").map(String.init) }) == expected)
        #expect(output.count == 25)
    }

    @Test
    func routesListsAnotherDescriptorSet() throws {
        let (exit, output, _) = try run("routes", "--descriptor-set", Resources.routes)
        #expect(exit == .code(0))
        let lines = output.map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines.contains("GET /v1/books/{name} test.routes.Shelf/GetBook"))
        #expect(lines.contains("PURGE /v1/{name=**} test.routes.Shelf/DeleteBook"))
        #expect(!lines.contains { $0.contains("mltraining") })
    }

    @Test
    func servesAnotherDescriptorSet() throws {
        let upstream = try ScriptedUpstream()
        upstream.on("/test.routes.Shelf/GetBook") { .answer($0.messages.first ?? []) }
        let gateway = try GatewayProcess(upstream, ["--descriptor-set", Resources.routes])
        #expect(try gateway.get("/v1/shelves/1/books/a%2Fb%20c").json == ["name": "shelves/1/books/a%2Fb c"])
        #expect(try gateway.get("/v1/books/x").json == ["name": "x"])
        let typo = try gateway.get("/v1/books/x?view.dept=1")
        #expect(typo.status == 400)
        #expect(try gateway.get("/v1/jobs/1").status != 200)
        #expect(try gateway.stop() == .code(0))
        upstream.stop()
    }

    @Test(arguments: [
        ["serve", "--no-such-flag"], ["serve", "--workers", "0"], ["serve", "--workers", "x"], ["nonsense"],
        ["serve", "--listen", "127.0.0.1"], ["serve", "--listen", "nowhere:80"],
        ["serve", "--listen", "127.0.0.1:99999"],
        ["serve", "--upstream", "127.0.0.1:1"], ["serve", "--upstream", "https://h", "--upstream-key", "k"],
        ["serve", "--upstream-ca", "ca.pem"], ["serve", "--upstream-authority", "a b"],
        ["serve", "--upstream", "http://"], ["serve", "--deadline", "0"], ["serve", "--max-body-bytes", "-1"],
        ["serve", "stray"],
    ])
    func aWrongCommandLineIs64(arguments: [String]) throws {
        let process = try ChildProcess(BuiltProduct.path("mltraining-gateway"), arguments)
        #expect(try process.waitForExit() == .code(64))
        #expect(process.lines(.output).isEmpty)
        #expect(process.lines(.error).first?.hasPrefix("Error: ") == true, "\(process.transcript)")
    }

    @Test
    func anAddressInUseIsOneClearLine() throws {
        let taken = try ScriptedUpstream()
        for workers in ["1", "2"] {
            let (exit, output, error) = try run("serve", "--listen", taken.address, "--workers", workers)
            #expect(exit == .code(1))
            #expect(output.isEmpty)
            #expect(error.count == 1)
            #expect(error.first?.contains(taken.address) == true)
            #expect(error.first?.lowercased().contains("in use") == true)
        }
        taken.stop()
    }

    @Test
    func anUnreadableDescriptorSetIsOneClearLine() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/set.binpb"
        for command in ["serve", "routes"] {
            let (exit, output, error) = try run(command, "--descriptor-set", path)
            #expect(exit == .code(1))
            #expect(output.isEmpty)
            #expect(error == ["Error: \(path): No such file or directory"])
        }
        let contents: [[UInt8]] = [[0xFF, 0xFF, 0xFF], Array("syntax = \"proto3\";".utf8)]
        for content in contents {
            try FileBytes.write(content, to: path)
            let (exit, output, error) = try run("routes", "--descriptor-set", path)
            #expect(exit == .code(1))
            #expect(output.isEmpty)
            #expect(error.count == 1)
            #expect(error.first?.contains("descriptor set") == true)
        }
    }

    @Test
    func aDescriptorSetWithoutRoutesIsRefused() throws {
        for command in ["serve", "routes"] {
            let (exit, output, error) = try run(command, "--descriptor-set", "/dev/null")
            #expect(exit == .code(1))
            #expect(output.isEmpty)
            #expect(error.count == 1)
            #expect(
                error.first?.hasPrefix("Error: the descriptor set has no method with a google.api.http rule") == true
            )
        }
    }

    @Test
    func aFolderIsNoDescriptorSet() throws {
        let folder = try TemporaryFolder()
        let (exit, _, error) = try run("routes", "--descriptor-set", folder.path)
        #expect(exit == .code(1))
        #expect(error == ["Error: \(folder.path): Is a directory"])
    }

    @Test
    func faultyRulesAreListed() throws {
        let (exit, output, error) = try run("routes", "--descriptor-set", Resources.faults)
        #expect(exit == .code(1))
        #expect(output.isEmpty)
        #expect(error.joined(separator: "\n").contains("test.faults"))
    }

    @Test
    func listensOnAUnixSocket() throws {
        let folder = try TemporaryFolder()
        let upstream = try ScriptedUpstream()
        upstream.on(MLTraining.getJob) { .answer(MLTraining.job(id: MLTraining.id(in: $0))) }
        let path = "\(folder.path)/gateway.sock"
        let process = try ChildProcess(
            BuiltProduct.path("mltraining-gateway"),
            ["serve", "--listen", "unix:\(path)", "--upstream", "http://\(upstream.address)", "--workers", "2"]
        )
        #expect(try process.waitForLine(prefix: "mltraining-gateway listening on ") == "unix:\(path)")
        let answer = try Answer(RawHTTPClient(unixPath: path).get("/v1/jobs/u"))
        #expect(answer.json["id"] == "u")
        // Nothing else can be said of who is there.
        #expect(upstream.requests.first?.headers.values("x-forwarded-for") == ["unknown"])
        #expect(try process.terminate() == .code(0))
        #expect(access(path, F_OK) == -1)
        upstream.stop()
    }
}
