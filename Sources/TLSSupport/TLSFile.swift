internal import Bytes
package import CGnuTLS
internal import Glibc

/// The bytes of a PEM file, wiped when they are no longer needed, as it may hold a key.
package struct TLSFile: ~Copyable {
    /// More than any bundle of authorities: Debian's has 220 KB.
    private static let limit = 16 << 20
    /// Its room is made once, so that no reallocation leaves a copy behind.
    private var content: ByteBuffer

    package init(_ path: String) throws(TLSError) {
        content = try TLSFile.read(path)
    }

    deinit {
        guard let start = content.bytes.baseAddress else { return }
        explicit_bzero(UnsafeMutableRawPointer(mutating: start), content.count)
    }

    /// Calls `body` with the file as GnuTLS wants it.
    package func withDatum(_ body: (UnsafePointer<gnutls_datum_t>) -> Int32) -> Int32 {
        let bytes = content.bytes
        // GnuTLS only reads it.
        let start = UnsafeMutablePointer(mutating: bytes.assumingMemoryBound(to: UInt8.self).baseAddress)
        return withUnsafePointer(to: gnutls_datum_t(data: start, size: UInt32(bytes.count)), body)
    }

    private static func read(_ path: String) throws(TLSError) -> ByteBuffer {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(path) }
        defer { Glibc.close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw TLSError("\(path): not a regular file") }
        guard status.st_size <= limit else { throw TLSError("\(path): larger than 16 MiB") }
        let size = Int(status.st_size)
        var content = ByteBuffer(capacity: size + 1)
        while content.count < size {
            let count = Glibc.read(descriptor, content.spare, size - content.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path) }
            guard count > 0 else { break }
            content.advance(by: count)
        }
        return content
    }

    private static func failure(_ path: String) -> TLSError {
        TLSError("\(path): \(String(cString: strerror(errno)))")
    }
}
