import EventLoop
import GatewayTesting
import Synchronization
import Testing

@testable import GRPCChannel

/// Connections that end of the client's own accord (RFC 9113, section 6.8).
@Suite
struct GoodbyeTests {
    @Test(arguments: [false, true])
    func aClosedChannelSaysSo(hasCall: Bool) throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/M", hasCall ? .silence : .answer([1]))
        let client = try TestClient(upstream)
        let call = client.start("/s/M")
        #expect(client.run { upstream.requests.contains(where: \.isComplete) && (hasCall || call.isClosed) })
        client.channel.close()
        let connections = upstream.waitForConnections { $0.allSatisfy { !$0.isOpen } }
        #expect(connections.map(\.goAwayCode) == [.noError])
        #expect(call.isClosed)
        #expect(upstream.violations.isEmpty)
    }

    @Test
    func aHookMayCloseTheChannel() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/M", [.grpcHeaders(), .message([1])])
        let client = try TestClient(upstream)
        let call = client.stream("/s/M") { _ in client.channel.close() }
        #expect(client.finish(call))
        let connections = upstream.waitForConnections { $0.allSatisfy { !$0.isOpen } }
        #expect(connections.map(\.goAwayCode) == [.noError])
        #expect(upstream.violations.isEmpty)
    }

    /// A call that waits for its first flush is not sent only to be given up.
    @Test
    func aCallThatWasNotSentStaysSo() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/M", .answer([1]))
        let client = try TestClient(upstream)
        client.channel.connect()
        #expect(client.run { client.channel.state == .ready })
        let call = client.start("/s/M")
        client.channel.close()
        #expect(call.outcome?.reach == .neverSent)
        let connections = upstream.waitForConnections { $0.allSatisfy { !$0.isOpen } }
        #expect(connections.map(\.goAwayCode) == [.noError])
        #expect(upstream.requests.isEmpty)
    }

    @Test
    func anAddressThatIsGoneIsTold() throws {
        let first = try ScriptedUpstream()
        let second = try ScriptedUpstream()
        defer { [first, second].forEach { $0.stop() } }
        let addresses = Mutex([first.port])
        let client = try TestClient(target: "http://name") {
            $0.lookupPeriod = 10_000_000
            $0.lookup = { _, _, loop, completion in
                LoopTimer.callSoon(on: loop) {
                    let ports = addresses.withLock { $0 }
                    completion(.success(ports.compactMap { SocketAddress(literal: "127.0.0.1", port: $0) }))
                }
            }
        }
        client.channel.connect()
        #expect(client.run { first.connections.contains(where: \.isSettingsAcknowledged) })
        addresses.withLock { $0 = [second.port] }
        #expect(client.run { first.openConnections == 0 })
        #expect(first.connections.map(\.goAwayCode) == [.noError])
        #expect(second.connections.map(\.goAwayCode).allSatisfy { $0 == nil })
    }

    @Test
    func overTLSItComesBeforeCloseNotify() throws {
        let server = try TLSUpstream()
        let client = try server.client()
        let call = client.start("/s/Echo", [1])
        #expect(client.finish(call))
        client.channel.close()
        let connections = server.upstream.waitForConnections { $0.allSatisfy { !$0.isOpen } }
        #expect(connections.map(\.goAwayCode) == [.noError])
        #expect(server.upstream.violations.isEmpty)
    }

    /// nghttp2 has named the server's fault, which is no time for a NO_ERROR.
    @Test
    func aServerAtFaultIsToldThatAlone() throws {
        let upstream = try ScriptedUpstream()
        defer { upstream.stop() }
        upstream.on("/s/M", [.raw { HTTP2Frame.bytes(type: 9, stream: $0, payload: [0x88]) }, .hold(Gate())])
        let client = try TestClient(upstream)
        let call = client.start("/s/M")
        #expect(client.finish(call))
        let connections = upstream.waitForConnections { $0.first?.isOpen == false }
        #expect(connections.first?.goAwayCode == .protocolError)
    }
}
