import GatewayTesting
import RPCCore
import Testing

@testable import GRPCChannel

/// Servers that want to know who is calling.
@Suite
struct TLSClientCertificateTests {
    private let authority: TestAuthority

    init() throws {
        authority = try TestAuthority("Client CA")
    }

    private func upstream(_ version: String, _ demand: TLSFrontOptions.ClientCertificate) throws -> TLSUpstream {
        let pem = authority.pem
        return try TLSUpstream {
            $0.priorities = "NORMAL:-VERS-ALL:+VERS-\(version)"
            $0.clientCertificate = demand
            $0.clientAuthority = demand == .required ? pem : nil
        }
    }

    @Test(arguments: ["TLS1.3", "TLS1.2"], [.requested, .required] as [TLSFrontOptions.ClientCertificate])
    func accepted(version: String, demand: TLSFrontOptions.ClientCertificate) throws {
        let tls = try upstream(version, demand)
        let client = try tls.client(tls.credentials(authority.issue(names: ["gateway"], purpose: .client)))
        let call = client.start("/s/Echo", [1])
        #expect(client.finish(call))
        #expect(call.code == .ok)
        #expect(tls.front.connections.map(\.hasClientCertificate) == [true])
    }

    @Test(arguments: ["TLS1.3", "TLS1.2"])
    func notNeeded(version: String) throws {
        let tls = try upstream(version, .requested)
        let client = try tls.client()
        let call = client.start("/s/Echo", [1])
        #expect(client.finish(call))
        #expect(call.code == .ok)
        #expect(tls.front.connections.map(\.hasClientCertificate) == [false])
    }

    @Test(arguments: [
        ("TLS1.3", "TLS: the server asks for a client certificate"),
        ("TLS1.2", "TLS: the server refuse"),
    ])
    func missing(version: String, words: String) throws {
        let tls = try upstream(version, .required)
        let message = try tls.failure(try tls.client())
        #expect(message.contains(words), "\(message)")
    }

    @Test(arguments: ["TLS1.3", "TLS1.2"])
    func ofAnUnknownAuthority(version: String) throws {
        let tls = try upstream(version, .required)
        let stranger = try TestAuthority("Stranger").issue(names: ["gateway"], purpose: .client)
        let message = try tls.failure(try tls.client(tls.credentials(stranger)))
        #expect(message.contains("TLS: the server refuses our client certificate"), "\(message)")
        #expect(tls.upstream.requests.isEmpty)
    }
}
