import GatewayTesting
import Testing

/// What reaches upstream: headers, deadlines, cancellation.
@Suite
struct CallTests {
    @Test
    func theCallCarriesWhatItShould() throws {
        let stack = try ScriptedStack()
        let headers: HeaderList = [
            "Authorization": "Bearer abc.def", "Cookie": "secret=1", "X-Other": "x", "X-Request-Id": "mine",
        ]
        let answer = try stack.gateway.get("/v1/jobs/j%2F1", headers: headers)
        #expect(answer.status == 200)
        #expect(answer.json["id"] == "j/1")
        let request = try #require(stack.upstream.waitForRequests(1).first)
        #expect(request.path == MLTraining.getJob)
        #expect(request.headers[":method"] == "POST")
        #expect(request.headers["te"] == "trailers")
        #expect(request.headers["content-type"] == "application/grpc")
        #expect(request.headers.values("authorization") == ["Bearer abc.def"])
        #expect(request.headers["cookie"] == nil)
        #expect(request.headers["x-other"] == nil)
        #expect(request.messages == [ProtobufFixture.message { $0.string(1, "j/1") }])
        // The default of 15 seconds, or what is left of it, rounded up.
        let timeout = try #require(request.timeout)
        #expect(timeout.hasSuffix("m"))
        let milliseconds = try #require(Int(timeout.dropLast()))
        #expect((10_000...15_001).contains(milliseconds))
        try stack.stop()
    }

    @Test(arguments: [
        ("/v1/jobs/a:b", "a:b"), ("/v1/jobs/a%3Acancel", "a:cancel"), ("/v1/jobs/%C3%A9?", "é"),
        ("/v1/jobs/a+b", "a+b"),
        ("/v1/jobs/.", "."), ("/v1/jobs/..", ".."), ("http://elsewhere.example/v1/jobs/x", "x"),
    ])
    func thePathArrivesDecodedOnce(target: String, id: String) throws {
        let stack = try ScriptedStack()
        let answer = try stack.gateway.get(target)
        #expect(answer.status == 200)
        #expect(answer.json["id"] == .string(id))
        #expect(MLTraining.id(in: try #require(stack.upstream.requests.first)) == id)
        try stack.stop()
    }

