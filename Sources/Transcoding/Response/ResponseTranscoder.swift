package import Bytes
package import ProtobufSchema

/// Prints wire-format messages as JSON, without message objects.
///
/// Fields come out in number order. Serializers write them in that order too, so one pass over the input usually
/// does: the *ordered* pass, which refuses (``WireError/unordered``) what is out of order or in pieces, and what has no
/// JSON form as it stands. The whole answer is then printed again *carefully*: each message is looked over first and,
/// where needed, put in order by ``WireNormalizer``.
///
/// The work is linear in the input, but each level at which messages are out of order reads and copies what is below it
/// once more: time grows with the number of such levels, at most ``WireReader/maximumDepth``, and memory by at most
/// ``copiesPerByte`` times the answer.
///
/// One per worker; scratch memory is kept between calls unless it is large.
package struct ResponseTranscoder: ~Copyable {
    /// Bytes of messages put in order that may be held at a time, for each byte of a large answer.
    static let copiesPerByte = 8
    /// Bytes of them that may be held whatever the size of the answer.
    static let freelyCopied = 1 << 20

    let schema: Schema
    let tables: SchemaTables
    let options: JSONOptions
    var keys = KeyLog()
    var normalizer: WireNormalizer
    var depth = 0
    var isCareful = false
    /// Where the last answer was at fault.
    var faultPath = FaultPath()
    /// Bytes of the messages that have been put in order and are being printed.
    private var copiedCount = 0
    private var maximumCopiedCount = 0
    private let maximumOutputCount: Int
    /// Size of the output beyond which nothing more is begun.
    var outputEnd = Int.max

    /// A printer whose answers have about `maximumOutputCount` bytes at most.
    ///
    /// The JSON of a message may be hundreds of times as long as the message: two bytes on the wire are an empty message,
    /// of which all defaults are printed.
    package init(schema: Schema, options: JSONOptions = JSONOptions(), maximumOutputCount: Int = .max) {
        self.schema = schema
        self.options = options
        self.maximumOutputCount = maximumOutputCount
        tables = schema.tables
        normalizer = WireNormalizer(tables: schema.tables)
    }

    /// Appends the JSON of the serialized message `wire`, or of its field `responseBody` alone.
    ///
    /// Where that field is absent, its default is printed: a message with its own defaults, `null` for a well-known
    /// type whose empty form would claim something (a timestamp of 1970), for a message that may not be empty (proto2's
    /// `required`) and for an absent `optional`. Throws, and leaves `output` as it was, if `wire` is malformed, lacks a
    /// required field or holds what JSON cannot express; of fields beside `responseBody` only the framing is looked at.
    package mutating func transcode(
        _ wire: UnsafeRawBufferPointer,
        type: MessageIndex,
        responseBody: FieldIndex? = nil,
        into output: inout ByteBuffer
    ) throws(TranscodingError) {
        let start = output.count
        defer { keys.reset() }
        do throws(WireError) {
            begin(carefully: false, wire.count)
            outputEnd = start > Int.max - maximumOutputCount ? .max : start + maximumOutputCount
            do throws(WireError) {
                try append(wire, type, responseBody, into: &output)
            } catch {
                guard needsCarefulPass(error) else { throw error }
                output.truncate(to: start)
                begin(carefully: true, wire.count)
                try append(wire, type, responseBody, into: &output)
            }
        } catch {
            output.truncate(to: start)
            if error == .outputTooLarge { throw .outputTooLarge(limit: maximumOutputCount) }
            throw TranscodingError(malformed: schema.name(of: type), at: faultPath.text, because: error)
        }
    }

    private mutating func append(
        _ wire: UnsafeRawBufferPointer,
        _ type: MessageIndex,
        _ responseBody: FieldIndex?,
        into output: inout ByteBuffer
    ) throws(WireError) {
        if let responseBody {
            try appendBody(wire, tables[responseBody], into: &output)
        } else {
            try appendMessage(wire, tables[type], into: &output)
        }
    }

    /// Whether the careful pass may print what the ordered pass gave up on with `error`.
    ///
    /// A value without JSON form may be one that a later piece completes or replaces, and a missing field may be in that
    /// piece; the ordered pass cannot know.
    func needsCarefulPass(_ error: WireError) -> Bool {
        !isCareful && (error == .unordered || error == .unrepresentable || error == .missingRequired)
    }

    /// Forgets the last answer, or the ordered pass over this one, before printing `count` bytes.
    mutating func begin(carefully: Bool, _ count: Int) {
        depth = 0
        isCareful = carefully
        faultPath.drop(to: 0)
        keys.reset()
        copiedCount = 0
        maximumCopiedCount = max(ResponseTranscoder.freelyCopied, count * ResponseTranscoder.copiesPerByte)
    }
}

