package import Bytes

extension ByteBuffer {
    /// Appends `bytes` as a JSON string, whatever they are: where they are not UTF-8, as Unicode's replacement has it.
    package mutating func appendJSONString(repairing bytes: UnsafeRawBufferPointer) {
        let start = count
        guard !appendJSONString(bytes) else { return }
        truncate(to: start)
        appendJSONString(String(decoding: bytes, as: UTF8.self))
    }
}
