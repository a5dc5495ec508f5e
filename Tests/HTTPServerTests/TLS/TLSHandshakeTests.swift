import GatewayTesting
import HTTPServer
import Testing

/// How TLS connections begin, and how they do not.
@Suite
struct TLSHandshakeTests {
    @Test(arguments: ["TLS1.2", "TLS1.3"])
    func modernVersionsAreSpoken(version: String) throws {
        let server = try SecureServer()
        let client = try server.client {
            $0.priorities = "NORMAL:-VERS-ALL:+VERS-\(version)"
            $0.protocols = ["http/1.1"]
        }
        #expect(client.tlsVersion == version)
        #expect(client.tlsProtocol == "http/1.1")
        #expect(client.serverCertificates.count == 2)
        for number in 0..<3 { #expect(try client.get("/\(number)").text == "GET /\(number) ") }
    }

    /// What a client offers, and the alert that it gets for it.
    static let refusals: [(priorities: String, protocols: [String], alert: String)] = [
        ("NORMAL:-VERS-ALL:+VERS-TLS1.1:%ALLOW_SMALL_RECORDS", [], "Error in protocol version"),
        ("NORMAL:-VERS-ALL:+VERS-TLS1.0", [], "Error in protocol version"),
        ("NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+DHE-RSA:+RSA", [], "Handshake failed"),
        ("NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC", [], "Handshake failed"),
        ("NORMAL", ["h2"], "Handshake failed"),
    ]

    @Test(arguments: refusals)
    func oldOrForeignClientsAreRefused(_ offer: (priorities: String, protocols: [String], alert: String)) throws {
        let server = try SecureServer()
        #expect(throws: TLSClientError.alert(offer.alert)) {
            _ = try server.client {
                $0.priorities = offer.priorities
                $0.protocols = offer.protocols
            }
        }
        #expect(try server.client().get("/").status == 200)
        #expect(server.server.ask { $0.exchangesInProgress } == 0)
    }

    @Test(arguments: ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\0\0\0\0\0\0", "\u{16}\u{3}\u{1}\0\u{5}hello", "\r\n"])
    func whoeverSpeaksNoTLSIsDisconnected(bytes: String) throws {
        let server = try SecureServer()
        let client = try server.server.client()
        try client.send(bytes)
        client.shutdownSending()
        let answer = try client.readToEnd()
        // At most an alert; never HTTP.
        #expect(answer.isEmpty || answer.first == 21, "\(answer)")
        #expect(try server.client().get("/").status == 200)
    }

    @Test(arguments: [0, 1, 5, 60])
    func aStalledHandshakeEndsWithTheHeaderTimeout(count: Int) async throws {
        let server = try SecureServer { $0.headerTimeout = 300 }
        let client = try server.server.client()
        // A record of 512 bytes with a ClientHello that never comes whole.
        let hello: [UInt8] = [22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3] + [UInt8](repeating: 7, count: 100)
        try client.send(Array(hello[..<count]))
        #expect(client.isClosedByServer() || (try? client.readToEnd())?.first == 21)
        try await eventually("connections are as expected") { server.server.ask { $0.connectionCount } == 0 }
    }

    /// libmicrohttpd would run again and again for as long as a handshake waits for its client.
    @Test
    func aWaitingHandshakeCostsNoTurns() async throws {
        let server = try SecureServer()
        let clients = try (0..<50).map { _ in try server.server.client() }
        for client in clients { try client.send([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]) }
        try await eventually("connections are as expected") { server.server.ask { $0.connectionCount } == 50 }
        let before = try #require(server.server.ask { $0.turns })
        for _ in 0..<20 { #expect(try server.client().get("/").status == 200) }
        let turns = try #require(server.server.ask { $0.turns }) - before
        #expect(turns < 2000, "\(turns) turns")
    }

    @Test
    func bytesMayDrip() throws {
        let server = try SecureServer()
        let client = try server.client()
        for byte in "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n".utf8 { try client.send([byte]) }
        #expect(try client.readResponse().text == "GET /slow ")
    }

    @Test(arguments: ["TLS1.2", "TLS1.3"])
    func sessionsAreResumed(version: String) throws {
        let server = try SecureServer()
        let priorities = "NORMAL:-VERS-ALL:+VERS-\(version)"
        let first = try server.client { $0.priorities = priorities }
        #expect(try first.get("/").status == 200)
        let data = first.sessionData
        let second = try server.client {
            $0.priorities = priorities
            $0.sessionData = data
        }
        #expect(second.isResumed)
        #expect(try second.get("/").status == 200)
    }

    @Test
    func connectionsKeepTheirCertificateAndNewOnesGetTheNextOne() throws {
        let server = try SecureServer()
        let old = try server.client()
        let certificate = old.serverCertificates.first
        let fresh = try server.makeCredentials()
        let halfway = try server.server.client()
        #expect(server.server.ask { $0.replaceCredentials(fresh) } != nil)
        let new = try server.client()
        #expect(new.serverCertificates.first != certificate)
        #expect(try new.get("/").status == 200)
        #expect(try old.get("/").status == 200)
        #expect(old.serverCertificates.first == certificate)
        // Accepted before, or not: it gets one of the two.
        try halfway.startTLS(TLSClientOptions(authority: server.authority.pem))
        #expect(try halfway.get("/").status == 200)
        // The old session's ticket is of no use any more, so its certificate is not either.
        let data = old.sessionData
        let resumed = try server.client { $0.sessionData = data }
        #expect(!resumed.isResumed)
        #expect(resumed.serverCertificates.first == new.serverCertificates.first)
    }
}
