internal import Bytes
internal import KeyedHashing

/// The tokens that let clients use the gateway's own key, as digests only.
package struct ClientTokens: Sendable {
    /// Most tokens of one gateway: all of them are compared for each request.
    package static let maximumCount = 1000
    /// Most bytes of a token.
    package static let maximumTokenSize = 1024

    private let hash: KeyedHash
    private let digests: [Digest]

    /// Reads a file with a token a line; empty lines and those that begin with `#` count for nothing.
    ///
    /// A token is what a client can send (RFC 6750, section 2.1): `b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" /
    /// "~" / "+" / "/" ) *"="`.
    ///
    /// - Throws: ``GatewayError`` with the place of a line that is malformed, and nothing of what it says.
    package init(parsing text: [UInt8], file: String) throws(GatewayError) {
        let hash = KeyedHash()
        var digests: [Digest] = []
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            // Of a file with lines that end in CR LF.
            let token = FieldSyntax.trimmed(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
            guard let first = token.first, first != UInt8(ascii: "#") else { continue }
            guard token.withUnsafeBytes(ClientTokens.isWellFormed) else {
                throw GatewayError(
                    "\(file):\(index + 1): not a token, which has 1 to \(ClientTokens.maximumTokenSize) letters, digits "
                        + "or -._~+/ and may end in ="
                )
            }
            guard let digest = token.withUnsafeBytes({ hash.digest($0) }) else {
                throw GatewayError("\(file):\(index + 1): GnuTLS cannot make an HMAC of the token")
            }
            guard !digests.contains(digest) else {
                throw GatewayError("\(file):\(index + 1): the same token as on a line before")
            }
            digests.append(digest)
            guard digests.count <= ClientTokens.maximumCount else {
                throw GatewayError("\(file):\(index + 1): more than \(ClientTokens.maximumCount) tokens")
            }
        }
        guard !digests.isEmpty else { throw GatewayError("\(file): there is no token in it") }
        self.hash = hash
        self.digests = digests
    }

    /// Whether `token` is one of them, in a time that tells neither which nor how much of one it has right.
    func contains(_ token: UnsafeRawBufferPointer) -> Bool {
        guard ClientTokens.isWellFormed(token), let digest = hash.digest(token) else { return false }
        // A sum, so that none is left out once another has matched.
        var matches = 0
        for known in digests { matches += known.equalsInConstantTime(digest) ? 1 : 0 }
        return matches > 0
    }

    static func isWellFormed(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= maximumTokenSize else { return false }
        let end = bytes.firstIndex(of: UInt8(ascii: "=")) ?? bytes.count
        return end > 0 && bytes[..<end].allSatisfy(isLetter) && bytes[end...].allSatisfy { $0 == UInt8(ascii: "=") }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
