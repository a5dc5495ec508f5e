import GatewayTesting
import Glibc
import Testing

/// SIGTERM under load: no accepted request is lost, and the upstream has seen exactly those that clients were told of.
@Suite
struct DrainTests {
    /// How often each kind is repeated; `DRAIN_ROUNDS` in the environment for more.
    private static let rounds = Environment["DRAIN_ROUNDS"].flatMap { Int($0) } ?? 2

    private static let kinds = [1, 2].flatMap { workers in
        [false, true].map { (workers: workers, isUnix: $0) }
    }

    @Test(arguments: kinds)
    func noAcceptedRequestIsLost(workers: Int, isUnix: Bool) throws {
        for round in 0..<DrainTests.rounds {
            let folder = try TemporaryFolder()
            let upstream = try ScriptedUpstream()
            upstream.answerJobs()
            let gateway = try GatewayProcess(
                serving: [
                    "--listen", isUnix ? "unix:\(folder.path)/s" : "127.0.0.1:0", "--admin-listen", "off",
                    "--upstream", "http://\(upstream.address)", "--workers", "\(workers)",
                ]
            )
            // Some make a connection for each request, some keep theirs, some do both.
            let clients = try LoadClients(24, of: gateway.address) { [1, 3, 10, .max][$0 % 4] }
            #expect(clients.waitForAnswers(100 + round * 37), "\(clients.current)")
            gateway.process.signal(SIGTERM)
            let exit = try gateway.process.waitForExit(timeout: .seconds(30))
            let books = clients.join()
            #expect(exit == .code(0), "\(gateway.process.transcript)")
            #expect(books.lost.isEmpty, "round \(round): \(books) \(gateway.process.transcript)")
            #expect(Set(books.answers.keys) == [201], "round \(round): \(books)")
            // All of them may have been away for a second.
            #expect(books.farewells + books.tooLate > 0, "round \(round): \(books)")
            let submits = upstream.requests(for: MLTraining.submit)
            #expect(submits.count == books.answers[201], "round \(round): \(books)")
            #expect(Set(submits.map(\.body)).count == submits.count)
            #expect(gateway.process.lines(.error).isEmpty)
            upstream.stop()
        }
    }

    /// A request on an idle connection during the stop is answered, and told that it is the last one.
    @Test(arguments: [1, 2])
    func idleConnectionsAreLeftATimeToSpeak(workers: Int) async throws {
        let stack = try ScriptedStack(workers: workers)
        let gate = Gate()
        let held = try stack.gateway.client()
        try held.sendRequest("GET", stack.target(for: [.hold(gate)] + Script.answer(MLTraining.job(id: "last"))))
        let used = try (0..<10).map { _ in try stack.gateway.client() }
        let new = try (0..<10).map { _ in try stack.gateway.client() }
        for client in used { #expect(try client.get("/v1/jobs/a").status == 200) }
        #expect(stack.upstream.waitForRequests(11).count == 11)
        stack.gateway.process.signal(SIGTERM)
        for client in used + new {
            let answer = try client.get("/v1/jobs/a")
            #expect(answer.status == 200)
            // The first may have come before the signal.
            if client === used[9] || client === new[9] { #expect(answer["connection"]?.lowercased() == "close") }
        }
        gate.open()
        #expect(try held.readResponse().status == 200)
        #expect(try stack.gateway.process.waitForExit() == .code(0))
        stack.upstream.stop()
    }

    /// An idle connection ends in order: its client sees the end of the connection, and no reset.
    @Test
    func idleConnectionsEndInOrder() throws {
        let stack = try ScriptedStack()
        let clients = try (0..<10).map { _ in try stack.gateway.client() }
        for client in clients[..<5] { #expect(try client.get("/v1/jobs/a").status == 200) }
        stack.gateway.process.signal(SIGTERM)
        for client in clients { #expect(try client.readToEnd().isEmpty) }
        for client in clients { client.close() }
        #expect(try stack.gateway.process.waitForExit() == .code(0))
        stack.upstream.stop()
    }

    /// Connections that were made and that nobody has accepted when the signal comes.
    @Test(arguments: kinds)
    func theBacklogIsServed(workers: Int, isUnix: Bool) throws {
        let folder = try TemporaryFolder()
        let upstream = try ScriptedUpstream()
        upstream.answerJobs()
        let gateway = try GatewayProcess(
            serving: [
                "--listen", isUnix ? "unix:\(folder.path)/s" : "127.0.0.1:0", "--admin-listen", "off", "--upstream",
                "http://\(upstream.address)", "--workers", "\(workers)",
            ]
        )
        // While it is stopped, the kernel makes connections for it.
        gateway.process.signal(SIGSTOP)
        let clients = try (0..<200).map { _ in try gateway.client(timeout: .seconds(20)) }
        for client in clients[..<150] { try client.sendRequest("GET", "/v1/jobs/b") }
        gateway.process.signal(SIGTERM)
        gateway.process.signal(SIGCONT)
        for client in clients[150...] { try client.sendRequest("GET", "/v1/jobs/b") }
        for client in clients { #expect(try client.readResponse().status == 200) }
        #expect(try gateway.process.waitForExit() == .code(0))
        #expect(upstream.requests.count == 200)
        upstream.stop()
    }
}
