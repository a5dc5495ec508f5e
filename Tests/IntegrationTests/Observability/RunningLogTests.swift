import GatewayTesting
import Glibc
import Testing

/// What a running gateway tells on standard error.
@Suite
struct RunningLogTests {
    private func errors(_ stack: WatchedStack) -> [String] { stack.stack.gateway.process.lines(.error) }

    @Test
    func debuggingIsTurnedOnAndOffBySignal() async throws {
        let watched = try WatchedStack()
        let target = watched.stack.target(for: .status(14, "away"))
        func retries() -> Int { errors(watched).count { $0.contains(" debug: a call is made anew") } }

        #expect(try watched.stack.gateway.get(target).status == 503)
        #expect(errors(watched).isEmpty)
        watched.stack.gateway.process.signal(SIGUSR1)
        try await eventually("it is told") { errors(watched).contains { $0.contains("notice: logging debug") } }
        #expect(try watched.stack.gateway.get(target).status == 503)
        try await eventually("retries are told") { retries() > 0 }
        let line = try #require(errors(watched).first { $0.contains("made anew") })
        #expect(
            line.contains("after=UNAVAILABLE method=viam.app.mltraining.v1.MLTrainingService/GetTrainingJob retry=1")
        )
        watched.stack.gateway.process.signal(SIGUSR1)
        try await eventually("it is told") { errors(watched).contains { $0.contains("no more debug messages") } }
        let told = errors(watched).count
        let made = try watched.metrics()[#"call_retries_total{kind="delayed"}"#]
        // Calls that succeed let others be made anew again (gRFC A6).
        for _ in 0..<100 { #expect(try watched.stack.gateway.get("/v1/jobs/x").status == 200) }
        #expect(try watched.stack.gateway.get(target).status == 503)
        #expect(try watched.metrics()[#"call_retries_total{kind="delayed"}"#] > made)
        try watched.stop()
        #expect(errors(watched).count == told)
    }

    @Test(arguments: ["info", "warning"])
    func theLevelIsTheLeastThatIsTold(level: String) throws {
        let watched = try WatchedStack(["--log-level", level])
        #expect(try watched.stack.gateway.get("/v1/jobs/a").status == 200)
        try watched.stop()
        #expect(errors(watched).contains { $0.contains(" info: started listen=127.0.0.1:") } == (level == "info"))
        #expect(errors(watched).last?.hasSuffix(" info: stopped") == (level == "info" ? true : nil))
    }

    @Test
    func linesCanBeJSON() throws {
        let watched = try WatchedStack(["--log-level", "info", "--log-format", "json"])
        try watched.stop()
        let lines = try errors(watched).map { try JSON(parsing: $0) }
        #expect(lines.first?["level"] == "info")
        #expect(lines.first?["message"] == "started")
        #expect(lines.first?["workers"] == "1")
        #expect(lines.first?["time"].text?.count == 24)
    }

    @Test
    func anUpstreamThatComesAndGoesIsTold() async throws {
        let port = try PortReservation()
        let gateway = try GatewayProcess(upstream: "http://127.0.0.1:\(port.port)", workers: 2)
        func errors() -> [String] { gateway.process.lines(.error) }
        try await eventually("it is away") { errors().count == 1 }
        #expect(errors()[0].contains(" warning: the upstream cannot be reached reason="))
        #expect(errors()[0].contains("upstream=http://127.0.0.1:\(port.port)"))
        let upstream = try ScriptedUpstream(port: port.port)
        try await eventually("it is there", within: .seconds(10)) {
            errors().contains { $0.contains(" notice: the upstream can be reached") }
        }
        #expect(try gateway.stop() == .code(0))
        upstream.stop()
    }

    @Test(arguments: ["--log-level=loud", "--log-format=xml", "--access-log=yes"])
    func whatIsNoChoiceIsRefused(argument: String) throws {
        let result = try ConfiguredProcess().run(["serve", argument])
        #expect(result.exit == .code(64))
    }
}
