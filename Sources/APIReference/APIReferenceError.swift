/// Why there is no page.
package enum APIReferenceError: Error, Hashable, CustomStringConvertible {
    /// GnuTLS has no SHA-256 to give.
    case noHash

    package var description: String { "the API reference cannot be made: GnuTLS has no SHA-256" }
}
