import GatewayTesting
import Glibc
import Testing

/// `/metrics` of a running gateway.
@Suite
struct MetricsTests {
    /// A mix of requests that is known, over so many connections that all workers get some.
    private func send(to watched: WatchedStack, rounds: Int) throws {
        let stack = watched.stack
        let missing = stack.target(for: .status(5, "none"))
        let broken = stack.target(for: .status(13, "broken"))
        for _ in 0..<rounds {
            let client = try stack.gateway.client()
            #expect(try client.get("/v1/jobs/a").status == 200)
            let tag = try #require(try client.request("HEAD", "/v1/jobs/a")["etag"])
            #expect(try client.get("/v1/jobs/a", headers: ["If-None-Match": tag]).status == 304)
            #expect(try client.get(missing).status == 404)
            #expect(try client.get(broken).status == 500)
            #expect(try client.get("/nope").status == 404)
            #expect(try client.request("PUT", "/v1/jobs").status == 405)
            #expect(try client.request("PROPFIND", "/v1/jobs").status == 405)
            #expect(try client.request("OPTIONS", "/v1/jobs").status == 204)
            #expect(try client.post("/v1/jobs", json: #"{"no": 1}"#).status == 400)
            // Refused by the HTTP server itself, and the last one of its connection.
            try client.send("GET /v1/jobs/a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
            #expect(try client.readResponse().status == 400)
        }
    }

    @Test
    func countersAddUpOverWorkers() async throws {
        let watched = try WatchedStack(workers: 2)
        let rounds = 20
        try send(to: watched, rounds: rounds)
        let count = Double(rounds)
        try await eventually("all are counted") { try watched.metrics().sum("requests_total") == 11 * count }
        let metrics = try watched.metrics()
        let job = #"route="/v1/jobs/{id}""#
        let expected = [
            #"{\#(job),method="GET",code="200"}"#: count, #"{\#(job),method="HEAD",code="200"}"#: count,
            #"{\#(job),method="GET",code="304"}"#: count, #"{\#(job),method="GET",code="404"}"#: count,
            #"{\#(job),method="GET",code="500"}"#: count, #"{route="",method="GET",code="404"}"#: count,
            #"{route="",method="PUT",code="405"}"#: count, #"{route="",method="other",code="405"}"#: count,
            #"{route="",method="OPTIONS",code="204"}"#: count, #"{route="/v1/jobs",method="POST",code="400"}"#: count,
            #"{route="",method="GET",code="400"}"#: count,
        ]
        for (labels, value) in expected { #expect(metrics["requests_total" + labels] == value, "\(labels)") }

        #expect(metrics[#"failed_requests_total{\#(job),method="GET",failed_by="client"}"#] == count)
        #expect(metrics[#"failed_requests_total{\#(job),method="GET",failed_by="upstream"}"#] == count)
        #expect(metrics.sum("failed_requests_total") == 7 * count)
        #expect(metrics.sum("request_duration_seconds_count") == 11 * count)
        #expect(metrics[#"phase_duration_seconds_count{phase="request"}"#] == 11 * count)
        #expect(metrics[#"phase_duration_seconds_count{phase="upstream"}"#] == 5 * count)
        #expect(metrics[#"phase_duration_seconds_count{phase="signin"}"#] == 0)
        // The phases are all of the time.
        #expect(abs(metrics.sum("phase_duration_seconds_sum") - metrics.sum("request_duration_seconds_sum")) < 1e-6)

        let method = #"grpc_method="viam.app.mltraining.v1.MLTrainingService/GetTrainingJob""#
        #expect(metrics[#"calls_total{\#(method),grpc_status="OK"}"#] == 3 * count)
        #expect(metrics[#"calls_total{\#(method),grpc_status="NOT_FOUND"}"#] == count)
        #expect(metrics[#"calls_total{\#(method),grpc_status="INTERNAL"}"#] == count)
        #expect(metrics["call_attempts_total"] == 5 * count)
        #expect(metrics[#"errors_total{reason="ROUTE_NOT_FOUND"}"#] == count)
        #expect(metrics[#"errors_total{reason="METHOD_NOT_ALLOWED"}"#] == 2 * count)
        #expect(metrics[#"errors_total{reason="MALFORMED_REQUEST"}"#] == count)
        #expect(metrics[#"errors_total{reason="BAD_REQUEST"}"#] == count)
        #expect(metrics["request_body_bytes_total"] == 9 * count)
        #expect(metrics["response_body_bytes_total"] > 0)
        #expect(metrics["connections_accepted_total"] == count)
        #expect(metrics["workers"] == 2)
        let upstream =
            #"upstream="http://\#(watched.stack.upstream.address)",address="\#(watched.stack.upstream.address)""#
        #expect(metrics[#"upstream_workers{\#(upstream),state="ready"}"#] == 2)
        #expect(metrics["upstream_sent_bytes_total"] > 0)
        #expect(metrics["upstream_received_bytes_total"] > 0)
        try await eventually("no connection is left") { try watched.metrics()["connections"] == 0 }
        #expect(try watched.metrics()["requests_in_flight"] == 0)
        try watched.stop()
    }

    @Test(.enabled(if: MetricsParser.isInstalled))
    func prometheusReadsIt() throws {
        let watched = try WatchedStack(workers: 2, ["--access-log", "json", "--access-log-file", "/dev/null"])
        try send(to: watched, rounds: 2)
        let answer = try watched.page("/metrics")
        #expect(answer["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(answer["x-request-id"] != nil)
        let problems = try MetricsParser.problems(answer.body)
        #expect(problems == ["ok"], "\(problems.joined(separator: "\n"))")
        try watched.stop()
    }

    @Test
    func whatIsUnderWayIsShown() async throws {
        let watched = try WatchedStack()
        let gate = Gate()
        let client = try watched.stack.gateway.client()
        let held: Script = [.hold(gate)]
        try client.sendRequest("GET", watched.stack.target(for: held + Script.answer(MLTraining.job(id: "x"))))
        #expect(watched.stack.upstream.waitForRequests(1).count == 1)
        #expect(try watched.metrics()["requests_in_flight"] == 1)
        #expect(try watched.metrics()["connections"] == 1)

        // A gateway that stops is looked at all the same.
        watched.stack.gateway.process.signal(SIGTERM)
        try await eventually("stopping") { try watched.page("/readyz").status == 503 }
        #expect(try watched.metrics()["requests_in_flight"] == 1)
        gate.open()
        #expect(try client.readResponse().status == 200)
        #expect(try watched.stack.gateway.process.waitForExit() == .code(0))
        watched.stack.upstream.stop()
    }

    @Test
    func aClientThatGoesIsACancellation() async throws {
        let watched = try WatchedStack()
        let client = try watched.stack.gateway.client()
        try client.sendRequest("GET", watched.stack.target(for: .silence))
        #expect(watched.stack.upstream.waitForRequests(1).count == 1)
        client.close()
        try await eventually("it is counted") {
            try watched.metrics()[#"requests_total{route="/v1/jobs/{id}",method="GET",code="499"}"#] == 1
        }
        #expect(try watched.metrics()["call_cancellations_total"] == 1)
        let failed = #"failed_requests_total{route="/v1/jobs/{id}",method="GET",failed_by="client"}"#
        #expect(try watched.metrics()[failed] == 1)
        try watched.stop()
    }

    @Test
    func retriesAreCounted() throws {
        let watched = try WatchedStack()
        let target = watched.stack.target(for: .status(14, "away"))
        #expect(try watched.stack.gateway.get(target).status == 503)
        let metrics = try watched.metrics()
        #expect(metrics[#"call_retries_total{kind="delayed"}"#] == 2)
        #expect(metrics["call_attempts_total"] == 3)
        try watched.stop()
    }

    @Test
    func manyMayAskAtOnce() throws {
        let watched = try WatchedStack(workers: 2)
        let clients = try (0..<8).map { _ in try RawHTTPClient(address: watched.admin) }
        for client in clients { try client.sendRequest("GET", "/metrics") }
        for client in clients { #expect(try client.readResponse().text.contains("mltraining_gateway_build_info{")) }
        let head = try RawHTTPClient(address: watched.admin).request("HEAD", "/metrics")
        #expect(head.status == 200)
        #expect(head.body.isEmpty)
        try watched.stop()
    }
}

/// Prometheus' own parser, in Python (`Resources/check_metrics.py`).
enum MetricsParser {
    private static let root = #filePath.replacing("/Tests/IntegrationTests/Observability/MetricsTests.swift", with: "")
    private static let python = root + "/.venv-tests/bin/python"
    /// Whether `make test-venv` has made an environment that has it.
    static let isInstalled: Bool = {
        guard access(python, X_OK) == 0, let probe = try? ChildProcess(python, ["-c", "import prometheus_client"])
        else {
            return false
        }
        return (try? probe.waitForExit(timeout: .seconds(60))) == .code(0)
    }()

    /// What it has against an exposition; `ok` for nothing.
    static func problems(_ text: [UInt8]) throws -> [String] {
        let folder = try TemporaryFolder()
        try FileBytes.write(text, to: folder.path + "/metrics")
        let script = root + "/Tests/IntegrationTests/Resources/check_metrics.py"
        let process = try ChildProcess(python, [script, folder.path + "/metrics"])
        try process.waitForExit(timeout: .seconds(60))
        return process.lines(.output) + process.lines(.error)
    }
}
