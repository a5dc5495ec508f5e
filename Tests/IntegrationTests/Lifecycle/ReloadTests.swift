import GatewayTesting
import Glibc
import Testing

/// SIGHUP: what the configuration file says now is served from then on.
@Suite
struct ReloadTests {
    @Test(arguments: [1, 2])
    func limitsAndOrigins(workers: Int) async throws {
        let stack = try ReloadStack(workers: workers, "max-body-bytes: 200\ncors-origin: [https://a.example]")
        // Some on each worker.
        let clients = try (0..<8).map { _ in try stack.gateway.client() }
        let body = Requests.submit() + String(repeating: " ", count: 300)
        let origin: HeaderList = ["Origin": "https://b.example"]
        for client in clients {
            #expect(try client.get("/v1/jobs/a", headers: origin)["access-control-allow-origin"] == nil)
        }
        #expect(try stack.gateway.post("/v1/jobs", json: body).status == 413)

        try stack.configure("max-body-bytes: 2000\ncors-origin: [https://b.example]")
        try await stack.reload()
        // Connections go on.
        for client in clients {
            let answer = try client.get("/v1/jobs/a", headers: origin)
            #expect(answer["access-control-allow-origin"] == "https://b.example")
            #expect(try client.post("/v1/jobs", json: body).status == 201)
        }

        try stack.configure("max-body-bytes: 100")
        try await stack.reload()
        let answer = try clients[0].post("/v1/jobs", json: body, headers: origin)
        #expect(answer.status == 413)
        #expect(answer["access-control-allow-origin"] == nil)
        try stack.stop()
    }

    @Test
    func routesComeAndGo() async throws {
        let rules = "type: google.api.Service\nhttp:\n  rules:\n    - selector: \(Self.getJob)\n      get: "
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/rules.yaml"
        try FileBytes.write(Array((rules + "/old/{id}\n").utf8), to: file)
        let stack = try ReloadStack("http-rules: \(file)")
        #expect(try stack.gateway.get("/old/1").status == 200)
        #expect(try stack.gateway.get("/new/1").status == 404)

        try FileBytes.write(Array((rules + "/new/{id}\n").utf8), to: file)
        try await stack.reload()
        #expect(try stack.gateway.get("/old/1").status == 404)
        #expect(try stack.gateway.get("/new/1").json["metadata"]["id"] == "1")

        // Another API altogether.
        try stack.configure("descriptor-set: \(Resources.routes)")
        stack.upstream.on("/test.routes.Shelf/GetBook") { .answer($0.messages.first ?? []) }
        try await stack.reload()
        #expect(try stack.gateway.get("/new/1").status == 404)
        #expect(try stack.gateway.get("/v1/books/x").json == ["name": "x"])
        try stack.stop()
    }

    private static let getJob = "viam.app.mltraining.v1.MLTrainingService.GetTrainingJob"

