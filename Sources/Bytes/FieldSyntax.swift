/// What the names and values of HTTP's header fields are made of (RFC 9110, section 5.6).
package enum FieldSyntax {
    /// `tchar` (section 5.6.2): letters, digits and ``!#$%&'*+-.^_`|~``.
    @inlinable
    package static var token: ASCIISet { ASCIISet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE) }

    /// Whether `text` is `1*tchar`.
    @inlinable
    package static func isToken(_ text: some Collection<UInt8>) -> Bool {
        for byte in text where !token.contains(byte) { return false }
        return !text.isEmpty
    }

    /// Whether `byte` is white space as it may stand around values and commas (`OWS`, section 5.6.3).
    @inlinable
    @inline(__always)
    package static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// Without the white space around it.
    @inlinable
    package static func trimmed<Text: BidirectionalCollection<UInt8>>(_ text: Text) -> Text.SubSequence {
        var start = text.startIndex
        while start != text.endIndex, isSpace(text[start]) { text.formIndex(after: &start) }
        var end = text.endIndex
        while end != start {
            let last = text.index(before: end)
            guard isSpace(text[last]) else { break }
            end = last
        }
        return text[start..<end]
    }
}

// Of the request path: the compiler leaves the generic ones above unspecialized in other modules.
extension FieldSyntax {
    /// Whether `text` is `1*tchar`.
    package static func isToken(_ text: UnsafeRawBufferPointer) -> Bool {
        for byte in text where !token.contains(byte) { return false }
        return !text.isEmpty
    }

    /// Without the white space around it.
    package static func trimmed(_ text: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        let bytes = text.base
        var (start, end) = (text.startIndex, text.endIndex)
        while start < end, isSpace(bytes[start]) { start += 1 }
        while end > start, isSpace(bytes[end - 1]) { end -= 1 }
        return bytes[start..<end]
    }
}
