import Bytes
import Glibc
import ProtobufSchema

/// Rewrites a message so that its fields are in number order and each is in one piece.
///
/// The result is what a parser would make of the input, serialized again one level deep: of a singular scalar the last
/// value, of a singular message all pieces joined (messages merge by concatenation), of a oneof the last member, of a
/// repeated field all values in order. Unknown fields are gone.
///
/// The input is read twice: once to learn how much room each field needs, once to put every piece in its place. So the
/// scratch memory grows with the schema's largest message and never with the input.
struct WireNormalizer: ~Copyable {
    /// What the first reading finds out about one field.
    struct Tally: BitwiseCopyable {
        /// Whether the result has the field.
        var isPresent = false
        var isTouched = false
        /// Bytes of the field's pieces: payloads of a singular message, with tag and length of all others.
        var count = 0
        /// Where in the input the pieces begin that count.
        var since = 0
        /// Where in the result the next piece goes.
        var target = 0
    }

    /// One occurrence of a known field; places are bytes from the start of the message.
    private struct Piece {
        let field: UnsafePointer<FieldEntry>
        let start: Int
        /// The payload: content for length-delimited fields and groups, the bytes themselves for others.
        let payload: UnsafeRawBufferPointer
        let end: Int

        /// Whether it joins the field's other pieces as bare content.
        var isMerged: Bool { field.pointee.cardinality.isSingular && field.pointee.kind.isMessage }
    }

    let tables: SchemaTables
    /// By place of the field in its message; all untouched between messages.
    private var tallies = ScratchStack<Tally>()
    private var touched = ScratchStack<Int32>()
    /// By oneof: the place of the member that came last.
    private var members = ScratchStack<Int32>()

    init(tables: SchemaTables) {
        self.tables = tables
    }

    /// Entries that fit into the scratch memory.
    var scratchCapacity: Int { tallies.capacity + touched.capacity + members.capacity }

    /// Whether the ordered pass can print the message as it is.
    func isOrdered(_ wire: UnsafeRawBufferPointer, _ message: UnsafePointer<MessageEntry>) -> Bool {
        var reader = WireReader(wire)
        var next: Int32 = 0
        var oneofs: UInt64 = 0
        var previous: WireTag?
        do throws(WireError) {
            while let tag = try reader.nextTag() {
                let field = tables.field(number: tag.number, in: message)
                guard let field, field.accepts(tag.wireType) else {
                    previous = nil
                    try reader.skip(tag)
                    continue
                }
                let isRun = !field.pointee.cardinality.isSingular && previous?.number == tag.number
                if !isRun {
                    guard field.pointee.localIndex >= next else { return false }
                    if field.pointee.oneof >= 0 {
                        let bit: UInt64 = 1 << UInt64(field.pointee.oneof & 63)
                        guard oneofs & bit == 0 else { return false }
                        oneofs |= bit
                    }
                }
                next = field.pointee.localIndex &+ 1
                previous = tag
                try reader.skip(tag)
            }
            return true
        } catch {
            // The ordered pass finds the fault again and reports it.
            return true
        }
    }

    /// The normalized message, never longer than `wire`.
    ///
    /// Throws ``WireError/tooDisordered`` if it would have more than `limit` bytes.
    mutating func normalize(
        _ wire: UnsafeRawBufferPointer,
        _ message: UnsafePointer<MessageEntry>,
        limit: Int
    ) throws(WireError) -> ByteBuffer {
        members.reset()
        members.push(-1, times: Int(message.pointee.oneofCount))
        let missing = Int(message.pointee.fieldCount) - tallies.count
        if missing > 0 { tallies.push(Tally(), times: missing) }
        defer { forget() }
        try measure(wire, message)
        let fields = tables.fields + Int(message.pointee.firstField)
        let count = arrange(fields)
        guard count <= limit else { throw .tooDisordered }
        var output = ByteBuffer(capacity: max(count, 1))
        try write(wire, message, to: output.spare)
        output.advance(by: count)
        return output
    }

    private mutating func forget() {
        for index in 0..<touched.count { tallies[Int(touched[index])] = Tally() }
        touched.reset()
    }

    /// The next piece of a field that `message` has, nil at the end.
    private func nextPiece(
        _ reader: inout WireReader,
        of wire: UnsafeRawBufferPointer,
        _ message: UnsafePointer<MessageEntry>
    ) throws(WireError) -> Piece? {
        guard let base = wire.baseAddress else { return nil }
        while !reader.isAtEnd {
            let start = reader.position - base
            let tag = try reader.readTag()
            let payload: UnsafeRawBufferPointer
            switch tag.wireType {
            case .lengthDelimited: payload = try reader.readBytes()
            case .startGroup: payload = try reader.readGroup(number: tag.number)
            default:
                let position = reader.position
                try reader.skip(tag)
                payload = UnsafeRawBufferPointer(start: position, count: reader.position - position)
            }
            if let field = tables.field(number: tag.number, in: message), field.accepts(tag.wireType),
                field.pointee.kind != .enumeration || !isUnknownValue(payload, of: field)
            {
                return Piece(field: field, start: start, payload: payload, end: reader.position - base)
            }
        }
        return nil
    }