// MARK: - Messages

extension ResponseTranscoder {
    /// Appends one message in its JSON form.
    mutating func appendMessage(
        _ wire: UnsafeRawBufferPointer,
        _ message: UnsafePointer<MessageEntry>,
        into output: inout ByteBuffer
    ) throws(WireError) {
        guard depth < WireReader.maximumDepth else { throw .tooDeep }
        guard output.count <= outputEnd else { throw .outputTooLarge }
        depth &+= 1
        defer { depth &-= 1 }
        if isCareful, !normalizer.isOrdered(wire, message) {
            try appendDisordered(wire, message, into: &output)
        } else {
            try appendOrdered(wire, message, into: &output)
        }
    }

    @inline(never)
    private mutating func appendDisordered(
        _ wire: UnsafeRawBufferPointer,
        _ message: UnsafePointer<MessageEntry>,
        into output: inout ByteBuffer
    ) throws(WireError) {
        let ordered = try order(wire, message)
        defer { forget(ordered.count) }
        try appendOrdered(ordered.bytes, message, into: &output)
    }

    /// The message with its fields in order; ``forget(_:)`` goes with it.
    mutating func order(
        _ wire: UnsafeRawBufferPointer,
        _ message: UnsafePointer<MessageEntry>
    ) throws(WireError) -> ByteBuffer {
        let ordered = try normalizer.normalize(wire, message, limit: maximumCopiedCount &- copiedCount)
        copiedCount &+= ordered.count
        return ordered
    }

    /// Says that an ordered message of `count` bytes has been printed.
    mutating func forget(_ count: Int) {
        copiedCount &-= count
    }

    private mutating func appendOrdered(
        _ wire: UnsafeRawBufferPointer,
        _ message: UnsafePointer<MessageEntry>,
        into output: inout ByteBuffer
    ) throws(WireError) {
        if message.pointee.wellKnownType.hasOwnForm {
            try appendWellKnown(wire, message, into: &output)
            return
        }
        let start = output.count
        try appendFields(wire, message, into: &output)
        close(from: start, with: UInt8(ascii: "{"), UInt8(ascii: "}"), &output)
    }

    /// Turns `,a,b` from `start` on into `[a,b]`, or nothing into `[]`.
    @inline(__always)
    func close(from start: Int, with opening: UInt8, _ closing: UInt8, _ output: inout ByteBuffer) {
        if output.count == start {
            output.append(opening)
        } else {
            output[start] = opening
        }
        output.append(closing)
    }

