/// A bounds-checked cursor over wire-format bytes.
///
/// Borrows the memory it was made from and is valid no longer than that. Every length is checked against the rest of
/// the input before it is used, so any bytes whatever are either read or refused.
@usableFromInline
package struct WireReader {
    /// Messages and groups may nest this deep, as in every protobuf runtime.
    package static let maximumDepth = 100

    @usableFromInline
    var cursor: UnsafeRawPointer
    @usableFromInline
    let end: UnsafeRawPointer

    @inlinable
    package init(_ bytes: UnsafeRawBufferPointer) {
        // An empty buffer may have no address; any address serves to compare equal.
        let start = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
        cursor = start
        end = start + bytes.count
    }

    @inlinable
    package var isAtEnd: Bool { cursor == end }

    /// Bytes not yet read.
    @inlinable
    package var remaining: Int { end - cursor }

    /// Where the next byte is read from.
    @inlinable
    package var position: UnsafeRawPointer { cursor }

    @inlinable
    package mutating func readVarint() throws(WireError) -> UInt64 {
        guard cursor < end else { throw .truncated }
        let first = cursor.load(as: UInt8.self)
        if first < 0x80 {
            cursor += 1
            return UInt64(first)
        }
        return try readLongVarint()
    }

    @usableFromInline
    package mutating func readLongVarint() throws(WireError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        var next = cursor
        while next < end {
            let byte = next.load(as: UInt8.self)
            next += 1
            value |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 {
                cursor = next
                return value
            }
            shift += 7
            if shift == 70 { throw .malformedVarint }
        }
        throw .truncated
    }

    @inlinable
    package mutating func readTag() throws(WireError) -> WireTag {
        let value = try readVarint()
        let wireType = value & 7
        guard value >= 8, value <= UInt64(UInt32.max), wireType < 6 else { throw .malformedTag }
        return WireTag(rawValue: UInt32(truncatingIfNeeded: value))
    }

    /// The next tag, nil at the end of the input.
    @inlinable
    package mutating func nextTag() throws(WireError) -> WireTag? {
        if cursor == end { return nil }
        return try readTag()
    }

    @inlinable
    package mutating func readFixed32() throws(WireError) -> UInt32 {
        guard end - cursor >= 4 else { throw .truncated }
        let value = cursor.loadUnaligned(as: UInt32.self)
        cursor += 4
        return UInt32(littleEndian: value)
    }

    @inlinable
    package mutating func readFixed64() throws(WireError) -> UInt64 {
        guard end - cursor >= 8 else { throw .truncated }
        let value = cursor.loadUnaligned(as: UInt64.self)
        cursor += 8
        return UInt64(littleEndian: value)
    }

    /// A length and that many bytes, borrowed from the input.
    @inlinable
    package mutating func readBytes() throws(WireError) -> UnsafeRawBufferPointer {
        let length = try readVarint()
        guard length <= UInt64(end - cursor) else { throw .truncated }
        let bytes = UnsafeRawBufferPointer(start: cursor, count: Int(truncatingIfNeeded: length))
        cursor += bytes.count
        return bytes
    }

    /// The content of a group whose start tag has just been read, without its end tag.
    @usableFromInline
    package mutating func readGroup(number: Int32, depth: Int = 0) throws(WireError) -> UnsafeRawBufferPointer {
        let start = cursor
        guard depth < WireReader.maximumDepth else { throw .tooDeep }
        while true {
            guard cursor < end else { throw .unbalancedGroup }
            let tagStart = cursor
            let tag = try readTag()
            if tag.wireType == .endGroup {
                guard tag.number == number else { throw .unbalancedGroup }
                return UnsafeRawBufferPointer(start: start, count: tagStart - start)
            }
            try skip(tag, depth: depth + 1)
        }
    }

    /// Passes over the payload of the field whose tag has just been read.
    @inlinable
    package mutating func skip(_ tag: WireTag, depth: Int = 0) throws(WireError) {
        switch tag.wireType {
        case .varint: _ = try readVarint()
        case .fixed64: _ = try readFixed64()
        case .lengthDelimited: _ = try readBytes()
        case .startGroup: _ = try readGroup(number: tag.number, depth: depth)
        case .endGroup: throw .unbalancedGroup
        case .fixed32: _ = try readFixed32()
        }
    }

    /// A length-delimited field as text.
    package mutating func readString() throws(WireError) -> String {
        let bytes = try readBytes()
        guard let string = String(validating: bytes, as: UTF8.self) else { throw .invalidUTF8 }
        return string
    }
}
