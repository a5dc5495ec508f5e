import GatewayTesting
import Testing

/// `check --ready`: the health check of a container.
@Suite
struct ReadyCheckTests {
    private func check(_ arguments: [String]) throws -> ChildProcess {
        let process = try ChildProcess(BuiltProduct.path("mltraining-gateway"), ["check", "--ready"] + arguments)
        process.closeInput()
        return process
    }

    @Test
    func itFollowsTheGateway() async throws {
        let port = try PortReservation()
        let gateway = try GatewayProcess(upstream: "http://127.0.0.1:\(port.port)", ["--admin-listen", "127.0.0.1:0"])
        let address = try gateway.process.waitForLine(prefix: "mltraining-gateway admin listening on ")
        let away = try check(["--admin-listen", address])
        #expect(try away.waitForExit() == .code(1))
        #expect(away.lines(.error).first?.hasPrefix("Error: not ready (503): {") == true)

        let upstream = try ScriptedUpstream(port: port.port)
        try await eventually("ready", within: .seconds(10)) {
            let there = try check(["--admin-listen", address])
            return try there.waitForExit() == .code(0) && there.lines(.output).first?.contains("\"ready\"") == true
        }
        upstream.stop()
        #expect(try gateway.stop() == .code(0))
    }

    @Test(arguments: [
        (["--admin-listen", "off"], "--ready asks the admin listener, and --admin-listen is off"),
        (["--admin-listen", "127.0.0.1:0"], "--ready needs an --admin-listen whose port is known"),
        (["--admin-listen", "127.0.0.1:1"], "admin listener at 127.0.0.1:1 does not answer: connect: "),
        (["--admin-listen", "unix:/nowhere"], "admin listener at unix:/nowhere does not answer: connect: "),
        (["--no-such"], "Unknown option"),
    ])
    func whatCannotBeAskedIsSaid(arguments: [String], words: String) throws {
        let process = try check(arguments)
        #expect(try process.waitForExit() != .code(0))
        #expect(process.lines(.error).contains { $0.contains(words) }, "\(process.transcript)")
    }
}
