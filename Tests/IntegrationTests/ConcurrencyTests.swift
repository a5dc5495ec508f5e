import GatewayTesting
import Testing

/// Many clients at once.
@Suite
struct ConcurrencyTests {
    /// Sends one request on each of 50 connections, then reads 50 answers, twenty times over.
    @Test(arguments: [1, 2])
    func answersAreNotMixedUp(workers: Int) throws {
        let stack = try ScriptedStack(workers: workers)
        let clients = try (0..<50).map { _ in try stack.gateway.client() }
        for round in 0..<20 {
            for (number, client) in clients.enumerated() {
                let id = "job-\(number)-\(round)"
                try client.sendRequest("GET", "/v1/jobs/\(id)", headers: ["X-Request-Id": id])
            }
            for (number, client) in clients.enumerated() {
                let id = "job-\(number)-\(round)"
                let response = try client.readResponse()
                let answer = try Answer(response)
                #expect(answer.status == 200)
                #expect(answer.json["id"] == .string(id))
                #expect(response["x-request-id"] == id)
            }
        }
        #expect(stack.upstream.requests.count == 1000)
        #expect(stack.upstream.acceptedConnections <= workers)
        try stack.stop()
    }

    @Test
    func pipelinedRequestsAreAnsweredInOrder() throws {
        let stack = try ScriptedStack()
        let client = try stack.gateway.client()
        for number in 0..<50 { try client.sendRequest("GET", "/v1/jobs/p\(number)") }
        for number in 0..<50 {
            #expect(try Answer(client.readResponse()).json["id"] == .string("p\(number)"))
        }
        try stack.stop()
    }

    @Test
    func moreCallsThanStreamsWaitTheirTurn() throws {
        let upstream = try ScriptedUpstream { _ in ConnectionBehavior(settings: [.maxConcurrentStreams(4)]) }
        upstream.on(MLTraining.getJob) { .answer(MLTraining.job(id: MLTraining.id(in: $0))) }
        let gateway = try GatewayProcess(upstream)
        let clients = try (0..<40).map { _ in try gateway.client() }
        for (number, client) in clients.enumerated() { try client.sendRequest("GET", "/v1/jobs/\(number)") }
        for (number, client) in clients.enumerated() {
            #expect(try Answer(client.readResponse()).json["id"] == .string("\(number)"))
        }
        #expect(upstream.violations.isEmpty)
        #expect(try gateway.stop() == .code(0))
        upstream.stop()
    }

    @Test
    func someHangUpAndTheOthersAreAnswered() throws {
        let stack = try ScriptedStack()
        let gate = Gate()
        let target = stack.target(for: [.hold(gate)] + Script.answer(MLTraining.job(id: "held")))
        let clients = try (0..<40).map { _ in try stack.gateway.client() }
        for client in clients { try client.sendRequest("GET", target) }
        #expect(stack.upstream.waitForRequests(40).count == 40)
        for (number, client) in clients.enumerated() where number % 2 == 0 { client.abort() }
        let requests = stack.upstream.waitForRequests { requests in requests.count { $0.resetCode != nil } == 20 }
        #expect(requests.count { $0.resetCode == .cancel } == 20)
        gate.open()
        for (number, client) in clients.enumerated() where number % 2 == 1 {
            #expect(try Answer(client.readResponse()).json["id"] == "held")
        }
        try stack.stop()
    }
}
