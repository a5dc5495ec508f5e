import HTTPRules
import ProtobufSchema
import Testing

@testable import Transcoding

@Suite
struct RequestTranscoderTests {
    let transcodings: Transcodings

    init() throws {
        transcodings = try Transcodings()
    }

    @Test(
        arguments: [
            ("{}", []),
            (#"{"int32Value":1}"#, WireBuilder().varint(5, 1).bytes),
            (#"{"int32_value":-1}"#, WireBuilder().varint(5, .max).bytes),
            (#"{"int32Value":"2147483647"}"#, WireBuilder().varint(5, 2_147_483_647).bytes),
            (#"{"int32Value":1.5e1}"#, WireBuilder().varint(5, 15).bytes),
            (#"{"int32Value":0}"#, []),
            (#"{"maybeInt32":0}"#, WireBuilder().varint(22, 0).bytes),
            (#"{"int64Value":"-9223372036854775808"}"#, WireBuilder().varint(3, 1 << 63).bytes),
            (#"{"uint64Value":18446744073709551615}"#, WireBuilder().varint(4, .max).bytes),
            (#"{"sint32Value":-2147483648}"#, WireBuilder().varint(15, 0xFFFF_FFFF).bytes),
            (#"{"sint64Value":"-1"}"#, WireBuilder().varint(16, 1).bytes),
            (#"{"fixed32Value":4294967295}"#, WireBuilder().fixed32(7, .max).bytes),
            (#"{"sfixed64Value":-2}"#, WireBuilder().fixed64(14, .max - 1).bytes),
            (#"{"doubleValue":0.5}"#, WireBuilder().fixed64(1, (0.5).bitPattern).bytes),
            (#"{"doubleValue":"-Infinity"}"#, WireBuilder().fixed64(1, (-Double.infinity).bitPattern).bytes),
            (#"{"doubleValue":-0.0}"#, WireBuilder().fixed64(1, (-0.0).bitPattern).bytes),
            (#"{"floatValue":"1e2"}"#, WireBuilder().fixed32(2, Float(100).bitPattern).bytes),
            (#"{"boolValue":true,"maybeBool":false}"#, WireBuilder().varint(8, 1).varint(23, 0).bytes),
            (#"{"stringValue":"a\u00e9\ud83d\ude00\n"}"#, WireBuilder().string(9, "aé😀\n").bytes),
            (#"{"stringValue":"","maybeString":""}"#, WireBuilder().string(24, "").bytes),
            (#"{"bytesValue":"-_8"}"#, WireBuilder().bytes(10, [0xFB, 0xFF]).bytes),
            (#"{"level":"LEVEL_HIGH"}"#, WireBuilder().varint(12, 2).bytes),
            (#"{"level":-1}"#, WireBuilder().varint(12, .max).bytes),
            (#"{"level":77}"#, WireBuilder().varint(12, 77).bytes),
            (#"{"aliased":"ALIASED_FIRST"}"#, WireBuilder().varint(18, 1).bytes),
            (#"{"int32s":[1,"2",300]}"#, WireBuilder().bytes(32, [1, 2, 0xAC, 2]).bytes),
            (#"{"loose":[1,2]}"#, WireBuilder().varint(39, 1).varint(39, 2).bytes),
            (#"{"strings":["","a"]}"#, WireBuilder().string(35, "").string(35, "a").bytes),
            (#"{"strings":[],"arguments":{},"int32s":[]}"#, []),
            (#"{"inner":{}}"#, WireBuilder().bytes(17, []).bytes),
            (
                #"{"inner":{"inner":{"label":"x"}}}"#,
                WireBuilder().message(17, WireBuilder().message(4, WireBuilder().string(1, "x"))).bytes
            ),
            (
                #"{"arguments":{"k":"v","":""}}"#,
                WireBuilder().message(41, WireBuilder().string(1, "k").string(2, "v"))
                    .message(41, WireBuilder().string(1, "").string(2, "")).bytes
            ),
            (
                #"{"innersByNumber":{"-5":{"number":1}}}"#,
                WireBuilder().message(
                    42,
                    WireBuilder().varint(1, UInt64(bitPattern: -5)).message(2, WireBuilder().varint(2, 1))
                ).bytes
            ),
            (
                #"{"doublesByBool":{"true":1}}"#,
                WireBuilder().message(43, WireBuilder().varint(1, 1).fixed64(2, (1.0).bitPattern)).bytes
            ),
            (#"{"numberChoice":0}"#, WireBuilder().varint(52, 0).bytes),
            (#"{"nullChoice":null}"#, WireBuilder().varint(54, 0).bytes),
            (#"{"textChoice":null,"numberChoice":1}"#, WireBuilder().varint(52, 1).bytes),
            (#"{"int32Value":null,"strings":null,"arguments":null,"inner":null}"#, []),
            (#"{"other\"Name":"x"}"#, WireBuilder().string(81, "x").bytes),
            (#"{"farAway":1}"#, WireBuilder().varint(100_000, 1).bytes),
            (#"{"l\u0065vel":1}"#, WireBuilder().varint(12, 1).bytes),
        ] as [(String, [UInt8])]
    )
    func writesWhatASerializerWould(json: String, wire: [UInt8]) throws {
        #expect(try transcodings.wire(json) == wire)
    }

    @Test(arguments: [
        (
            #"{"int32Value":2147483648}"#, "int32Value",
            "expected an integer from -2147483648 to 2147483647, found 2147483648"
        ),
        (
            #"{"int32Value":-2147483649}"#, "int32Value",
            "expected an integer from -2147483648 to 2147483647, found -2147483649"
        ),
        (#"{"int32Value":1.5}"#, "int32Value", "expected an integer from -2147483648 to 2147483647, found 1.5"),
        (#"{"uint32Value":-1}"#, "uint32Value", "expected an integer from 0 to 4294967295, found -1"),
        (#"{"int32Value":" 1"}"#, "int32Value", "expected an integer"),
        (#"{"int32Value":""}"#, "int32Value", "expected an integer"),
        (#"{"int32Value":true}"#, "int32Value", "expected an integer, found a boolean"),
        (#"{"floatValue":3.5e38}"#, "floatValue", "the number is out of range"),
        (#"{"doubleValue":1e400}"#, "doubleValue", "the number is out of range"),
        (#"{"stringValue":5}"#, "stringValue", "expected a string, found a number"),
        (#"{"boolValue":"true"}"#, "boolValue", "expected true or false, found a string"),
        (#"{"bytesValue":"a"}"#, "bytesValue", "not valid base64"),
        (#"{"inner":[]}"#, "inner", "expected an object, found an array"),
        (#"{"inner":{"label":1}}"#, "inner.label", "expected a string, found a number"),
        (#"{"strings":["a",2]}"#, "strings[1]", "expected a string, found a number"),
        (#"{"strings":[null]}"#, "strings[0]", "null cannot be an element of a list"),
        (#"{"strings":{}}"#, "strings", "expected an array, found an object"),
        (#"{"inners":[{},{"counts":[1,"x"]}]}"#, "inners[1].counts[1]", "expected an integer"),
        (#"{"arguments":{"x":1}}"#, "arguments[\"x\"]", "expected a string, found a number"),
        (#"{"arguments":{"x":"1","y":"2","x":"1"}}"#, "arguments[\"x\"]", "the key is there twice"),
        (#"{"innersByNumber":{"1":{},"01":{}}}"#, "innersByNumber[\"01\"]", "expected an integer"),
        (#"{"doublesByBool":{"True":1}}"#, "doublesByBool[\"True\"]", "expected true or false"),
        (
            #"{"level":"LEVEL_HIHG"}"#, "level",
            "unknown value \"LEVEL_HIHG\" of sample.v1.Level; did you mean \"LEVEL_HIGH\"?"
        ),
        (#"{"int32Value":1,"int32_value":1}"#, "int32_value", "the field is there twice"),
        (#"{"textChoice":"a","numberChoice":1}"#, "numberChoice", "another member of the same oneof is there already"),
        (#"{"intt32Value":1}"#, "intt32Value", "unknown field \"intt32Value\"; did you mean \"int32Value\"?"),
        (#"{"inner":{"labell":1}}"#, "inner.labell", "unknown field \"labell\"; did you mean \"label\"?"),
        (#"{"nothingLikeIt":1}"#, "nothingLikeIt", "unknown field \"nothingLikeIt\""),
        ("[]", "", "expected an object, found an array"),
        ("null", "", "expected an object, found null"),
        (#"{"time":"2026-01-01"}"#, "time", "expected a timestamp like \"2026-01-31T23:59:59.5Z\""),
    ])
    func namesTheFieldThatIsWrong(json: String, field: String, description: String) throws {
        let error = try #require(throws: TranscodingError.self) { try transcodings.wire(json) }
        #expect(error.violations == [.init(field: field, description: description)])
        #expect(error.message == (field.isEmpty ? description : "\(field): \(description)"))
    }

    @Test
    func listsEverythingThatIsWrongAtOnce() throws {
        let json = #"{"int32Value":"x","inner":{"label":1,"numbr":2},"strings":[true],"boolValue":1}"#
        let error = try #require(throws: TranscodingError.self) { try transcodings.wire(json) }
        #expect(
            error.violations.map(\.field) == ["int32Value", "inner.label", "inner.numbr", "strings[0]", "boolValue"]
        )
        #expect(error.message == "int32Value: expected an integer (and 4 more)")
    }

    @Test
    func listsAtMostSixteen() throws {
        let members = (0..<1000).map { "\"unknown\($0)\":1" }.joined(separator: ",")
        let error = try #require(throws: TranscodingError.self) { try transcodings.wire("{\(members)}") }
        #expect(error.violations.count == 16)
    }

    @Test(arguments: [
        ("{", 1, 2), ("{\n  \"stringValue\": \"a\",\n  x}", 3, 3), ("{} x", 1, 4),
        ("{\"stringValue\":\"a\u{1}\"}", 1, 18),
    ])
    func placesSyntaxErrors(json: String, line: Int, column: Int) throws {
        let error = try #require(throws: TranscodingError.self) { try transcodings.wire(json) }
        #expect(error.place == TranscodingError.Place(line: line, column: column))
        #expect(error.message.hasSuffix("at line \(line), column \(column)"))
    }

    @Test
    func ignoresUnknownThingsIfAskedTo() throws {
        let json = #"{"x":[{"y":1}],"level":"NO","levels":["LEVEL_LOW","NO"],"levelsByName":{"a":"NO"},"int32Value":3}"#
        let wire = try transcodings.wire(json, ignoresUnknownFields: true)
        #expect(wire == WireBuilder().bytes(37, [1]).varint(5, 3).bytes)
    }

    /// An enum name that is ignored leaves its oneof, and the body, as if it were not there.
    @Test
    func ignoredNamesClaimNothing() throws {
        let json = #"{"id":"i","picked":"NOPE","counted":1}"#
        let wire = try transcodings.wire(json, type: "sample.legacy.Legacy", ignoresUnknownFields: true)
        #expect(wire == WireBuilder().string(1, "i").varint(11, 1).bytes)
        #expect(throws: TranscodingError.self) {
            let json = #"{"id":"i","counted":1,"picked":"RED"}"#
            return try transcodings.wire(json, type: "sample.legacy.Legacy", ignoresUnknownFields: true)
        }
        let level = try #require(try transcodings.field("level", of: "sample.v1.Everything").first)
        let body = try transcodings.wire(#""NOPE""#, binding: .field(level), ignoresUnknownFields: true)
        #expect(body == [])
    }

    @Test(arguments: [0, 1, 126, 127, 128, 129, 16_383, 16_384, 100_000])
    func nestsLengthsOfEverySize(size: Int) throws {
        let label = String(repeating: "x", count: size)
        let json =
            #"{"inner":{"inner":{"label":"\#(label)","notes":{"k":"\#(label)"},"counts":[1]},"number":7},"int32Value":1}"#
        let innermost = WireBuilder()
        let labelled = size == 0 ? innermost : innermost.string(1, label)
        let content = labelled.message(5, WireBuilder().string(1, "k").string(2, label)).bytes(3, [1])
        let expected = WireBuilder().message(17, WireBuilder().message(4, content).varint(2, 7)).varint(5, 1)
        #expect(try transcodings.wire(json) == expected.bytes)
    }

    @Test
    func missingRequiredFieldsAreNamed() throws {
        let type = "sample.legacy.Legacy"
        let error = try #require(throws: TranscodingError.self) { try transcodings.wire("{}", type: type) }
        #expect(error.violations == [.init(field: "id", description: "the field is required")])
        let wire = try transcodings.wire(
            #"{"id":"","part":{"weight":3},"[sample.legacy.nickname]":"n","tight":[1],"color":"GREEN"}"#,
            type: type
        )
        let expected = WireBuilder().string(1, "").group(5, WireBuilder().varint(6, 3)).string(100, "n").bytes(4, [1])
        #expect(wire == expected.varint(2, 2).bytes)
        #expect(throws: TranscodingError.self) { try transcodings.wire(#"{"id":"","color":3}"#, type: type) }
    }
}
