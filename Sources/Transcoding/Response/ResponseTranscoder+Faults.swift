import Bytes
import ProtobufSchema

/// What is noted on the way out of an error; none of it runs when printing succeeds.
extension ResponseTranscoder {
    /// Adds `field` to the path of a fault that is in its value.
    @inline(never)
    mutating func noteFault(_ error: WireError, in field: UnsafePointer<FieldEntry>) {
        // Fields in disorder are no fault, and on their way to the careful pass.
        if error != .unordered { faultPath.add(field: printedName(field)) }
    }

    /// Adds the place in a list to the path of a fault.
    @inline(never)
    mutating func noteFault(_ error: WireError, at index: Int) {
        if error != .unordered { faultPath.add(index: index) }
    }

    /// Adds the map key at `range` of `output` to the path of a fault.
    @inline(never)
    mutating func noteFault(_ error: WireError, under range: Range<Int>, in output: borrowing ByteBuffer) {
        if error != .unordered { faultPath.add(key: UnsafeRawBufferPointer(rebasing: output.bytes[range])) }
    }

    /// Starts the path of a fault with the first required field that `wire` does not have.
    @inline(never)
    mutating func noteMissing(_ wire: UnsafeRawBufferPointer, _ message: UnsafePointer<MessageEntry>) {
        for place in message.pointee.firstField..<message.pointee.firstField + message.pointee.fieldCount {
            let field = tables[FieldIndex(rawValue: place)]
            guard field.pointee.cardinality == .required else { continue }
            var reader = WireReader(wire)
            var isThere = false
            // All of it has been read before.
            while !isThere, let tag = try? reader.nextTag() {
                isThere = tag.number == field.pointee.number && field.accepts(tag.wireType)
                guard (try? reader.skip(tag)) != nil else { break }
            }
            if !isThere {
                faultPath.add(field: printedName(field))
                return
            }
        }
        // All are on the wire, so it is an enum's that has a number which the enum does not know.
        let fields = (0..<message.pointee.fieldCount).lazy.map { [tables] place in
            tables.fields + Int(message.pointee.firstField + place)
        }
        let isDoubtful = { (field: UnsafePointer<FieldEntry>) in
            field.pointee.cardinality == .required && field.pointee.kind == .enumeration
        }
        if let field = fields.first(where: isDoubtful) { faultPath.add(field: printedName(field)) }
    }

    private func printedName(_ field: UnsafePointer<FieldEntry>) -> String {
        tables.string(options.usesOriginalNames ? field.pointee.name : field.pointee.jsonName)
    }
}
