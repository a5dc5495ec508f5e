import GatewayTesting
import RPCCore
import Testing

@testable import GRPCChannel

/// How TLS connections end and are taken up again.
@Suite
struct TLSConnectionTests {
    @Test(arguments: ["TLS1.3", "TLS1.2"])
    func theNextConnectionIsResumed(version: String) throws {
        let tls = try TLSUpstream { $0.priorities = "NORMAL:-VERS-ALL:+VERS-\(version)" }
        let client = try tls.client()
        for number in 1...3 {
            let call = client.start("/s/Echo", [1])
            #expect(client.finish(call))
            #expect(call.code == .ok)
            guard number < 3 else { break }
            tls.upstream.perform(.close)
            #expect(client.run { tls.upstream.acceptedConnections == number + 1 })
        }
        #expect(client.run { tls.front.connections.count == 3 })
        #expect(tls.front.connections.map(\.isResumed) == [false, true, true])
    }

    @Test
    func aServerWithoutTicketsIsFoundAgain() throws {
        let tls = try TLSUpstream { $0.sendsTickets = false }
        let client = try tls.client()
        let first = client.start("/s/Echo", [1])
        #expect(client.finish(first))
        tls.upstream.perform(.close)
        #expect(client.run { tls.upstream.acceptedConnections == 2 })
        let second = client.start("/s/Echo", [2])
        #expect(client.finish(second))
        #expect(second.code == .ok)
        #expect(tls.front.connections.map(\.isResumed) == [false, false])
    }

    @Test
    func closingSaysSo() throws {
        let tls = try TLSUpstream()
        let client = try tls.client()
        let call = client.start("/s/Echo", [1])
        #expect(client.finish(call))
        client.channel.close()
        #expect(client.run { tls.front.connections.allSatisfy { !$0.isOpen } })
        #expect(tls.front.connections.map(\.isEndedInOrder) == [true])
    }

    @Test(
        arguments: [
            (nil, "connection lost: the upstream closed the connection"),
            (.endsWithoutNotice, "connection lost: the upstream closed the connection, without ending TLS"),
        ] as [(TLSFrontOptions.Misconduct?, String)]
    )
    func aLostConnectionEndsItsCalls(misconduct: TLSFrontOptions.Misconduct?, message: String) throws {
        let tls = try TLSUpstream { $0.misconduct = misconduct }
        tls.upstream.on("/s/Silent", .silence)
        let client = try tls.client()
        let calls = (0..<20).map { _ in client.start("/s/Silent") }
        #expect(client.run { tls.upstream.requests.count { $0.isComplete } == 20 })
        tls.upstream.perform(.close)
        #expect(client.finish(calls))
        for call in calls {
            #expect(call.outcome?.status == Status(.unavailable, message))
            #expect(call.outcome?.reach == .mayHaveRun)
        }
        let next = client.start("/s/Echo", [1])
        #expect(client.finish(next))
        #expect(next.code == .ok)
    }

    /// A server that does not say why: it may not like the client certificate, which in TLS 1.3 comes last.
    @Test(arguments: [nil, .endsWithoutNotice] as [TLSFrontOptions.Misconduct?])
    func hangingUpAfterTheHandshake(misconduct: TLSFrontOptions.Misconduct?) throws {
        let gone = try ScriptedUpstream { _ in ConnectionBehavior(settings: nil, endsAtOnce: .close) }
        defer { gone.stop() }
        let tls = try TLSUpstream(to: gone) { $0.misconduct = misconduct }
        let message = try tls.outcome(tls.client()).status.message
        #expect(message.contains("right after the handshake; it may refuse our client certificate"), "\(message)")
    }

    /// HTTP/2 forbids it (RFC 9113, section 9.2.1), so the connection ends, and the next one serves.
    @Test
    func aRenegotiationEndsTheConnection() throws {
        let tls = try TLSUpstream {
            $0.priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.2"
            $0.misconduct = .renegotiates
        }
        let client = try tls.client { $0.backoff.initial = 60_000_000_000 }
        let message = try tls.outcome(client).status.message
        #expect(message.contains("the server asked for a renegotiation, which HTTP/2 forbids"))
    }

    /// The hook of a message closes the channel while TLS has more of them.
    @Test
    func closingInTheMiddleOfARead() throws {
        let tls = try TLSUpstream()
        tls.upstream.on("/s/Many", [.grpcHeaders(), .times(1000, .message([1])), .grpcTrailers()])
        let client = try tls.client()
        let call = client.stream("/s/Many") { _ in client.channel.close() }
        #expect(client.finish(call))
        #expect(call.messages == [[1]])
    }
}
