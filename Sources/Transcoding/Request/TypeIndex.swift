import Bytes

/// Where each object inside a JSON value has its "@type".
///
/// An Any cannot be read before its type is known, which may come last. Looking ahead at each level of Anys inside of
/// Anys would read the innermost once for every level; one look at the outermost finds the types of all.
struct TypeIndex: ~Copyable {
    struct Entry: BitwiseCopyable {
        /// The object's opening brace.
        let object: UnsafePointer<UInt8>
        /// Behind the colon of its first "@type".
        let value: UnsafePointer<UInt8>
    }

    /// In the order of their objects.
    private var entries = ScratchStack<Entry>()
    /// The value that was looked at.
    private var covered: Range<UnsafePointer<UInt8>>?

    /// Forgets everything; what was looked at may be gone.
    mutating func reset() {
        entries.reset()
        covered = nil
    }

    /// Whether ``find(_:)`` knows of the object that starts at `object`.
    func covers(_ object: UnsafePointer<UInt8>) -> Bool {
        covered?.contains(object) ?? false
    }

    /// Looks at the value at the cursor of `reader`, in place of what was looked at before, and passes over it.
    mutating func build(_ reader: inout JSONReader) throws(JSONFault) {
        reset()
        let start = reader.cursor
        try skip(&reader, 0)
        var found = entries.suffix(from: 0)
        found.sort { $0.object < $1.object }
        covered = start..<reader.cursor
    }

    /// The place of the value of the first "@type" of the object that starts at `object`.
    func find(_ object: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].object < object { low = middle + 1 } else { high = middle }
        }
        guard low < entries.count, entries[low].object == object else { return nil }
        return entries[low].value
    }

    /// As ``JSONReader/skipValue(depth:)``, noting types.
    private mutating func skip(_ reader: inout JSONReader, _ depth: Int) throws(JSONFault) {
        let byte = reader.peek()
        guard byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") else { return try reader.skipValue(depth: depth) }
        guard depth < JSONReader.maximumSkippedDepth else { throw .tooDeep }
        let object = reader.cursor
        if byte == UInt8(ascii: "[") {
            guard reader.open(until: UInt8(ascii: "]")) else { return }
            repeat { try skip(&reader, depth + 1) } while try reader.readSeparator(orEnd: UInt8(ascii: "]"))
            return
        }
        guard reader.open(until: UInt8(ascii: "}")) else { return }
        var hasType = false
        repeat {
            guard reader.peek() == UInt8(ascii: "\"") else { throw reader.unexpected }
            let key = try reader.readString()
            try reader.expect(UInt8(ascii: ":"))
            if !hasType, TypeIndex.isType(key) {
                hasType = true
                entries.push(Entry(object: object, value: reader.cursor))
            }
            try skip(&reader, depth + 1)
        } while try reader.readSeparator(orEnd: UInt8(ascii: "}"))
    }

    /// Whether the key is "@type", however it is escaped.
    static func isType(_ key: JSONString) -> Bool {
        guard key.decodedCount == 5 else { return false }
        guard key.hasEscapes else { return key.raw.elementsEqual("@type".utf8) }
        var text = ByteBuffer()
        key.unescape(into: &text)
        return text.bytes.elementsEqual("@type".utf8)
    }
}