    /// Appends `,"key":value` for each field.
    mutating func appendFields(
        _ wire: UnsafeRawBufferPointer,
        _ message: UnsafePointer<MessageEntry>,
        into output: inout ByteBuffer
    ) throws(WireError) {
        if message.pointee.isMessageSet { throw .unrepresentable }
        let fields = tables.fields + Int(message.pointee.firstField)
        let fieldCount = message.pointee.fieldCount
        var reader = WireReader(wire)
        // The lowest field that may still come.
        var next: Int32 = 0
        var oneofs: UInt64 = 0
        var requiredCount: Int32 = 0
        while !reader.isAtEnd {
            guard output.count <= outputEnd else { throw .outputTooLarge }
            let tag = try reader.readTag()
            let field: UnsafePointer<FieldEntry>
            if next < fieldCount, fields[Int(next)].number == tag.number {
                field = fields + Int(next)
            } else if let found = tables.field(number: tag.number, in: message) {
                field = found
            } else {
                try reader.skip(tag)
                continue
            }
            guard field.accepts(tag.wireType) else {
                try reader.skip(tag)
                continue
            }
            let place = field.pointee.localIndex
            guard place >= next else { throw .unordered }
            if field.pointee.oneof >= 0, !isCareful {
                // In a message with more than 64 oneofs a false alarm is possible, and harmless.
                let bit: UInt64 = 1 << UInt64(field.pointee.oneof & 63)
                guard oneofs & bit == 0 else { throw .unordered }
                oneofs |= bit
            }
            if place > next, !options.omitsDefaults { appendDefaults(fields, next..<place, into: &output) }
            next = place &+ 1
            do throws(WireError) {
                switch field.pointee.cardinality {
                case .implicit, .explicit: _ = try appendSingular(tag, field, &reader, into: &output)
                case .required: if try appendSingular(tag, field, &reader, into: &output) { requiredCount &+= 1 }
                case .repeated, .packed, .map:
                    let start = output.count
                    appendKey(field, into: &output)
                    let valueStart = output.count
                    if field.pointee.cardinality == .map {
                        try appendMap(field, &reader, into: &output)
                    } else {
                        try appendList(tag, field, &reader, into: &output)
                    }
                    // An empty packed run, or nothing but values that a closed enum does not have.
                    if options.omitsDefaults, output.count == valueStart &+ 2 { output.truncate(to: start) }
                }
            } catch {
                noteFault(error, in: field)
                throw error
            }
        }
        if requiredCount != message.pointee.requiredCount {
            noteMissing(wire, message)
            throw .missingRequired
        }
        if next < fieldCount, !options.omitsDefaults { appendDefaults(fields, next..<fieldCount, into: &output) }
    }

    /// Appends the fields of `range` that are printed although absent.
    private func appendDefaults(
        _ fields: UnsafePointer<FieldEntry>,
        _ range: Range<Int32>,
        into output: inout ByteBuffer
    ) {
        for index in range {
            let field = fields + Int(index)
            guard field.pointee.defaultLength > 0 else { continue }
            if options.printsEnumsAsNumbers, field.pointee.kind == .enumeration {
                appendKey(field, into: &output)
                appendDefaultValue(field, into: &output)
            } else if options.usesOriginalNames {
                output.appendPadded(
                    tables.text + Int(field.pointee.originalKeyOffset),
                    count: Int(field.pointee.originalKeyLength &+ field.pointee.defaultLength)
                )
            } else {
                output.appendPadded(
                    tables.text + Int(field.pointee.keyOffset),
                    count: Int(field.pointee.keyLength &+ field.pointee.defaultLength)
                )
            }
        }
    }

    /// Appends what a field without presence is printed as when absent.
    func appendDefaultValue(_ field: UnsafePointer<FieldEntry>, into output: inout ByteBuffer) {
        if options.printsEnumsAsNumbers, field.pointee.kind == .enumeration, field.pointee.cardinality.isSingular,
            !tables[field.pointee.childEnum].pointee.isNullValue
        {
            output.append(UInt8(ascii: "0"))
            return
        }
        output.appendPadded(
            tables.text + Int(field.pointee.keyOffset &+ field.pointee.keyLength),
            count: Int(field.pointee.defaultLength)
        )
    }

    @inline(__always)
    func appendKey(_ field: UnsafePointer<FieldEntry>, into output: inout ByteBuffer) {
        if options.usesOriginalNames {
            output.appendPadded(
                tables.text + Int(field.pointee.originalKeyOffset),
                count: Int(field.pointee.originalKeyLength)
            )
        } else {
            output.appendPadded(tables.text + Int(field.pointee.keyOffset), count: Int(field.pointee.keyLength))
        }
    }
}

extension UnsafePointer<FieldEntry> {
    /// Whether a field of this type may come with `wireType`; if not it is an unknown field.
    @inline(__always)
    func accepts(_ wireType: WireType) -> Bool {
        if wireType == pointee.kind.wireType { return true }
        // Parsers take packed and unpacked runs, whichever the schema says.
        return wireType == .lengthDelimited && !pointee.cardinality.isSingular && pointee.kind.isPackable
    }
}
