import EventLoop
import GatewayTesting
import RPCCore
import Testing

@testable import GRPCChannel

/// A scripted upstream behind TLS, on 127.0.0.1, known as `gateway.test`.
final class TLSUpstream {
    static let name = "gateway.test"
    static let loopback: [UInt8] = [127, 0, 0, 1]

    let upstream: ScriptedUpstream
    let front: TLSFront
    let folder: PEMFolder
    let authority: TestAuthority

    /// `identity` is made for the name and for 127.0.0.1 where nil.
    init(
        to upstream: ScriptedUpstream? = nil,
        authority: TestAuthority? = nil,
        identity: TestIdentity? = nil,
        _ configure: (inout TLSFrontOptions) -> Void = { _ in }
    ) throws {
        let authority = try authority ?? TestAuthority()
        var options = TLSFrontOptions(
            try identity ?? authority.issue(names: [TLSUpstream.name], addresses: [TLSUpstream.loopback])
        )
        configure(&options)
        self.authority = authority
        self.upstream = try upstream ?? ScriptedUpstream()
        front = try TLSFront(to: self.upstream, options)
        folder = try PEMFolder()
        self.upstream.on("/s/Echo") { .answer($0.messages.first ?? []) }
    }

    deinit {
        front.stop()
        upstream.stop()
    }

    /// Credentials that trust `authority`.
    func credentials(_ client: TestIdentity? = nil) throws -> TLSCredentials {
        try TLSCredentials(
            TLSCredentials.Files(
                authorities: folder.write("ca.pem", authority.pem),
                certificate: client.map { try folder.write("client.pem", $0.certificate) },
                key: client.map { try folder.write("client.key", $0.key) }
            )
        )
    }

    /// A client that knows the upstream as `name`.
    func client(
        as name: String = TLSUpstream.name,
        _ credentials: TLSCredentials? = nil,
        _ configure: (inout GRPCChannel.Configuration) -> Void = { _ in }
    ) throws -> TestClient {
        let address = try #require(SocketAddress(literal: "127.0.0.1", port: front.port))
        let credentials = try credentials ?? self.credentials()
        return try TestClient(target: "https://127.0.0.1:\(front.port)") {
            $0.targets = [ChannelTarget(addresses: [address], authority: "\(name):\(front.port)", usesTLS: true)]
            $0.tls = credentials
            configure(&$0)
        }
    }

    /// What a call fails with that cannot be connected.
    func failure(_ client: TestClient) throws -> String {
        let outcome = try outcome(client)
        #expect(outcome.reach == .neverSent)
        return outcome.status.message
    }

    /// How a call of `client` fails.
    func outcome(_ client: TestClient) throws -> CallOutcome {
        let call = client.start("/s/Echo")
        #expect(client.finish(call))
        #expect(call.code == .unavailable)
        return try #require(call.outcome)
    }
}
