import GatewayTesting
import Testing

/// A page is of the gateway's own origin by the name that the browser knows, which a proxy in front may have replaced.
@Suite
struct ForwardedHostTests {
    private static let page: HeaderList = [
        "Host": "127.0.0.1:8080", "Origin": "https://app.example", "Authorization": "Basic aWQ6a2V5",
    ]

    private func isForeign(_ stack: ScriptedStack, _ more: HeaderList) throws -> Bool {
        let answer = try stack.gateway.get("/v1/jobs/a", headers: Self.page + more)
        return answer.detail("ErrorInfo")["reason"] == "CROSS_SITE_REQUEST"
    }

    @Test(arguments: [true, false])
    func theNameIsTheProxysToTell(isTrusted: Bool) throws {
        let stack = try ScriptedStack(
            ["--viam-auth", "client-key"] + (isTrusted ? ["--trusted-proxy", "127.0.0.1"] : [])
        )
        #expect(try isForeign(stack, [:]))
        #expect(try isForeign(stack, ["X-Forwarded-Host": "app.example"]) == !isTrusted)
        #expect(try isForeign(stack, ["Forwarded": "for=192.0.2.1;host=APP.example"]) == !isTrusted)
        #expect(try isForeign(stack, ["X-Forwarded-Host": "other.example"]))
        // What comes from outside is named by the last of them.
        #expect(try isForeign(stack, ["X-Forwarded-Host": "app.example, other.example"]))
        try stack.stop()
    }
}
