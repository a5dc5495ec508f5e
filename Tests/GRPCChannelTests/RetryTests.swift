import EventLoop
import GRPCChannel
import GatewayTesting
import RPCCore
import Testing

/// Calls of methods without side effects that are made anew (gRFC A6).
@Suite
struct RetryTests {
    private func client(
        _ upstream: ScriptedUpstream,
        _ configure: (inout GRPCChannel.Configuration) -> Void = { _ in }
    ) throws -> TestClient {
        try TestClient(upstream) { configuration in
            configuration.retry.initialBackoff = 4_000_000
            configuration.retry.maximumBackoff = 8_000_000
            configure(&configuration)
        }
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let script: Script
        /// `grpc-previous-rpc-attempts` of the attempts that it takes.
        let attempts: [String?]
    }

    static let retryable = [
        Fault(testDescription: "trailers only", script: .status(14), attempts: [nil, "1", "2"]),
        Fault(testDescription: "proxy", script: [.trailers([":status": "503"])], attempts: [nil, "1", "2"]),
        Fault(testDescription: "gone", script: [.goAway(lastStream: 1), .close], attempts: [nil, "1", "2"]),
        // The first of a server's refusals is no business of the policy, and no application has seen any of them.
        Fault(testDescription: "refused", script: [.reset(.refusedStream)], attempts: [nil, nil, nil]),
        // A server that ends two connections right after they were made is one to wait for.
        Fault(testDescription: "lost", script: [.abort], attempts: [nil, "1"]),
        Fault(testDescription: "closed", script: [.close], attempts: [nil, "1"]),
    ]

