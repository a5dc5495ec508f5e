internal import CNGHTTP2

extension HeaderList {
    /// Lends the fields as nghttp2 wants them, for one call that copies them (lifetime rule d).
    func withNameValues<Result>(_ body: (UnsafeMutableBufferPointer<nghttp2_nv>) -> Result) -> Result {
        var bytes: [UInt8] = []
        for field in fields {
            bytes += field.name.utf8
            bytes += field.value
        }
        // nghttp2 wants a pointer even for an empty value.
        bytes.append(0)
        return bytes.withUnsafeMutableBufferPointer { storage in
            withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: fields.count) { pairs in
                var offset = 0
                for (index, field) in fields.enumerated() {
                    let name = storage.baseAddress.map { $0 + offset }
                    let nameLength = field.name.utf8.count
                    pairs[index] = nghttp2_nv(
                        name: name,
                        value: name.map { $0 + nameLength },
                        namelen: nameLength,
                        valuelen: field.value.count,
                        flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)
                    )
                    offset += nameLength + field.value.count
                }
                return body(pairs)
            }
        }
    }
}
