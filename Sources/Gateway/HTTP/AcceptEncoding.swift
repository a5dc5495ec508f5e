/// Whether a client takes gzip: the value of an `Accept-Encoding` header (RFC 9110, section 12.5.3).
///
///     Accept-Encoding = [ codings [ weight ] *( OWS "," OWS codings [ weight ] ) ]
///     codings         = content-coding / "identity" / "*"
enum AcceptEncoding: Hashable {
    /// Gzip is not taken, or liked less than what is not compressed.
    case identity
    /// Gzip is as good.
    case gzip
    /// Nothing but gzip is taken.
    case onlyGzip

    /// Smallest answer that is worth compressing, in bytes: it would not fit into one packet together with its header.
    private static let smallest = 1024
    /// Largest answer that is compressed, in bytes, since nothing else is done meanwhile.
    private static let largest = 4 << 20

    /// What `value` says; where it takes neither, as most servers do, that it may have what is not compressed.
    init(_ value: UnsafeRawBufferPointer?) {
        guard let value else {
            self = .identity
            return
        }
        var gzip: Int?
        var oldName: Int?
        var identity: Int?
        var others: Int?
        for element in value.split(separator: UInt8(ascii: ",")) {
            let coding = MediaType.essence(element)
            let quality = AcceptHeader.quality(of: element)
            if MediaType.equals(coding, "gzip") {
                // Of what contradicts itself, the refusal counts: without coding an answer is good for everyone.
                gzip = min(gzip ?? 1000, quality)
            } else if MediaType.equals(coding, "x-gzip") {
                oldName = min(oldName ?? 1000, quality)
            } else if MediaType.equals(coding, "identity") {
                identity = quality
            } else if MediaType.equals(coding, "*") {
                others = quality
            }
        }
        let gzipQuality = [gzip, oldName].compactMap(\.self).max() ?? others ?? 0
        // Not named, identity is taken, but less than whatever is.
        let identityQuality = identity ?? (others == 0 ? 0 : nil)
        if gzipQuality == 0 {
            self = .identity
        } else if identityQuality == 0 {
            self = .onlyGzip
        } else {
            self = gzipQuality >= identityQuality ?? 0 ? .gzip : .identity
        }
    }

    /// Whether an answer of so many bytes is sent as gzip.
    func compresses(_ count: Int) -> Bool {
        switch self {
        case .identity: false
        case .gzip: count >= AcceptEncoding.smallest && count <= AcceptEncoding.largest
        case .onlyGzip: count <= AcceptEncoding.largest
        }
    }
}
