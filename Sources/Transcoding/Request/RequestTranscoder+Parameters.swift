import Bytes
import HTTPRules
package import ProtobufSchema

// MARK: - Adding

extension RequestTranscoder {
    /// Adds what a path template captured for the field at `path`, still percent-encoded.
    ///
    /// A capture of one segment is decoded in full; one of several (`isMultiSegment`) keeps `%2F`.
    package mutating func addPathParameter(
        _ path: [FieldIndex],
        value: UnsafeRawBufferPointer,
        isMultiSegment: Bool
    ) throws(TranscodingError) {
        let mark = violations.count
        do throws(JSONFault) {
            var node: Int32 = 0
            for field in path { node = parameters.addChild(of: node, field) }
            guard let last = path.last else { return }
            try decodeText(value, isMultiSegment ? .keepsEncodedSlash : PercentDecoding.Options(rawValue: 0))
            try addValue(to: node, tables[last])
            parameters.nodes[Int(node)].isFromPath = true
        } catch {
            let name = path.map { schema[$0].name }.joined(separator: ".")
            throw takeViolations(since: mark, name)
        }
    }

    /// Adds the parameters of a raw query string, without its question mark.
    ///
    /// All that is wrong with them is in the one error.
    package mutating func addQuery(_ query: UnsafeRawBufferPointer) throws(TranscodingError) {
        var start = 0
        while start < query.count {
            var end = start
            var equals: Int?
            while end < query.count, query[end] != UInt8(ascii: "&") {
                if equals == nil, query[end] == UInt8(ascii: "=") { equals = end }
                end += 1
            }
            if end > start {
                let mark = violations.count
                let nameEnd = equals ?? end
                let rawName = UnsafeRawBufferPointer(rebasing: query[start..<nameEnd])
                let rawValue = UnsafeRawBufferPointer(rebasing: query[min(nameEnd + 1, end)..<end])
                do throws(JSONFault) {
                    try addQueryParameter(rawName, rawValue)
                } catch {
                    prefixViolations(since: mark, with: writtenName(rawName))
                    if violations.count >= RequestTranscoder.maximumViolations { break }
                }
            }
            start = end + 1
        }
        if !violations.isEmpty { throw takeViolations(since: violations.count, "") }
    }

    /// The error that all recorded violations make, those since `mark` about the parameter `name`.
    private mutating func takeViolations(since mark: Int, _ name: String) -> TranscodingError {
        prefixViolations(since: mark, with: name)
        let taken = violations
        violations = []
        guard let first = taken.first else { return TranscodingError(field: name, "not valid") }
        let summary = "\(first.field): \(first.description)"
        return TranscodingError(
            taken.count == 1 ? summary : "\(summary) (and \(taken.count - 1) more)",
            violations: taken
        )
    }

    /// A parameter's name for people, decoded where it can be.
    func writtenName(_ raw: UnsafeRawBufferPointer) -> String {
        var name = ByteBuffer()
        do throws(PercentFault) {
            try PercentDecoding.decode(raw, into: &name, .plusIsSpace)
        } catch {
            return Excerpt.text(raw)
        }
        return Excerpt.text(name.bytes, limit: Excerpt.maximumPathCount)
    }

    private mutating func decodeText(
        _ raw: UnsafeRawBufferPointer,
        _ options: PercentDecoding.Options
    ) throws(JSONFault) {
        text.truncate(to: 0)
        do throws(PercentFault) {
            try PercentDecoding.decode(raw, into: &text, options)
        } catch {
            throw reject(error.description)
        }
        guard StringScan.isUTF8(text.bytes) else { throw reject("not valid UTF-8 once percent-decoded") }
    }

    private mutating func addQueryParameter(
        _ rawName: UnsafeRawBufferPointer,
        _ rawValue: UnsafeRawBufferPointer
    ) throws(JSONFault) {
        if !hasQuery {
            hasQuery = true
            firstQueryName.append(contentsOf: rawName)
        }
        try decodeText(rawName, .plusIsSpace)
        let (node, field, mapKey) = try resolveName()
        if let mapKey {
            try addMapEntry(to: node, tables[field], key: mapKey, rawValue)
            return
        }
        try decodeText(rawValue, .plusIsSpace)
        let entry = tables[field]
        if entry.pointee.cardinality.isSingular, parameters.nodes[Int(node)].firstValue >= 0,
            !parameters.nodes[Int(node)].isFromPath
        {
            throw reject("given more than once, but the field takes one value")
        }
        try addValue(to: node, entry)
    }

