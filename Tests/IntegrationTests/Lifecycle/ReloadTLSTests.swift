import GatewayTesting
import Glibc
import Testing

/// SIGHUP where the gateway itself speaks HTTPS, or is asked to.
@Suite
struct ReloadTLSTests {
    private static let heldBack =
        "warning: to change --tls-cert, --tls-key takes a restart; the rest is taken over"

    private let authority: TestAuthority

    init() throws { authority = try TestAuthority() }

    /// Writes a certificate with its key; the settings that name them.
    private func issue(_ name: String, in stack: ReloadStack? = nil, _ folder: TemporaryFolder? = nil) throws -> String
    {
        let path = "\(try #require(stack?.folder ?? folder).path)/\(name)"
        let identity = try authority.issue(names: ["localhost"])
        try FileBytes.write(identity.certificate, to: "\(path).pem")
        try FileBytes.write(identity.key, to: "\(path).key")
        return "tls-cert: \(path).pem\ntls-key: \(path).key"
    }

    /// The certificate that a new connection is shown, once a request on it was answered.
    private func certificate(of stack: ReloadStack) throws -> [UInt8]? {
        let options = TLSClientOptions(authority: authority.pem)
        let client = try RawHTTPClient(address: stack.gateway.address, tls: options)
        #expect(try client.get("/v1/jobs/1").status == 200)
        return client.serverCertificates.first
    }

    @Test(arguments: [1, 2])
    func certificatesAreReplacedInTheirFilesAndByOthers(workers: Int) async throws {
        let folder = try TemporaryFolder()
        let settings = try issue("first", folder)
        let stack = try ReloadStack(workers: workers, settings)
        let first = try certificate(of: stack)
        #expect(first != nil)
        let old = try RawHTTPClient(
            address: stack.gateway.address,
            tls: TLSClientOptions(authority: authority.pem)
        )

        // The same paths.
        _ = try issue("first", folder)
        #expect(try certificate(of: stack) == first)
        try await stack.reload()
        let second = try certificate(of: stack)
        #expect(second != first)

        try stack.configure(issue("third", in: stack))
        try await stack.reload()
        let third = try certificate(of: stack)
        #expect(third != second)
        for _ in 0..<8 { #expect(try certificate(of: stack) == third) }
        #expect(try old.get("/v1/jobs/1").status == 200)
        #expect(!stack.log.contains(Self.heldBack))

        try stack.write("no certificate", to: "third.pem")
        let problems = try await stack.reloadInVain()
        #expect(problems.first?.contains("no HTTPS: ") == true, "\(problems)")
        #expect(try certificate(of: stack) == third)
        try stack.stop()
    }

    @Test
    func aListenerInClearStaysInClear() async throws {
        let stack = try ReloadStack("max-body-bytes: 100")
        try stack.configure(issue("server", in: stack) + "\nmax-body-bytes: 1000")
        try await stack.reload()
        #expect(stack.log.contains(Self.heldBack), "\(stack.log)")
        // The rest is taken over, and clients are still seen to come in clear.
        #expect(try stack.gateway.post("/v1/jobs", json: String(repeating: " ", count: 300)).status != 413)
        let request = stack.upstream.requests.last
        #expect(request == nil || request?.headers.values("x-forwarded-proto") == ["http"])
        #expect(try stack.gateway.get("/v1/jobs/1").status == 200)
        #expect(stack.upstream.requests.last?.headers.values("x-forwarded-proto") == ["http"])
        // What the next start would fail with is told.
        try stack.write("no key", to: "server.key")
        #expect(try await stack.reloadInVain().first?.contains("no HTTPS: ") == true)
        try stack.configure("tls-cert: \(stack.folder.path)/server.pem")
        #expect(try await stack.reloadInVain().first?.hasSuffix("--tls-key is not given") == true)
        try stack.stop()
    }

    @Test
    func aListenerWithTLSStaysSo() async throws {
        let folder = try TemporaryFolder()
        let settings = try issue("server", folder)
        let stack = try ReloadStack(settings + "\nmax-body-bytes: 100")
        let first = try certificate(of: stack)
        try stack.configure("max-body-bytes: 1000")
        try await stack.reload()
        #expect(stack.log.contains(Self.heldBack), "\(stack.log)")
        #expect(try certificate(of: stack) == first)
        #expect(stack.upstream.requests.last?.headers.values("x-forwarded-proto") == ["https"])
        let client = try RawHTTPClient(
            address: stack.gateway.address,
            tls: TLSClientOptions(authority: authority.pem)
        )
        #expect(try client.post("/v1/jobs", json: String(repeating: " ", count: 300)).status != 413)

        // Back again, nothing is held back any more.
        try stack.configure(settings)
        try await stack.reload()
        #expect(stack.log.count { $0 == Self.heldBack } == 1)
        try stack.stop()
    }
}
