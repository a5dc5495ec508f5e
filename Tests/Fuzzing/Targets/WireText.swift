/// Serialized fields, one after the other, right or wrong.
struct WireText {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ number: UInt64, _ value: UInt64) {
        tag(number, 0)
        varint(value)
    }

    mutating func add(_ number: UInt64, _ text: String) {
        add(number, bytes: Array(text.utf8))
    }

    mutating func add(_ number: UInt64, bytes content: [UInt8]) {
        tag(number, 2)
        varint(UInt64(content.count))
        bytes += content
    }

    mutating func add(_ number: UInt64, _ build: (inout WireText) -> Void) {
        var content = WireText()
        build(&content)
        add(number, bytes: content.bytes)
    }

    mutating func tag(_ number: UInt64, _ wireType: UInt64) {
        varint(number << 3 | wireType)
    }

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// The low `count` bytes of `value`, lowest first.
    mutating func fixed(_ value: UInt64, _ count: UInt64) {
        for shift in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (shift * 8))) }
    }

    mutating func raw(_ content: [UInt8]) {
        bytes += content
    }
}