    /// Finds the leaf that the decoded name in ``RequestTranscoder/text`` means; of a map, with the key in brackets.
    private mutating func resolveName() throws(JSONFault) -> (Int32, FieldIndex, [UInt8]?) {
        let name = text.bytes
        var message = requestType
        var node: Int32 = 0
        var start = 0
        var count = 0
        while true {
            var end = start
            while end < name.count, name[end] != UInt8(ascii: "."), name[end] != UInt8(ascii: "[") { end += 1 }
            let component = UnsafeRawBufferPointer(rebasing: name[start..<end])
            guard let field = tables.field(named: component, in: message) else {
                let known = unknownField(
                    Excerpt.text(component),
                    in: message,
                    noun: "query parameter"
                )
                throw reject(known)
            }
            count += 1
            guard count < JSONReader.maximumDepth else { throw reject("the name has too many parts") }
            node = parameters.addChild(of: node, tables.index(of: field))
            let isExpandable =
                field.pointee.cardinality.isSingular && field.pointee.kind.isMessage
                && !tables[field.pointee.childMessage].pointee.wellKnownType.hasOwnForm
            if end == name.count {
                if isExpandable { throw reject("is a message; name one of its fields after a dot") }
                if field.pointee.cardinality == .map { throw reject("is a map; name a key in brackets") }
                return (node, tables.index(of: field), nil)
            }
            if name[end] == UInt8(ascii: "[") {
                guard field.pointee.cardinality == .map, name[name.count - 1] == UInt8(ascii: "]") else {
                    throw reject("only a map takes a key in brackets, at the end of the name")
                }
                return (node, tables.index(of: field), Array(name[(end + 1)..<(name.count - 1)]))
            }
            guard isExpandable else { throw reject("has no fields of its own that could be given") }
            message = tables[field.pointee.childMessage]
            start = end + 1
        }
    }

    /// Adds the decoded text as a value of a leaf.
    private mutating func addValue(
        to node: Int32,
        _ field: UnsafePointer<FieldEntry>
    ) throws(JSONFault) {
        guard field.pointee.cardinality != .map else { throw reject("a map cannot be given as one value") }
        // The buffer is taken out while it is written, as it is a part of `self`.
        var bytes = ByteBuffer()
        swap(&bytes, &parameters.bytes)
        let start = bytes.count
        let fault = encodeText(field, into: &bytes)
        swap(&bytes, &parameters.bytes)
        if let fault { throw fault }
        if field.pointee.cardinality.isSingular, parameters.nodes[Int(node)].firstValue >= 0 {
            // The same field once from the path and once from the query.
            let known = parameters.values[Int(parameters.nodes[Int(node)].firstValue)]
            let all = parameters.bytes.bytes
            guard all[known.offset..<known.offset + known.count].elementsEqual(all[start...]) else {
                throw reject(RequestTranscoder.pathDisagrees)
            }
            parameters.bytes.truncate(to: start)
            return
        }
        parameters.addValue(to: node, since: start)
    }

    private mutating func encodeText(
        _ field: UnsafePointer<FieldEntry>,
        into bytes: inout ByteBuffer
    ) -> JSONFault? {
        do throws(JSONFault) {
            if field.pointee.kind == .message {
                let message = tables[field.pointee.childMessage]
                guard message.pointee.wellKnownType.hasOwnForm else {
                    throw reject("a message cannot be given as one value")
                }
                try appendWellKnown(text.bytes, message, into: &bytes)
            } else if field.pointee.kind == .enumeration {
                try encodeEnum(field, into: &bytes)
            } else {
                _ = try appendScalar(text.bytes, field, into: &bytes)
            }
            return nil
        } catch {
            return error
        }
    }

    /// An enum by name, number or short name: `completed` for `TRAINING_STATUS_COMPLETED`.
    private mutating func encodeEnum(
        _ field: UnsafePointer<FieldEntry>,
        into bytes: inout ByteBuffer
    ) throws(JSONFault) {
        let enumeration = tables[field.pointee.childEnum]
        if let number = tables.number(named: text.bytes, in: enumeration) {
            bytes.appendVarint(UInt64(bitPattern: Int64(number)))
        } else if !text.isEmpty, JSONNumber.length(text.bytes) == text.count {
            _ = try appendEnumNumber(text.bytes, field, into: &bytes)
        } else if let number = try number(withShortName: text.bytes, in: enumeration) {
            bytes.appendVarint(UInt64(bitPattern: Int64(number)))
        } else {
            throw rejectName(text.bytes, of: field.pointee.childEnum)
        }
    }

