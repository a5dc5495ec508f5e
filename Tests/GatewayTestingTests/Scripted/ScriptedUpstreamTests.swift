import Glibc
import Testing

@testable import GatewayTesting

@Suite
struct ScriptedUpstreamTests {
    @Test
    func recordsARequestInFull() throws {
        let upstream = try ScriptedUpstream()
        upstream.on("/t.S/M", .answer([1]))
        let client = try HTTP2TestClient(port: upstream.port)
        let extra: HeaderList = ["te": "trailers", "grpc-timeout": "15S", "x-twice": "a", "x-twice": "b"]
        let stream = client.request("/t.S/M", headers: extra, message: [4, 5, 6])
        let request = try #require(upstream.waitForRequests(1).first)
        #expect(request.path == "/t.S/M")
        #expect(request.authority == "test")
        #expect(request.timeout == "15S")
        #expect(request.stream == stream)
        #expect(request.connection == 1)
        #expect(request.body == [0, 0, 0, 0, 3, 4, 5, 6])
        #expect(request.messages == [[4, 5, 6]])
        #expect(request.headers.values("x-twice") == ["a", "b"])
        #expect(request.headers.fields.prefix(4).map(\.name) == [":method", ":scheme", ":path", ":authority"])
        #expect(request.isComplete)
        #expect(request.resetCode == nil)
    }

    @Test
    func recordsTheClientsReset() throws {
        let upstream = try ScriptedUpstream()
        upstream.on("/t.S/M", .silence)
        let client = try HTTP2TestClient(port: upstream.port)
        let stream = client.request("/t.S/M")
        _ = upstream.waitForRequests(1)
        client.reset(stream, .cancel)
        let requests = upstream.waitForRequests { $0[0].resetCode != nil }
        let request = try #require(requests.first)
        #expect(request.isComplete)
        #expect(request.resetCode == .cancel)
        #expect(!request.isConnectionLost)
    }

    @Test
    func recordsALostConnection() throws {
        let upstream = try ScriptedUpstream()
        upstream.on("/t.S/M", .silence)
        var client: HTTP2TestClient? = try HTTP2TestClient(port: upstream.port)
        _ = client?.request("/t.S/M", endStream: false)
        _ = upstream.waitForRequests { $0.first?.body.count == 5 }
        client = nil
        let requests = upstream.waitForRequests { $0[0].isConnectionLost }
        let request = try #require(requests.first)
        #expect(!request.isComplete)
        #expect(request.isConnectionLost)
        #expect(upstream.openConnections == 0)
        #expect(upstream.acceptedConnections == 1)
    }

    @Test
    func scriptsFollowOneAnotherAndTheLastRepeats() throws {
        let upstream = try ScriptedUpstream()
        upstream.on("/t.S/M", [.reset(.refusedStream)], .status(14), .status(0))
        let client = try HTTP2TestClient(port: upstream.port)
        let last = (0..<4).map { _ in client.finish(client.request("/t.S/M")).last }
        #expect(last[0] == .reset(stream: 1, .refusedStream))
        let codes = last.dropFirst().map { event -> String? in
            guard case .headers(_, let headers, _) = event else { return nil }
            return headers["grpc-status"]
        }
        #expect(codes == ["14", "0", "0"])
        #expect(upstream.requests(for: "/t.S/M").map(\.ordinal) == [0, 1, 2, 3])
    }

    @Test
    func unknownPathsAreUnimplemented() throws {
        let upstream = try ScriptedUpstream()
        let client = try HTTP2TestClient(port: upstream.port)
        guard case .headers(_, let headers, true) = client.finish(client.request("/t.S/None")).first else {
            Issue.record("no trailers-only answer")
            return
        }
        #expect(headers["grpc-status"] == "12")
    }

    @Test
    func aScriptMayStartAtTheHeaders() throws {
        let upstream = try ScriptedUpstream()
        upstream.on("/t.S/M", at: .headers, .status(3))
        let client = try HTTP2TestClient(port: upstream.port)
        #expect(client.finish(client.request("/t.S/M", endStream: false)).count == 1)
        #expect(upstream.requests.first?.isComplete == false)
    }

    @Test
    func settingsAreSentAndEnforced() throws {
        let settings: [HTTP2Setting] = [
            .headerTableSize(0), .maxConcurrentStreams(1), .initialWindowSize(16), .maxFrameSize(20_000),
        ]
        let upstream = try ScriptedUpstream { _ in ConnectionBehavior(settings: settings) }
        upstream.on("/t.S/M", .answer([1]))
        let client = try HTTP2TestClient(port: upstream.port)
        client.run { $0.contains(.settings(settings, isAcknowledgement: false)) }
        let message = [UInt8](repeating: 3, count: 500)
        #expect(client.finish(client.request("/t.S/M", message: message)).count == 3)
        #expect(upstream.requests.first?.messages == [message])
        #expect(upstream.connections[0].isSettingsAcknowledged)
    }

    @Test
    func invalidSettingsReachTheWire() throws {
        let upstream = try ScriptedUpstream { _ in ConnectionBehavior(settings: [.maxFrameSize(1)]) }
        let client = try HTTP2TestClient(port: upstream.port)
        client.run { _ in client.isFinished }
        let connections = upstream.waitForConnections { $0.first?.goAwayCode != nil }
        #expect(connections.first?.goAwayCode == .protocolError)
    }

