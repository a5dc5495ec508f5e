import Bytes
import ProtobufSchema
import Testing

@testable import Transcoding

@Suite struct MessageConverterTests {
    private func convert(
        _ input: [UInt8],
        type: String = "sample.v1.Everything",
        from: MessageConverter.Format,
        to: MessageConverter.Format,
        indentation: Int = 0,
        ignoringUnknownFields: Bool = false
    ) throws -> [UInt8] {
        let schema = try TestSchema.sample.get()
        var converter = MessageConverter(
            schema: schema,
            printing: JSONOptions(omitsDefaults: true),
            indentation: indentation
        )
        let index = try converter.type(named: type)
        var output = ByteBuffer()
        output.append("before")
        try input.withUnsafeBytes { bytes in
            try converter.convert(
                bytes,
                of: index,
                from: from,
                to: to,
                ignoringUnknownFields: ignoringUnknownFields,
                into: &output
            )
        }
        return Array(output.bytes.dropFirst(6))
    }

    private func json(_ text: String, indentation: Int = 0, ignoringUnknownFields: Bool = false) throws -> String {
        let output = try convert(
            Array(text.utf8),
            from: .json,
            to: .json,
            indentation: indentation,
            ignoringUnknownFields: ignoringUnknownFields
        )
        return String(decoding: output, as: UTF8.self)
    }

    @Test func convertsEachWay() throws {
        let wire = WireBuilder().varint(5, 7).string(9, "x").bytes
        #expect(try convert(Array(#"{"int32Value": "7", "string_value": "x"}"#.utf8), from: .json, to: .binary) == wire)
        let text = try convert(wire, from: .binary, to: .json)
        #expect(String(decoding: text, as: UTF8.self) == #"{"int32Value":7,"stringValue":"x"}"#)
        #expect(
            try json(#"{"string_value": "x", "int32_value": 7.0, "bool_value": false}"#)
                == #"{"int32Value":7,"stringValue":"x"}"#
        )
        #expect(try json(#"{"int32Value": 7}"#, indentation: 1) == "{\n \"int32Value\": 7\n}")
    }

    @Test func ignoresUnknownFieldsIfAsked() throws {
        #expect(try json(#"{"nope": [1], "level": "NOPE"}"#, ignoringUnknownFields: true) == "{}")
        #expect(throws: TranscodingError.self) { try json(#"{"nope": 1}"#) }
    }

    @Test(arguments: ["", " \n"]) func nothingIsNoJSON(_ text: String) {
        #expect(throws: TranscodingError("the JSON text is empty")) { try json(text) }
    }

    @Test func unknownTypesNameTheNearest() {
        let misspelt = TranscodingError(
            "unknown message type \"sample.v1.Everythin\"; did you mean \"sample.v1.Everything\"?"
        )
        #expect(throws: misspelt) { try convert([], type: "sample.v1.Everythin", from: .binary, to: .json) }
        let short = TranscodingError("unknown message type \"Timestamp\"; did you mean \"google.protobuf.Timestamp\"?")
        #expect(throws: short) { try convert([], type: "Timestamp", from: .binary, to: .json) }
        #expect(throws: TranscodingError("unknown message type \"\"")) {
            try convert([], type: "", from: .binary, to: .json)
        }
    }

    // MARK: Binary to binary

    /// What is well formed comes out byte for byte, even what has no JSON form.
    @Test(arguments: [
        WireBuilder(),
        WireBuilder().varint(5, 7).string(9, "ü").varint(5, 8),
        WireBuilder().varint(9999, 1).bytes(9998, [0xFF]).group(9997, WireBuilder().varint(1, 1)),
        // Unpacked, packed, and a wire type that the field does not have.
        WireBuilder().varint(32, 1).bytes(32, [1, 2, 0x80, 1]).bytes(31, [0, 0, 0, 0, 0, 0, 0, 0]),
        WireBuilder().varint(9, 1).bytes(5, [1, 2]),
        WireBuilder().message(41, WireBuilder().string(1, "k").string(2, "v")),
        // A timestamp past the year 9999 and a Value without a kind.
        WireBuilder().message(61, WireBuilder().varint(1, 1 << 60)).message(67, WireBuilder()),
    ])
    func passesOnWhatIsWellFormed(_ wire: WireBuilder) throws {
        #expect(try convert(wire.bytes, from: .binary, to: .binary) == wire.bytes)
    }

    private static func nested(_ depth: Int) -> WireBuilder {
        (0..<depth).reduce(WireBuilder()) { inner, _ in WireBuilder().message(4, inner) }
    }

    @Test(arguments: [
        ([0x4A, 5, 0x61], WireError.truncated), ([0x28], .truncated), ([0x07], .malformedTag),
        (WireBuilder().bytes(9, [0xFF]).bytes, .invalidUTF8),
        (WireBuilder().message(17, WireBuilder().bytes(1, [0xC0])).bytes, .invalidUTF8),
        (WireBuilder().message(41, WireBuilder().bytes(1, [0xC0])).bytes, .invalidUTF8),
        (WireBuilder().bytes(17, [0x0A, 9]).bytes, .truncated),
        (WireBuilder().bytes(32, [0x80]).bytes, .truncated), (WireBuilder().bytes(31, [0, 0, 0]).bytes, .truncated),
        (WireBuilder().bytes(40, [0, 0, 0]).bytes, .truncated),
        ([0x2C], .unbalancedGroup),
        (WireBuilder().message(17, nested(200)).bytes, .tooDeep),
    ])
    func refusesWhatIsMalformed(_ wire: [UInt8], _ error: WireError) {
        #expect(throws: TranscodingError("not a valid sample.v1.Everything: \(error)")) {
            try convert(wire, from: .binary, to: .binary)
        }
    }

    @Test func nestsAsDeepAsEveryRuntime() throws {
        let deep = WireBuilder().message(17, Self.nested(98)).bytes
        #expect(try convert(deep, from: .binary, to: .binary) == deep)
    }
}
