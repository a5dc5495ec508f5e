internal import Bytes
internal import CNGHTTP2

/// Header fields in nghttp2's form, with the memory that they point into.
///
/// nghttp2 reads names and values in place (`NGHTTP2_NV_FLAG_NO_COPY_*`), so a block must outlive the frames that carry
/// its fields.
struct FieldBlock: ~Copyable {
    /// Owns what ``fields`` points into; never changed after `init`.
    private let text: ByteBuffer
    let fields: UnsafeMutableBufferPointer<nghttp2_nv>

    init(_ list: [(name: String, value: String)]) {
        var text = ByteBuffer()
        for (name, value) in list {
            text.append(utf8: name)
            text.append(utf8: value)
        }
        fields = .allocate(capacity: list.count)
        var offset = 0
        for (index, field) in list.enumerated() {
            let name = UnsafeRawBufferPointer(rebasing: text.bytes[offset..<(offset + field.name.utf8.count)])
            offset += name.count
            let value = UnsafeRawBufferPointer(rebasing: text.bytes[offset..<(offset + field.value.utf8.count)])
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
    /// `isUnique`: the value will not be sent again, so it need not drive others out of HPACK's table (RFC 7541, section
    /// 6.2.3).
    init(
        name: UnsafeRawBufferPointer,
        value: UnsafeRawBufferPointer,
        keepsMemory: Bool,
        isUnique: Bool = false
    ) {
        var flags = NGHTTP2_NV_FLAG_NONE.rawValue
        if keepsMemory { flags |= NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue }
        if isUnique { flags |= NGHTTP2_NV_FLAG_NO_INDEX.rawValue }
        self.init(
            name: UnsafeMutablePointer(mutating: name.assumingMemoryBound(to: UInt8.self).baseAddress),
            value: UnsafeMutablePointer(mutating: value.assumingMemoryBound(to: UInt8.self).baseAddress),
            namelen: name.count,
            valuelen: value.count,
            flags: UInt8(flags)
        )
    }
}