    /// Whether the closed enum of `field` does not have the number in `payload`, which makes the piece an unknown field.
    ///
    /// In lists the printer leaves such elements out.
    private func isUnknownValue(_ payload: UnsafeRawBufferPointer, of field: UnsafePointer<FieldEntry>) -> Bool {
        let enumeration = tables[field.pointee.childEnum]
        guard enumeration.pointee.isClosed, field.pointee.cardinality.isSingular else { return false }
        var reader = WireReader(payload)
        guard let number = try? reader.readVarint() else { return false }
        return tables.value(numbered: Int32(truncatingIfNeeded: number), in: enumeration) == nil
    }

    private mutating func measure(
        _ wire: UnsafeRawBufferPointer,
        _ message: UnsafePointer<MessageEntry>
    ) throws(WireError) {
        var reader = WireReader(wire)
        while let piece = try nextPiece(&reader, of: wire, message) {
            let place = piece.field.pointee.localIndex
            var tally = tallies[Int(place)]
            if !tally.isTouched {
                tally.isTouched = true
                touched.push(place)
            }
            let oneof = Int(piece.field.pointee.oneof)
            if oneof >= 0, members[oneof] != place {
                // What the oneof held is gone, this field's own earlier pieces too.
                if members[oneof] >= 0 { tallies[Int(members[oneof])].isPresent = false }
                members[oneof] = place
                tally.count = 0
                tally.since = piece.start
            }
            tally.isPresent = true
            if piece.isMerged {
                tally.count &+= piece.payload.count
            } else if piece.field.pointee.cardinality.isSingular {
                tally.count = piece.end &- piece.start
                tally.since = piece.start
            } else {
                tally.count &+= piece.end &- piece.start
            }
            tallies[Int(place)] = tally
        }
    }

    /// Gives each field its place in the result, and the result's size.
    private mutating func arrange(_ fields: UnsafePointer<FieldEntry>) -> Int {
        var places = touched.suffix(from: 0)
        places.sort()
        var count = 0
        for place in places where tallies[Int(place)].isPresent {
            let field = fields + Int(place)
            let pieces = tallies[Int(place)].count
            tallies[Int(place)].target = count
            count &+= pieces
            guard field.pointee.cardinality.isSingular, field.pointee.kind.isMessage else { continue }
            let head = WireNormalizer.headLength(field, pieces)
            tallies[Int(place)].target &+= head
            count &+= head
            if field.pointee.kind == .group { count &+= Int(field.pointee.tagLength) }
        }
        return count
    }

    /// Bytes of a singular message's tag and, unless it is a group, its length.
    private static func headLength(_ field: UnsafePointer<FieldEntry>, _ count: Int) -> Int {
        let length = field.pointee.kind == .group ? 0 : ByteBuffer.varintLength(UInt64(count))
        return Int(field.pointee.tagLength) &+ length
    }

    /// Copies every piece that counts to its place behind `target`.
    private mutating func write(
        _ wire: UnsafeRawBufferPointer,
        _ message: UnsafePointer<MessageEntry>,
        to target: UnsafeMutablePointer<UInt8>
    ) throws(WireError) {
        let fields = tables.fields + Int(message.pointee.firstField)
        for index in 0..<touched.count {
            let place = Int(touched[index])
            let field = fields + place
            guard tallies[place].isPresent, field.pointee.cardinality.isSingular, field.pointee.kind.isMessage else {
                continue
            }
            WireNormalizer.writeFrame(of: field, tallies[place], to: target)
        }
        var reader = WireReader(wire)
        while let piece = try nextPiece(&reader, of: wire, message) {
            let place = Int(piece.field.pointee.localIndex)
            guard tallies[place].isPresent, piece.start >= tallies[place].since else { continue }
            let bytes = piece.isMerged ? piece.payload : UnsafeRawBufferPointer(rebasing: wire[piece.start..<piece.end])
            if let start = bytes.baseAddress { memcpy(target + tallies[place].target, start, bytes.count) }
            tallies[place].target &+= bytes.count
        }
    }

    /// Writes what stands around a singular message's content.
    private static func writeFrame(
        of field: UnsafePointer<FieldEntry>,
        _ tally: Tally,
        to target: UnsafeMutablePointer<UInt8>
    ) {
        let number = UInt64(UInt32(bitPattern: field.pointee.number)) << 3
        let kind = field.pointee.kind
        var position = target + (tally.target &- headLength(field, tally.count))
        position += ByteBuffer.writeVarint(number | UInt64(kind.wireType.rawValue), to: position)
        if kind == .group {
            let end = position + tally.count
            _ = ByteBuffer.writeVarint(number | UInt64(WireType.endGroup.rawValue), to: end)
        } else {
            _ = ByteBuffer.writeVarint(UInt64(tally.count), to: position)
        }
    }
}
