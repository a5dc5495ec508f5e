import GatewayTesting
import Testing

/// Calls and failures of servers on somebody else's gRPC.
@Suite(.enabled(if: TrainingServer.isInstalled))
struct PeerTests {
    static let unavailable = Scenario(
        name: "grpc-status UNAVAILABLE with details",
        servers: "grpcio, grpclib",
        submit: [.unavailable],
        read: [.unavailable],
        reached: 1,
        test: "PeerTests.unavailable"
    )
    static let late = Scenario(
        name: "no answer before the deadline, which the server knows too; 20 submits, 20 reads",
        servers: "grpcio, grpclib",
        submit: [.tooLate],
        read: [.tooLate],
        reached: 1,
        test: "PeerTests.noAnswerInTime"
    )

    @Test(arguments: TrainingServer.Library.allCases)
    func callsAndErrorsWithDetails(library: TrainingServer.Library) throws {
        let server = try TrainingServer(library)
        let gateway = try GatewayProcess(upstream: server.url)
        let submitted = try gateway.post("/v1/jobs", json: #"{"modelName": "größe"}"#)
        #expect(submitted.status == 201)
        #expect(submitted.json["id"] == "größe")
        let list = try gateway.get("/v1/jobs?organization_id=o:bytes=1000").json["jobs"].elements
        #expect(list.count == 4)
        #expect(list.allSatisfy { $0["createdOn"] == "2023-11-14T22:13:20.123Z" })
        for (code, status, name) in [
            (3, 400, "INVALID_ARGUMENT"), (5, 404, "NOT_FOUND"), (7, 403, "PERMISSION_DENIED"),
            (8, 429, "RESOURCE_EXHAUSTED"), (9, 400, "FAILED_PRECONDITION"), (16, 401, "UNAUTHENTICATED"),
        ] {
            let answer = try gateway.get("/v1/jobs/%C3%BC:fail=\(code)")
            #expect(answer.status == status)
            #expect(answer.error["status"] == .string(name))
            #expect(answer.error["message"] == .string("told to fail: ü:fail=\(code)"))
            #expect(answer.detail("ErrorInfo")["reason"] == "TOLD_TO")
            #expect(answer.detail("Help")["links"][0]["url"] == "https://example.com/ü")
        }
        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
        try server.stop()
    }

    @Test(arguments: TrainingServer.Library.allCases)
    func unavailable(library: TrainingServer.Library) throws {
        let server = try TrainingServer(library)
        let gateway = try GatewayProcess(upstream: server.url)
        let submit = try gateway.post("/v1/jobs", json: #"{"modelName": "m:fail=14"}"#)
        #expect(Self.unavailable.submit.contains(ClientView(submit)))
        #expect(submit.detail("ErrorInfo")["reason"] == "TOLD_TO")
        let read = try gateway.get("/v1/jobs/r:fail=14")
        #expect(Self.unavailable.read.contains(ClientView(read)))
        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
        try server.stop()
        #expect(server.calls == ["submit m:fail=14", "get r:fail=14", "get r:fail=14", "get r:fail=14"])
    }

    @Test(arguments: TrainingServer.Library.allCases)
    func noAnswerInTime(library: TrainingServer.Library) throws {
        let server = try TrainingServer(library)
        let gateway = try GatewayProcess(upstream: server.url, ["--deadline", "0.3"])
        let submits = try Crowd(20, of: gateway)
        let reads = try Crowd(20, of: gateway)
        let start = MonotonicTime.now
        try submits.submit { "m\($0):late=60" }
        try reads.get { "r\($0):late=60" }
        let views = (submit: try submits.answers(), read: try reads.answers())
        #expect(MonotonicTime.now < start.advanced(by: .seconds(2)))
        #expect(views.submit.allSatisfy(Self.late.submit.contains), "\(Set(views.submit))")
        #expect(views.read.allSatisfy(Self.late.read.contains), "\(Set(views.read))")
        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
        try server.stop()
        #expect(server.submits.count == 20)
        #expect(Set(server.submits).count == 20)
    }
}
