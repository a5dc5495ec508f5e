import Bytes
import ProtobufSchema

extension ResponseTranscoder {
    /// Appends a `google.protobuf.Any`.
    ///
    /// A type that the schema knows is expanded; one that it does not know, or whose bytes it cannot read, is kept as
    /// `{"@type": …, "value": base64}`, so nothing that a server said is lost.
    mutating func appendAny(_ wire: UnsafeRawBufferPointer, into output: inout ByteBuffer) throws(WireError) {
        var reader = WireReader(wire)
        var typeURL = UnsafeRawBufferPointer(start: nil, count: 0)
        var value = UnsafeRawBufferPointer(start: nil, count: 0)
        while !reader.isAtEnd {
            let tag = try reader.readTag()
            switch (tag.number, tag.wireType) {
            case (1, .lengthDelimited): typeURL = try reader.readBytes()
            case (2, .lengthDelimited): value = try reader.readBytes()
            default: try reader.skip(tag)
            }
        }
        if typeURL.isEmpty, value.isEmpty {
            output.append("{}")
            return
        }
        let start = output.count
        let mark = keys.mark
        let (outerDepth, outerPath) = (depth, faultPath.count)
        do throws(WireError) {
            if try appendExpanded(typeURL, value, into: &output) { return }
        } catch {
            guard error != .unordered, error != .outputTooLarge, !needsCarefulPass(error) else { throw error }
            keys.drop(to: mark)
            depth = outerDepth
            faultPath.drop(to: outerPath)
        }
        output.truncate(to: start)
        output.append("{\"@type\":")
        guard output.appendJSONString(typeURL) else { throw .invalidUTF8 }
        output.append(",\"value\":")
        output.appendBase64(value)
        output.append(UInt8(ascii: "}"))
    }

    /// Appends the message in an `Any`, or returns false if the schema does not know its type.
    ///
    /// Both are one object, and so one level, in JSON.
    private mutating func appendExpanded(
        _ typeURL: UnsafeRawBufferPointer,
        _ value: UnsafeRawBufferPointer,
        into output: inout ByteBuffer
    ) throws(WireError) -> Bool {
        // Only what follows the last slash names the type (any.proto), and there must be one.
        guard let slash = typeURL.lastIndex(of: UInt8(ascii: "/")),
            let index = tables.message(named: UnsafeRawBufferPointer(rebasing: typeURL[(slash + 1)...]))
        else { return false }
        let message = tables[index]
        // A field of that JSON name would be a second "@type".
        guard
            !StaticString("@type").withUTF8Buffer({
                tables.field(named: UnsafeRawBufferPointer($0), in: message) != nil
            })
        else { return false }
        output.append("{\"@type\":")
        guard output.appendJSONString(typeURL) else { throw .invalidUTF8 }
        if message.pointee.wellKnownType.hasOwnForm {
            output.append(",\"value\":")
            try appendMessage(value, message, into: &output)
        } else if isCareful, !normalizer.isOrdered(value, message) {
            let ordered = try order(value, message)
            defer { forget(ordered.count) }
            try appendFields(ordered.bytes, message, into: &output)
        } else {
            try appendFields(value, message, into: &output)
        }
        output.append(UInt8(ascii: "}"))
        return true
    }
}
