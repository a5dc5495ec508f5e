import EventLoop
import GatewayTesting
import RPCCore
import Testing

@testable import GRPCChannel

/// Connections that come, go and never come.
@Suite
struct ConnectionTests {
    @Test
    func aRefusedConnectionFailsAtOnceAndIsTriedAgain() throws {
        let first = try ScriptedUpstream()
        let port = first.port
        first.stop()
        let client = try TestClient(target: "http://127.0.0.1:\(port)")
        #expect(client.channel.state == .idle)
        let waiting = client.start("/s/M")
        #expect(client.channel.state == .connecting)
        #expect(client.finish(waiting))
        let message = "upstream http://127.0.0.1:\(port): connect: connection refused"
        #expect(waiting.outcome?.status == Status(.unavailable, message))
        #expect(waiting.outcome?.origin == .network)
        #expect(waiting.outcome?.reach == .neverSent)
        guard case .transientFailure(let retryAt) = client.channel.state else {
            Issue.record("state: \(client.channel.state)")
            return
        }
        #expect(retryAt > Deadline(nanoseconds: 0))
        // Five milliseconds, a fifth more at most.
        #expect(waiting.outcome?.retryAfter.map { $0 <= 6_000_000 } == true)

        let failing = client.start("/s/M")
        #expect(!failing.isClosed)
        #expect(client.finish(failing))
        #expect(failing.outcome?.status.message == message)
        #expect(failing.outcome?.retryAfter.map { $0 <= 24_000_000 } == true)

        // Without a call to ask for it.
        let second = try ScriptedUpstream(port: port)
        defer { second.stop() }
        second.on("/s/M", .answer([1]))
        #expect(client.run { client.channel.state == .ready })
        let call = client.start("/s/M")
        #expect(client.finish(call))
        #expect(call.code == .ok)
    }

