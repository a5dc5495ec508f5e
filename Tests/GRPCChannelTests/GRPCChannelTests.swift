import EventLoop
import GRPCChannel
import GatewayTesting
import RPCCore
import Testing

/// Calls that go well, over real sockets.
@Suite
struct GRPCChannelTests {
    @Test
    func aUnaryCallIsAnsweredAndLooksAsTheProtocolSays() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/pkg.Service/Get", .answer([1, 2, 3], trailers: ["x-seen": "yes"]))
        let client = try TestClient(upstream)
        var metadata = Metadata()
        metadata.append("authorization", "Bearer t")
        let call = client.start("/pkg.Service/Get", [9, 8], metadata: metadata, timeout: .seconds(15))
        #expect(client.finish(call))
        #expect(call.messages == [[1, 2, 3]])
        #expect(call.outcome?.status == .ok)
        #expect(call.outcome?.origin == .upstream)
        #expect(call.outcome?.trailers["x-seen"] == "yes")

        let request = try #require(upstream.requests.first)
        #expect(request.messages == [[9, 8]])
        #expect(request.headers[":method"] == "POST")
        #expect(request.headers[":scheme"] == "http")
        #expect(request.authority == upstream.address)
        #expect(request.headers["te"] == "trailers")
        #expect(request.headers["content-type"] == "application/grpc")
        #expect(request.headers["grpc-accept-encoding"] == "identity")
        #expect(request.headers["user-agent"] == "mltraining-gateway")
        #expect(request.headers["authorization"] == "Bearer t")
        #expect(request.timeout?.hasSuffix("m") == true)
        #expect(client.channel.state == .ready)
        #expect(upstream.violations.isEmpty)
    }

    @Test
    func aHundredCallsShareOneConnection() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Echo") { .answer($0.messages.first ?? []) }
        let client = try TestClient(upstream)
        let calls = (0..<100).map { client.start("/s/Echo", [UInt8($0)]) }
        #expect(client.finish(calls))
        #expect(calls.map(\.messages) == (0..<100).map { [[UInt8($0)]] })
        #expect(calls.allSatisfy { $0.code == .ok && $0.closeCount == 1 })
        #expect(upstream.acceptedConnections == 1)
    }
}
