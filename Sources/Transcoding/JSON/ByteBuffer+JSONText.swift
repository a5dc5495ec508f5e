package import Bytes

extension ByteBuffer {
    /// Appends `text` as a JSON string.
    package mutating func appendJSONString(_ text: String) {
        var text = text
        // A String is well-formed UTF-8 by definition.
        _ = text.withUTF8 { appendJSONString(UnsafeRawBufferPointer($0)) }
    }
}