    @Test
    func aLostConnectionEndsItsCallsAndIsReplaced() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/M", .silence)
        upstream.on("/s/Good", .answer([1]))
        let client = try TestClient(upstream)
        let calls = (0..<20).map { _ in client.start("/s/M") }
        #expect(client.run { upstream.requests.count { $0.isComplete } == 20 })
        upstream.perform(.abort)
        #expect(client.finish(calls))
        for call in calls {
            #expect(call.code == .unavailable)
            #expect(call.outcome?.status.message.hasPrefix("connection lost: ") == true)
            #expect(call.outcome?.origin == .network)
            #expect(call.outcome?.reach == .mayHaveRun)
        }
        let call = client.start("/s/Good")
        #expect(client.finish(call))
        #expect(call.code == .ok)
        #expect(upstream.acceptedConnections == 2)
    }

    @Test
    func aServerThatComesBackIsFoundAgain() throws {
        let first = try ScriptedUpstream()
        first.on("/s/M", .answer([1]))
        let client = try TestClient(first)
        let before = client.start("/s/M")
        #expect(client.finish(before))
        first.stop()
        #expect(client.run { client.channel.state != .ready })
        let during = client.start("/s/M")
        #expect(client.finish(during))
        #expect(during.code == .unavailable)
        let second = try ScriptedUpstream(port: first.port)
        defer { second.stop() }
        second.on("/s/M", .answer([2]))
        #expect(client.run { client.channel.state == .ready })
        let after = client.start("/s/M")
        #expect(client.finish(after))
        #expect(after.messages == [[2]])
    }

    @Test
    func goAwayAboveTheLastStreamIsSentAgain() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        // Stream 1 is served, whatever comes later on the connection is not.
        let served = Gate()
        upstream.on("/s/First", [.hold(served)] + .answer([1]))
        upstream.on("/s/Later") { $0.connection == 1 ? .silence : .answer([2]) }
        let client = try TestClient(upstream)
        let first = client.start("/s/First")
        #expect(client.run { upstream.requests.count == 1 })
        let later = (0..<10).map { client.start("/s/Later", [UInt8($0)]) }
        #expect(client.run { upstream.requests.count { $0.isComplete } == 11 })
        upstream.perform(.goAway(lastStream: 1, .noError, debug: []))
        #expect(client.finish(later))
        #expect(later.allSatisfy { $0.code == .ok && $0.messages == [[2]] })
        #expect(!first.isClosed)
        served.open()
        #expect(client.finish(first))
        #expect(first.code == .ok)
        #expect(upstream.acceptedConnections == 2)
        // The drained connection is closed.
        #expect(client.run { upstream.openConnections == 1 })
    }

    @Test
    func gracefulGoAwayInTwoSteps() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        let gate = Gate()
        upstream.on("/s/Slow", [.hold(gate)] + .answer([1]))
        upstream.on("/s/Good") { .answer([UInt8($0.connection)]) }
        let client = try TestClient(upstream)
        let slow = client.start("/s/Slow")
        #expect(client.run { upstream.requests.count { $0.isComplete } == 1 })
        upstream.perform(.goAway(lastStream: .max, .noError, debug: []))
        #expect(client.run { upstream.acceptedConnections == 2 })
        let good = client.start("/s/Good")
        #expect(client.finish(good))
        #expect(good.messages == [[2]])
        upstream.perform(.goAway(lastStream: 1, .noError, debug: []), onConnection: 1)
        gate.open()
        #expect(client.finish(slow))
        #expect(slow.code == .ok)
    }

    @Test
    func goAwayWithAnErrorAndTheEndOfTheConnection() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/M", [.goAway(lastStream: 1, .enhanceYourCalm, debug: Array("too_many_pings".utf8)), .close])
        upstream.on("/s/Good", .answer([1]))
        let client = try TestClient(upstream)
        let call = client.start("/s/M")
        #expect(client.finish(call))
        #expect(call.code == .unavailable)
        #expect(call.outcome?.reach == .mayHaveRun)
        let good = client.start("/s/Good")
        #expect(client.finish(good))
        #expect(good.code == .ok)
    }

    @Test
    func oneStreamAtATime() throws {
        let upstream = try ScriptedUpstream { _ in ConnectionBehavior(settings: [.maxConcurrentStreams(1)]) }
        defer { upstream.stop() }
        upstream.on("/s/Echo") { .answer($0.messages.first ?? []) }
        let client = try TestClient(upstream) { $0.maxConnectionsPerAddress = 1 }
        let calls = (0..<50).map { client.start("/s/Echo", [UInt8($0)]) }
        let cancelled = calls[25]
        cancelled.cancel()
        #expect(client.finish(calls))
        for (index, call) in calls.enumerated() where call !== cancelled {
            #expect(call.messages == [[UInt8(index)]])
        }
        #expect(cancelled.code == .cancelled)
        #expect(cancelled.outcome?.reach == .neverSent)
        #expect(upstream.acceptedConnections == 1)
        #expect(upstream.requests.count == 49)
        #expect(upstream.violations.isEmpty)
    }

    @Test
    func theQueueIsBounded() throws {
        let upstream = try ScriptedUpstream { _ in ConnectionBehavior(settings: [.maxConcurrentStreams(0)]) }
        defer { upstream.stop() }
        let client = try TestClient(upstream) { $0.maxWaitingCalls = 3 }
        let calls = (0..<4).map { _ in client.start("/s/M") }
        #expect(client.finish(calls[3]))
        #expect(calls[3].code == .unavailable)
        #expect(calls[3].outcome?.origin == .overload)
        #expect(calls[..<3].allSatisfy { !$0.isClosed })
    }

    @Test
    func aSmallWindowOnlySlowsTheRequestDown() throws {
        let upstream = try ScriptedUpstream { _ in ConnectionBehavior(settings: [.initialWindowSize(16)]) }
        defer { upstream.stop() }
        upstream.on("/s/Echo") { .answer($0.messages.first ?? []) }
        let client = try TestClient(upstream)
        let message = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
        let calls = (0..<3).map { _ in client.start("/s/Echo", message) }
        #expect(client.finish(calls))
        #expect(calls.allSatisfy { $0.messages == [message] })
    }

    @Test
    func aLargeRequestIsWrittenAsTheSocketTakesIt() throws {
        let upstream = try ScriptedUpstream { _ in
            ConnectionBehavior(settings: [.initialWindowSize(64 * 1024 * 1024)])
        }
        defer { upstream.stop() }
        upstream.on("/s/M") { .answer(Array("\($0.messages.first?.count ?? 0)".utf8)) }
        let client = try TestClient(upstream)
        let call = client.start("/s/M", [UInt8](repeating: 3, count: 16 * 1024 * 1024))
        #expect(client.finish(call))
        #expect(call.messages == [Array("16777216".utf8)])
    }

    @Test
    func aServerThatIsNotHTTP2() throws {
        let upstream = try ScriptedUpstream { _ in
            ConnectionBehavior(settings: nil, greeting: Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
        }
        defer { upstream.stop() }
        let client = try TestClient(upstream)
        let call = client.start("/s/M")
        #expect(client.finish(call))
        #expect(call.code == .unavailable)
        #expect(call.outcome?.status.message.contains("broke HTTP/2") == true)
        #expect(call.outcome?.reach == .neverSent)
    }

    @Test
    func aServerThatNeverSendsSettings() throws {
        let upstream = try ScriptedUpstream { $0 == 1 ? ConnectionBehavior(settings: nil) : .standard }
        defer { upstream.stop() }
        upstream.on("/s/M", .answer([1]))
        let client = try TestClient(upstream) { $0.connectTimeout = 50_000_000 }
        let call = client.start("/s/M")
        #expect(client.finish(call))
        #expect(call.code == .unavailable)
        #expect(call.outcome?.status.message.contains("no HTTP/2 connection within 0.05 s") == true)
        #expect(client.run { client.channel.state == .ready })
    }

    /// All are tried at once, so one that swallows everything does not keep the others from a try.
    @Test
    func addressesThatDoNotAnswerArePassedOver() throws {
        let silent = try (0..<2).map { _ in try ScriptedUpstream { _ in ConnectionBehavior(settings: nil) } }
        let good = try ScriptedUpstream()
        defer { (silent + [good]).forEach { $0.stop() } }
        good.on("/s/M", .answer([1]))
        let addresses = (silent + [good]).compactMap { SocketAddress(literal: "127.0.0.1", port: $0.port) }
        let client = try TestClient(target: "http://127.0.0.1:1") {
            $0.targets = [ChannelTarget(addresses: addresses, authority: "many")]
            $0.connectTimeout = 5_000_000_000
        }
        let begun = client.loop.now()
        let call = client.start("/s/M")
        #expect(client.finish(call))
        #expect(call.code == .ok)
        #expect(begun.advanced(by: 4_000_000_000) > client.loop.now())
        #expect(client.run { silent.allSatisfy { $0.acceptedConnections == 1 } })
    }

    @Test
    func noneOfTheAddressesAnswers() throws {
        let silent = try (0..<2).map { _ in try ScriptedUpstream { _ in ConnectionBehavior(settings: nil) } }
        defer { silent.forEach { $0.stop() } }
        let addresses = silent.compactMap { SocketAddress(literal: "127.0.0.1", port: $0.port) }
        let client = try TestClient(target: "http://127.0.0.1:1") {
            $0.targets = [ChannelTarget(addresses: addresses, authority: "many")]
            $0.connectTimeout = 60_000_000
            $0.backoff.initial = 60_000_000_000
            $0.backoff.maximum = 60_000_000_000
        }
        let call = client.start("/s/M")
        #expect(client.finish(call))
        #expect(
            call.outcome?.status
                == Status(.unavailable, "upstream many: connect: no HTTP/2 connection within 0.06 s")
        )
        #expect(silent.allSatisfy { $0.acceptedConnections == 1 })
    }

    @Test
    func aServerThatEndsConnectionsAtOnceIsNotHammered() throws {
        let upstream = try ScriptedUpstream { $0 <= 3 ? ConnectionBehavior(endsAtOnce: .abort) : .standard }
        defer { upstream.stop() }
        upstream.on("/s/M", .answer([1]))
        let client = try TestClient(upstream)
        client.channel.connect()
        #expect(client.run { client.channel.state == .ready })
        let call = client.start("/s/M")
        #expect(client.finish(call))
        #expect(call.code == .ok)
        #expect(upstream.acceptedConnections == 4)
    }

    @Test
    func aNameIsResolvedAndItsAddressesAreTried() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/M", .answer([1]))
        // May well give ::1 first, where nothing listens.
        let client = try TestClient(target: "http://localhost:\(upstream.port)")
        let call = client.start("/s/M")
        #expect(client.finish(call))
        #expect(call.code == .ok)
        #expect(upstream.requests.first?.authority == "localhost:\(upstream.port)")
    }

    @Test
    func aNameThatDoesNotExist() throws {
        let client = try TestClient(target: "http://nonexistent.invalid:1")
        let call = client.start("/s/M")
        #expect(client.finish(call))
        #expect(call.code == .unavailable)
        #expect(call.outcome?.status.message.hasPrefix("upstream http://nonexistent.invalid:1: getaddrinfo: ") == true)
    }
}
