import GatewayTesting
import Testing

/// What a client learns of the fate of a call that broke off, and how often upstream has seen it.
@Suite
struct OutcomeTests {
    /// One way for a submit to fail.
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let script: Script
        let status: Int
        let name: String
        /// Of the gateway's ErrorInfo, nil where there is none.
        var reason: String?
    }

    private static let faults =
        [
            Fault(
                testDescription: "reset connection",
                script: [.abort],
                status: 503,
                name: "UNAVAILABLE",
                reason: "OUTCOME_UNKNOWN"
            ),
            Fault(
                testDescription: "closed connection",
                script: [.close],
                status: 503,
                name: "UNAVAILABLE",
                reason: "OUTCOME_UNKNOWN"
            ),
            Fault(
                testDescription: "lost after the headers",
                script: [.grpcHeaders(), .abort],
                status: 503,
                name: "UNAVAILABLE",
                reason: "OUTCOME_UNKNOWN"
            ),
            Fault(
                testDescription: "lost in the middle of the answer",
                script: [.grpcHeaders(), .message([1, 2], length: 9), .close],
                status: 503,
                name: "UNAVAILABLE",
                reason: "OUTCOME_UNKNOWN"
            ),
            Fault(
                testDescription: "GOAWAY that covers it, then lost",
                script: [.goAway(), .abort],
                status: 503,
                name: "UNAVAILABLE",
                reason: "OUTCOME_UNKNOWN"
            ),
            Fault(
                testDescription: "broken HTTP/2",
                script: [.raw { _ in [0, 0, 1, 0x6, 0, 0, 0, 0, 0, 0] }],
                status: 503,
                name: "UNAVAILABLE",
                reason: "OUTCOME_UNKNOWN"
            ),
            Fault(
                testDescription: "the application's own word",
                script: .status(14, "busy", details: [0x08, 14, 0x12, 1, 0x78]),
                status: 503,
                name: "UNAVAILABLE"
            ),
            Fault(
                testDescription: "a server that gives up",
                script: .status(14, "Cancelling all calls"),
                status: 503,
                name: "UNAVAILABLE",
                reason: "OUTCOME_UNKNOWN"
            ),
            Fault(
                testDescription: "a proxy that lost it",
                script: .http(503),
                status: 503,
                name: "UNAVAILABLE",
                reason: "OUTCOME_UNKNOWN"
            ),
            Fault(
                testDescription: "a proxy that does not know",
                script: .http(200),
                status: 503,
                name: "UNAVAILABLE",
                reason: "OUTCOME_UNKNOWN"
            ),
            Fault(
                testDescription: "a proxy that refuses it",
                script: .http(403),
                status: 403,
                name: "PERMISSION_DENIED"
            ),
            Fault(
                testDescription: "no message",
                script: [.grpcHeaders(), .grpcTrailers()],
                status: 503,
                name: "UNAVAILABLE",
                reason: "OUTCOME_UNKNOWN"
            ),
            Fault(
                testDescription: "stall",
                script: .silence,
                status: 504,
                name: "DEADLINE_EXCEEDED",
                reason: "DEADLINE_UPSTREAM"
            ),
        ]
        // Every code of RFC 9113, section 7, but for REFUSED_STREAM.
        + (0...13).filter { $0 != 7 }.map { (code: UInt32) in
            Fault(
                testDescription: "RST_STREAM \(code)",
                script: [.reset(HTTP2ErrorCode(rawValue: code))],
                status: 503,
                name: "UNAVAILABLE",
                reason: "OUTCOME_UNKNOWN"
            )
        }

    @Test(arguments: faults)
    func aSubmitThatFails(fault: Fault) throws {
        let stack = try ScriptedStack()
        stack.upstream.on(MLTraining.submit, fault.script)
        // So that the connection is there.
        #expect(try stack.gateway.get("/v1/jobs/first").status == 200)
        let answer = try stack.gateway.post("/v1/jobs", headers: ["Grpc-Timeout": "500m"])
        #expect(answer.status == fault.status)
        #expect(answer.error["status"] == .string(fault.name))
        let info = answer.detail("ErrorInfo")
        #expect(info["reason"].text == fault.reason)
        #expect(info["domain"].text == fault.reason.map { _ in "mltraining-gateway" })
        let isOpen = answer.error["message"].text?.hasSuffix("may have been carried out, and was not repeated")
        #expect(isOpen == (fault.reason != nil))
        #expect((info["metadata"]["outcome"] == "UNKNOWN") == (fault.reason == "DEADLINE_UPSTREAM"))
        #expect(answer.headers["retry-after"] == nil)
        // The gateway is well, and the call did not go upstream again meanwhile.
        #expect(try stack.gateway.get("/v1/jobs/last").status == 200)
        #expect(stack.upstream.requests.filter { $0.path == MLTraining.submit }.count == 1)
        #expect(try stack.gateway.stop() == .code(0), "\(stack.gateway.process.transcript)")
        stack.upstream.stop()
    }

    /// A call that no application has seen is no riddle.
    @Test
    func aSubmitThatIsRefused() throws {
        let stack = try ScriptedStack()
        stack.upstream.on(MLTraining.submit, [.reset(.refusedStream)])
        let answer = try stack.gateway.post("/v1/jobs")
        #expect(answer.status == 503)
        #expect(answer.detail("ErrorInfo") == .null)
        try stack.stop()

        let reservation = try PortReservation()
        let gateway = try GatewayProcess(upstream: "http://127.0.0.1:\(reservation.port)")
        let alone = try gateway.post("/v1/jobs")
        #expect(alone.status == 503)
        #expect(alone.detail("ErrorInfo") == .null)
        #expect(try gateway.stop() == .code(0))
    }

    @Test
    func aReadThatIsLostIsNoRiddle() throws {
        let stack = try ScriptedStack()
        let answer = try stack.answer(to: [.abort])
        #expect(answer.status == 503)
        #expect(answer.detail("ErrorInfo") == .null)
        try stack.stop()
        let silent = try ScriptedStack()
        let late = try silent.answer(to: .silence, headers: ["Grpc-Timeout": "100m"])
        #expect(late.status == 504)
        #expect(late.detail("ErrorInfo")["metadata"] == ["phase": "upstream"])
        try silent.stop()
    }

    /// A stop that cannot wait any longer gives calls up, whatever upstream makes of them.
    @Test
    func aSubmitThatAStopBreaksOff() throws {
        let stack = try ScriptedStack(["--shutdown-grace", "0.1"])
        stack.upstream.on(MLTraining.submit, .silence)
        let client = try stack.gateway.client()
        let json: HeaderList = ["Content-Type": "application/json"]
        try client.sendRequest("POST", "/v1/jobs", headers: json, body: Array("{}".utf8))
        #expect(stack.upstream.waitForRequests(1).count == 1)
        #expect(try stack.gateway.stop() == .code(0))
        let answer = try Answer(client.readResponse())
        #expect(answer.status == 503)
        #expect(answer.detail("ErrorInfo")["reason"] == "OUTCOME_UNKNOWN")
        stack.upstream.stop()
    }

    // MARK: Phases

    @Test
    func aDeadlineThatPassesWhileConnecting() throws {
        // Takes connections and says nothing.
        let upstream = try ScriptedUpstream { _ in ConnectionBehavior(settings: nil) }
        let gateway = try GatewayProcess(upstream)
        let answer = try gateway.post("/v1/jobs", headers: ["Grpc-Timeout": "200m"])
        #expect(answer.status == 504)
        #expect(answer.detail("ErrorInfo")["reason"] == "DEADLINE_CONNECT")
        #expect(answer.detail("ErrorInfo")["metadata"] == ["phase": "connect"])
        #expect(answer.error["message"].text?.contains("connecting") == true)
        try gateway.stop()
        upstream.stop()
    }

    @Test
    func aDeadlineThatPassesWhileWaitingForAStream() throws {
        let upstream = try ScriptedUpstream { _ in ConnectionBehavior(settings: [.maxConcurrentStreams(1)]) }
        upstream.on(MLTraining.getJob, .silence)
        let gateway = try GatewayProcess(upstream)
        // As many as there may be connections, each of which takes one call.
        let first = try (0..<4).map { _ in try gateway.client() }
        for client in first { try client.sendRequest("GET", "/v1/jobs/first") }
        #expect(upstream.waitForRequests(4).count == 4)
        let answer = try gateway.post("/v1/jobs", headers: ["Grpc-Timeout": "200m"])
        #expect(answer.status == 504)
        #expect(answer.detail("ErrorInfo")["reason"] == "DEADLINE_QUEUE")
        #expect(answer.detail("ErrorInfo")["metadata"] == ["phase": "queue"])
        #expect(answer.error["message"].text?.contains("may have been") == false)
        #expect(upstream.requests.count == 4)
        for client in first { client.close() }
        try gateway.stop()
        upstream.stop()
    }
}
