import GatewayTesting
import Glibc
import Testing

/// The local service goes away and comes back; the gateway stays.
@Suite
struct RestartTests {
    @Test(arguments: [1, 2])
    func aRestartLosesNothing(workers: Int) async throws {
        let folder = try TemporaryFolder()
        let reservation = try PortReservation()
        let first = try LocalProcess(dataFolder: folder, port: reservation.port, trainingDuration: 0.1)
        let gateway = try GatewayProcess(upstream: "http://\(first.address)", workers: workers)
        let done = try gateway.submitJob(model: "done")
        let before = try await gateway.waitForJob(done, status: "COMPLETED")
        #expect(try first.stop() == .code(0))

        // One that would take for ever is under way when the service stops again.
        let second = try LocalProcess(dataFolder: folder, port: reservation.port, trainingDuration: 3600)
        let kept = try await gateway.onceConnected { try gateway.get("/v1/jobs/\(done)") }
        #expect(kept.json == before)
        let submitted = try await gateway.onceConnected {
            try gateway.post("/v1/jobs", json: Requests.submit(model: "running"))
        }
        let running = try #require(submitted.json["id"].text)
        _ = try await gateway.waitForJob(running, status: "IN_PROGRESS")
        #expect(try second.stop() == .code(0))

        let third = try LocalProcess(dataFolder: folder, port: reservation.port, trainingDuration: 0.1)
        let failed = try await gateway.onceConnected { try gateway.get("/v1/jobs/\(running)") }.json
        #expect(failed["status"] == "TRAINING_STATUS_FAILED")
        #expect(failed["errorStatus"]["code"] == 10)
        #expect(failed["errorStatus"]["message"].text?.contains("stopped while the job was running") == true)
        #expect(failed["errorStatus"]["details"][0]["reason"] == "SERVICE_RESTARTED")
        let list = try await gateway.onceConnected { try gateway.get("/v1/organizations/org-1/jobs") }.json
        #expect(list["jobs"].elements.map { $0["id"] } == [.string(running), .string(done)])
        #expect(try gateway.stop() == .code(0))
        #expect(try third.stop() == .code(0))
    }

    @Test
    func aKilledServiceIs503AndItsReturnIsNoticed() async throws {
        let folder = try TemporaryFolder()
        let reservation = try PortReservation()
        let first = try LocalProcess(dataFolder: folder, port: reservation.port)
        let gateway = try GatewayProcess(upstream: "http://\(first.address)")
        let client = try gateway.client()
        let id = try gateway.submitJob()
        #expect(try client.get("/v1/jobs/\(id)").status == 200)

        first.process.signal(SIGKILL)
        let killed = MonotonicTime.now
        var answer = try Answer(client.get("/v1/jobs/\(id)"))
        while answer.status == 200, MonotonicTime.now < killed.advanced(by: .seconds(1)) {
            answer = try Answer(client.get("/v1/jobs/\(id)"))
        }
        #expect(MonotonicTime.now < killed.advanced(by: .seconds(1)))
        for _ in 0..<3 {
            #expect(answer.status == 503)
            #expect(answer.error.names == ["code", "status", "message", "details"])
            #expect(answer.error["code"] == 503)
            #expect(answer.error["status"] == "UNAVAILABLE")
            let start = MonotonicTime.now
            answer = try Answer(client.get("/v1/jobs/\(id)"))
            #expect(MonotonicTime.now < start.advanced(by: .seconds(1)))
        }
        #expect(try first.process.waitForExit() == .signal(SIGKILL))

        let second = try LocalProcess(dataFolder: folder, port: reservation.port)
        try await eventually("the gateway has recovered", within: .seconds(3)) {
            try client.get("/v1/jobs/\(id)").status == 200
        }
        #expect(try client.get("/v1/containers").status == 200)
        #expect(try gateway.stop() == .code(0))
        #expect(try second.stop() == .code(0))
    }

    @Test
    func aGatewayMayStartBeforeItsService() async throws {
        let folder = try TemporaryFolder()
        let reservation = try PortReservation()
        let gateway = try GatewayProcess(upstream: "http://localhost:\(reservation.port)")
        #expect(try gateway.get("/v1/containers").status == 503)
        let local = try LocalProcess(dataFolder: folder, port: reservation.port)
        try await eventually("the gateway is connected", within: .seconds(3)) {
            try gateway.get("/v1/containers").status == 200
        }
        #expect(try gateway.stop() == .code(0))
        #expect(try local.stop() == .code(0))
    }
}
