import GRPCChannel
import GatewayTesting
import RPCCore
import Testing

/// Connections that the server ends in order (RFC 9113, section 6.8), while calls are under way.
@Suite
struct GoAwayTests {
    /// A deploy: two servers in a row go away before any of the calls they accepted is answered.
    @Test(arguments: [false, true])
    func twoInARowBeforeAnythingIsAnswered(inTwoSteps: Bool) throws {
        let upstream = try ScriptedUpstream { _ in ConnectionBehavior(settings: [.maxConcurrentStreams(1000)]) }
        defer { upstream.stop() }
        let last: Int32 = 41
        let answers = Gate()
        upstream.on("/s/Submit") { request in
            guard request.connection <= 2 else { return .answer(request.messages.first ?? []) }
            guard request.stream <= last else { return .silence }
            let answer: Script = [.hold(answers)] + .answer(request.messages.first ?? [])
            guard request.stream == last else { return answer }
            return (inTwoSteps ? [.goAway(), .goAway(lastStream: last)] : [.goAway(lastStream: last)]) + answer
        }
        let client = try TestClient(upstream)
        client.channel.connect()
        #expect(client.run { client.channel.state == .ready })
        let calls = (0..<200).map { client.start("/s/Submit", [UInt8($0)]) }
        #expect(client.run { calls.allSatisfy(\.isClosed) || upstream.acceptedConnections == 3 })
        answers.open()
        #expect(client.finish(calls))
        for (index, call) in calls.enumerated() {
            #expect(call.outcome?.status == .ok)
            #expect(call.messages == [[UInt8(index)]])
        }
        // None was carried out twice.
        let accepted = upstream.requests.filter { $0.connection > 2 || $0.stream <= last }
        #expect(Set(accepted.map(\.messages)).count == 200)
        #expect(accepted.count == 200)
        #expect(upstream.acceptedConnections == 3)
        #expect(upstream.violations.isEmpty)
    }

    /// Servers that serve one call each: the others are refused over and over.
    @Test(arguments: [(5, 20), (100, 6)])
    func refusedCallsMoveOnFiveTimes(leavingConnections: Int, succeeding: Int) throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Submit") { request in
            guard request.connection <= leavingConnections else { return .answer([1]) }
            guard request.stream == 1 else { return .silence }
            return [.goAway(lastStream: 1)] + .answer([1])
        }
        let client = try TestClient(upstream)
        client.channel.connect()
        #expect(client.run { client.channel.state == .ready })
        let calls = (0..<20).map { _ in client.start("/s/Submit") }
        #expect(client.finish(calls))
        #expect(calls.count { $0.code == .ok } == succeeding)
        for call in calls where call.code != .ok {
            #expect(call.code == .unavailable)
            #expect(call.outcome?.reach == .notProcessed)
        }
        #expect(upstream.acceptedConnections >= 6)
    }

    /// The oldest come first, so that none is always among those that are refused.
    @Test
    func refusedCallsKeepTheirOrder() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Submit") { request in
            guard request.connection == 1 else { return .answer([1]) }
            return request.stream == 99 ? [.goAway(lastStream: 1)] : .silence
        }
        let client = try TestClient(upstream)
        client.channel.connect()
        #expect(client.run { client.channel.state == .ready })
        let calls = (0..<60).map { client.start("/s/Submit", [UInt8($0)]) }
        #expect(client.finish(Array(calls[1...])))
        #expect(upstream.requests.filter { $0.connection == 2 }.map(\.messages) == (1..<60).map { [[UInt8($0)]] })
        #expect(!calls[0].isClosed)
    }

    /// Connections that take nothing are failures, however politely they end.
    @Test
    func aServerThatTakesNothingIsNotHammered() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Submit", [.goAway(lastStream: 0)])
        let client = try TestClient(upstream)
        let call = client.start("/s/Submit")
        #expect(client.finish(call))
        #expect(call.code == .unavailable)
        #expect(call.outcome?.reach == .notProcessed)
        #expect(upstream.acceptedConnections == 2)
        guard case .transientFailure = client.channel.state else {
            Issue.record("state: \(client.channel.state)")
            return
        }
    }

    /// nghttp2 resets the stream of an answer that breaks the rules; the server has not.
    @Test
    func aBadAnswerOnADrainingConnectionIsTheAnswersFault() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on(
            "/s/M",
            [
                .goAway(lastStream: 1), .raw { HTTP2Frame.headers(stream: $0, [":status": "200", "X-Upper": "1"]) },
                .hold(Gate()),
            ]
        )
        let client = try TestClient(upstream)
        let call = client.start("/s/M")
        #expect(client.finish(call))
        #expect(call.outcome?.status == Status(.internalError, "the answer breaks HTTP/2: PROTOCOL_ERROR"))
        #expect(call.outcome?.origin == .malformedAnswer)
    }
}
