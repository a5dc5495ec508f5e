import Bytes
import ProtobufSchema
import Testing

@testable import Transcoding

@Suite
struct ResponseTranscoderTests {
    let transcodings: Transcodings

    init() throws {
        transcodings = try Transcodings()
    }

    @Test(
        arguments: [
            ([], "{}"),
            (WireBuilder().varint(5, .max).bytes, #"{"int32Value":-1}"#),
            (WireBuilder().varint(3, 1 << 63).bytes, #"{"int64Value":"-9223372036854775808"}"#),
            (WireBuilder().varint(4, .max).bytes, #"{"uint64Value":"18446744073709551615"}"#),
            (WireBuilder().varint(15, 1).varint(16, 2).bytes, #"{"sint32Value":-1,"sint64Value":"1"}"#),
            (WireBuilder().fixed32(7, .max).bytes, #"{"fixed32Value":4294967295}"#),
            (WireBuilder().fixed32(13, .max).fixed64(14, .max).bytes, #"{"sfixed32Value":-1,"sfixed64Value":"-1"}"#),
            (WireBuilder().fixed64(1, (0.1).bitPattern).bytes, #"{"doubleValue":0.1}"#),
            (WireBuilder().fixed64(1, (-0.0).bitPattern).bytes, #"{"doubleValue":-0.0}"#),
            (WireBuilder().fixed64(1, 0).bytes, "{}"),
            (WireBuilder().fixed32(2, Float.infinity.bitPattern).bytes, #"{"floatValue":"Infinity"}"#),
            (WireBuilder().varint(8, 2).varint(23, 0).bytes, #"{"boolValue":true,"maybeBool":false}"#),
            (WireBuilder().string(9, "é\"").bytes(10, [1]).bytes, #"{"stringValue":"é\"","bytesValue":"AQ=="}"#),
            (WireBuilder().varint(12, 2).bytes, #"{"level":"LEVEL_HIGH"}"#),
            (WireBuilder().varint(12, .max).bytes, #"{"level":"LEVEL_BELOW"}"#),
            (WireBuilder().varint(12, 77).bytes, #"{"level":77}"#),
            (WireBuilder().varint(18, 1).bytes, #"{"aliased":"ALIASED_ONE"}"#),
            (WireBuilder().bytes(32, [1, 0xAC, 2]).bytes, #"{"int32s":[1,300]}"#),
            (WireBuilder().varint(32, 1).bytes(32, [2, 3]).varint(32, 4).bytes, #"{"int32s":[1,2,3,4]}"#),
            (WireBuilder().bytes(39, [2, 3]).bytes, #"{"loose":[2,3]}"#),
            (WireBuilder().string(35, "").string(35, "b").bytes, #"{"strings":["","b"]}"#),
            (WireBuilder().message(41, WireBuilder().string(1, "k").string(2, "v")).bytes, #"{"arguments":{"k":"v"}}"#),
            (WireBuilder().message(41, WireBuilder()).bytes, #"{"arguments":{"":""}}"#),
            (WireBuilder().message(42, WireBuilder().varint(1, 7)).bytes, #"{"innersByNumber":{"7":{}}}"#),
            (WireBuilder().message(43, WireBuilder().fixed64(2, 0)).bytes, #"{"doublesByBool":{"false":0}}"#),
            (
                WireBuilder().message(45, WireBuilder().bytes(2, [1]).varint(1, .max)).bytes,
                #"{"blobsById":{"18446744073709551615":"AQ=="}}"#
            ),
            (WireBuilder().varint(54, 0).bytes, #"{"nullChoice":null}"#),
            (WireBuilder().string(81, "x").varint(100_000, 1).bytes, #"{"other\"Name":"x","farAway":1}"#),
            // Unknown fields, and known ones of another wire type.
            (
                WireBuilder().varint(99, 1).string(98, "x").group(97, WireBuilder().varint(1, 1)).varint(5, 1).bytes,
                #"{"int32Value":1}"#
            ),
            (WireBuilder().string(5, "x").varint(9, 1).bytes, "{}"),
        ] as [([UInt8], String)]
    )
    func printsCanonicalJSON(wire: [UInt8], json: String) throws {
        #expect(try transcodings.json(wire) == json)
    }

    @Test(
        arguments: [
            // Out of order.
            (WireBuilder().string(9, "b").varint(5, 1).bytes, #"{"int32Value":1,"stringValue":"b"}"#),
            // The last scalar wins, also over one that is the default.
            (WireBuilder().varint(5, 1).varint(5, 2).bytes, #"{"int32Value":2}"#),
            (WireBuilder().varint(5, 1).varint(5, 0).bytes, "{}"),
            // A message in pieces is merged, however deep.
            (
                WireBuilder().message(17, WireBuilder().string(1, "a").varint(2, 1)).varint(5, 3)
                    .message(17, WireBuilder().varint(2, 2).bytes(3, [1])).message(17, WireBuilder().bytes(3, [2]))
                    .bytes,
                #"{"int32Value":3,"inner":{"label":"a","number":2,"counts":[1,2]}}"#
            ),
            (
                WireBuilder().message(17, WireBuilder().message(4, WireBuilder().string(1, "x")))
                    .message(17, WireBuilder().message(4, WireBuilder().varint(2, 9))).bytes,
                #"{"inner":{"inner":{"label":"x","number":9}}}"#
            ),
            // Interleaved repeated fields keep their order.
            (
                WireBuilder().string(35, "a").varint(39, 1).string(35, "b").bytes(39, [2]).bytes,
                #"{"strings":["a","b"],"loose":[1,2]}"#
            ),
            (WireBuilder().string(35, "a").varint(99, 1).string(35, "b").bytes, #"{"strings":["a","b"]}"#),
            // Of equal map keys the last wins.
            (
                WireBuilder().message(41, WireBuilder().string(1, "k").string(2, "1"))
                    .message(41, WireBuilder().string(1, "l").string(2, "2"))
                    .message(41, WireBuilder().string(1, "k").string(2, "3")).bytes,
                #"{"arguments":{"l":"2","k":"3"}}"#
            ),
            // An entry whose message value is in pieces.
            (
                WireBuilder().message(
                    42,
                    WireBuilder().varint(1, 1).message(2, WireBuilder().string(1, "a")).message(
                        2,
                        WireBuilder().varint(2, 5)
                    )
                ).bytes,
                #"{"innersByNumber":{"1":{"label":"a","number":5}}}"#
            ),
            // The last member of a oneof wins; messages of one member merge only within its last run.
            (WireBuilder().string(51, "a").varint(52, 1).bytes, #"{"numberChoice":1}"#),
            (WireBuilder().varint(52, 1).string(51, "a").bytes, #"{"textChoice":"a"}"#),
            (
                WireBuilder().message(53, WireBuilder().string(1, "gone")).varint(52, 1)
                    .message(53, WireBuilder().varint(2, 1)).message(53, WireBuilder().bytes(3, [4])).bytes,
                #"{"innerChoice":{"number":1,"counts":[4]}}"#
            ),
        ] as [([UInt8], String)]
    )
    func printsWhatAMessageObjectWould(wire: [UInt8], json: String) throws {
        #expect(try transcodings.json(wire) == json)
    }

    @Test
    func dropsOnlyTheReplacedOfManyKeys() throws {
        var wire = WireBuilder()
        for index in 0..<200 {
            wire = wire.message(41, WireBuilder().string(1, "k\(index % 100)").string(2, "\(index)"))
        }
        let entries = (100..<200).map { "\"k\($0 - 100)\":\"\($0)\"" }.joined(separator: ",")
        #expect(try transcodings.json(wire.bytes) == "{\"arguments\":{\(entries)}}")
    }

    /// Values that a closed enum does not have, in between and around keys that come twice.
    @Test
    func dropsUnknownClosedValuesAmongDuplicateKeys() throws {
        func entry(_ key: String, _ size: UInt64) -> [UInt8] {
            WireBuilder().message(9, WireBuilder().string(1, key).varint(2, size)).bytes
        }
        let type = "sample.legacy.Legacy"
        let id = WireBuilder().string(1, "i").bytes
        let cases: [([(String, UInt64)], String)] = [
            ([("a", 99), ("a", 1), ("a", 2)], #"{"a":"SIZE_BIG"}"#),
            ([("a", 1), ("a", 2), ("a", 99)], #"{"a":"SIZE_BIG"}"#),
            ([("a", 99), ("b", 99), ("c", 1), ("a", 1), ("c", 2)], #"{"a":"SIZE_SMALL","c":"SIZE_BIG"}"#),
            ([("a", 1), ("b", 99), ("a", 2), ("b", 98)], #"{"a":"SIZE_BIG"}"#),
        ]
        for (entries, json) in cases {
            let wire = id + entries.flatMap { entry($0.0, $0.1) }
            #expect(try transcodings.json(wire, type: type) == #"{"id":"i","sizesByName":\#(json)}"#)
        }
    }

    /// What has no JSON form does not matter where a later piece completes or replaces it.
    @Test(
        arguments: [
            (WireBuilder().message(67, WireBuilder()).message(67, WireBuilder().string(3, "x")), #"{"value":"x"}"#),
            (
                WireBuilder().message(67, WireBuilder().fixed64(2, Double.nan.bitPattern))
                    .message(67, WireBuilder().varint(4, 1)), #"{"value":true}"#
            ),
            (
                WireBuilder().message(61, WireBuilder().varint(1, 1 << 62)).message(61, WireBuilder().varint(1, 0)),
                #"{"time":"1970-01-01T00:00:00Z"}"#
            ),
            (
                WireBuilder().message(
                    66,
                    ResponseTranscoderTests.structure([("a", WireBuilder()), ("a", WireBuilder().string(3, "x"))])
                ),
                #"{"structure":{"a":"x"}}"#
            ),
            (
                WireBuilder().message(
                    66,
                    ResponseTranscoderTests.structure([
                        ("a", WireBuilder()), ("b", WireBuilder().varint(1, 0)), ("a", WireBuilder().varint(4, 0)),
                        ("a", WireBuilder().string(3, "x")),
                    ])
                ), #"{"structure":{"b":null,"a":"x"}}"#
            ),
        ] as [(WireBuilder, String)]
    )
    func printsWhatALaterPieceMakesWhole(wire: WireBuilder, json: String) throws {
        #expect(try transcodings.json(wire.bytes) == json)
        // In an Any it is expanded all the same, on its own and among a status's details.
        let url = "t/sample.v1.Everything"
        let any = WireBuilder().string(1, url).message(2, wire)
        let expanded = #"{"@type":"\#(url)","# + json.dropFirst()
        #expect(try transcodings.json(WireBuilder().message(63, any).bytes) == #"{"any":\#(expanded)}"#)
        let status = StatusDetails(WireBuilder().message(3, any).bytes)
        var transcoder = ResponseTranscoder(schema: transcodings.schema, options: JSONOptions(omitsDefaults: true))
        var output = ByteBuffer()
        transcoder.appendDetails(status, into: &output)
        #expect(String(decoding: output.bytes, as: UTF8.self) == expanded)
    }

    private static func structure(_ entries: [(String, WireBuilder)]) -> WireBuilder {
        entries.reduce(WireBuilder()) { $0.message(1, WireBuilder().string(1, $1.0).message(2, $1.1)) }
    }

    @Test
    func refusesWhatHasNoFormAndStays() throws {
        for entries in [
            [("a", WireBuilder())], [("a", WireBuilder().string(3, "x")), ("a", WireBuilder())],
            [("a", WireBuilder()), ("b", WireBuilder().string(3, "x")), ("b", WireBuilder().string(3, "y"))],
            [("b", WireBuilder().string(3, "x")), ("b", WireBuilder().string(3, "longer")), ("a", WireBuilder())],
        ] {
            let wire = WireBuilder().message(66, ResponseTranscoderTests.structure(entries)).bytes
            let thrown = try #require(throws: TranscodingError.self) { try transcodings.json(wire) }
            #expect(
                thrown.message == #"not a valid sample.v1.Everything: structure["a"]: \#(WireError.unrepresentable)"#
            )
        }
    }

    @Test
    func printsDefaultsUnlessTold() throws {
        let type = "sample.v1.Inner"
        let wire = WireBuilder().varint(2, 5).bytes
        let json = try transcodings.json(wire, type: type, options: JSONOptions())
        #expect(json == #"{"label":"","number":5,"counts":[],"notes":{}}"#)
        #expect(try transcodings.json([], type: "sample.v1.GetSampleRequest", options: JSONOptions()) == #"{"id":""}"#)
        let all = try transcodings.json([], options: JSONOptions())
        #expect(all.hasPrefix(#"{"doubleValue":0,"floatValue":0,"int64Value":"0","uint64Value":"0","int32Value":0,"#))
        #expect(
            all.contains(
                #""boolValue":false,"stringValue":"","bytesValue":"","uint32Value":0,"level":"LEVEL_UNSPECIFIED","#
            )
        )
        #expect(all.hasSuffix(#""moments":[],"values":[],"anys":[],"other\"Name":"","farAway":0}"#))
        #expect(!all.contains("maybe"))
    }

    @Test
    func obeysItsOptions() throws {
        let wire = WireBuilder().varint(12, 2).bytes(37, [1]).bytes
        let numbers = JSONOptions(omitsDefaults: true, printsEnumsAsNumbers: true)
        #expect(try transcodings.json(wire, options: numbers) == #"{"level":2,"levels":[1]}"#)
        #expect(try transcodings.json([], options: JSONOptions(printsEnumsAsNumbers: true)).contains(#""level":0,"#))
        let originals = JSONOptions(usesOriginalNames: true)
        #expect(try transcodings.json([], options: originals).hasPrefix(#"{"double_value":0,"float_value":0,"#))
        let omitted = JSONOptions(omitsDefaults: true, usesOriginalNames: true)
        #expect(try transcodings.json(WireBuilder().varint(22, 1).bytes, options: omitted) == #"{"maybe_int32":1}"#)
    }

    /// protoc refuses an enum without a zero as a map's value, but descriptors need not come from protoc.
    @Test
    func printsTheFirstValueOfAClosedEnumWithoutZero() throws {
        func field(_ name: String, _ number: UInt64, label: UInt64, type: UInt64, of: String = "") -> WireBuilder {
            let field = WireBuilder().string(1, name).varint(3, number).varint(4, label).varint(5, type)
            return of.isEmpty ? field : field.string(6, of)
        }
        let entry = WireBuilder().string(1, "ColorsEntry").message(2, field("key", 1, label: 1, type: 9))
            .message(2, field("value", 2, label: 1, type: 14, of: ".t.Color")).message(7, WireBuilder().varint(7, 1))
        let message = WireBuilder().string(1, "Holder")
            .message(2, field("colors", 1, label: 3, type: 11, of: ".t.Holder.ColorsEntry")).message(3, entry)
        let color = WireBuilder().string(1, "Color").message(2, WireBuilder().string(1, "RED").varint(2, 5))
        let file = WireBuilder().string(1, "t.proto").string(2, "t").message(4, message).message(5, color)
        let schema = try Schema(descriptorSet: WireBuilder().message(1, file).bytes)
        let wire = WireBuilder().message(1, WireBuilder().string(1, "a")).bytes
        let own = Transcodings(schema: schema)
        #expect(try own.json(wire, type: "t.Holder") == #"{"colors":{"a":"RED"}}"#)
        let numbers = JSONOptions(printsEnumsAsNumbers: true)
        #expect(try own.json(wire, type: "t.Holder", options: numbers) == #"{"colors":{"a":5}}"#)
    }

    @Test(
        arguments: [
            ("inner", WireBuilder().message(17, WireBuilder().varint(2, 1)).bytes, #"{"number":1}"#),
            (
                "inner",
                WireBuilder().message(17, WireBuilder().varint(2, 1)).message(17, WireBuilder().string(1, "a")).bytes,
                #"{"label":"a","number":1}"#
            ),
            ("inner", [], "{}"),
            ("time", [], "null"),
            ("maybeInt32", [], "null"),
            ("maybeInt32", WireBuilder().varint(22, 3).bytes, "3"),
            ("int32Value", [], "0"),
            ("stringValue", WireBuilder().string(9, "x").string(9, "y").bytes, "\"y\""),
            ("strings", [], "[]"),
            ("strings", WireBuilder().string(35, "a").varint(5, 1).string(35, "b").bytes, #"["a","b"]"#),
            ("arguments", [], "{}"),
            ("textChoice", WireBuilder().string(51, "a").varint(52, 1).bytes, "null"),
        ] as [(String, [UInt8], String)]
    )
    func printsOneFieldAsTheBody(field: String, wire: [UInt8], json: String) throws {
        #expect(try transcodings.json(wire, body: field) == json)
    }

    @Test
    func readsGroupsExtensionsAndClosedEnums() throws {
        let wire = WireBuilder().string(1, "i").varint(2, 9).varint(3, 1).bytes(3, [2])
            .group(5, WireBuilder().varint(6, 4)).varint(7, 1).varint(7, 9).varint(7, 2).string(100, "n").bytes
        let json =
            #"{"id":"i","loose":[1,2],"part":{"weight":4},"colors":["RED","GREEN"],"[sample.legacy.nickname]":"n"}"#
        #expect(try transcodings.json(wire, type: "sample.legacy.Legacy") == json)
        let part = WireBuilder().string(1, "in").string(3, "m")
        let modern = WireBuilder().group(6, part).string(3, "n").bytes
        let printed = #"{"needed":"n","part":{"plain":"in","needed":"m"}}"#
        #expect(try transcodings.json(modern, type: "sample.edition.Modern") == printed)
    }

    @Test(
        arguments: [
            ([0x00], "", WireError.malformedTag), ([0x07], "", .malformedTag), ([0x2E], "", .malformedTag),
            ([0x28], "int32Value: ", .truncated), ([0x28, 0x80], "int32Value: ", .truncated),
            ([0x28] + [UInt8](repeating: 0xFF, count: 10) + [1], "int32Value: ", .malformedVarint),
            ([0x4A, 5, 0x61], "stringValue: ", .truncated),
            ([0x4A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1], "stringValue: ", .truncated),
            ([0x4A, 1, 0xFF], "stringValue: ", .invalidUTF8), ([0x09, 0, 0], "doubleValue: ", .truncated),
            ([0x3D, 0], "fixed32Value: ", .truncated),
            ([0x2C], "", .unbalancedGroup), ([0x2B, 0x08, 1], "", .unbalancedGroup),
            ([0x2B, 0x34], "", .unbalancedGroup),
            ([0x82, 2, 2, 0x08], "int32s[0]: ", .truncated), ([0x82, 2, 3, 1, 2, 0x80], "int32s[2]: ", .truncated),
        ] as [([UInt8], String, WireError)]
    )
    func refusesMalformedWire(wire: [UInt8], path: String, error: WireError) throws {
        let thrown = try #require(throws: TranscodingError.self) { try transcodings.json(wire) }
        #expect(thrown.message == "not a valid sample.v1.Everything: \(path)\(error)")
    }

    /// The path to what is wrong, however deep, also after a first try that was given up.
    @Test(
        arguments: [
            (WireBuilder().message(38, WireBuilder()).message(38, WireBuilder().bytes(1, [0xFF])), "inners[1].label"),
            (
                WireBuilder().message(17, WireBuilder().message(5, WireBuilder().string(1, "k").bytes(2, [0xFF]))),
                #"inner.notes["k"]"#
            ),
            (
                WireBuilder().varint(5, 1).message(
                    42,
                    WireBuilder().varint(1, 7).message(2, WireBuilder().varint(2, 1).bytes(1, [0xFF]))
                ).varint(3, 1), #"innersByNumber["7"].label"#
            ),
            (WireBuilder().message(61, WireBuilder().varint(1, 1 << 62)), "time"),
            (WireBuilder().message(68, WireBuilder().message(1, WireBuilder())), "list[0]"),
            (
                WireBuilder().message(64, WireBuilder().message(3, WireBuilder().bytes(1, [0xFF]))),
                "status.details[0]"
            ),
        ] as [(WireBuilder, String)]
    )
    func namesTheFieldThatIsWrong(wire: WireBuilder, path: String) throws {
        let thrown = try #require(throws: TranscodingError.self) { try transcodings.json(wire.bytes) }
        #expect(thrown.message.hasPrefix("not a valid sample.v1.Everything: \(path): "))
        #expect(thrown.violations.isEmpty)
    }

    @Test
    func pathsStayShort() throws {
        var wire = WireBuilder().bytes(1, [0xFF])
        for _ in 0..<90 { wire = WireBuilder().message(4, wire) }
        let thrown = try #require(throws: TranscodingError.self) {
            try transcodings.json(wire.bytes, type: "sample.v1.Inner")
        }
        #expect(thrown.message.utf8.count < 400)
    }
}