    @Test(arguments: RetryTests.retryable)
    func aSafeMethodIsTriedAgain(fault: Fault) throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Get") { $0.ordinal < fault.attempts.count - 1 ? fault.script : .answer([7]) }
        let client = try client(upstream)
        let call = client.start("/s/Get", [1, 2], isSafeToRepeat: true)
        #expect(client.finish(call))
        #expect(call.code == .ok)
        #expect(call.messages == [[7]])
        #expect(upstream.requests.allSatisfy { $0.messages == [[1, 2]] })
        #expect(upstream.requests.map { $0.headers["grpc-previous-rpc-attempts"] } == fault.attempts)
        #expect(upstream.violations.isEmpty)
    }

    /// Attempts that the server refuses are not among those that it is told of, whatever came before them.
    @Test
    func onlyAttemptsThatMayHaveBeenSeenAreCounted() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Get", .status(14), [.reset(.refusedStream)], [.reset(.refusedStream)], .status(14), .answer([7]))
        let client = try client(upstream) { $0.retry.maxAttempts = 5 }
        let call = client.start("/s/Get", isSafeToRepeat: true)
        #expect(client.finish(call))
        #expect(call.code == .ok)
        let attempts = upstream.requests.map { $0.headers["grpc-previous-rpc-attempts"] }
        #expect(attempts == [nil, "1", "1", "1", "2"])
    }

    @Test(arguments: [(1, 1), (2, 2), (3, 3), (5, 5), (9, 5)])
    func attemptsAreBounded(allowed: Int, made: Int) throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Get", .status(14, "busy"))
        let client = try client(upstream) {
            $0.retry.maxAttempts = allowed
            $0.retry.maxTokens = 100
        }
        let call = client.start("/s/Get", isSafeToRepeat: true)
        #expect(client.finish(call))
        #expect(call.outcome?.status == Status(.unavailable, "busy"))
        #expect(call.outcome?.origin == .upstream)
        #expect(call.closeCount == 1)
        #expect(upstream.requests.count == made)
    }

    @Test(arguments: (1...16).filter { $0 != 14 })
    func otherStatusesAreFinal(code: Int) throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Get", .status(code), .answer([1]))
        let client = try client(upstream)
        let call = client.start("/s/Get", isSafeToRepeat: true)
        #expect(client.finish(call))
        #expect(call.code?.rawValue == code)
        #expect(upstream.requests.count == 1)
    }

    static let committed: [Script] = [
        [.grpcHeaders(), .grpcTrailers(14)],
        [.grpcHeaders(), .message([1]), .grpcTrailers(14)],
        [.grpcHeaders(), .abort],
        [.grpcHeaders(), .reset(.refusedStream)],
        .http(503),
    ]

    @Test(arguments: RetryTests.committed.indices)
    func anAnswerThatHasBegunIsFinal(index: Int) throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Get", RetryTests.committed[index], .answer([1]))
        let client = try client(upstream)
        let call = client.start("/s/Get", isSafeToRepeat: true)
        #expect(client.finish(call))
        #expect(call.code == .unavailable)
        #expect(upstream.requests.count == 1)
    }

    @Test(arguments: [("0", true), ("40", true), ("-1", false), ("", false), ("soon", false), ("99999999999", false)])
    func theServersPushbackIsObeyed(pushback: String, isRetried: Bool) throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Get", .status(14, headers: ["grpc-retry-pushback-ms": pushback]), .answer([1]))
        let client = try client(upstream) {
            // What the server says goes before the policy's wait.
            $0.retry.initialBackoff = pushback == "0" ? 60_000_000_000 : 1
            $0.retry.maximumBackoff = 60_000_000_000
        }
        let begun = client.loop.now()
        let call = client.start("/s/Get", isSafeToRepeat: true)
        #expect(client.finish(call))
        #expect(call.code == (isRetried ? .ok : .unavailable))
        #expect(upstream.requests.count == (isRetried ? 2 : 1))
        if pushback == "40" { #expect(client.loop.now().remaining(at: begun) >= 40_000_000) }
    }

    @Test
    func aRetryThatWouldComeTooLateIsNotMade() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Get", .status(14, "busy", headers: ["grpc-retry-pushback-ms": "5000"]))
        let client = try client(upstream)
        let call = client.start("/s/Get", timeout: .seconds(2), isSafeToRepeat: true)
        #expect(client.finish(call))
        #expect(call.outcome?.status == Status(.unavailable, "busy"))
        #expect(call.outcome?.origin == .upstream)
    }

    /// The first attempt may have run, so nobody is told that the call only ever waited for a connection.
    @Test
    func aDeadlineThatPassesBetweenAttempts() throws {
        let upstream = try ScriptedUpstream { ConnectionBehavior(settings: $0 == 1 ? [] : nil) }
        defer { upstream.stop() }
        upstream.on("/s/Get", [.abort])
        let client = try client(upstream)
        client.channel.connect()
        #expect(client.run { client.channel.state == .ready })
        let call = client.start("/s/Get", timeout: .milliseconds(200), isSafeToRepeat: true)
        #expect(client.finish(call))
        #expect(call.outcome?.origin == .deadline(.retry))
        #expect(call.outcome?.reach == .mayHaveRun)
        #expect(call.outcome?.status.message == "the deadline passed while waiting to try again")
        #expect(upstream.requests.count == 1)
    }

    /// Ten tokens: three attempts leave seven, two more five, and then it is over.
    @Test
    func retriesStopWhereMostCallsFail() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Get", .status(14))
        upstream.on("/s/Good", .answer([1]))
        let client = try client(upstream)
        var attempts: [Int] = []
        for _ in 0..<4 {
            let before = upstream.requests.count
            let call = client.start("/s/Get", isSafeToRepeat: true)
            #expect(client.finish(call))
            attempts.append(upstream.requests.count - before)
        }
        #expect(attempts == [3, 2, 1, 1])
        // Three tokens are left; a tenth for each success brings seven.
        let good = (0..<40).map { _ in client.start("/s/Good") }
        #expect(client.finish(good))
        let before = upstream.requests.count
        let call = client.start("/s/Get", isSafeToRepeat: true)
        #expect(client.finish(call))
        #expect(upstream.requests.count - before == 2)
    }

    /// The server answers before it has read the request, which is reset and sent anew in full.
    @Test
    func aRequestThatWasNotReadIsSentAgain() throws {
        let upstream = try ScriptedUpstream { _ in ConnectionBehavior(settings: [.initialWindowSize(16)]) }
        defer { upstream.stop() }
        let message = [UInt8](repeating: 3, count: 5000)
        upstream.on("/s/Get", at: .headers) { request in
            request.ordinal == 0 ? .status(14) : [.delay(.milliseconds(30))] + .answer([1])
        }
        let client = try client(upstream)
        let call = client.start("/s/Get", message, isSafeToRepeat: true)
        #expect(client.finish(call))
        #expect(call.code == .ok)
        #expect(upstream.requests.count == 2)
    }

    @Test(arguments: ["cancel", "close"])
    func aCallThatWaitsForItsRetryCanBeEnded(by way: String) throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Get", .status(14, headers: ["grpc-retry-pushback-ms": "60000"]))
        let client = try client(upstream)
        let call = client.start("/s/Get", timeout: .seconds(100), isSafeToRepeat: true)
        let other = client.start("/s/Get", isSafeToRepeat: true)
        #expect(client.run { upstream.requests.count { $0.isScriptDone } == 2 })
        // So that the answers have been read.
        upstream.on("/s/Good", .answer([1]))
        let good = client.start("/s/Good")
        #expect(client.finish(good))
        #expect(!call.isClosed)
        switch way {
        case "cancel":
            call.cancel()
            #expect(client.finish(call))
            #expect(call.code == .cancelled)
            #expect(!other.isClosed)
        case "close":
            client.channel.close()
            #expect(call.code == .unavailable)
            #expect(call.outcome?.origin == .cancelled)
            #expect(other.isClosed)
        default: Issue.record("unknown way \(way)")
        }
        #expect(upstream.requests(for: "/s/Get").count == 2)
    }

    @Test
    func manyCallsAreRetriedAtTheirTime() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/Get") { request in
            request.headers["grpc-previous-rpc-attempts"] == nil ? .status(14) : .answer(request.messages.first ?? [])
        }
        let client = try client(upstream) { $0.retry.maxTokens = 1000 }
        let calls = (0..<100).map { client.start("/s/Get", [UInt8($0)], isSafeToRepeat: true) }
        #expect(client.finish(calls))
        for (index, call) in calls.enumerated() { #expect(call.messages == [[UInt8(index)]]) }
        #expect(upstream.requests.count == 200)
    }
}
