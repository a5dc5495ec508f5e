import Bytes
import ProtobufSchema

// MARK: - google.protobuf.Any

extension RequestTranscoder {
    /// `{"@type": URL, …fields}`, or `{"@type": URL, "value": …}` for types that have a JSON form of their own.
    mutating func appendAny(into output: inout ByteBuffer) throws(JSONFault) {
        guard reader.peek() == UInt8(ascii: "{") else { throw rejectToken(expected: "an object") }
        let start = reader.cursor
        guard try findType() else {
            // `{}` is the Any that holds nothing.
            reader.cursor = start
            guard !reader.open(until: UInt8(ascii: "}")) else { throw reject("an Any needs an \"@type\"") }
            return
        }
        guard reader.peek() == UInt8(ascii: "\"") else {
            throw reject("expected a type URL", field: "@type")
        }
        let token = try reader.readString()
        let url = decoded(token)
        guard let slash = url.lastIndex(of: UInt8(ascii: "/")),
            let index = tables.message(named: UnsafeRawBufferPointer(rebasing: url[(slash + 1)...]))
        else {
            throw reject("unknown type \"\(Excerpt.text(url))\"", field: "@type")
        }
        let message = tables[index]
        output.append(0x0A)
        output.appendLengthDelimited(url)
        let valueStart = output.count
        output.append(0x12)
        let place = lengths.open(&output)
        reader.cursor = start
        if message.pointee.wellKnownType != .none {
            try appendTypeAndValue(message, into: &output)
        } else {
            try appendFields(message, node: -1, skippingType: true, into: &output)
        }
        if lengths.close(place, &output) == 0 { output.truncate(to: valueStart) }
    }

    /// Moves the cursor from the start of an object to the value of its first "@type"; false if it has none.
    private mutating func findType() throws(JSONFault) -> Bool {
        let object = reader.cursor
        // Serializers write it first.
        if reader.open(until: UInt8(ascii: "}")), reader.peek() == UInt8(ascii: "\"") {
            let key = try reader.readString()
            try reader.expect(UInt8(ascii: ":"))
            if TypeIndex.isType(key) { return true }
        }
        reader.cursor = object
        if !types.covers(object) { try types.build(&reader) }
        guard let value = types.find(object) else { return false }
        reader.cursor = value
        return true
    }

    /// Reads an object that may hold its "@type" and its "value" once each and nothing else.
    private mutating func appendTypeAndValue(
        _ message: UnsafePointer<MessageEntry>,
        into output: inout ByteBuffer
    ) throws(JSONFault) {
        var (types, values) = (0, 0)
        guard reader.open(until: UInt8(ascii: "}")) else { return }
        repeat {
            guard reader.peek() == UInt8(ascii: "\"") else { throw reader.unexpected }
            let key = decoded(try reader.readString())
            let isValue = key.elementsEqual("value".utf8)
            if isValue {
                values += 1
            } else if key.elementsEqual("@type".utf8) {
                types += 1
            } else if !ignoresUnknownFields {
                let name = Excerpt.text(key)
                throw reject("unknown field \"\(name)\" beside \"@type\" and \"value\"", field: name)
            }
            guard types <= 1, values <= 1 else { throw reject("a field of an Any is there twice") }
            try reader.expect(UInt8(ascii: ":"))
            guard isValue else {
                try reader.skipValue()
                continue
            }
            let violationMark = violations.count
            do throws(JSONFault) {
                try appendMessage(message, into: &output)
            } catch {
                if !error.isSyntax { prefixViolations(since: violationMark, with: "value") }
                throw error
            }
        } while try reader.readSeparator(orEnd: UInt8(ascii: "}"))
        if values == 0, message.pointee.wellKnownType != .empty { throw reject("the \"value\" is missing") }
    }
}
