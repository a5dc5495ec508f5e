internal import Bytes

/// The path that all others are below, such as `/training`; empty for none.
package struct BasePath: Hashable, Sendable {
    package let text: String
    private let bytes: [UInt8]

    /// None.
    package init() { (text, bytes) = ("", []) }

    /// Reads a path that begins with `/` and does not end in one; "" is none.
    ///
    /// It is compared byte by byte, so it must be in the one form that every client sends: no empty segments, no dots, and
    /// percent-encoded only what has to be, with capital letters (RFC 3986, section 6.2.2).
    package init(_ text: String) throws(GatewayError) {
        self.text = text
        bytes = Array(text.utf8)
        if let fault = BasePath.fault(bytes) { throw GatewayError("\"\(text)\" \(fault)") }
    }

    private static func fault(_ bytes: [UInt8]) -> StaticString? {
        guard let last = bytes.last else { return nil }
        guard bytes.count <= 256 else { return "is longer than 256 bytes" }
        guard bytes[0] == UInt8(ascii: "/") else { return "does not begin with /" }
        guard last != UInt8(ascii: "/") else { return "ends in /" }
        for segment in bytes.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard !segment.isEmpty else { return "has an empty segment" }
            guard !segment.elementsEqual(".".utf8), !segment.elementsEqual("..".utf8) else {
                return "has a segment that clients take out (RFC 3986, section 5.2.4)"
            }
            if let fault = fault(inSegment: Array(segment)) { return fault }
        }
        return nil
    }

    private static func fault(inSegment segment: [UInt8]) -> StaticString? {
        var index = 0
        while index < segment.count {
            let byte = segment[index]
            index += 1
            if PathEncoding.unreserved.contains(byte) || isDelimiter(byte) { continue }
            guard byte == UInt8(ascii: "%") else { return "holds a character that must be percent-encoded" }
            guard index + 1 < segment.count, let high = nibble(segment[index]), let low = nibble(segment[index + 1])
            else { return "has a % without two digits in capitals" }
            let decoded = high << 4 | low
            guard !PathEncoding.unreserved.contains(decoded) else {
                return "percent-encodes what clients leave as it is"
            }
            guard decoded != UInt8(ascii: "/"), decoded >= 0x20, decoded != 0x7F else {
                return "percent-encodes what no path should hold"
            }
            index += 2
        }
        return nil
    }

    /// `sub-delims`, ":" and "@" (RFC 3986, section 3.3).
    private static func isDelimiter(_ byte: UInt8) -> Bool { "!$&'()*+,;=:@".utf8.contains(byte) }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x41 + 10
        default: nil
        }
    }

    package var isEmpty: Bool { bytes.isEmpty }

    /// What is left of `path` below this one; nil if it is not.
    ///
    /// It begins with `/`, or is empty where `path` is this one itself.
    func rest(of path: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard path.count >= bytes.count else { return nil }
        for index in 0..<bytes.count where path[index] != bytes[index] { return nil }
        guard path.count == bytes.count || path[bytes.count] == UInt8(ascii: "/") else { return nil }
        return UnsafeRawBufferPointer(rebasing: path[bytes.count...])
    }
}
