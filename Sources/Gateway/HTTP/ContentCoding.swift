internal import Bytes

/// The coding of a request's content that the gateway can undo: the value of `Content-Encoding` (RFC 9110, section 8.4).
///
///     Content-Encoding = [ content-coding *( OWS "," OWS content-coding ) ]
enum ContentCoding: Hashable {
    /// As it is.
    case identity
    case gzip

    /// Nil where it is in another coding, or in more than one.
    init?(_ value: UnsafeRawBufferPointer) {
        self = .identity
        for element in value.split(separator: UInt8(ascii: ",")) {
            let coding = FieldSyntax.trimmed(element)
            // The latter is no coding that may be sent, and says what is so (section 12.5.3).
            if coding.isEmpty || MediaType.equals(coding, "identity") { continue }
            let isGzip = MediaType.equals(coding, "gzip") || MediaType.equals(coding, "x-gzip")
            guard isGzip, self == .identity else { return nil }
            self = .gzip
        }
    }
}
