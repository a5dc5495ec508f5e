internal import Bytes
internal import HTTPServer

/// Where what a call has made is, as the client must ask for it; or nothing.
///
/// A path of printable ASCII: what ``BasePath`` and ``PathEncoding`` let through.
struct Location: ~Copyable {
    /// With a NUL behind it, or empty.
    private var text = ByteBuffer()

    /// Nothing.
    init() {}

    init(_ path: consuming ByteBuffer) {
        text = path
        text.append(0)
    }

    var isEmpty: Bool { text.isEmpty }

    func add(to headers: borrowing ResponseHeaders) {
        guard !isEmpty else { return }
        headers.add("Location", cString: text.bytes.bindMemory(to: CChar.self).baseAddress)
    }
}