    @Test
    func bothSpellingsAndNumbersOfEnumsAreTaken() throws {
        let stack = try ScriptedStack()
        stack.upstream.on(MLTraining.submit, .answer(ProtobufFixture.message { $0.string(1, "new") }))
        let bodies = [
            #"{"datasetId": "d", "modelType": "MODEL_TYPE_OBJECT_DETECTION", "tags": ["a", "b"]}"#,
            #" { "tags" : [ "a" , "b" ] , "model_type" : 3 , "dataset_id" : "d" , "modelName" : null } "#,
        ]
        for body in bodies { #expect(try stack.gateway.post("/v1/jobs", json: body).json == ["id": "new"]) }
        let expected = ProtobufFixture.message {
            $0.varint(5, Int64(3))
            $0.string(6, "a")
            $0.string(6, "b")
            $0.string(7, "d")
        }
        for request in stack.upstream.requests {
            // Field order is the sender's; the same fields have the same length.
            #expect(request.messages.first.map { $0.count } == expected.count)
        }
        try stack.stop()
    }

    @Test
    func aStallEndsWithTheClientsDeadline() throws {
        let stack = try ScriptedStack()
        let target = stack.target(for: .silence)
        let start = MonotonicTime.now
        let answer = try stack.gateway.get(target, headers: ["Grpc-Timeout": "200m"])
        let took = MonotonicTime.now.nanoseconds - start.nanoseconds
        #expect(answer.status == 504)
        #expect(answer.error["status"] == "DEADLINE_EXCEEDED")
        #expect((195_000_000...2_000_000_000).contains(took))
        let requests = stack.upstream.waitForRequests { $0.first?.resetCode != nil }
        let request = try #require(requests.first)
        #expect(request.resetCode == .cancel)
        #expect(request.timeout?.hasSuffix("u") == true)
        try stack.stop()
    }

    @Test
    func theGatewaysOwnDeadlineHolds() throws {
        let stack = try ScriptedStack(["--deadline", "0.2", "--max-deadline", "0.3"])
        let answer = try stack.answer(to: .silence)
        #expect(answer.status == 504)
        // More than allowed is cut to what is.
        let cut = try stack.answer(to: .silence, headers: ["Grpc-Timeout": "1H"])
        #expect(cut.status == 504)
        try stack.stop()
    }

    @Test
    func aStallAfterTheHeadersEndsToo() throws {
        let stack = try ScriptedStack()
        for script: Script in [[.grpcHeaders()], [.grpcHeaders(), .message(MLTraining.job(id: "x"))]] {
            let answer = try stack.answer(to: script, headers: ["Grpc-Timeout": "100m"])
            #expect(answer.status == 504)
        }
        try stack.stop()
    }

    @Test
    func aClientThatHangsUpCancelsItsCall() throws {
        let stack = try ScriptedStack()
        let target = stack.target(for: .silence)
        let client = try stack.gateway.client()
        try client.sendRequest("GET", target)
        #expect(stack.upstream.waitForRequests(1).count == 1)
        client.close()
        let requests = stack.upstream.waitForRequests(timeout: .seconds(1)) { $0.first?.resetCode != nil }
        #expect(requests.first?.resetCode == .cancel)
        #expect(try stack.gateway.get("/v1/jobs/alive").status == 200)
        try stack.stop()
    }

    @Test
    func anAnswerOverTheLimitIs502() throws {
        let stack = try ScriptedStack(["--max-response-bytes", "1000"])
        let large = MLTraining.job(id: String(repeating: "x", count: 2000))
        let answer = try stack.answer(to: .answer(large))
        #expect(answer.status == 502)
        #expect(answer.error["status"] == "RESOURCE_EXHAUSTED")
        #expect(answer.error["code"] == 502)
        #expect(try stack.gateway.get("/v1/jobs/small").json["id"] == "small")
        try stack.stop()
    }

    @Test
    func aLargeAnswerArrivesWhole() throws {
        let stack = try ScriptedStack()
        let id = String(repeating: "0123456789abcdef", count: 1 << 18)
        let answer = try stack.answer(to: .answer(MLTraining.job(id: id)))
        #expect(answer.status == 200)
        #expect(answer.json["id"] == .string(id))
        try stack.stop()
    }

    @Test
    func aLargeBodyArrivesWhole() throws {
        let stack = try ScriptedStack()
        stack.upstream.on(MLTraining.submit, .answer([]))
        let name = String(repeating: "x", count: 3 << 20)
        #expect(try stack.gateway.post("/v1/jobs", json: #"{"modelName": "\#(name)"}"#).status == 200)
        let request = try #require(stack.upstream.requests.first)
        #expect(request.messages == [ProtobufFixture.message { $0.string(3, name) }])
        try stack.stop()
    }

    @Test
    func omittingDefaultsIsAsked() throws {
        let stack = try ScriptedStack(["--json-omit-defaults"])
        #expect(try stack.gateway.get("/v1/jobs/j").json == ["id": "j"])
        try stack.stop()
    }

    @Test
    func aLostConnectionIsReplaced() throws {
        let stack = try ScriptedStack()
        #expect(try stack.gateway.get("/v1/jobs/one").status == 200)
        stack.upstream.on(MLTraining.submit, [.abort])
        let lost = try stack.gateway.post("/v1/jobs")
        #expect(lost.status == 503)
        #expect(lost.error["status"] == "UNAVAILABLE")
        #expect(try stack.gateway.get("/v1/jobs/two").json["id"] == "two")
        #expect(stack.upstream.acceptedConnections == 2)
        try stack.stop()
    }

    /// A read may be made anew; the client does not hear of it.
    @Test
    func aReadThatIsLostIsMadeAnew() throws {
        let upstream = try ScriptedUpstream()
        upstream.on(MLTraining.getJob, [.abort], .status(14, "busy"), .answer(MLTraining.job(id: "there")))
        let gateway = try GatewayProcess(upstream)
        #expect(try gateway.get("/v1/jobs/x").json["id"] == "there")
        #expect(
            upstream.requests(for: MLTraining.getJob).map { $0.headers["grpc-previous-rpc-attempts"] } == [
                nil, "1", "2",
            ]
        )
        try gateway.stop()
        upstream.stop()
    }