    @Test
    func settingsMayNeverCome() throws {
        let upstream = try ScriptedUpstream { _ in ConnectionBehavior(settings: nil) }
        upstream.on("/t.S/M", .answer([1]))
        let client = try HTTP2TestClient(port: upstream.port)
        _ = client.request("/t.S/M")
        // nghttp2's client insists on SETTINGS first and gives up.
        client.run { _ in client.isFinished }
        let connections = upstream.waitForConnections { $0[0].goAwayCode != nil }
        #expect(connections.first?.goAwayCode == .protocolError)
        #expect(
            !client.events.contains {
                if case .settings = $0 { return true }
                return false
            }
        )
    }

    @Test(arguments: [
        (ConnectionBehavior.Ending.close, HTTP2TestClient.Event.closed), (.abort, .aborted),
    ])
    func connectionsMayEndAtOnce(ending: ConnectionBehavior.Ending, event: HTTP2TestClient.Event) throws {
        let upstream = try ScriptedUpstream { number in ConnectionBehavior(endsAtOnce: number == 1 ? ending : .no) }
        upstream.on("/t.S/M", .answer([1]))
        let first = try HTTP2TestClient(port: upstream.port)
        first.run { $0.contains(event) }
        #expect(first.events.contains(event))
        let second = try HTTP2TestClient(port: upstream.port)
        #expect(second.finish(second.request("/t.S/M")).count == 3)
        #expect(upstream.acceptedConnections == 2)
        #expect(upstream.openConnections == 1)
    }

    @Test
    func garbageIsSentAsItIs() throws {
        let garbage = Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)
        let upstream = try ScriptedUpstream { _ in
            ConnectionBehavior(settings: nil, greeting: garbage, endsAtOnce: .close)
        }
        let socket = try Sockets.connect(host: "127.0.0.1", port: upstream.port)
        defer { close(socket) }
        var seen: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 100)
        while case let count = recv(socket, &buffer, buffer.count, 0), count > 0 { seen += buffer[..<count] }
        #expect(seen == garbage)
    }

    @Test
    func pingsAndGoAwayOfTheClientAreCounted() throws {
        let upstream = try ScriptedUpstream()
        let client = try HTTP2TestClient(port: upstream.port)
        for _ in 0..<3 { client.ping() }
        client.goAway(.enhanceYourCalm)
        let connections = upstream.waitForConnections { $0.first?.goAwayCode != nil }
        let connection = try #require(connections.first)
        #expect(connection.pings == 3)
        #expect(connection.goAwayCode == .enhanceYourCalm)
    }

    @Test
    func actsOnConnectionsFromOutside() throws {
        let upstream = try ScriptedUpstream()
        let clients = try (0..<2).map { _ in try HTTP2TestClient(port: upstream.port) }
        for client in clients { client.ping() }
        _ = upstream.waitForConnections { $0.count == 2 && $0.allSatisfy { $0.pings == 1 } }
        upstream.perform(.goAway(lastStream: .max, .noError, debug: []))
        for client in clients { #expect(client.run { $0.contains(.goAway(lastStream: .max, .noError, debug: [])) }) }
        upstream.perform(.abort, onConnection: 1)
        _ = upstream.waitForConnections { !$0[0].isOpen }
        #expect(upstream.openConnections == 1)
        upstream.perform(.close)
        _ = upstream.waitForConnections { $0.allSatisfy { !$0.isOpen } }
        #expect(upstream.openConnections == 0)
    }

    @Test
    func breachesOfTheProtocolAreNoted() throws {
        let upstream = try ScriptedUpstream()
        let socket = try Sockets.connect(host: "127.0.0.1", port: upstream.port)
        defer { close(socket) }
        let hello = Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
        #expect(send(socket, hello, hello.count, 0) == hello.count)
        _ = upstream.waitForConnections { $0.first?.isOpen == false }
        #expect(upstream.violations.count == 1)
    }

    @Test
    func comesBackOnTheSamePort() throws {
        let reservation = try PortReservation()
        #expect(throws: SystemError.self) { _ = try HTTP2TestClient(port: reservation.port) }
        let first = try ScriptedUpstream(port: reservation.port)
        #expect(first.port == reservation.port)
        let client = try HTTP2TestClient(port: first.port)
        client.run { !$0.isEmpty }
        first.stop()
        first.stop()
        #expect(client.run { $0.contains(.closed) || $0.contains(.aborted) })
        #expect(throws: SystemError.self) { _ = try HTTP2TestClient(port: first.port) }
        let second = try ScriptedUpstream(port: first.port)
        second.on("/t.S/M", .answer([1]))
        let again = try HTTP2TestClient(port: second.port)
        #expect(again.finish(again.request("/t.S/M")).count == 3)
        #expect(throws: SystemError.self) { _ = try ScriptedUpstream(port: first.port) }
    }

    @Test
    func carriesManyConnectionsAndCallsAtOnce() throws {
        let upstream = try ScriptedUpstream()
        upstream.on("/t.S/M") { .answer($0.messages.first ?? []) }
        let clients = try (0..<50).map { _ in try HTTP2TestClient(port: upstream.port) }
        let streams = clients.map { client in (0..<20).map { client.request("/t.S/M", message: [UInt8($0)]) } }
        for (client, streams) in zip(clients, streams) {
            for (index, stream) in streams.enumerated() {
                let expected = HTTP2TestClient.Event.data(
                    stream: stream,
                    GRPCFrame.encode([UInt8(index)]),
                    endStream: false
                )
                #expect(client.finish(stream).contains(expected))
            }
        }
        #expect(upstream.requests.count == 1000)
        #expect(upstream.violations.isEmpty)
    }
}
