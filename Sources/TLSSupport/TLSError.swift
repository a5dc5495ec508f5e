internal import CGnuTLS

/// Why TLS cannot be set up, in one line that names the file.
package struct TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    /// GnuTLS's own words for one of its negative codes; nothing that a peer sent.
    package static func describe(_ code: Int32) -> String {
        gnutls_strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }
}