    @Test(arguments: [1, 2])
    func callsInFlightEndWhereTheyBegan(workers: Int) async throws {
        let stack = try ReloadStack(workers: workers)
        let gate = Gate()
        let held = [.hold(gate)] + Script.answer(MLTraining.job(id: "first"))
        stack.upstream.on(MLTraining.getJob) { _ in held }
        let client = try stack.gateway.client()
        try client.sendRequest("GET", "/v1/jobs/1")
        #expect(stack.upstream.waitForRequests(1).count == 1)

        let second = try ScriptedUpstream()
        second.on(MLTraining.getJob, Script.answer(MLTraining.job(id: "second")))
        try stack.configure("", upstream: second.address)
        try await stack.reload()
        for _ in 0..<10 { #expect(try stack.gateway.get("/v1/jobs/1").json["id"] == "second") }
        #expect(stack.upstream.openConnections >= 1)
        gate.open()
        #expect(try Answer(client.readResponse()).json["id"] == "first")
        // The same connection goes to the new one next.
        #expect(try Answer(client.get("/v1/jobs/1")).json["id"] == "second")
        // Nobody needs the old one any more.
        _ = stack.upstream.waitForConnections { $0.allSatisfy { !$0.isOpen } }
        #expect(stack.upstream.openConnections == 0)
        #expect(second.openConnections == workers)
        #expect(stack.upstream.requests.count == 1)
        try stack.stop()
        second.stop()
    }

    @Test
    func aStreamGoesOnAcrossReloads() async throws {
        let upstream = try ScriptedUpstream()
        let gates = [Gate(), Gate()]
        upstream.on(
            "/feed.v1.Feed/Watch",
            [
                .grpcHeaders(), .message(FeedStack.event("1")), .hold(gates[0]), .message(FeedStack.event("2")),
                .hold(gates[1]), .message(FeedStack.event("3")), .grpcTrailers(0),
            ]
        )
        let settings = "descriptor-set: \(FeedStack.descriptorSet)"
        let stack = try ReloadStack(settings, upstream: upstream)
        let client = try stack.gateway.client()
        try client.sendRequest("GET", "/v1/events")
        #expect(try client.readHead().status == 200)
        #expect(try client.readChunk().map { String(decoding: $0, as: UTF8.self) }?.contains("\"1\"") == true)
        // Within what old generations are kept for.
        for (number, gate) in gates.enumerated() {
            try stack.configure(settings + "\nmax-body-bytes: \(1000 + number)")
            try await stack.reload()
            gate.open()
            let record = try client.readChunk().map { String(decoding: $0, as: UTF8.self) }
            #expect(record?.contains("\"\(number + 2)\"") == true)
        }
        #expect(try client.readChunk() == nil)
        try stack.stop()
    }

    /// Streams of old generations do not pile up: those of the oldest end, and say so.
    @Test
    func theOldestStreamsEndAfterManyReloads() async throws {
        let upstream = try ScriptedUpstream()
        upstream.on("/feed.v1.Feed/Watch", [.grpcHeaders(), .message(FeedStack.event("1"))])
        let stack = try ReloadStack("descriptor-set: \(FeedStack.descriptorSet)", upstream: upstream)
        var clients: [RawHTTPClient] = []
        for _ in 0..<7 {
            // Not before its turn: a connection that asks for nothing is closed after a while.
            let client = try stack.gateway.client()
            clients.append(client)
            try client.sendRequest("GET", "/v1/events")
            #expect(try client.readHead().status == 200)
            #expect(try client.readChunk() != nil)
            try await stack.reload()
        }
        for client in clients[..<3] {
            let record = try client.readChunk().map { String(decoding: $0, as: UTF8.self) }
            #expect(record?.contains("UNAVAILABLE") == true, "\(record ?? "nothing")")
            #expect(try client.readChunk() == nil)
        }
        for client in clients[3...] { #expect(!client.hasInput(within: .milliseconds(1))) }
        for client in clients[3...] { client.abort() }
        try stack.stop()
    }

    @Test
    func whatIsBadChangesNothing() async throws {
        let stack = try ReloadStack("max-body-bytes: 200")
        for (settings, problems) in [
            ("max-body-bytes: 0\nno-such-key: 1\ndeadline: x", ["max-body-bytes", "no-such-key", "deadline"]),
            ("descriptor-set: /no/such/file", ["/no/such/file: No such file or directory"]),
            ("http-rules: \(stack.folder.path)", ["Is a directory"]),
            ("upstream-ca: ca.pem", ["--upstream-ca is for an https:// upstream"]),
            ("max-body-bytes: [1, 2", ["gateway.yaml"]),
        ] {
            try stack.configure(settings)
            let lines = try await stack.reloadInVain(problems: problems.count)
            for problem in problems {
                #expect(lines.contains { $0.contains(problem) }, "\(problem) is not among \(lines)")
            }
            #expect(try stack.gateway.post("/v1/jobs", json: String(repeating: " ", count: 300)).status == 413)
            #expect(try stack.gateway.get("/v1/jobs/1").status == 200)
        }
        unlink("\(stack.folder.path)/gateway.yaml")
        #expect(try await stack.reloadInVain().first?.hasSuffix("No such file or directory") == true)
        // Nobody writes into it, and nobody is held up by that for long.
        #expect(mkfifo("\(stack.folder.path)/gateway.yaml", 0o600) == 0)
        #expect(try await stack.reloadInVain().first?.hasSuffix("nothing comes out of it") == true)
        #expect(try stack.gateway.get("/v1/jobs/1").status == 200)
        unlink("\(stack.folder.path)/gateway.yaml")
        // None of this was in vain: the next good one counts.
        try stack.configure("max-body-bytes: 2000")
        try await stack.reload()
        #expect(try stack.gateway.post("/v1/jobs", json: String(repeating: " ", count: 300)).status != 413)
        try stack.stop()
    }

    @Test
    func whatTakesARestartIsNamedAndTheRestTakenOver() async throws {
        let upstream = try ScriptedUpstream()
        upstream.answerJobs()
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/g.yaml"
        let write = { (text: String) in
            try FileBytes.write(Array("upstream: http://\(upstream.address)\n\(text)\n".utf8), to: file)
        }
        try write("listen: 127.0.0.1:0\nadmin-listen: off\nworkers: 1\nmax-body-bytes: 100")
        let gateway = try GatewayProcess(serving: ["--config", file])
        try write("listen: 127.0.0.1:1\nadmin-listen: 127.0.0.1:0\nworkers: 2\nmax-body-bytes: 1000")
        gateway.process.signal(SIGHUP)
        _ = try await gateway.waitForLog(ReloadStack.done)
        #expect(
            gateway.log.first
                == "warning: to change --listen, --admin-listen, --workers takes a restart; "
                + "the rest is taken over"
        )
        #expect(try gateway.post("/v1/jobs", json: String(repeating: " ", count: 300)).status != 413)

        // What the next start would fail with is told now.
        try write("listen: nowhere\nworkers: 1\nmax-body-bytes: 100")
        gateway.process.signal(SIGHUP)
        let problem = try await gateway.waitForLog("error: the new configuration is not used: ")
        #expect(problem.contains("\(file):2:9: --listen: "), "\(problem)")
        #expect(try gateway.post("/v1/jobs", json: String(repeating: " ", count: 300)).status != 413)
        #expect(try gateway.stop() == .code(0))
        upstream.stop()
    }

    @Test
    func withoutAFileTheFilesThatOptionsNameAreReadAnew() async throws {
        let upstream = try ScriptedUpstream()
        upstream.on("/feed.v1.Feed/GetFile", .answer(FeedStack.httpBody("application/json", Array("{}".utf8))))
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/set.binpb"
        try FileBytes.write(FileBytes.read(Resources.routes), to: path)
        let gateway = try GatewayProcess(upstream, ["--descriptor-set", path])
        #expect(try gateway.get("/v1/files/x").status != 200)
        try FileBytes.write(FileBytes.read(FeedStack.descriptorSet), to: path)
        gateway.process.signal(SIGHUP)
        _ = try await gateway.waitForLog(ReloadStack.done)
        #expect(try gateway.get("/v1/files/x").status == 200)
        #expect(try gateway.stop() == .code(0))
        upstream.stop()
    }

    @Test
    func severalSignalsInARowAreFine() async throws {
        let stack = try ReloadStack(workers: 2)
        for number in 1...20 {
            try stack.configure("max-body-bytes: \(number)")
            stack.gateway.process.signal(SIGHUP)
        }
        try stack.configure("max-body-bytes: 5000")
        try await stack.reload()
        // Those that came together were read once.
        #expect(stack.log.count { $0 == ReloadStack.done } <= 20)
        #expect(try stack.gateway.post("/v1/jobs", json: String(repeating: " ", count: 300)).status != 413)
        try stack.stop()
    }

    @Test
    func aSignalRightAtTheStartIsAReload() async throws {
        for _ in 0..<5 {
            let gateway = try GatewayProcess(upstream: "http://127.0.0.1:9")
            gateway.process.signal(SIGHUP)
            _ = try await gateway.waitForLog(ReloadStack.done)
            #expect(try gateway.stop() == .code(0))
        }
    }

    @Test
    func aSignalDuringAStopIsIgnored() throws {
        let stack = try ReloadStack()
        let gate = Gate()
        let held = [.hold(gate)] + Script.answer(MLTraining.job(id: "last"))
        stack.upstream.on(MLTraining.getJob) { _ in held }
        let client = try stack.gateway.client()
        try client.sendRequest("GET", "/v1/jobs/1")
        #expect(stack.upstream.waitForRequests(1).count == 1)
        stack.gateway.process.signal(SIGTERM)
        for _ in 0..<3 { stack.gateway.process.signal(SIGHUP) }
        gate.open()
        #expect(try client.readResponse().status == 200)
        #expect(try stack.gateway.process.waitForExit() == .code(0))
        #expect(stack.log.isEmpty)
        stack.upstream.stop()
    }
}
