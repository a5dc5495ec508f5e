import GatewayTesting
import RPCCore
import Testing

@testable import GRPCChannel

/// Servers that a client must not talk to, and what it says about each.
@Suite
struct TLSFailureTests {
    @Test
    func anotherHost() throws {
        let authority = try TestAuthority()
        let identity = try authority.issue(
            names: ["a.test", "*.b.test", "c d.test"],
            addresses: [[10, 0, 0, 1], Array(repeating: 0, count: 15) + [1]]
        )
        let tls = try TLSUpstream(authority: authority, identity: identity)
        let client = try tls.client()
        let message = try tls.failure(client)
        #expect(
            message.hasSuffix(
                ": TLS: the certificate of gateway.test is for another host "
                    + "(its names: a.test, *.b.test, c?d.test, 10.0.0.1, 0:0:0:0:0:0:0:1)"
            ),
            "\(message)"
        )
        // The server is told, too.
        #expect(client.run { tls.front.connections.first?.alert?.hasPrefix("Certificate") == true })
    }

    /// A DNS name that looks like the address is not the address.
    @Test
    func anAddressNeedsItsAddress() throws {
        let authority = try TestAuthority()
        let identity = try authority.issue(names: ["127.0.0.1"], addresses: [[127, 0, 0, 2]])
        let tls = try TLSUpstream(authority: authority, identity: identity)
        let message = try tls.failure(try tls.client(as: "127.0.0.1"))
        #expect(message.contains("is for another host (its names: 127.0.0.1, 127.0.0.2)"), "\(message)")
    }

    /// A common name is no name of a server's (RFC 9525), whether or not there are other names beside it.
    @Test(arguments: [([], "it has no names"), ([[127, 0, 0, 1]], "its names: 127.0.0.1")] as [([[UInt8]], String)])
    func aCommonNameDoesNotCount(addresses: [[UInt8]], names: String) throws {
        let authority = try TestAuthority()
        // Its common name is "test", as the authority gives one to all without a DNS name.
        let identity = try authority.issue(addresses: addresses)
        let tls = try TLSUpstream(authority: authority, identity: identity)
        let client = try tls.client(as: "test")
        let message = try tls.failure(client)
        #expect(message.hasSuffix("the certificate of test is for another host (\(names))"), "\(message)")
        #expect(client.run { tls.front.connections.first?.alert?.hasPrefix("Certificate") == true })
    }

    /// Neither the target's name counts then, nor a certificate for it.
    @Test
    func theAuthorityIsVerified() throws {
        let tls = try TLSUpstream()
        let message = try tls.failure(try tls.client { $0.authority = "elsewhere.test:443" })
        #expect(message.contains("the certificate of elsewhere.test is for another host (its names: gateway.test,"))
    }

    @Test(
        arguments: [
            (.expired, "has expired"), (.notYet, "is not valid yet"),
        ] as [(TestAuthority.Validity, String)]
    )
    func notNow(validity: TestAuthority.Validity, reason: String) throws {
        let authority = try TestAuthority()
        let identity = try authority.issue(names: [TLSUpstream.name], validity: validity)
        let tls = try TLSUpstream(authority: authority, identity: identity)
        let message = try tls.failure(try tls.client())
        #expect(message.hasSuffix(": TLS: the certificate of gateway.test \(reason)"), "\(message)")
    }

    @Test
    func selfSigned() throws {
        let tls = try TLSUpstream(identity: TestAuthority.selfSigned(names: [TLSUpstream.name]))
        let message = try tls.failure(try tls.client())
        #expect(message.hasSuffix("the certificate of gateway.test is self-signed and not trusted"), "\(message)")
    }

    @Test
    func anUnknownAuthority() throws {
        let tls = try TLSUpstream(identity: TestAuthority("Other").issue(names: [TLSUpstream.name]))
        let message = try tls.failure(try tls.client())
        #expect(message.hasSuffix("the certificate of gateway.test is not signed by a trusted authority"), "\(message)")
    }

    /// The system's authorities do not know the test's.
    @Test
    func theSystemsAuthorities() throws {
        let tls = try TLSUpstream()
        let message = try tls.failure(try tls.client(TLSCredentials()))
        #expect(message.hasSuffix("the certificate of gateway.test is not signed by a trusted authority"), "\(message)")
    }

    @Test
    func aCertificateForClients() throws {
        let authority = try TestAuthority()
        let identity = try authority.issue(names: [TLSUpstream.name], purpose: .client)
        let tls = try TLSUpstream(authority: authority, identity: identity)
        let message = try tls.failure(try tls.client())
        #expect(message.hasSuffix("the certificate of gateway.test is not for servers"), "\(message)")
    }

    @Test(arguments: [[], ["http/1.1"]])
    func noHTTP2(protocols: [String]) throws {
        let tls = try TLSUpstream { $0.protocols = protocols }
        let message = try tls.failure(try tls.client())
        #expect(
            message.hasSuffix("TLS: the server does not offer HTTP/2 (it did not choose h2 in ALPN)"),
            "\(message)"
        )
    }

    /// The second of them has only what RFC 9113, appendix A forbids.
    @Test(arguments: [
        "NORMAL:-VERS-ALL:+VERS-TLS1.1", "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC",
    ])
    func tooOld(priorities: String) throws {
        let tls = try TLSUpstream { $0.priorities = priorities }
        let message = try tls.failure(try tls.client())
        #expect(message.contains("it has no TLS 1.2 or 1.3 with algorithms fit for HTTP/2"), "\(message)")
        #expect(tls.front.connections.allSatisfy { $0.version == nil })
    }

    /// What a server says that has no alert for it: a ServerHello of TLS 1.1.
    @Test
    func aServerHelloOfTLS11() throws {
        let hello: [UInt8] = [2, 0, 0, 38, 3, 2] + [UInt8](repeating: 7, count: 32) + [0, 0xC0, 0x2B, 0]
        let greeting: [UInt8] = [22, 3, 2, 0, UInt8(hello.count)] + hello
        let upstream = try ScriptedUpstream { _ in ConnectionBehavior(settings: nil, greeting: greeting) }
        defer { upstream.stop() }
        let credentials = try TLSCredentials()
        let client = try TestClient(target: "https://127.0.0.1:\(upstream.port)") { $0.tls = credentials }
        let call = client.start("/s/Echo")
        #expect(client.finish(call))
        let message = try #require(call.outcome?.status.message)
        #expect(message.hasSuffix("TLS: the server speaks neither TLS 1.2 nor 1.3"), "\(message)")
    }

    @Test
    func closedInTheHandshake() throws {
        let tls = try TLSUpstream { $0.misconduct = .closesInHandshake }
        let message = try tls.failure(try tls.client())
        #expect(
            message.hasSuffix(
                "TLS: the handshake was cut short: the upstream closed the connection"
            ),
            "\(message)"
        )
    }

    @Test
    func aSilentServer() throws {
        let tls = try TLSUpstream { $0.misconduct = .stallsInHandshake }
        let message = try tls.failure(try tls.client { $0.connectTimeout = 50_000_000 })
        #expect(message.hasSuffix("connect: no HTTP/2 connection within 0.05 s"), "\(message)")
    }

    @Test(arguments: [
        ConnectionBehavior.standard,
        ConnectionBehavior(settings: nil, greeting: Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)),
        ConnectionBehavior(settings: nil, greeting: [UInt8](repeating: 0xA7, count: 100_000)),
    ])
    func noTLS(behavior: ConnectionBehavior) throws {
        let upstream = try ScriptedUpstream { _ in behavior }
        defer { upstream.stop() }
        let credentials = try TLSCredentials()
        let client = try TestClient(target: "https://127.0.0.1:\(upstream.port)") { $0.tls = credentials }
        let call = client.start("/s/Echo")
        #expect(client.finish(call))
        #expect(call.code == .unavailable)
        let message = try #require(call.outcome?.status.message)
        #expect(message.hasSuffix("TLS: the server does not speak TLS on this port"), "\(message)")
    }

    /// What begins like TLS and goes on like noise.
    @Test(arguments: 0..<50)
    func noise(seed: Int) throws {
        var generator = SystemRandomNumberGenerator()
        let noise = (0..<2000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let greeting = [22, 3, 3, UInt8(seed), 0x7A, 2, 0, UInt8(seed), 0x70, 3, 3] + noise
        let upstream = try ScriptedUpstream { _ in
            ConnectionBehavior(settings: nil, greeting: greeting, endsAtOnce: .close)
        }
        defer { upstream.stop() }
        let credentials = try TLSCredentials()
        let client = try TestClient(target: "https://127.0.0.1:\(upstream.port)") { $0.tls = credentials }
        let call = client.start("/s/Echo")
        #expect(client.finish(call))
        #expect(call.code == .unavailable, "\(greeting)")
        #expect(call.outcome?.reach == .neverSent)
    }

    @Test
    func noCredentials() throws {
        let tls = try TLSUpstream()
        let message = try tls.failure(try tls.client { $0.tls = nil })
        #expect(message.hasSuffix("no TLS credentials were given"), "\(message)")
    }
}
