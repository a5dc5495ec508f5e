import Bytes
import ProtobufSchema

/// One line of a batch, read; borrows the line.
struct BatchRequest {
    private enum Member: String, CaseIterable {
        case id, from, to, type, input
        case ignoresUnknown = "ignore_unknown"
    }

    /// The id as it is written.
    private(set) var id: UnsafeRawBufferPointer?
    private(set) var from: MessageConverter.Format?
    private(set) var to: MessageConverter.Format?
    private(set) var type: String?
    private(set) var ignoresUnknownFields: Bool
    private var seen: Set<Member> = []
    /// The first thing that is wrong with a member; the line is read to its end all the same, for the id.
    private var problem: TranscodingError?

    init(defaults: BatchConverter.Defaults) {
        from = defaults.from
        to = defaults.to
        type = defaults.type
        ignoresUnknownFields = defaults.ignoresUnknownFields
    }

    /// Reads `line` and appends the decoded input to `input`.
    mutating func read(_ line: UnsafeRawBufferPointer, input: inout ByteBuffer) throws(TranscodingError) {
        var reader = JSONReader(line)
        do throws(JSONFault) {
            try readMembers(&reader, &input)
            try reader.finish()
        } catch {
            throw TranscodingError("malformed line: \(error.description) at column \(reader.place.column)")
        }
        if !seen.contains(.input) { report("\"input\" is missing") }
        if let problem { throw problem }
    }

    private mutating func readMembers(_ reader: inout JSONReader, _ input: inout ByteBuffer) throws(JSONFault) {
        guard reader.peek() == UInt8(ascii: "{") else { throw reader.unexpected }
        guard reader.open(until: UInt8(ascii: "}")) else { return }
        repeat {
            guard reader.peek() == UInt8(ascii: "\"") else { throw reader.unexpected }
            let name = Self.text(try reader.readString())
            try reader.expect(UInt8(ascii: ":"))
            let first = reader.peek()
            if let member = Member(rawValue: name) {
                if !seen.insert(member).inserted { report("\"\(name)\" occurs twice") }
                try readValue(of: member, first, &reader, &input)
            } else {
                let hint = NearestName.hint(name, among: Member.allCases.map(\.rawValue))
                report("unknown member \"\(Excerpt.path(name))\"\(hint)")
                try reader.skipValue(depth: 0)
            }
        } while try reader.readSeparator(orEnd: UInt8(ascii: "}"))
    }

    private mutating func readValue(
        of member: Member,
        _ first: UInt8,
        _ reader: inout JSONReader,
        _ input: inout ByteBuffer
    ) throws(JSONFault) {
        let start = reader.cursor
        guard first == UInt8(ascii: "\"") else {
            try reader.skipValue(depth: 0)
            switch (member, first) {
            case (.id, UInt8(ascii: "{")), (.id, UInt8(ascii: "[")): report("\"id\" is an object or an array")
            case (.id, _): id = UnsafeRawBufferPointer(start: start, count: reader.cursor - start)
            case (.ignoresUnknown, UInt8(ascii: "t")): ignoresUnknownFields = true
            case (.ignoresUnknown, UInt8(ascii: "f")): ignoresUnknownFields = false
            case (.ignoresUnknown, _): report("\"ignore_unknown\" is neither true nor false")
            default: report("\"\(member.rawValue)\" is not a string")
            }
            return
        }
        let string = try reader.readString()
        switch member {
        case .id: id = UnsafeRawBufferPointer(start: start, count: reader.cursor - start)
        case .from: from = format(string, member)
        case .to: to = format(string, member)
        case .type: type = Self.text(string)
        case .input: decode(string, into: &input)
        case .ignoresUnknown: report("\"ignore_unknown\" is neither true nor false")
        }
    }

    private mutating func format(_ string: JSONString, _ member: Member) -> MessageConverter.Format? {
        let format = MessageConverter.Format(rawValue: Self.text(string))
        if format == nil { report("\"\(member.rawValue)\" is neither \"json\" nor \"binary\"") }
        return format
    }

    private mutating func decode(_ string: JSONString, into input: inout ByteBuffer) {
        var isBase64 = true
        if string.hasEscapes {
            // A slash may be written "\/".
            var text = ByteBuffer()
            string.unescape(into: &text)
            isBase64 = Base64.decode(text.bytes, into: &input)
        } else {
            isBase64 = Base64.decode(string.raw, into: &input)
        }
        if !isBase64 { report("\"input\" is not base64") }
    }

    private static func text(_ string: JSONString) -> String {
        guard string.hasEscapes else { return String(decoding: string.raw, as: UTF8.self) }
        var text = ByteBuffer()
        string.unescape(into: &text)
        return String(decoding: text.bytes, as: UTF8.self)
    }

    private mutating func report(_ message: String) {
        if problem == nil { problem = TranscodingError(message) }
    }
}
