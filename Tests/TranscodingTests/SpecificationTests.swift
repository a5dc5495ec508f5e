import HTTPRules
import ProtobufSchema
import Testing

@testable import Transcoding

/// Sentences of protobuf.dev's "ProtoJSON Format", over every field of a schema that has them all.
@Suite
struct SpecificationTests {
    let transcodings: Transcodings
    let fields: [FieldInfo]

    init() throws {
        transcodings = try Transcodings(schema: RichSchema.schema.get())
        let schema = transcodings.schema
        fields = schema.fields(of: try transcodings.message("rich.Rich")).map { schema[$0] }
    }

    private func wire(_ json: String, type: String = "rich.Rich") throws -> [UInt8] {
        try transcodings.wire(json, type: type)
    }

    private func roundTrip(_ json: String, type: String = "rich.Rich") throws -> String {
        try transcodings.roundTrip(json, type: type)
    }

    private static func quoted(_ name: String) -> String {
        "\"" + name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    // MARK: - Numbers

    /// Numbers or strings are accepted, but no empty ones, and exponents in both; what does not fit is refused.
    @Test(arguments: [
        ("int32", "-2147483648", "2147483647", "-2147483649", "2147483648"),
        ("sint32", "-2147483648", "2147483647", "-2147483649", "2147483648"),
        ("sfixed32", "-2147483648", "2147483647", "-2147483649", "2147483648"),
        ("uint32", "0", "4294967295", "-1", "4294967296"), ("fixed32", "0", "4294967295", "-1", "4294967296"),
        ("int64", "-9223372036854775808", "9223372036854775807", "-9223372036854775809", "9223372036854775808"),
        ("sint64", "-9223372036854775808", "9223372036854775807", "-9223372036854775809", "9223372036854775808"),
        ("sfixed64", "-9223372036854775808", "9223372036854775807", "-9223372036854775809", "9223372036854775808"),
        ("uint64", "0", "18446744073709551615", "-1", "18446744073709551616"),
        ("fixed64", "0", "18446744073709551615", "-1", "18446744073709551616"),
    ])
    func integersHaveTheirRanges(kind: String, low: String, high: String, below: String, above: String) throws {
        let name = "maybe_\(kind)"
        let jsonName = "maybe\(kind.prefix(1).uppercased())\(kind.dropFirst())"
        let quote = kind.hasSuffix("64") ? "\"" : ""
        func printed(_ number: String) -> String { "{\"\(jsonName)\":\(quote)\(number)\(quote)}" }
        let forms = [
            (low, low), (high, high), ("1e2", "100"), ("1.0", "1"), ("100e-2", "1"), ("1.50E+1", "15"), ("-0", "0"),
            ("0e9", "0"), ("\(high).000", high),
        ]
        for (text, number) in forms {
            #expect(try roundTrip("{\"\(name)\":\(text)}") == printed(number))
            #expect(try roundTrip("{\"\(name)\":\"\(text)\"}") == printed(number))
        }
        for text in [below, above, "1.5", "1e-1", "1e40", "\(high).5"] {
            #expect(throws: TranscodingError.self) { try wire("{\"\(name)\":\(text)}") }
            #expect(throws: TranscodingError.self) { try wire("{\"\(name)\":\"\(text)\"}") }
        }
        for text in ["", " 1", "1 ", "+1", "0x1", "01", "1.", "NaN"] {
            #expect(throws: TranscodingError.self) { try wire("{\"\(name)\":\"\(text)\"}") }
        }
        for text in ["true", "[1]", "{}"] {
            #expect(throws: TranscodingError.self) { try wire("{\"\(name)\":\(text)}") }
        }
    }

    @Test(arguments: ["maybeDouble", "maybeFloat", "doubleChoice", "boxedDouble", "boxedFloat"])
    func floatsAreNumbersOrStrings(name: String) throws {
        let forms = [
            ("1.5", "1.5"), ("\"1.5\"", "1.5"), ("1e2", "100"), ("\"1E+2\"", "100"), ("-0", "-0.0"),
            ("\"-0.0\"", "-0.0"),
            ("\"NaN\"", "\"NaN\""), ("\"Infinity\"", "\"Infinity\""), ("\"-Infinity\"", "\"-Infinity\""),
            ("1e-400", "0"),
        ]
        for (text, number) in forms {
            #expect(try roundTrip("{\"\(name)\":\(text)}") == "{\"\(name)\":\(number)}")
        }
        for text in ["", "nan", "inf", "+Infinity", "1e400", " 1"] {
            #expect(throws: TranscodingError.self) { try wire("{\"\(name)\":\"\(text)\"}") }
        }
        for text in ["NaN", "Infinity", "1e400", "true"] {
            #expect(throws: TranscodingError.self) { try wire("{\"\(name)\":\(text)}") }
        }
    }

    @Test
    func floatsHaveTheirRange() throws {
        #expect(try roundTrip(#"{"floatValue":3.4028235e38}"#) == #"{"floatValue":3.4028235e+38}"#)
        for text in ["3.5e38", "-3.5e38", "\"1e39\""] {
            #expect(throws: TranscodingError.self) { try wire("{\"floatValue\":\(text)}") }
        }
    }

    // MARK: - Names and null

    /// "Parsers accept both the lowerCamelCase name (or the one specified by the json_name option) and the original
    /// proto field name"; "null is valid for any field and leaves the field unset".
    @Test
    func everyFieldTakesNullUnderBothNames() throws {
        let holdsNull: Set<String> = ["null_choice", "value_choice", "value"]
        for field in fields where !holdsNull.contains(field.name) {
            #expect(try wire("{\(SpecificationTests.quoted(field.name)):null}") == [])
            #expect(try wire("{\(SpecificationTests.quoted(field.jsonName)):null}") == [])
        }
        #expect(try roundTrip(#"{"null_choice":null}"#) == #"{"nullChoice":null}"#)
        #expect(try roundTrip(#"{"value_choice":null}"#) == #"{"valueChoice":null}"#)
        #expect(try roundTrip(#"{"value":null}"#) == #"{"value":null}"#)
        #expect(throws: TranscodingError.self) { try wire(#"{"unknown":null}"#) }
    }

    @Test(arguments: [
        ("_a__b_1", "AB1"), ("trailing_", "trailing"), ("UPPER_Case", "UPPERCase"), ("camelCase", "camelCase"),
        ("x1_2y_3", "x12y3"), ("renamed", #"re named \"\\ é"#), ("at_type", "@type"), ("self", "self"),
    ])
    func namesAreInLowerCamelCase(name: String, json: String) throws {
        #expect(try roundTrip("{\"\(name)\":7}") == "{\"\(json)\":7}")
        #expect(try roundTrip("{\"\(json)\":7}") == "{\"\(json)\":7}")
        let original = JSONOptions(omitsDefaults: true, usesOriginalNames: true)
        let printed = try transcodings.roundTrip("{\"\(json)\":7}", type: "rich.Rich", options: original)
        #expect(printed == "{\"\(name)\":7}")
        // Both spellings are one field.
        if name != json {
            #expect(throws: TranscodingError.self) { try wire("{\"\(name)\":7,\"\(json)\":7}") }
        }
    }

    /// "`null` values are not allowed within repeated fields", but where null is a value of its own.
    @Test
    func listsAndMapsTakeNoNull() throws {
        for field in fields where !field.cardinality.isSingular {
            var list = "[null]"
            if field.cardinality == .map { list = field.name == "by_bool" ? #"{"true":null}"# : #"{"1":null}"# }
            let json = "{\"\(field.name)\":\(list)}"
            if ["values", "values_by_name"].contains(field.name) {
                #expect(try wire(json) != [])
            } else {
                #expect(throws: TranscodingError.self) { try wire(json) }
            }
        }
    }

    // MARK: - Enums

    @Test(arguments: [
        (#"{"kind":"KIND_LARGE"}"#, #"{"kind":"KIND_LARGE"}"#), (#"{"kind":2}"#, #"{"kind":"KIND_LARGE"}"#),
        (#"{"kind":2.0}"#, #"{"kind":"KIND_LARGE"}"#), (#"{"kind":-5}"#, #"{"kind":"KIND_BELOW"}"#),
        (#"{"kind":2147483647}"#, #"{"kind":"KIND_FAR"}"#), (#"{"kind":12}"#, #"{"kind":12}"#),
        (#"{"kind":-2147483648}"#, #"{"kind":-2147483648}"#), (#"{"alias":"ALIAS_FIRST"}"#, #"{"alias":"ALIAS_ONE"}"#),
        (#"{"alias":"ALIAS_lower"}"#, #"{"alias":"ALIAS_lower"}"#),
        (#"{"kinds":["KIND_SMALL",2,99]}"#, #"{"kinds":["KIND_SMALL","KIND_LARGE",99]}"#),
        (#"{"byUint32":{"4294967295":99}}"#, #"{"byUint32":{"4294967295":99}}"#),
    ])
    func enumsAreNamesOrNumbers(json: String, printed: String) throws {
        #expect(try roundTrip(json) == printed)
    }

    @Test(arguments: [
        #"{"kind":"kind_large"}"#, #"{"kind":"LARGE"}"#, #"{"kind":""}"#, #"{"kind":1.5}"#, #"{"kind":2147483648}"#,
        #"{"kind":true}"#, #"{"kinds":[null]}"#, #"{"modern":{"needed":"","shut":7}}"#,
        #"{"legacy":{"id":1,"color":9}}"#, #"{"legacy":{"id":1,"sizesByName":{"a":9}}}"#,
    ])
    func enumsAreNothingElse(json: String) {
        #expect(throws: TranscodingError.self) { try wire(json) }
    }

    // MARK: - proto2 and editions

    @Test(arguments: [
        #"{"id":1,"name":"","count":"0","color":"RED","ratio":0,"blob":"","flag":false}"#,
        #"{"id":0,"part":{"weight":3,"whole":{"id":2}},"piece":[{"label":"a"},{"label":"b","shade":"FAINT"}]}"#,
        #"{"id":0,"pickedpart":{"mark":7}}"#, #"{"id":0,"pickedColor":"RED"}"#,
        #"{"id":0,"[rich.nickname]":"n","[rich.scores]":["1","-2"],"[rich.shades]":["RED"],"[rich.weight_in_tons]":0.5}"#,
        #"{"id":0,"[rich.Needy.needy_extension]":{"first":"f","second":"SIZE_NONE"},"[rich.appendix]":{"text":"t"}}"#,
    ])
    func codesGroupsAndExtensions(json: String) throws {
        #expect(try roundTrip(json, type: "rich.Legacy") == json)
    }

    @Test(arguments: [
        (#"{"needed":""}"#, #"{"needed":""}"#),
        (#"{"needed":"","plain":"","tracked":""}"#, #"{"tracked":"","needed":""}"#),
        (#"{"part":{"needed":"x"},"needed":""}"#, #"{"needed":"","part":{"needed":"x"}}"#),
        (#"{"needed":"","parts":[{"needed":"y"}]}"#, #"{"needed":"","parts":[{"needed":"y"}]}"#),
        (#"{"needed":"","shut":"SHUT_A","wide":"WIDE_A"}"#, #"{"needed":"","shut":"SHUT_A"}"#),
        (#"{"needed":"","partChoice":{"needed":"z"}}"#, #"{"needed":"","partChoice":{"needed":"z"}}"#),
    ])
    func codesEditions(json: String, printed: String) throws {
        #expect(try roundTrip(json, type: "rich.Modern") == printed)
    }

    /// Maps and their entries are never groups, as protoc and all runtimes have it.
    @Test
    func codesMapsAmongGroups() throws {
        let transcodings = try Transcodings()
        let json = #"{"items":{"a":{"number":1,"items":{"b":{}}}},"item":{"number":2},"list":[{"number":3}]}"#
        let inner = WireBuilder().varint(1, 1).message(2, WireBuilder().string(1, "b").message(2, WireBuilder()))
        let wire = WireBuilder().message(1, WireBuilder().string(1, "a").message(2, inner))
            .group(2, WireBuilder().varint(1, 2)).group(3, WireBuilder().varint(1, 3))
        #expect(try transcodings.wire(json, type: "sample.delimited.Tree") == wire.bytes)
        #expect(try transcodings.json(wire.bytes, type: "sample.delimited.Tree") == json)
    }

    @Test(arguments: [
        (#"{"name":"x"}"#, "id"), (#"{"id":null}"#, "id"), (#"{"id":1,"needy":{"first":"f"}}"#, "needy.second"),
        (#"{"id":1,"piece":[{"label":"a"},{}]}"#, "piece[1].label"),
        (#"{"id":1,"needyByNumber":{"5":{"second":0}}}"#, #"needyByNumber["5"].first"#),
    ])
    func bodiesMustHaveRequiredFields(json: String, field: String) throws {
        let error = try #require(throws: TranscodingError.self) { try wire(json, type: "rich.Legacy") }
        #expect(error.violations == [.init(field: field, description: "the field is required")])
    }

    /// A field that is called "@type" gives way to the type of an Any; what would need both is kept in base64.
    @Test
    func aFieldCalledLikeTheTypeOfAnAny() throws {
        let plain = try wire(#"{"@type":5}"#, type: "rich.Rich")
        #expect(try transcodings.json(plain, type: "rich.Rich") == #"{"@type":5}"#)
        let any = #"{"@type":"x/rich.Rich","at_type":5}"#
        let inside = try wire(any, type: "google.protobuf.Any")
        #expect(try wire(#"{"at_type":5,"@type":"x/rich.Rich"}"#, type: "google.protobuf.Any") == inside)
        #expect(try wire(#"{"@type":"x/rich.Rich"}"#, type: "google.protobuf.Any").count == 13)
        let printed = try transcodings.json(inside, type: "google.protobuf.Any")
        #expect(printed == #"{"@type":"x/rich.Rich","value":"uAoF"}"#)
    }

    /// Every parser refuses a message without its required fields, and so are answers; their pieces need not have them.
    @Test(
        arguments: [
            (WireBuilder(), "id"),
            (WireBuilder().varint(1, 1).message(25, WireBuilder().string(1, "f")), "needy.second"),
            (WireBuilder().varint(1, 1).message(25, WireBuilder().string(1, "f").varint(2, 9)), "needy.second"),
            (WireBuilder().varint(1, 1).group(15, WireBuilder().varint(17, 1)), "piece[0].label"),
            (
                WireBuilder().varint(1, 1).message(19, WireBuilder().varint(1, 5)), #"needyByNumber["5"]"#
            ),
        ] as [(WireBuilder, String)]
    )
    func answersMustHaveRequiredFields(wire: WireBuilder, path: String) throws {
        let error = try #require(throws: TranscodingError.self) {
            try transcodings.json(wire.bytes, type: "rich.Legacy")
        }
        #expect(error.message == "not a valid rich.Legacy: \(path): \(WireError.missingRequired)")
        // As one of many, out of order.
        let rich = WireBuilder().message(68, WireBuilder().varint(1, 1)).message(68, wire).varint(3, 1)
        #expect(throws: TranscodingError.self) { try transcodings.json(rich.bytes, type: "rich.Rich") }
    }

    @Test(
        arguments: [
            // In two pieces, neither whole.
            (
                WireBuilder().varint(1, 1).message(25, WireBuilder().string(1, "f"))
                    .message(25, WireBuilder().varint(2, 1)),
                #"{"id":1,"needy":{"first":"f","second":"SIZE_SMALL"}}"#
            ),
            // Replaced by an entry with the same key.
            (
                WireBuilder().varint(1, 1).message(19, WireBuilder().varint(1, 5))
                    .message(
                        19,
                        WireBuilder().varint(1, 5).message(2, WireBuilder().string(1, "f").varint(2, 0))
                    ),
                #"{"id":1,"needyByNumber":{"5":{"first":"f","second":"SIZE_NONE"}}}"#
            ),
            // A member of a oneof that another one replaces.
            (
                WireBuilder().varint(1, 1).message(22, WireBuilder()).string(21, "n"), #"{"id":1,"pickedName":"n"}"#
            ),
            // Numbers that a closed enum does not have change neither the field nor its oneof.
            (WireBuilder().varint(1, 1).varint(4, 1).varint(4, 99), #"{"id":1,"color":"RED"}"#),
            (WireBuilder().varint(1, 1).string(21, "n").varint(20, 99), #"{"id":1,"pickedName":"n"}"#),
        ] as [(WireBuilder, String)]
    )
    func onlyTheWholeMessageCounts(wire: WireBuilder, json: String) throws {
        #expect(try transcodings.json(wire.bytes, type: "rich.Legacy") == json)
    }

    /// What an absent field of such a type would be printed as does not exist.
    @Test
    func absentBodiesThatMayNotBeEmptyAreNull() throws {
        #expect(try transcodings.json([], type: "rich.Rich", body: "legacy") == "null")
        #expect(try transcodings.json([], type: "rich.Rich", body: "leaf") == "{}")
    }

    // MARK: - Any

    @Test(arguments: [
        ("google.protobuf.Duration", "\"0s\""), ("google.protobuf.Timestamp", "\"1970-01-01T00:00:00Z\""),
        ("google.protobuf.FieldMask", "\"\""), ("google.protobuf.Struct", "{}"), ("google.protobuf.ListValue", "[]"),
        ("google.protobuf.Value", "null"), ("google.protobuf.DoubleValue", "0"), ("google.protobuf.FloatValue", "0"),
        ("google.protobuf.Int64Value", "\"0\""), ("google.protobuf.UInt64Value", "\"0\""),
        ("google.protobuf.Int32Value", "0"), ("google.protobuf.UInt32Value", "0"),
        ("google.protobuf.BoolValue", "false"), ("google.protobuf.StringValue", "\"\""),
        ("google.protobuf.BytesValue", "\"\""), ("google.protobuf.Any", "{}"),
        ("google.protobuf.Any", #"{"@type":"a/google.protobuf.Any","value":{"@type":"a/rich.Leaf","name":"x"}}"#),
    ])
    func specialFormsStandUnderValue(type: String, value: String) throws {
        let json = "{\"any\":{\"@type\":\"type.googleapis.com/\(type)\",\"value\":\(value)}}"
        #expect(try roundTrip(json) == json)
    }

    @Test
    func otherMessagesStandBesideTheirType() throws {
        let json = #"{"any":{"@type":"a/rich.Legacy","id":1,"part":{"weight":2},"[rich.nickname]":"n"}}"#
        #expect(try roundTrip(json) == json)
        let empty = #"{"any":{"@type":"a/google.protobuf.Empty"}}"#
        #expect(try roundTrip(empty) == empty)
        #expect(try roundTrip(#"{"any":{"@type":"a/google.protobuf.Empty","value":{}}}"#) == empty)
    }

    // MARK: - Options

    /// What is ignored is ignored as a whole: it must be JSON, but keys may come twice in it.
    @Test
    func ignoredObjectsMayRepeatKeys() throws {
        let json = #"{"x":{"a":1,"a":2},"x":1,"int32Value":3}"#
        let wire = try transcodings.wire(json, type: "rich.Rich", ignoresUnknownFields: true)
        #expect(wire == WireBuilder().varint(3, 3).bytes)
        #expect(throws: TranscodingError.self) {
            try transcodings.wire(#"{"x":{"a":01}}"#, type: "rich.Rich", ignoresUnknownFields: true)
        }
        #expect(throws: TranscodingError.self) {
            let json = #"{"x":1,"int32Value":3,"int32_value":3}"#
            return try transcodings.wire(json, type: "rich.Rich", ignoresUnknownFields: true)
        }
    }
}
