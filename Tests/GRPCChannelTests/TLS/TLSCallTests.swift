import EventLoop
import GatewayTesting
import RPCCore
import Testing

@testable import GRPCChannel

/// Calls over TLS that work.
@Suite
struct TLSCallTests {
    @Test(arguments: ["TLS1.3", "TLS1.2"])
    func aCall(version: String) throws {
        let tls = try TLSUpstream { $0.priorities = "NORMAL:-VERS-ALL:+VERS-\(version)" }
        let client = try tls.client()
        let call = client.start("/s/Echo", [1, 2, 3])
        #expect(client.finish(call))
        #expect(call.code == .ok)
        #expect(call.messages == [[1, 2, 3]])
        let connection = try #require(tls.front.connections.first)
        #expect(connection.version == version)
        #expect(connection.serverName == TLSUpstream.name)
        #expect(!connection.hasClientCertificate)
        let request = try #require(tls.upstream.requests.first)
        #expect(request.headers[":scheme"] == "https")
        #expect(request.authority == "\(TLSUpstream.name):\(tls.front.port)")
        #expect(tls.upstream.violations.isEmpty)
    }

    /// An address is verified as such, and SNI cannot say it.
    @Test
    func anAddress() throws {
        let tls = try TLSUpstream()
        let credentials = try tls.credentials()
        let client = try TestClient(target: "https://127.0.0.1:\(tls.front.port)") { $0.tls = credentials }
        let call = client.start("/s/Echo", [1])
        #expect(client.finish(call))
        #expect(call.code == .ok)
        #expect(tls.front.connections.map(\.serverName) == [nil])
    }

    @Test
    func theAuthorityIsWhoMustAnswer() throws {
        let tls = try TLSUpstream()
        let client = try tls.client(as: "elsewhere.test") { $0.authority = TLSUpstream.name + "." }
        let call = client.start("/s/Echo", [1])
        #expect(client.finish(call))
        #expect(call.code == .ok)
        #expect(tls.front.connections.map(\.serverName) == [TLSUpstream.name])
        #expect(tls.upstream.requests.map(\.authority) == [TLSUpstream.name + "."])
    }

    /// Workers are threads with a channel each and the same credentials.
    @Test
    func threadsThatShareCredentials() throws {
        let tls = try TLSUpstream()
        let credentials = try tls.credentials()
        let target = "https://127.0.0.1:\(tls.front.port)"
        let succeeded = Monitor(0)
        let threads = try (0..<4).map { _ in
            try LoopThread {
                for _ in 0..<25 {
                    guard let client = try? TestClient(target: target, { $0.tls = credentials }) else { continue }
                    let call = client.start("/s/Echo", [1])
                    if client.finish(call), call.code == .ok { succeeded.update { $0 += 1 } }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(succeeded.read { $0 } == 100)
    }

    @Test
    func manyCallsAtOnce() throws {
        let tls = try TLSUpstream()
        let client = try tls.client()
        let calls = (0..<1000).map { client.start("/s/Echo", [UInt8](repeating: UInt8($0 % 256), count: $0)) }
        #expect(client.finish(calls))
        for (index, call) in calls.enumerated() {
            #expect(call.messages == [[UInt8](repeating: UInt8(index % 256), count: index)])
        }
        // The server takes 100 calls a connection at a time, and the channel makes a few.
        #expect((1...4).contains(tls.front.connections.count))
    }

    @Test(arguments: ["TLS1.3", "TLS1.2"])
    func aLargeAnswer(version: String) throws {
        let tls = try TLSUpstream { $0.priorities = "NORMAL:-VERS-ALL:+VERS-\(version)" }
        var message = [UInt8](repeating: 7, count: 32 << 20)
        // Not the same in any two records.
        for index in stride(from: 0, to: message.count, by: 4099) { message[index] = UInt8.random(in: 0...255) }
        tls.upstream.on("/s/Large", .answer(message))
        let client = try tls.client()
        let call = client.start("/s/Large")
        #expect(client.finish(call))
        #expect(call.code == .ok)
        #expect(call.messages == [message])
    }

    @Test
    func aLargeRequest() throws {
        let tls = try TLSUpstream()
        tls.upstream.on("/s/Size") { .answer(Array("\($0.messages.first?.count ?? 0)".utf8)) }
        let client = try tls.client()
        let call = client.start("/s/Size", [UInt8](repeating: 3, count: 16 << 20))
        #expect(client.finish(call))
        #expect(call.messages == [Array("16777216".utf8)])
    }

    /// The server has new keys made again and again while an answer is on its way.
    @Test
    func newKeysInTheMiddle() throws {
        let tls = try TLSUpstream { $0.misconduct = .updatesKeys(every: 1 << 20) }
        let message = (0..<4 << 20).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        tls.upstream.on("/s/Large", .answer(message))
        let client = try tls.client()
        let call = client.start("/s/Large")
        #expect(client.finish(call))
        #expect(call.messages == [message])
        // And in the other direction, with the keys that the client has made of it.
        let next = client.start("/s/Echo", [1])
        #expect(client.finish(next))
        #expect(next.code == .ok)
        #expect(tls.front.connections.map(\.keyUpdates)[0] >= 4)
    }
}
