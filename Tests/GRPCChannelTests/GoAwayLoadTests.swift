import GRPCChannel
import GatewayTesting
import RPCCore
import Testing

/// Servers that are replaced again and again while calls keep coming.
@Suite
struct GoAwayLoadTests {
    private static let total = 2000
    private static let inFlight = 50
    /// The stream that makes its connection go: the hundredth call.
    private static let last: Int32 = 199

    @Test(arguments: [false, true], [1, 3])
    func noCallIsLostAndNoneIsMadeTwice(inTwoSteps: Bool, servers: Int) throws {
        let upstreams = try (0..<servers).map { _ in try ScriptedUpstream() }
        defer { upstreams.forEach { $0.stop() } }
        for upstream in upstreams {
            upstream.on("/s/Submit") { request in
                guard request.stream <= Self.last else { return .silence }
                let answer = Script.answer(request.messages.first ?? [])
                guard request.stream == Self.last else { return answer }
                let goAway: Script = [.goAway(lastStream: Self.last)]
                // In between, calls still come and are then refused.
                return (inTwoSteps ? [.goAway(), .delay(.milliseconds(2))] + goAway : goAway) + answer
            }
        }
        let client = try TestClient(targets: upstreams.map { "http://\($0.address)" })
        client.channel.connect()
        #expect(client.run { client.channel.state == .ready })

        let method = client.method("/s/Submit")
        var calls: [RecordingCall] = []
        func startNext() {
            guard calls.count < Self.total else { return }
            let number = calls.count
            let call = RecordingCall(method, [UInt8(number >> 8), UInt8(number & 255)])
            call.onClose = { _ in startNext() }
            calls.append(call)
            client.channel.start(call)
        }
        for _ in 0..<Self.inFlight { startNext() }
        #expect(client.run { calls.count == Self.total && calls.allSatisfy(\.isClosed) })
        for (number, call) in calls.enumerated() {
            #expect(call.outcome?.status == .ok)
            #expect(call.messages == [[UInt8(number >> 8), UInt8(number & 255)]])
        }
        let served = upstreams.flatMap(\.requests).filter { $0.stream <= Self.last }
        #expect(served.count == Self.total)
        #expect(Set(served.map(\.messages)).count == Self.total)
        #expect(upstreams.map(\.acceptedConnections).reduce(0, +) >= Self.total / 100)
        #expect(upstreams.flatMap(\.violations).isEmpty)
    }
}
