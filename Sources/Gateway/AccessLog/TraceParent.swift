/// The trace that a request belongs to (W3C Trace Context, section 3.2): `00-<trace id>-<parent id>-<flags>`.
enum TraceParent {
    /// The 32 hexadecimal digits of the trace id, nil where there is none.
    static func traceID(_ value: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        // Later versions may have more behind the flags.
        guard value.count >= 55, value[2] == dash, value[35] == dash, value[52] == dash,
            value.count == 55 || value[55] == dash, value[..<2].allSatisfy(isDigit),
            !value[..<2].elementsEqual("ff".utf8)
        else { return nil }
        let id = UnsafeRawBufferPointer(rebasing: value[3..<35])
        guard id.allSatisfy(isDigit), id.contains(where: { $0 != UInt8(ascii: "0") }) else { return nil }
        return id
    }

    private static let dash = UInt8(ascii: "-")

    private static func isDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}
