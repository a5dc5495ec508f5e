import ProtobufSchema

/// A strict cursor over a JSON text (RFC 8259): tokens are found and checked, nothing is built.
///
/// Borrows the text. A method that throws leaves the cursor at the offending byte.
struct JSONReader {
    /// Messages may nest this deep, counted as they are on the wire: a map's entries are messages too.
    static let maximumDepth = WireReader.maximumDepth
    /// Objects and arrays may nest this deep in a value that is passed over.
    ///
    /// At least what reading it would take: a level of messages is an object, and an array where there are several.
    static let maximumSkippedDepth = 2 * maximumDepth

    let start: UnsafePointer<UInt8>
    let end: UnsafePointer<UInt8>
    var cursor: UnsafePointer<UInt8>

    init(_ text: UnsafeRawBufferPointer) {
        // An empty text may have no address; it is never read from.
        let base = text.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
        start = base.assumingMemoryBound(to: UInt8.self)
        end = start + text.count
        cursor = start
    }

    @inline(__always)
    mutating func skipWhitespace() {
        while cursor < end {
            let byte = cursor.pointee
            guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            cursor += 1
        }
    }

    /// The first byte of the next token, 0 at the end of the text.
    @inline(__always)
    mutating func peek() -> UInt8 {
        if cursor < end, cursor.pointee > 0x20 { return cursor.pointee }
        skipWhitespace()
        return cursor < end ? cursor.pointee : 0
    }

    @inline(__always)
    mutating func expect(_ byte: UInt8) throws(JSONFault) {
        guard peek() == byte else { throw unexpected }
        cursor += 1
    }

    var unexpected: JSONFault { cursor < end ? .unexpectedByte : .unexpectedEnd }

    /// Steps over `,` (true) or `closing` (false).
    @inline(__always)
    mutating func readSeparator(orEnd closing: UInt8) throws(JSONFault) -> Bool {
        let byte = peek()
        guard byte == UInt8(ascii: ",") || byte == closing else { throw unexpected }
        cursor += 1
        return byte != closing
    }

    /// Steps over the opening of an object or array and says whether anything is in it.
    @inline(__always)
    mutating func open(until closing: UInt8) -> Bool {
        cursor += 1
        guard peek() == closing else { return true }
        cursor += 1
        return false
    }

    mutating func readTrue() throws(JSONFault) { try readLiteral("true") }
    mutating func readFalse() throws(JSONFault) { try readLiteral("false") }
    mutating func readNull() throws(JSONFault) { try readLiteral("null") }

    private mutating func readLiteral(_ literal: StaticString) throws(JSONFault) {
        for index in 0..<literal.utf8CodeUnitCount {
            guard cursor < end else { throw .unexpectedEnd }
            guard cursor.pointee == literal.utf8Start[index] else { throw .unexpectedByte }
            cursor += 1
        }
    }

    /// A number token, `-? int frac? exp?` (RFC 8259, section 6).
    mutating func readNumber() throws(JSONFault) -> UnsafeRawBufferPointer {
        let first = cursor
        guard let length = JSONNumber.length(UnsafeRawBufferPointer(start: cursor, count: end - cursor)) else {
            throw .invalidNumber
        }
        cursor += length
        return UnsafeRawBufferPointer(start: first, count: length)
    }

    /// Only white space may follow.
    mutating func finish() throws(JSONFault) {
        skipWhitespace()
        guard cursor == end else { throw .trailingBytes }
    }

    /// Passes over one value of any kind, checking it.
    ///
    /// `depth` is how many objects and arrays of what is passed over it is in.
    mutating func skipValue(depth: Int = 0) throws(JSONFault) {
        switch peek() {
        case UInt8(ascii: "{"):
            guard depth < JSONReader.maximumSkippedDepth else { throw .tooDeep }
            guard open(until: UInt8(ascii: "}")) else { return }
            repeat {
                guard peek() == UInt8(ascii: "\"") else { throw unexpected }
                _ = try readString()
                try expect(UInt8(ascii: ":"))
                try skipValue(depth: depth + 1)
            } while try readSeparator(orEnd: UInt8(ascii: "}"))
        case UInt8(ascii: "["):
            guard depth < JSONReader.maximumSkippedDepth else { throw .tooDeep }
            guard open(until: UInt8(ascii: "]")) else { return }
            repeat {
                try skipValue(depth: depth + 1)
            } while try readSeparator(orEnd: UInt8(ascii: "]"))
        case UInt8(ascii: "\""): _ = try readString()
        case UInt8(ascii: "t"): try readTrue()
        case UInt8(ascii: "f"): try readFalse()
        case UInt8(ascii: "n"): try readNull()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): _ = try readNumber()
        default: throw unexpected
        }
    }

    /// Line and column of the cursor, from 1.
    var place: TranscodingError.Place {
        var line = 1
        var lineStart = start
        var byte = start
        while byte < cursor {
            if byte.pointee == 0x0A {
                line += 1
                lineStart = byte + 1
            }
            byte += 1
        }
        return TranscodingError.Place(line: line, column: cursor - lineStart + 1)
    }
}