    /// Calls take turns, and go on where a server is gone.
    @Test
    func severalUpstreams() throws {
        let upstreams = try (0..<3).map { _ in try ScriptedUpstream() }
        for upstream in upstreams { upstream.on(MLTraining.getJob, .answer(MLTraining.job(id: "x"))) }
        let gateway = try GatewayProcess(
            upstream: "http://\(upstreams[0].address)",
            upstreams.dropFirst().flatMap { ["--upstream", "http://\($0.address)"] }
        )
        for upstream in upstreams { #expect(!upstream.waitForConnections { !$0.isEmpty }.isEmpty) }
        for _ in 0..<30 { #expect(try gateway.get("/v1/jobs/x").status == 200) }
        for upstream in upstreams { #expect(upstream.requests.count >= 5) }
        upstreams[1].stop()
        for _ in 0..<30 { #expect(try gateway.get("/v1/jobs/x").status == 200) }
        try gateway.stop()
        for upstream in upstreams { upstream.stop() }
    }

    /// Where there is no server, clients hear when the gateway will look again.
    @Test
    func anOutageSaysWhenToTryAgain() async throws {
        let reservation = try PortReservation()
        let gateway = try GatewayProcess(upstream: "http://127.0.0.1:\(reservation.port)")
        try await eventually("503 with Retry-After") {
            let answer = try gateway.get("/v1/jobs/x")
            return answer.status == 503
                && answer.headers["retry-after"].flatMap { Int($0) }.map { (1...6).contains($0) } == true
        }
        #expect(try gateway.stop() == .code(0))
    }

    @Test
    func afterGoAwayCallsUseAnotherConnection() throws {
        let stack = try ScriptedStack()
        #expect(try stack.gateway.get("/v1/jobs/one").status == 200)
        stack.upstream.perform(.goAway(lastStream: .max, .noError, debug: []))
        #expect(stack.upstream.waitForConnections { $0.count == 2 }.count == 2)
        #expect(try stack.gateway.get("/v1/jobs/two").json["id"] == "two")
        #expect(stack.upstream.requests.last?.connection == 2)
        try stack.stop()
    }

    @Test
    func anUpstreamThatIsNotThereIs503() throws {
        let reservation = try PortReservation()
        let gateway = try GatewayProcess(upstream: "http://127.0.0.1:\(reservation.port)")
        for _ in 0..<3 {
            let answer = try gateway.get("/v1/jobs/a")
            #expect(answer.status == 503)
            #expect(answer.error["status"] == "UNAVAILABLE")
            #expect(answer.error["code"] == 503)
        }
        #expect(try gateway.stop() == .code(0))
    }

    @Test
    func anUpstreamThatSpeaksNoHTTP2Is503() throws {
        let garbage = Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)
        let upstream = try ScriptedUpstream { _ in
            ConnectionBehavior(settings: nil, greeting: garbage, endsAtOnce: .close)
        }
        let gateway = try GatewayProcess(upstream)
        let answer = try gateway.get("/v1/jobs/a")
        #expect(answer.status == 503)
        #expect(answer.error["status"] == "UNAVAILABLE")
        #expect(try gateway.stop() == .code(0))
        upstream.stop()
    }

    @Test
    func everyAnswerHasARequestID() throws {
        let stack = try ScriptedStack()
        let client = try stack.gateway.client()
        let own = try (0..<3).map { try #require(try client.get("/v1/jobs/\($0)")["x-request-id"]) }
        #expect(Set(own).count == 3)
        for given in ["abc-123", String(repeating: "x", count: 128), "!~"] {
            #expect(
                try client.get("/v1/jobs/a", headers: ["X-Request-ID": given]).headers.values("x-request-id") == [given]
            )
        }
        for refused in ["", "a b", String(repeating: "x", count: 129), "é"] {
            let id = try client.get("/v1/jobs/a", headers: ["X-Request-Id": refused])["x-request-id"]
            #expect(id?.utf8.count == 32)
        }
        try stack.stop()
    }

    @Test
    func headAnswersWhatGetWould() throws {
        let stack = try ScriptedStack()
        let client = try stack.gateway.client()
        let get = try client.get("/v1/jobs/a")
        let head = try client.request("HEAD", "/v1/jobs/a")
        #expect(head.status == 200)
        #expect(head["content-length"] == get["content-length"])
        #expect(head["content-type"] == "application/json")
        #expect(try client.get("/v1/jobs/b").status == 200)
        try stack.stop()
    }
}
