import Glibc

/// What a canned upstream says to one path: prepared once, only pointed at from then on.
package final class CannedAnswer {
    package let path: [UInt8]
    /// The DATA of each answer, empty where trailers are all there is.
    ///
    /// Owned here, freed in `deinit`.
    let body: UnsafeRawBufferPointer
    /// Header fields of the first HEADERS and of the trailers; the latter unused where the body is empty.
    let headers: PreparedHeaders
    let trailers: PreparedHeaders

    /// One framed `message` and `grpc-status: 0`.
    package init(path: String, message: [UInt8]) {
        self.path = Array(path.utf8)
        body = CannedAnswer.copy(GRPCFrame.encode(message))
        headers = PreparedHeaders([":status": "200", "content-type": "application/grpc"])
        trailers = PreparedHeaders(["grpc-status": "0"])
    }

    /// A failure without a message body; `message` as it goes on the wire, `details` a serialized `google.rpc.Status`.
    package init(path: String, status: Int, message: String, details: [UInt8]) {
        self.path = Array(path.utf8)
        body = CannedAnswer.copy([])
        var fields: HeaderList = [":status": "200", "content-type": "application/grpc", "grpc-status": "\(status)"]
        if !message.isEmpty { fields.append("grpc-message", message) }
        if !details.isEmpty { fields.append("grpc-status-details-bin", Base64.encode(details)) }
        headers = PreparedHeaders(fields)
        trailers = PreparedHeaders([:])
    }

    deinit {
        body.deallocate()
    }

    func isAnswer(to path: UnsafeRawBufferPointer) -> Bool {
        guard path.count == self.path.count, let bytes = path.baseAddress else { return false }
        return memcmp(self.path, bytes, path.count) == 0
    }

    private static func copy(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
        copy.copyBytes(from: bytes)
        return UnsafeRawBufferPointer(copy)
    }
}
