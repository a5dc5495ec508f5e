internal import Bytes
internal import Compression

/// A worker's gzip: made when it is first needed, and used over and over.
final class ContentCoder {
    private var encoder: GzipEncoder?
    private var decoder: GzipDecoder?

    /// The gzip form of an answer; nil where there is no memory for it.
    func gzip(_ content: UnsafeRawBufferPointer) -> ByteBuffer? {
        if encoder == nil { encoder = GzipEncoder() }
        var output = ByteBuffer()
        guard let encoder, encoder.encode(content, into: &output) else { return nil }
        return output
    }

    /// What a request's body in gzip holds, at most `limit` bytes.
    func inflate(_ body: UnsafeRawBufferPointer, limit: Int) throws(RequestFailure) -> ByteBuffer {
        var output = ByteBuffer()
        if decoder == nil { decoder = GzipDecoder() }
        guard let decoder else { throw .outOfMemory }
        do {
            try decoder.decode(body, limit: limit, into: &output)
        } catch {
            switch error {
            case .malformed: throw .invalidRequest("the request body is not gzip, as its Content-Encoding says", [])
            case .tooLarge: throw .contentTooLarge(limit: limit)
            case .outOfMemory: throw .outOfMemory
            }
        }
        return output
    }
}
