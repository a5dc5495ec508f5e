internal import Bytes

/// The elements between the commas of a field's value, from the last one on, empty ones too; an empty value has none.
struct ForwardedList {
    /// Nil once there is no more.
    private var rest: UnsafeRawBufferPointer?

    init(_ value: UnsafeRawBufferPointer) {
        rest = value.isEmpty ? nil : value
    }

    /// How many there still are.
    var count: Int {
        guard let rest else { return 0 }
        var count = 1
        for byte in rest where byte == UInt8(ascii: ",") { count += 1 }
        return count
    }

    /// Takes the last one off, without the white space around it.
    mutating func popLast() -> UnsafeRawBufferPointer? {
        guard let bytes = rest else { return nil }
        var start = bytes.count
        while start > 0, bytes[start - 1] != UInt8(ascii: ",") { start -= 1 }
        rest = start > 0 ? UnsafeRawBufferPointer(rebasing: bytes[..<(start - 1)]) : nil
        return UnsafeRawBufferPointer(rebasing: FieldSyntax.trimmed(bytes[start...]))
    }
}
