/// Descriptor sets made by hand, for what protoc would not make.
struct DescriptorText {
    private(set) var bytes: [UInt8] = []

    init(_ build: (inout DescriptorText) -> Void = { _ in }) { build(&self) }

    mutating func varint(_ number: Int, _ value: Int) {
        append(number << 3)
        append(value)
    }

    mutating func text(_ number: Int, _ value: String) { content(number, Array(value.utf8)) }

    mutating func message(_ number: Int, _ build: (inout DescriptorText) -> Void) {
        content(number, DescriptorText(build).bytes)
    }

    mutating func content(_ number: Int, _ value: [UInt8]) {
        append(number << 3 | 2)
        append(value.count)
        bytes += value
    }

    private mutating func append(_ value: Int) {
        var rest = UInt64(bitPattern: Int64(value))
        while rest > 127 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
