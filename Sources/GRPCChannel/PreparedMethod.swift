internal import Bytes
internal import CNGHTTP2
package import RPCCore

/// A method ready to be called: the header fields that all of its calls share, in nghttp2's form.
///
/// nghttp2 reads names and values in place (`NGHTTP2_NV_FLAG_NO_COPY_*`), so their memory must outlive the frame that
/// carries them; each call keeps its method alive for that.
package final class PreparedMethod {
    package let descriptor: MethodDescriptor
    /// Largest message of an answer, in bytes.
    let maxMessageBytes: Int
    /// Largest header block of an answer, in bytes.
    let maxHeaderListBytes: Int
    /// Owns what ``fields`` points into; never changed after `init`.
    private let text: ByteBuffer
    let fields: UnsafeMutableBufferPointer<nghttp2_nv>

    init(_ descriptor: MethodDescriptor, configuration: GRPCChannel.Configuration) {
        self.descriptor = descriptor
        maxMessageBytes = configuration.maxResponseBytes
        maxHeaderListBytes = configuration.maxHeaderListBytes
        let scheme = configuration.target.usesTLS ? "https" : "http"
        let list = [
            (":method", "POST"), (":scheme", scheme), (":path", descriptor.path),
            (":authority", configuration.effectiveAuthority), ("te", "trailers"), ("content-type", "application/grpc"),
            ("user-agent", configuration.userAgent),
            ("grpc-accept-encoding", "identity"),
        ]
        var text = ByteBuffer()
        for (name, value) in list {
            text.append(utf8: name)
            text.append(utf8: value)
        }
        fields = .allocate(capacity: list.count)
        var offset = 0
        for (index, field) in list.enumerated() {
            let name = UnsafeRawBufferPointer(rebasing: text.bytes[offset..<(offset + field.0.utf8.count)])
            offset += name.count
            let value = UnsafeRawBufferPointer(rebasing: text.bytes[offset..<(offset + field.1.utf8.count)])
            offset += value.count
            fields.initializeElement(at: index, to: nghttp2_nv(name: name, value: value, keepsMemory: true))
        }
        self.text = text
    }

    deinit {
        fields.deallocate()
    }
}

extension nghttp2_nv {
    /// A field that points to memory elsewhere; nghttp2 only reads it, although its pointers are mutable.
    ///
    /// `keepsMemory`: the memory stays valid until the frame has been sent, so nghttp2 need not copy it.
    init(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, keepsMemory: Bool) {
        let flags = NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue
        self.init(
            name: UnsafeMutablePointer(mutating: name.assumingMemoryBound(to: UInt8.self).baseAddress),
            value: UnsafeMutablePointer(mutating: value.assumingMemoryBound(to: UInt8.self).baseAddress),
            namelen: name.count,
            valuelen: value.count,
            flags: keepsMemory ? UInt8(flags) : UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)
        )
    }
}
