import GatewayTesting
import Glibc
import Testing

/// SIGHUP where the file asks for what a running gateway cannot change.
@Suite
struct ReloadFixedSettingsTests {
    @Test
    func eachIsNamedAndTheRestTakenOver() async throws {
        let upstream = try ScriptedUpstream()
        upstream.answerJobs()
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/g.yaml"
        let write = { (text: String) in
            try FileBytes.write(Array("upstream: http://\(upstream.address)\n\(text)\n".utf8), to: file)
        }
        let reloaded = { (gateway: GatewayProcess, count: Int) in
            gateway.process.signal(SIGHUP)
            try await eventually("reloaded", within: .seconds(20)) {
                gateway.log.count { $0 == ReloadStack.done } == count
            }
        }
        let fixed = "listen: 127.0.0.1:0\nadmin-listen: off\nworkers: 1"
        try write("\(fixed)\nmax-body-bytes: 100\nmax-header-bytes: 14336")
        let gateway = try GatewayProcess(serving: ["--config", file])
        try write("\(fixed)\nmax-body-bytes: 1000\nmax-header-bytes: 20000\nidle-timeout: 5")
        try await reloaded(gateway, 1)
        let warning =
            "warning: to change --max-header-bytes, --idle-timeout takes a restart; "
            + "the rest is taken over"
        #expect(gateway.log == [warning, ReloadStack.done])
        #expect(try gateway.post("/v1/jobs", json: String(repeating: " ", count: 300)).status != 413)

        // Without the key, and with it as it is by default, is the same.
        try write("\(fixed)\nmax-body-bytes: 100\nidle-timeout: 75")
        try await reloaded(gateway, 2)
        #expect(gateway.log == [warning, ReloadStack.done, ReloadStack.done])
        #expect(try gateway.post("/v1/jobs", json: String(repeating: " ", count: 300)).status == 413)
        #expect(try gateway.stop() == .code(0))
        upstream.stop()
    }
}
