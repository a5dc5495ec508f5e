internal import CNGHTTP2

/// Header fields in memory that outlives every use, so that nghttp2 need not copy them.
final class PreparedHeaders {
    /// Owned here, freed in `deinit`, as are the bytes that they point to.
    let pairs: UnsafeMutableBufferPointer<nghttp2_nv>
    private let storage: UnsafeMutablePointer<UInt8>

    init(_ headers: HeaderList) {
        let bytes = headers.fields.flatMap { Array($0.name.utf8) + $0.value }
        let storage = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count + 1)
        storage.initialize(from: bytes, count: bytes.count)
        pairs = .allocate(capacity: headers.fields.count)
        let flags = UInt8(NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue)
        var next = storage
        for (index, field) in headers.fields.enumerated() {
            let nameLength = field.name.utf8.count
            pairs.initializeElement(
                at: index,
                to: nghttp2_nv(
                    name: next,
                    value: next + nameLength,
                    namelen: nameLength,
                    valuelen: field.value.count,
                    flags: flags
                )
            )
            next += nameLength + field.value.count
        }
        self.storage = storage
    }

    deinit {
        pairs.deallocate()
        storage.deallocate()
    }
}
