import GatewayTesting
import Glibc
import Testing

/// Reloads under load, and many of them.
@Suite
struct ReloadLoadTests {
    /// No request notices: not one fails, and each is made once.
    @Test(arguments: [1, 2])
    func noRequestFails(workers: Int) async throws {
        let stack = try ReloadStack(workers: workers, "", ["--admin-listen", "127.0.0.1:0"])
        let admin = try stack.gateway.process.waitForLine(prefix: "mltraining-gateway admin listening on ")
        let ready = { try RawHTTPClient(address: admin).get("/readyz").status == 200 }
        try await eventually("ready") { try ready() }
        let second = try ScriptedUpstream()
        second.answerJobs()
        let clients = try LoadClients(12, of: stack.gateway.address) { [1, 5, .max][$0 % 3] }
        for round in 0..<12 {
            #expect(clients.waitForAnswers(20 * (round + 1)))
            try stack.configure(
                "max-body-bytes: \(1000 + round)",
                upstream: round % 3 == 0 ? second.address : stack.upstream.address
            )
            stack.gateway.process.signal(SIGHUP)
            // The upstreams are well, so readiness must not waver.
            for _ in 0..<5 { #expect(try ready()) }
            if round % 2 == 0 { try await stack.reload() }
        }
        try await stack.reload()
        #expect(try ready())
        let books = clients.stop()
        #expect(books.lost.isEmpty, "\(books)")
        #expect(books.tooLate == 0, "\(books)")
        #expect(Set(books.answers.keys) == [201], "\(books)")
        let submits = [stack.upstream, second].flatMap { $0.requests(for: MLTraining.submit) }
        #expect(submits.count == books.answers[201], "\(books)")
        #expect(second.requests.count > 0)
        try stack.stop()
        second.stop()
    }

    @Test
    func fiftyReloadsLeaveNothingBehind() async throws {
        let stack = try ReloadStack(
            workers: 2,
            "",
            environment: ["VIAM_API_KEY_ID": SignInStack.id, "VIAM_API_KEY": SignInStack.secret]
        )
        stack.upstream.on(SignInStack.authenticate) {
            SignInStack.answer(SignInStack.token("\($0.ordinal)", lifetime: nil))
        }
        let client = try stack.gateway.client()
        let usage = { try #require(ProcessUsage(pid: stack.gateway.process.pid)) }
        var descriptors: [Int] = []
        var resident: [Int] = []
        for round in 1...50 {
            // Each has another key, tokens and all.
            let tokens = try stack.write("token-\(round)\n", to: "tokens")
            let key = try stack.write("key-\(round)\n", to: "key")
            try stack.configure(
                "viam-auth: service-key\nclient-tokens: \(tokens)\nviam-api-key-file: \(key)\nmax-body-bytes: \(1000 + round)"
            )
            try await stack.reload()
            for _ in 0..<4 {
                let answer = try client.get("/v1/jobs/1", headers: ["Authorization": "Bearer token-\(round)"])
                #expect(answer.status == 200)
            }
            _ = stack.upstream.waitForConnections { $0.count { $0.isOpen } == 2 }
            #expect(stack.upstream.openConnections == 2)
            descriptors.append(try usage().openDescriptors)
            resident.append(try usage().residentBytes)
        }
        #expect(Set(descriptors[9...]).count <= 3, "\(descriptors)")
        #expect((descriptors.last ?? 0) <= descriptors[9], "\(descriptors)")
        // Says nothing of a gateway under a sanitizer, which keeps what was freed.
        if getenv("ASAN_OPTIONS") == nil, getenv("TSAN_OPTIONS") == nil {
            #expect((resident.last ?? 0) < resident[9] + (8 << 20), "\(resident)")
        }
        try stack.stop()
    }
}
