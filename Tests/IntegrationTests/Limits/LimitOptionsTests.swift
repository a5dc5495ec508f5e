import GatewayTesting
import Testing

/// What `check` says of limits and of what stands in front.
@Suite
struct LimitOptionsTests {
    @Test(arguments: [
        ("max-header-bytes", "1023"), ("max-header-bytes", "262145"), ("max-uri-bytes", "0"),
        ("max-requests-in-flight", "-1"), ("max-connections", "1000001"), ("max-connections-per-client", "-1"),
        ("header-timeout", "0"), ("body-timeout", "nan"), ("idle-timeout", "86401"), ("min-body-rate", "0"),
        ("rate-limit", "0"), ("rate-limit", "10001"), ("rate-limit-burst", "0"), ("rate-limit-burst", "5"),
        ("trusted-proxy", "proxy.example"), ("trusted-proxy", "10.0.0.0/33"), ("base-path", "training"),
        ("base-path", "/a/"), ("base-path", "/a/../b"), ("base-path", "/%2e"),
    ])
    func refused(name: String, value: String) throws {
        let result = try ConfiguredProcess().run(["check", "--\(name)=\(value)"])
        #expect(result.exit == .code(1))
        #expect(result.error.contains { $0.contains("--\(name)") }, "\(result.error)")
    }

    @Test
    func everyProblemInOneRun() throws {
        let process = try ConfiguredProcess()
        let file = try process.write(
            "rate-limit: 0\nbase-path: x\nmax-connections: -1\ntrusted-proxy: [nobody, 10.0.0.0/8]\n"
        )
        let result = try process.run(["check", "--config", file])
        #expect(result.exit == .code(1))
        for name in ["rate-limit", "base-path", "max-connections", "trusted-proxy"] {
            #expect(result.error.contains { $0.contains("--\(name)") }, "\(result.error)")
        }
    }

    @Test
    func taken() throws {
        let result = try ConfiguredProcess().run(
            ["check", "--rate-limit", "0.5", "--base-path", "/training"],
            environment: ["TRUSTED_PROXY": "10.0.0.0/8,unix", "MAX_CONNECTIONS": "100", "IDLE_TIMEOUT": "7.5"]
        )
        #expect(result.exit == .code(0), "\(result.error)")
        #expect(result.setting("max-connections")?.value == "100")
        #expect(result.setting("idle-timeout")?.value == "7.5")
        #expect(result.setting("max-header-bytes")?.value == "14336")
        #expect(result.setting("max-uri-bytes")?.value == "8192")
        #expect(result.setting("base-path")?.value == "/training")
        #expect(result.setting("trusted-proxy")?.value.contains("10.0.0.0/8") == true)
    }
}
