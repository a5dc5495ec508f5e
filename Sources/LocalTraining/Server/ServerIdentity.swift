import GRPCNIOTransportHTTP2Posix
import NIOSSL

/// The certificates that the server shows to its clients, and the private key of the first.
///
/// Both were read and tried once, so that what is wrong with a file is known before anything listens, and so that
/// files that change later do not matter.
package struct ServerIdentity: Sendable {
    /// PEM: the server's own certificate, then those that lead to an authority.
    private let certificateChain: [UInt8]
    /// PEM.
    private let privateKey: [UInt8]

    package init(certificateFile: String, keyFile: String) throws(InputFileError) {
        certificateChain = try InputFile.read(certificateFile)
        privateKey = try InputFile.read(keyFile)

        let certificates: [NIOSSLCertificate]
        do {
            certificates = try NIOSSLCertificate.fromPEMBytes(certificateChain)
        } catch {
            throw InputFileError(file: certificateFile, reason: "is not a chain of certificates in PEM")
        }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(bytes: privateKey, format: .pem)
        } catch {
            throw InputFileError(file: keyFile, reason: "is not a private key in PEM without a passphrase")
        }
        do {
            let configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: certificates.map { .certificate($0) },
                privateKey: .privateKey(key)
            )
            _ = try NIOSSLContext(configuration: configuration)
        } catch {
            throw InputFileError(file: keyFile, reason: "is not the key of the certificate in \(certificateFile)")
        }
    }

    /// TLS 1.2 or later, and only with clients that ask for HTTP/2 by ALPN.
    var transportSecurity: HTTP2ServerTransport.Posix.TransportSecurity {
        .tls(
            certificateChain: [.bytes(certificateChain, format: .pem)],
            privateKey: .bytes(privateKey, format: .pem)
        ) { config in
            config.requireALPN = true
        }
    }
}
