internal import Bytes

/// Looks single members of a JSON object up, without a schema.
package enum JSONMember {
    /// The number that the member `name` of the object `text` holds.
    ///
    /// The last one counts where there are several. `name` is plain ASCII.
    ///
    /// - Returns: nil if there is none, if it is no number, or if `text` is not exactly one JSON object.
    package static func number(_ name: StaticString, of text: UnsafeRawBufferPointer) -> Double? {
        var reader = JSONReader(text)
        // The reader stops at the first fault, and what came before it does not count.
        return try? find(name, with: &reader)
    }

    private static func find(_ name: StaticString, with reader: inout JSONReader) throws(JSONFault) -> Double? {
        guard reader.peek() == UInt8(ascii: "{") else { throw reader.unexpected }
        var found: Double?
        guard reader.open(until: UInt8(ascii: "}")) else {
            try reader.finish()
            return nil
        }
        repeat {
            guard reader.peek() == UInt8(ascii: "\"") else { throw reader.unexpected }
            let isWanted = matches(try reader.readString(), name)
            try reader.expect(UInt8(ascii: ":"))
            let first = reader.peek()
            if isWanted, first == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) {
                found = JSONNumber.double(try reader.readNumber())
            } else {
                if isWanted { found = nil }
                try reader.skipValue()
            }
        } while try reader.readSeparator(orEnd: UInt8(ascii: "}"))
        try reader.finish()
        return found
    }

    private static func matches(_ member: JSONString, _ name: StaticString) -> Bool {
        guard member.decodedCount == name.utf8CodeUnitCount else { return false }
        var text = ByteBuffer()
        member.unescape(into: &text)
        return text.bytes.elementsEqual(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }
}
