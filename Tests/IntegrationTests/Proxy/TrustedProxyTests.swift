import GatewayTesting
import Testing

/// What upstream hears of where a request comes from, by the word of a proxy that is trusted.
@Suite(.sharedScriptedStack("--trusted-proxy", "127.0.0.1", "--trusted-proxy", "10.0.0.0/8,fd00::/8"))
struct TrustedProxyTests {
    private let stack: ScriptedStack

    init() throws {
        stack = try SharedScriptedStack.current
    }

    @Test(
        arguments: [
            ([:], "127.0.0.1", "localhost", "http"),
            (["X-Forwarded-For": "192.0.2.1"], "192.0.2.1, 127.0.0.1", "localhost", "http"),
            (
                ["X-Forwarded-For": "1.1.1.1, 192.0.2.1, 10.0.0.2", "X-Forwarded-Proto": "https"],
                "192.0.2.1, 10.0.0.2, 127.0.0.1", "localhost", "https"
            ),
            (
                ["X-Forwarded-For": "192.0.2.1", "x-forwarded-for": "10.0.0.2", "X-Forwarded-Host": "shop.example"],
                "192.0.2.1, 10.0.0.2, 127.0.0.1", "shop.example", "http"
            ),
            (
                ["Forwarded": #"for="[2001:db8::17]:4711";proto=https;host="shop.example:8443", for=10.0.0.2"#],
                "2001:db8::17, 10.0.0.2, 127.0.0.1", "shop.example:8443", "https"
            ),
            (
                ["Forwarded": "for=192.0.2.1", "forwarded": "for=fd00::1"], "192.0.2.1, fd00::1, 127.0.0.1",
                "localhost", "http"
            ),
            (["Forwarded": "for=_hidden;proto=https"], "127.0.0.1", "localhost", "https"),
            // Both, and they agree.
            (
                [
                    "Forwarded": "for=192.0.2.1;proto=https", "X-Forwarded-For": "192.0.2.1",
                    "X-Forwarded-Proto": "https",
                ],
                "192.0.2.1, 127.0.0.1", "localhost", "https"
            ),
            // Both, and one of them is not the proxy's: neither counts.
            (["Forwarded": "for=192.0.2.1", "X-Forwarded-For": "192.0.2.2"], "127.0.0.1", "localhost", "http"),
            (
                ["Forwarded": "for=192.0.2.1;host=evil.example", "X-Forwarded-For": "192.0.2.1"],
                "127.0.0.1", "localhost", "http"
            ),
            // What makes no sense is no reason to refuse a request.
            (
                ["X-Forwarded-For": "nobody", "X-Forwarded-Proto": "gopher", "X-Forwarded-Host": "a b"], "127.0.0.1",
                "localhost", "http"
            ),
            (["Forwarded": "for=\"192.0.2.1"], "127.0.0.1", "localhost", "http"),
            (["Forwarded": ";;;,=,\"\\"], "127.0.0.1", "localhost", "http"),
            (["X-Forwarded-For": "192.0.2.1, caf\u{E9}"], "127.0.0.1", "localhost", "http"),
        ] as [(HeaderList, String, String, String)]
    )
    func theWay(headers: HeaderList, addresses: String, host: String, scheme: String) throws {
        let id = "way\(abs(headers.hashValue))"
        #expect(try stack.gateway.get("/v1/jobs/\(id)", headers: headers).status == 200)
        let request = try #require(stack.upstream.requests.last { MLTraining.id(in: $0) == id })
        #expect(request.headers.values("x-forwarded-for") == [addresses])
        #expect(request.headers.values("x-forwarded-host") == [host])
        #expect(request.headers.values("x-forwarded-proto") == [scheme])
        #expect(request.headers["forwarded"] == nil)
    }

    /// As long as a header may be; nothing of it is refused, and upstream gets little of it.
    @Test
    func longWaysHaveAnEnd() throws {
        let list = (0..<1000).map { "10.1.\($0 / 256).\($0 % 256)" }.joined(separator: ",")
        #expect(try stack.gateway.get("/v1/jobs/long", headers: ["X-Forwarded-For": list]).status == 200)
        let request = try #require(stack.upstream.requests.last { MLTraining.id(in: $0) == "long" })
        #expect(request.headers["x-forwarded-for"]?.split(separator: ",").count == 33)
    }
}

/// The same without a proxy that is trusted, and through a unix-domain socket.
@Suite
struct UntrustedProxyTests {
    private static let claims: HeaderList = [
        "Forwarded": "for=192.0.2.1;proto=https;host=evil.example", "X-Forwarded-For": "192.0.2.1",
        "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil",
    ]

    @Test(arguments: [[], ["--trusted-proxy", "10.0.0.0/8,unix"]])
    func strangersAreNotBelieved(arguments: [String]) throws {
        let stack = try ScriptedStack(arguments)
        #expect(try stack.gateway.get("/v1/jobs/a", headers: Self.claims).status == 200)
        let request = try #require(stack.upstream.requests.last)
        #expect(request.headers.values("x-forwarded-for") == ["127.0.0.1"])
        #expect(request.headers.values("x-forwarded-host") == ["localhost"])
        #expect(request.headers.values("x-forwarded-proto") == ["http"])
        try stack.stop()
    }

    @Test(arguments: [("unix", "192.0.2.1"), ("127.0.0.1", "unknown")])
    func unixSockets(proxy: String, way: String) throws {
        let folder = try TemporaryFolder()
        let stack = try ScriptedStack(["--trusted-proxy", proxy, "--listen", "unix:\(folder.path)/s"])
        #expect(try stack.gateway.get("/v1/jobs/a", headers: ["X-Forwarded-For": "192.0.2.1"]).status == 200)
        let request = try #require(stack.upstream.requests.last)
        #expect(request.headers.values("x-forwarded-for") == [way])
        try stack.stop()
    }
}
