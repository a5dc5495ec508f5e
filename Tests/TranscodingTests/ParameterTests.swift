import HTTPRules
import ProtobufSchema
import Testing

@testable import Transcoding

@Suite
struct ParameterTests {
    let transcodings: Transcodings

    init() throws {
        transcodings = try Transcodings()
    }

    private func print(_ wire: [UInt8]) throws -> String { try transcodings.json(wire) }

    @Test(arguments: [
        ("", "{}"), ("&&", "{}"),
        ("int32Value=5&stringValue=a%20b+c%2B", #"{"int32Value":5,"stringValue":"a b c+"}"#),
        ("int32_value=-1&bool_value=true&double_value=1e3", #"{"doubleValue":1000,"int32Value":-1,"boolValue":true}"#),
        ("int64Value=9007199254740993&bytesValue=-_8%3D", #"{"int64Value":"9007199254740993","bytesValue":"+/8="}"#),
        ("level=LEVEL_HIGH", #"{"level":"LEVEL_HIGH"}"#), ("level=2", #"{"level":"LEVEL_HIGH"}"#),
        ("level=high", #"{"level":"LEVEL_HIGH"}"#), ("level=level_low", #"{"level":"LEVEL_LOW"}"#),
        ("level=-1", #"{"level":"LEVEL_BELOW"}"#), ("level=77", #"{"level":77}"#),
        ("strings=a&int32Value=1&strings=&strings=c", #"{"int32Value":1,"strings":["a","","c"]}"#),
        ("int32s=1&int32s=300&loose=4&loose=5", #"{"int32s":[1,300],"loose":[4,5]}"#),
        ("levels=low&levels=2", #"{"levels":["LEVEL_LOW","LEVEL_HIGH"]}"#),
        (
            "inner.label=x&inner.number=2&inner.inner.label=y",
            #"{"inner":{"label":"x","number":2,"inner":{"label":"y"}}}"#
        ),
        ("inn%65r.label=x", #"{"inner":{"label":"x"}}"#),
        ("maybeString", #"{"maybeString":""}"#), ("maybeString=", #"{"maybeString":""}"#), ("stringValue=", "{}"),
        ("time=2026-03-03T00:00:00Z&duration=1.5s", #"{"time":"2026-03-03T00:00:00Z","duration":"1.500s"}"#),
        ("mask=*", #"{"mask":"*"}"#), ("mask=a.b,fooBar", #"{"mask":"a.b,fooBar"}"#),
        ("mask=a&boxedInt64=0", #"{"mask":"a","boxedInt64":"0"}"#),
        ("boxedString=x&boxedBool=true", #"{"boxedString":"x","boxedBool":true}"#),
        (
            "moments=1970-01-01T00:00:00Z&moments=1970-01-01T00:00:01Z",
            #"{"moments":["1970-01-01T00:00:00Z","1970-01-01T00:00:01Z"]}"#
        ),
        ("arguments%5Bk%5D=v&arguments[l.m]=w", #"{"arguments":{"k":"v","l.m":"w"}}"#),
        (
            "levelsByName[a]=low&times[-1]=1970-01-01T00:00:00Z",
            #"{"levelsByName":{"a":"LEVEL_LOW"},"times":{"-1":"1970-01-01T00:00:00Z"}}"#
        ),
        ("textChoice=a=b", #"{"textChoice":"a=b"}"#),
    ])
    func readsQueries(query: String, json: String) throws {
        // Compared as a message: parameters are written in no particular order.
        #expect(try print(transcodings.wire("", binding: .none, query: query)) == json)
    }

    @Test(arguments: [
        ("int32Value=x", "int32Value", "expected an integer"),
        ("int32Value=", "int32Value", "expected an integer"),
        ("int32Value=1&int32Value=1", "int32Value", "given more than once, but the field takes one value"),
        ("int32Valeu=1", "int32Valeu", "unknown query parameter \"int32Valeu\"; did you mean \"int32Value\"?"),
        ("inner.labell=1", "inner.labell", "unknown query parameter \"labell\"; did you mean \"label\"?"),
        ("inner=1", "inner", "is a message; name one of its fields after a dot"),
        ("arguments=1", "arguments", "is a map; name a key in brackets"),
        ("arguments[a]=1&arguments[a]=2", "arguments[a]", "given more than once, but a key takes one value"),
        ("strings[0]=1", "strings[0]", "only a map takes a key in brackets, at the end of the name"),
        ("stringValue.x=1", "stringValue.x", "has no fields of its own that could be given"),
        ("time.seconds=1", "time.seconds", "has no fields of its own that could be given"),
        ("inners.label=1", "inners.label", "has no fields of its own that could be given"),
        ("value=1", "value", "a google.protobuf.Value cannot be given as text"),
        ("any=1", "any", "a google.protobuf.Any cannot be given as text"),
        ("stringValue=%", "stringValue", #""%" at byte 0 is not followed by two hexadecimal digits"#),
        ("stringValue=%4", "stringValue", #""%" at byte 0 is not followed by two hexadecimal digits"#),
        ("stringValue=%zz", "stringValue", #""%" at byte 0 is not followed by two hexadecimal digits"#),
        ("stringValue=%FF", "stringValue", "not valid UTF-8 once percent-decoded"),
        ("stringValue=a%00", "stringValue", #""%00" at byte 1 is not allowed"#),
        ("boolValue=1", "boolValue", "expected true or false"),
        (
            "level=hihg", "level",
            "unknown value \"hihg\" of sample.v1.Level; it has LEVEL_UNSPECIFIED, LEVEL_LOW, LEVEL_HIGH, LEVEL_BELOW, LEVEL_FAR"
        ),
        ("=1", "", "unknown query parameter \"\""),
        ("time=now", "time", "expected a timestamp like \"2026-01-31T23:59:59.5Z\""),
    ])
    func namesTheParameterThatIsWrong(query: String, field: String, description: String) throws {
        let error = try #require(throws: TranscodingError.self) {
            try transcodings.wire("", binding: .none, query: query)
        }
        #expect(error.violations == [.init(field: field, description: description)])
    }

    @Test
    func listsAllWrongParameters() throws {
        let error = try #require(throws: TranscodingError.self) {
            try transcodings.wire("", binding: .none, query: "x=1&int32Value=y&boolValue=true&z=2")
        }
        #expect(error.violations.map(\.field) == ["x", "int32Value", "z"])
    }

    @Test
    func twoMembersOfAOneofContradict() throws {
        let error = try #require(throws: TranscodingError.self) {
            try transcodings.wire("", binding: .none, query: "textChoice=a&numberChoice=1")
        }
        #expect(error.violations.count == 1)
        #expect(throws: TranscodingError.self) {
            try transcodings.wire(
                #"{"label":"x"}"#,
                binding: .field(transcodings.field("innerChoice", of: "sample.v1.Everything")[0]),
                query: "textChoice=a"
            )
        }
    }

    @Test(arguments: [
        ("a%2Fb%20c+d", false, "a/b c+d"), ("a%2Fb/c%2fd%20", true, "a%2Fb/c%2fd "), ("tf:2.16", false, "tf:2.16"),
        ("%C3%A9", false, "é"),
    ])
    func decodesCaptures(raw: String, isMultiSegment: Bool, value: String) throws {
        let wire = try transcodings.wire(
            "",
            binding: .none,
            path: [("inner.label", raw)],
            isMultiSegment: isMultiSegment
        )
        #expect(wire == WireBuilder().message(17, WireBuilder().string(1, value)).bytes)
    }

    @Test(arguments: [
        ("%", #""%" at byte 0 is not followed by two hexadecimal digits"#),
        ("%00", #""%00" at byte 0 is not allowed"#),
        ("%C3", "not valid UTF-8 once percent-decoded"),
    ])
    func namesTheCaptureThatIsWrong(raw: String, description: String) throws {
        let error = try #require(throws: TranscodingError.self) {
            try transcodings.wire("", binding: .none, path: [("inner.label", raw)])
        }
        #expect(error.violations == [.init(field: "inner.label", description: description)])
    }

    @Test(arguments: [
        // Path and body.
        (#"{"int32Value":1}"#, "stringValue", "x", #"{"int32Value":1,"stringValue":"x"}"#),
        (#"{"stringValue":"x"}"#, "stringValue", "x", #"{"stringValue":"x"}"#),
        (#"{"stringValue":null}"#, "stringValue", "x", #"{"stringValue":"x"}"#),
        (#"{"inner":{"number":2}}"#, "inner.label", "x", #"{"inner":{"label":"x","number":2}}"#),
        (
            #"{"inner":{"inner":{"label":"y"},"label":"x"}}"#, "inner.label", "x",
            #"{"inner":{"label":"x","inner":{"label":"y"}}}"#
        ),
        (#"{"inner":null}"#, "inner.label", "x", #"{"inner":{"label":"x"}}"#),
        ("", "inner.label", "x", #"{"inner":{"label":"x"}}"#),
        (#"{"boxedString":"x"}"#, "boxedString", "x", #"{"boxedString":"x"}"#),
        (#"{"int32Value":7.0}"#, "int32Value", "7", #"{"int32Value":7}"#),
        (#"{"time":"1970-01-01T01:00:00+01:00"}"#, "time", "1970-01-01T00:00:00Z", #"{"time":"1970-01-01T00:00:00Z"}"#),
        (#"{"level":2}"#, "level", "high", #"{"level":"LEVEL_HIGH"}"#),
    ])
    func joinsPathAndBody(body: String, path: String, value: String, json: String) throws {
        #expect(try print(transcodings.wire(body, path: [(path, value)])) == json)
    }

    /// White space alone is not JSON (RFC 8259, section 2), nor is it nothing.
    @Test(arguments: [" ", "\t", " \r\n"])
    func whiteSpaceIsNoBody(body: String) throws {
        let error = try #require(throws: TranscodingError.self) { try transcodings.wire(body) }
        #expect(error.message.hasPrefix("the JSON text ends too early"))
    }

    @Test(arguments: [
        (#"{"stringValue":"y"}"#, "stringValue", "x", "stringValue"),
        (#"{"stringValue":""}"#, "stringValue", "x", "stringValue"),
        (#"{"int32Value":0}"#, "int32Value", "7", "int32Value"),
        (#"{"inner":{"label":"y"}}"#, "inner.label", "x", "inner.label"),
        (#"{"boxedString":"y"}"#, "boxedString", "x", "boxedString"),
    ])
    func pathAndBodyMayNotDisagree(body: String, path: String, value: String, field: String) throws {
        let error = try #require(throws: TranscodingError.self) { try transcodings.wire(body, path: [(path, value)]) }
        #expect(error.violations == [.init(field: field, description: "the path says otherwise")])
    }

    /// However a value is spelled, it is the same value.
    @Test(arguments: [
        ("doubleValue", "1", "1.0"), ("doubleValue", "1e2", "100"), ("doubleValue", "0.1", "\"1e-1\""),
        ("doubleValue", "-0", "-0.0"), ("doubleValue", "NaN", "\"NaN\""), ("doubleValue", "-Infinity", "\"-Infinity\""),
        ("maybeDouble", "0", "0.0"), ("floatValue", "16777216", "16777217"), ("boxedDouble", "0", "0e5"),
        ("int32Value", "1e1", "10"), ("int32Value", "-0", "0"), ("int64Value", "10.0", "\"10\""),
        ("sint64Value", "-5", "\"-5\""), ("boolValue", "true", "true"), ("bytesValue", "-_8", "\"+/8=\""),
        ("level", "low", "1"), ("level", "1", "\"LEVEL_LOW\""), ("aliased", "first", "\"ALIASED_ONE\""),
        ("maybeLevel", "0", "\"LEVEL_UNSPECIFIED\""), ("stringValue", "%C3%A9", "\"\\u00e9\""),
        ("time", "2026-03-03T01:00:00.50+01:00", "\"2026-03-03T00:00:00.5Z\""), ("duration", "01.50s", "\"1.5s\""),
        ("mask", "a,fooBar", "\"a,fooBar\""), ("boxedInt64", "5", "\"5\""), ("boxedBytes", "AQ", "\"AQ==\""),
        ("boxedBool", "false", "false"), ("boxedString", "", "\"\""),
    ])
    func equalValuesAgree(field: String, text: String, json: String) throws {
        let body = "{\"\(field)\":\(json)}"
        #expect(try print(transcodings.wire(body, path: [(field, text)])) == print(transcodings.wire(body)))
    }

    @Test(arguments: [
        ("doubleValue", "0", "-0.0"), ("doubleValue", "NaN", "0"), ("maybeDouble", "1", "2"), ("level", "low", "0"),
        ("maybeLevel", "0", "1"), ("bytesValue", "AQ", "\"Ag==\""),
        ("time", "2026-03-03T00:00:00Z", "\"2026-03-03T00:00:01Z\""),
        ("duration", "1s", "\"-1s\""), ("mask", "a", "\"a,b\""), ("boxedInt64", "0", "1"), ("boxedString", "x", "\"\""),
    ])
    func differentValuesDoNot(field: String, text: String, json: String) throws {
        let body = "{\"\(field)\":\(json)}"
        let error = try #require(throws: TranscodingError.self) { try transcodings.wire(body, path: [(field, text)]) }
        #expect(error.violations == [.init(field: field, description: "the path says otherwise")])
    }

    /// Short names of enum values are taken only if they mean one number.
    @Test(arguments: [
        ("GOOD", "GOOD"), ("MOOD_GOOD", "MOOD_GOOD"), ("mood_good", "MOOD_GOOD"), ("mood-good", "MOOD_GOOD"),
        ("bad", "MOOD_BAD"), ("Bad", "MOOD_BAD"), ("so-so", "MOOD_SO_SO"), ("SO_SO", "MOOD_SO_SO"),
        ("4", "MOOD_SO_SO"),
    ])
    func takesShortNames(text: String, name: String) throws {
        let rich = Transcodings(schema: try RichSchema.schema.get())
        let wire = try rich.wire("", type: "rich.Legacy", binding: .none, query: "id=1&mood=\(text)")
        #expect(try rich.json(wire, type: "rich.Legacy") == #"{"id":1,"mood":"\#(name)"}"#)
    }

    @Test(arguments: [
        ("good", #""good" may be MOOD_GOOD or GOOD"#),
        ("5", "5 is not a value of rich.Mood"),
        ("fine", #"unknown value "fine" of rich.Mood; it has MOOD_NONE, MOOD_GOOD, GOOD, MOOD_BAD, BAD, MOOD_SO_SO"#),
    ])
    func refusesOtherShortNames(text: String, description: String) throws {
        let rich = Transcodings(schema: try RichSchema.schema.get())
        let error = try #require(throws: TranscodingError.self) {
            try rich.wire("", type: "rich.Legacy", binding: .none, query: "id=1&mood=\(text)")
        }
        #expect(error.violations == [.init(field: "mood", description: description)])
    }

    @Test
    func everyRequiredFieldMustBeGiven() throws {
        let rich = Transcodings(schema: try RichSchema.schema.get())
        let error = try #require(throws: TranscodingError.self) {
            try rich.wire("", type: "rich.Legacy", binding: .none, query: "name=x&needy.first=f")
        }
        #expect(error.violations == [.init(field: "needy.second", description: "the field is required")])
    }

    @Test(arguments: [
        (#"{"notes":{"a":"b"}}"#, "inner.notes[a]=b", true),
        (#"{"notes":{"c":"","a":"b"}}"#, "inner.notes[a]=b&inner.notes[c]=", true),
        (#"{"notes":{"a":"c"}}"#, "inner.notes[a]=b", false), (#"{"notes":{}}"#, "inner.notes[a]=b", false),
        (#"{"notes":{"a":"b","c":"d"}}"#, "inner.notes[a]=b", false),
        (#"{"notes":{"a":"b"}}"#, "inner.notes[a]=b&inner.notes[c]=d", false),
        (#"{"counts":[1,2]}"#, "inner.counts=1&inner.counts=2", true),
        (#"{"counts":[1,2]}"#, "inner.counts=2&inner.counts=1", false),
    ])
    func comparesListsAndMaps(body: String, query: String, isSame: Bool) throws {
        let inner = try transcodings.field("inner", of: "sample.v1.Everything")[0]
        if isSame {
            let wire = try transcodings.wire(body, binding: .field(inner), query: query)
            #expect(try print(wire) == #"{"inner":\#(body)}"#)
        } else {
            let error = try #require(throws: TranscodingError.self) {
                try transcodings.wire(body, binding: .field(inner), query: query)
            }
            #expect(error.violations.map(\.description) == ["the query says otherwise"])
        }
    }

    /// As many keys as a long query has are looked up, not compared with each other.
    @Test(.timeLimit(.minutes(1)))
    func manyMapKeysTakeLinearTime() throws {
        let pairs = (0..<100_000).map { "arguments[\($0)]=v" }.joined(separator: "&")
        #expect(try transcodings.wire("", binding: .none, query: pairs).count > 1_000_000)
        let error = try #require(throws: TranscodingError.self) {
            try transcodings.wire("", binding: .none, query: "\(pairs)&arguments[7]=v")
        }
        #expect(error.violations.map(\.field) == ["arguments[7]"])
        // The key is the value, however it is spelled.
        #expect(throws: TranscodingError.self) {
            let moment = "1970-01-01T00:00:00Z"
            return try transcodings.wire("", binding: .none, query: "times[1]=\(moment)&times[1.0]=\(moment)")
        }
    }

    @Test
    func longValuesAgreeToo() throws {
        let long = String(repeating: "x", count: 300)
        let escaped = String(repeating: "\\u0078", count: 300)
        #expect(try transcodings.wire("{\"boxedString\":\"\(escaped)\"}", path: [("boxedString", long)]).count > 300)
        let numbers = (0..<200).map { "int32s=\($0)" }.joined(separator: "&")
        let inner = try transcodings.field("inner", of: "sample.v1.Everything")[0]
        let wire = try transcodings.wire(
            #"{"label":"\#(long)"}"#,
            binding: .field(inner),
            path: [("inner.label", long)],
            query: "\(numbers)&inner.number=5"
        )
        #expect(wire.count > 500)
        #expect(try print(wire).contains(#""number":5"#))
    }

    /// No path within the body leads to a field that is the body.
    @Test
    func aBodyThatIsTheFieldMayNotDisagree() throws {
        let names = try transcodings.field("stringValue", of: "sample.v1.Everything")[0]
        let error = try #require(throws: TranscodingError.self) {
            try transcodings.wire(#""x""#, binding: .field(names), query: "string_value=y")
        }
        #expect(error.violations == [.init(field: "stringValue", description: "the query says otherwise")])
    }

    @Test
    func pathAndQueryMayNotDisagree() throws {
        let same = try transcodings.wire("", binding: .none, path: [("int32Value", "5")], query: "int32_value=5")
        #expect(same == WireBuilder().varint(5, 5).bytes)
        let error = try #require(throws: TranscodingError.self) {
            try transcodings.wire("", binding: .none, path: [("int32Value", "5")], query: "int32Value=6")
        }
        #expect(error.violations == [.init(field: "int32Value", description: "the path says otherwise")])
    }

    @Test
    func bodiesGoWhereTheyAreBound() throws {
        let type = "sample.v1.Everything"
        let inner = try transcodings.field("inner", of: type)[0]
        let bound = try transcodings.wire(
            #"{"number":1}"#,
            binding: .field(inner),
            path: [("inner.label", "x")],
            query: "int32Value=3&inner.remark=r"
        )
        #expect(try print(bound) == #"{"int32Value":3,"inner":{"label":"x","number":1,"remark":"r"}}"#)
        let text = try transcodings.field("stringValue", of: type)[0]
        #expect(try transcodings.wire("\"x\"", binding: .field(text)) == WireBuilder().string(9, "x").bytes)
        let list = try transcodings.field("strings", of: type)[0]
        #expect(try transcodings.wire("[\"x\"]", binding: .field(list)) == WireBuilder().string(35, "x").bytes)
        #expect(try transcodings.wire("", binding: .field(inner)) == [])
        #expect(throws: TranscodingError.self) { try transcodings.wire("{}", binding: .none) }
        #expect(throws: TranscodingError.self) { try transcodings.wire("{} {}", binding: .field(inner)) }
        let error = try #require(throws: TranscodingError.self) { try transcodings.wire("{}", query: "int32Value=1") }
        #expect(error.violations.map(\.field) == ["int32Value"])
        #expect(try transcodings.wire("", binding: .message) == [])
    }
}
