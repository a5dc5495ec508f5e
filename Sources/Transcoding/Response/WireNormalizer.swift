import Bytes
import ProtobufSchema

/// Rewrites a message so that its fields are in number order and each is in one piece.
///
/// The result is what a parser would make of the input, serialized again one level deep: of a singular scalar the last
/// value, of a singular message all pieces joined (messages merge by concatenation), of a oneof the last member, of a
/// repeated field all values in order. Unknown fields are gone.
struct WireNormalizer: ~Copyable {
    struct Occurrence: BitwiseCopyable {
        /// Place of the field in its message.
        let place: Int32
        let wireType: WireType
        /// The payload: content for length-delimited fields and groups, the bytes themselves for others.
        let payload: UnsafeRawBufferPointer
    }

    let tables: SchemaTables
    private var occurrences = ScratchStack<Occurrence>()
    private var order = ScratchStack<Int64>()
    /// By oneof: the member that came last and the first occurrence of its last run.
    private var members = ScratchStack<(place: Int32, since: Int32)>()

    init(tables: SchemaTables) {
        self.tables = tables
    }

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

    /// The normalized message.
    mutating func normalize(
        _ wire: UnsafeRawBufferPointer,
        _ message: UnsafePointer<MessageEntry>
    ) throws(WireError) -> ByteBuffer {
        occurrences.truncate(to: 0)
        order.truncate(to: 0)
        members.truncate(to: 0)
        members.push((-1, 0), times: Int(message.pointee.oneofCount))
        try collect(wire, message)

        let fields = tables.fields + Int(message.pointee.firstField)
        for index in 0..<occurrences.count {
            let place = occurrences[index].place
            let oneof = fields[Int(place)].oneof
            if oneof >= 0 {
                let member = members[Int(oneof)]
                guard member.place == place, index >= member.since else { continue }
            }
            // Sorts by field first and by occurrence second; both fit.
            order.push(Int64(place) << 32 | Int64(index))
        }
        var sorted = order.suffix(from: 0)
        sorted.sort()

        var output = ByteBuffer(capacity: wire.count + 16)
        var index = 0
        while index < sorted.count {
            let place = sorted[index] >> 32
            var end = index + 1
            while end < sorted.count, sorted[end] >> 32 == place { end += 1 }
            let field = fields + Int(place)
            if field.pointee.cardinality.isSingular {
                appendSingular(field, sorted[index..<end], to: &output)
            } else {
                for entry in sorted[index..<end] {
                    let occurrence = occurrences[Int(entry & 0xFFFF_FFFF)]
                    output.appendTag(number: field.pointee.number, occurrence.wireType)
                    append(occurrence, of: field, to: &output)
                }
            }
            index = end
        }
        return output
    }

    private mutating func collect(
        _ wire: UnsafeRawBufferPointer,
        _ message: UnsafePointer<MessageEntry>
    ) throws(WireError) {
        var reader = WireReader(wire)
        while let tag = try reader.nextTag() {
            let start = reader.position
            let payload: UnsafeRawBufferPointer
            switch tag.wireType {
            case .lengthDelimited: payload = try reader.readBytes()
            case .startGroup: payload = try reader.readGroup(number: tag.number)
            default:
                try reader.skip(tag)
                payload = UnsafeRawBufferPointer(start: start, count: reader.position - start)
            }
            guard let field = tables.field(number: tag.number, in: message), field.accepts(tag.wireType) else {
                continue
            }
            let place = field.pointee.localIndex
            let oneof = Int(field.pointee.oneof)
            if oneof >= 0, members[oneof].place != place {
                members[oneof] = (place, Int32(truncatingIfNeeded: occurrences.count))
            }
            occurrences.push(Occurrence(place: place, wireType: tag.wireType, payload: payload))
        }
    }

    private func appendSingular(
        _ field: UnsafePointer<FieldEntry>,
        _ entries: Slice<UnsafeMutableBufferPointer<Int64>>,
        to output: inout ByteBuffer
    ) {
        output.appendTag(number: field.pointee.number, field.pointee.kind.wireType)
        guard field.pointee.kind.isMessage else {
            if let last = entries.last { append(occurrences[Int(last & 0xFFFF_FFFF)], of: field, to: &output) }
            return
        }
        if field.pointee.kind == .message {
            var total = 0
            for entry in entries { total += occurrences[Int(entry & 0xFFFF_FFFF)].payload.count }
            output.appendVarint(UInt64(total))
        }
        for entry in entries { output.append(contentsOf: occurrences[Int(entry & 0xFFFF_FFFF)].payload) }
        if field.pointee.kind == .group { output.appendTag(number: field.pointee.number, .endGroup) }
    }

    private func append(
        _ occurrence: Occurrence,
        of field: UnsafePointer<FieldEntry>,
        to output: inout ByteBuffer
    ) {
        switch occurrence.wireType {
        case .lengthDelimited: output.appendLengthDelimited(occurrence.payload)
        case .startGroup:
            output.append(contentsOf: occurrence.payload)
            output.appendTag(number: field.pointee.number, .endGroup)
        default: output.append(contentsOf: occurrence.payload)
        }
    }
}
