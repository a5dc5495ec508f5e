import GRPCCore
import GatewayTesting
import LocalTraining
import MLTrainingMessages
import NIOSSL
import SwiftProtobuf
import Testing

@Suite struct ServerIdentityTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Writes a file into the folder and answers its path.
    private func file(_ name: String, _ contents: [UInt8]) throws -> String {
        let path = "\(folder.path)/\(name)"
        try FileBytes.write(contents, to: path)
        return path
    }

    private func identity(_ identity: TestIdentity) throws -> ServerIdentity {
        try ServerIdentity(
            certificateFile: try file("cert.pem", identity.certificate),
            keyFile: try file("key.pem", identity.key)
        )
    }

    @Test func servesOverTLS() async throws {
        let authority = try TestAuthority()
        let identity = try identity(try authority.issue(names: ["localhost"]))
        let signIn = SignIn(keys: try APIKeys(Array("id SECRET".utf8), file: "keys"))
        try await LiveService.run(
            on: folder,
            trusting: authority.pem,
            configure: {
                $0.identity = identity
                $0.signIn = signIn
            },
            body: { service in
                #expect(try await service.health.check(.init()).status == .serving)
                let metadata = try await service.signIn("id", key: "SECRET")
                let containers = try await service.client.listSupportedContainers(.init(), metadata: metadata)
                #expect(!containers.containerMap.isEmpty)
            }
        )
    }

    /// The files are read once, so that a client meets what was checked.
    @Test func doesWithoutTheFilesOnceRead() async throws {
        let authority = try TestAuthority()
        let identity = try identity(try authority.issue(names: ["localhost"]))
        _ = try self.identity(try TestAuthority.selfSigned(names: ["localhost"]))
        let trusted = authority.pem
        try await LiveService.run(on: folder, trusting: trusted, configure: { $0.identity = identity }) { service in
            let answer = try await service.health.check(.init())
            #expect(answer.status == .serving)
        }
    }

    @Test(arguments: ["another authority", "no TLS"])
    func isNothingForOtherClients(_ client: String) async throws {
        let authority = try TestAuthority()
        let identity = try identity(try authority.issue(names: ["localhost"]))
        let trusted = client == "no TLS" ? nil : try TestAuthority("Another CA").pem
        try await LiveService.run(on: folder, trusting: trusted, configure: { $0.identity = identity }) { service in
            var options = CallOptions.defaults
            options.timeout = .seconds(1)
            options.waitForReady = false
            let error = await #expect(throws: RPCError.self) {
                try await service.health.check(.init(), options: options)
            }
            #expect(error?.code == .unavailable || error?.code == .deadlineExceeded, "\(String(describing: error))")
        }
    }

    @Test(
        arguments: [
            (["h2"], .tlsv13, true), (["h2"], .tlsv12, true), (["http/1.1", "h2"], .tlsv13, true),
            (["h2"], .tlsv11, false), (["http/1.1"], .tlsv13, false), ([], .tlsv13, false), ([], .tlsv12, false),
        ] as [([String], TLSVersion, Bool)]
    )
    func asksForHTTP2AndModernTLS(_ protocols: [String], _ newest: TLSVersion, _ isServed: Bool) async throws {
        let identity = try identity(try TestAuthority.selfSigned(names: ["localhost"]))
        try await LiveService.run(on: folder, configure: { $0.identity = identity }) { service in
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.certificateVerification = .none
            configuration.minimumTLSVersion = .tlsv11
            configuration.maximumTLSVersion = newest
            configuration.applicationProtocols = protocols
            let outcome = try await TLSProbe.connect(to: service.address, configuration)
            #expect(outcome == (isServed ? .served : .closed))
        }
    }

    @Test func saysWhatIsWrongWithTheFiles() throws {
        let good = try TestAuthority.selfSigned(names: ["localhost"])
        let other = try TestAuthority.selfSigned(names: ["localhost"])
        let halfCertificate = Array(good.certificate.prefix(good.certificate.count / 2))
        let halfKey = Array(good.key.prefix(good.key.count / 2))
        let noChain = "cert.pem: is not a chain of certificates in PEM"
        let noKey = "key.pem: is not a private key in PEM without a passphrase"
        let cases: [([UInt8]?, [UInt8]?, String)] = [
            (nil, good.key, "cert.pem: No such file or directory"),
            (good.certificate, nil, "key.pem: No such file or directory"),
            ([], good.key, noChain), (Array("nonsense".utf8), good.key, noChain), (good.key, good.key, noChain),
            (halfCertificate, good.key, noChain), (good.certificate + halfCertificate, good.key, noChain),
            (good.certificate, [], noKey), (good.certificate, Array("nonsense".utf8), noKey),
            (good.certificate, good.certificate, noKey), (good.certificate, halfKey, noKey),
            (good.certificate, other.key, "key.pem: is not the key of the certificate in \(folder.path)/cert.pem"),
        ]
        for (index, (certificate, key, complaint)) in cases.enumerated() {
            let folder = try TemporaryFolder()
            if let certificate {
                try FileBytes.write(certificate, to: folder.path + "/cert.pem")
            }
            if let key {
                try FileBytes.write(key, to: folder.path + "/key.pem")
            }
            let error = #expect(throws: InputFileError.self, "case \(index)") {
                try ServerIdentity(
                    certificateFile: folder.path + "/cert.pem",
                    keyFile: folder.path + "/key.pem"
                )
            }
            let expected = "\(folder.path)/" + complaint.replacing(self.folder.path, with: folder.path)
            #expect(error?.description == expected, "case \(index)")
        }
    }
}