    /// The number of the values that are called `name` in any case, with or without their common prefix.
    ///
    /// Values of different numbers may go by the same short name; it is refused then.
    private mutating func number(
        withShortName name: UnsafeRawBufferPointer,
        in enumeration: UnsafePointer<EnumEntry>
    ) throws(JSONFault) -> Int32? {
        func folded(_ byte: UInt8) -> UInt8 {
            if byte == UInt8(ascii: "-") { return UInt8(ascii: "_") }
            return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) ? byte &- 32 : byte
        }
        func isName(_ candidate: Slice<UnsafeRawBufferPointer>) -> Bool {
            candidate.elementsEqual(name) { folded($0) == folded($1) }
        }
        let prefix = tables.bytes(enumeration.pointee.prefix)
        var found: NamedNumber?
        for index in 0..<Int(enumeration.pointee.nameCount) {
            let candidate = tables.enumNames[Int(enumeration.pointee.firstName) + index]
            let full = tables.bytes(candidate.name)
            guard isName(full[...]) || full.starts(with: prefix) && isName(full[prefix.count...]) else { continue }
            if let found, found.number != candidate.number {
                throw reject(
                    "\"\(Excerpt.text(name))\" may be \(tables.string(found.name)) or \(tables.string(candidate.name))"
                )
            }
            found = candidate
        }
        return found?.number
    }

    /// Adds `labels[key]=value`.
    private mutating func addMapEntry(
        to node: Int32,
        _ field: UnsafePointer<FieldEntry>,
        key: [UInt8],
        _ rawValue: UnsafeRawBufferPointer
    ) throws(JSONFault) {
        let keyField = tables.fields + Int(tables[field.pointee.childMessage].pointee.firstField)
        let valueField = keyField + 1
        try decodeText(rawValue, .plusIsSpace)
        var entry = ByteBuffer(capacity: key.count + rawValue.count + 24)
        entry.appendTag(of: keyField)
        let keyStart = entry.count
        let keyFault = key.withUnsafeBytes { key -> JSONFault? in
            do throws(JSONFault) {
                _ = try appendScalar(key, keyField, into: &entry)
                return nil
            } catch {
                return error
            }
        }
        if let keyFault { throw keyFault }
        // As it stands on the wire, so that `1` and `1.0` are one key.
        guard parameters.addKey(Array(entry.bytes.dropFirst(keyStart)), to: node) else {
            throw reject("given more than once, but a key takes one value")
        }
        entry.appendTag(of: valueField)
        if valueField.pointee.kind == .message {
            var content = ByteBuffer()
            if let fault = encodeText(valueField, into: &content) { throw fault }
            entry.appendLengthDelimited(content.bytes)
        } else if let fault = encodeText(valueField, into: &entry) {
            throw fault
        }
        let start = parameters.bytes.count
        parameters.bytes.appendLengthDelimited(entry.bytes)
        parameters.addValue(to: node, since: start)
    }
}

// MARK: - Writing

extension RequestTranscoder {
    /// Appends the message that the parameters at `node` make on their own.
    mutating func appendParameters(
        of message: UnsafePointer<MessageEntry>,
        node: Int32,
        into output: inout ByteBuffer
    ) throws(JSONFault) {
        let frame = openFrame(message)
        try closeFrame(frame, message, node: node, into: &output)
    }

    /// Appends the parameters of `node` that the body did not have.
    mutating func appendUnwritten(
        _ frame: Frame,
        _ message: UnsafePointer<MessageEntry>,
        node: Int32,
        into output: inout ByteBuffer
    ) throws(JSONFault) {
        var child = parameters.nodes[Int(node)].firstChild
        while child >= 0 {
            let entry = parameters.nodes[Int(child)]
            defer { child = entry.nextSibling }
            let isEmpty = entry.firstChild < 0 && entry.firstValue < 0
            if entry.isWritten || isEmpty { continue }
            parameters.nodes[Int(child)].isWritten = true
            let field = tables[FieldIndex(rawValue: entry.field)]
            let name = tables.string(field.pointee.jsonName)
            _ = mark(field.pointee.localIndex, from: frame.fields)
            if field.pointee.oneof >= 0, mark(field.pointee.oneof, from: frame.oneofs) {
                throw reject("another member of the same oneof is given already", field: name)
            }
            if entry.firstChild >= 0 {
                let violationMark = violations.count
                do throws(JSONFault) {
                    try appendNestedParameters(field, node: child, into: &output)
                } catch {
                    prefixViolations(since: violationMark, with: name)
                    throw error
                }
            } else {
                parameters.appendLeaf(child, field, to: &output)
            }
        }
    }

    private mutating func appendNestedParameters(
        _ field: UnsafePointer<FieldEntry>,
        node: Int32,
        into output: inout ByteBuffer
    ) throws(JSONFault) {
        let message = tables[field.pointee.childMessage]
        output.appendTag(of: field)
        if field.pointee.kind == .group {
            try appendParameters(of: message, node: node, into: &output)
            output.appendTag(number: field.pointee.number, .endGroup)
        } else {
            let place = lengths.open(&output)
            try appendParameters(of: message, node: node, into: &output)
            lengths.close(place, &output)
        }
    }

    /// Checks that a field which the body has, written since `start`, is what the parameters say too.
    mutating func agree(
        _ field: UnsafePointer<FieldEntry>,
        _ node: Int32,
        since start: Int,
        _ output: borrowing ByteBuffer
    ) throws(JSONFault) {
        parameters.nodes[Int(node)].isWritten = true
        let entry = parameters.nodes[Int(node)]
        // Of a message with fields of its own, those have been compared one by one.
        guard entry.firstChild < 0, entry.firstValue >= 0 else { return }
        let written = UnsafeRawBufferPointer(rebasing: output.bytes[start...])
        if !parameters.agrees(node, field, with: written) {
            throw reject(entry.isFromPath ? RequestTranscoder.pathDisagrees : RequestTranscoder.queryDisagrees)
        }
    }
}
