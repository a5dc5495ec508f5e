internal import CGnuTLS

/// SHA-256 (FIPS 180-4) of what is no secret, such as a script that a web page says it has.
package enum ContentDigest {
    /// The 32 bytes of `content`'s digest; nil where GnuTLS has no SHA-256 to give.
    package static func sha256(_ content: [UInt8]) -> [UInt8]? {
        var digest = [UInt8](repeating: 0, count: 32)
        // Rule (d): both are lent for the length of this call.
        let result = digest.withUnsafeMutableBytes { output in
            content.withUnsafeBytes { input in
                gnutls_hash_fast(GNUTLS_DIG_SHA256, input.baseAddress, input.count, output.baseAddress)
            }
        }
        return result == 0 ? digest : nil
    }
}
