import ProtobufSchema
import Testing

@testable import Transcoding

@Suite
struct WellKnownTypeTests {
    let transcodings: Transcodings

    init() throws {
        transcodings = try Transcodings()
    }

    @Test(arguments: [
        (0, 0, "1970-01-01T00:00:00Z"), (1, 500_000_000, "1970-01-01T00:00:01.500Z"),
        (-1, 1, "1969-12-31T23:59:59.000000001Z"), (951_782_400, 120_000, "2000-02-29T00:00:00.000120Z"),
        (-62_135_596_800, 0, "0001-01-01T00:00:00Z"), (253_402_300_799, 999_999_999, "9999-12-31T23:59:59.999999999Z"),
        (4_107_542_399, 0, "2100-02-28T23:59:59Z"), (1_772_496_000, 0, "2026-03-03T00:00:00Z"),
    ])
    func codesTimestamps(seconds: Int64, nanos: UInt64, text: String) throws {
        let content = WireBuilder().varint(1, UInt64(bitPattern: seconds)).varint(2, nanos)
        let json = "{\"time\":\"\(text)\"}"
        #expect(try transcodings.json(WireBuilder().message(61, content).bytes) == json)
        #expect(try transcodings.roundTrip(json) == json)
    }

    @Test(arguments: [
        ("2026-03-03T01:30:00+01:30", "2026-03-03T00:00:00Z"), ("2026-03-02T23:00:00-01:00", "2026-03-03T00:00:00Z"),
        ("2026-03-03T00:00:00.1Z", "2026-03-03T00:00:00.100Z"),
        ("2026-03-03T00:00:00.1234Z", "2026-03-03T00:00:00.123400Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"), ("2026-03-03T00:00:00-00:00", "2026-03-03T00:00:00Z"),
    ])
    func takesOffsetsAndAnyFraction(text: String, canonical: String) throws {
        #expect(try transcodings.roundTrip("{\"time\":\"\(text)\"}") == "{\"time\":\"\(canonical)\"}")
    }

    @Test(arguments: [
        "", "2026-03-03", "2026-03-03T00:00:00", "2026-03-03t00:00:00Z", "2026-03-03T00:00:00z", "2026-3-03T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-01-32T00:00:00Z",
        "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z",
        "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567890Z", "2026-01-01T00:00:00+1:00",
        "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00Z ", " 2026-01-01T00:00:00Z", "2026-01-01T00:00:00+25:00", "2026-01-01 00:00:00Z",
    ])
    func refusesOtherTimestamps(text: String) {
        #expect(throws: TranscodingError.self) { try transcodings.wire("{\"time\":\"\(text)\"}") }
    }

    @Test(
        arguments: [
            (61, 253_402_300_800, 0), (61, 0, 1_000_000_000), (61, 0, -1), (62, 315_576_000_001, 0), (62, 1, -1),
        ]
            as [(Int32, Int64, Int64)]
    )
    func refusesToPrintWhatIsOutOfRange(number: Int32, seconds: Int64, nanos: Int64) {
        let content = WireBuilder().varint(1, UInt64(bitPattern: seconds)).varint(2, UInt64(bitPattern: nanos))
        #expect(throws: TranscodingError.self) { try transcodings.json(WireBuilder().message(number, content).bytes) }
    }

    @Test(arguments: [
        ("0s", "0s"), ("1.5s", "1.500s"), ("-0.000000001s", "-0.000000001s"), ("-3.25s", "-3.250s"), ("3s", "3s"),
        ("315576000000.999999999s", "315576000000.999999999s"), ("0.000001s", "0.000001s"), ("007s", "7s"),
    ])
    func codesDurations(text: String, canonical: String) throws {
        #expect(try transcodings.roundTrip("{\"duration\":\"\(text)\"}") == "{\"duration\":\"\(canonical)\"}")
    }

    @Test(arguments: [
        "", "s", "1", "1.s", ".5s", "1.5", "1 s", "+1s", "315576000001s", "1.0000000001s", "99999999999999999999s",
    ])
    func refusesOtherDurations(text: String) {
        #expect(throws: TranscodingError.self) { try transcodings.wire("{\"duration\":\"\(text)\"}") }
    }

    @Test(arguments: [
        #"{"mask":"a.b,fooBar"}"#, #"{"mask":""}"#, #"{"mask":"*"}"#, #"{"mask":"fooBar.*,b"}"#, #"{"empty":{}}"#,
        #"{"boxedString":"","boxedInt64":"5","boxedBool":false}"#,
        #"{"boxedDouble":"NaN","boxedBytes":"AQ=="}"#, #"{"structure":{}}"#, #"{"list":[]}"#, #"{"value":null}"#,
        #"{"structure":{"a":1,"b":"x","c":[null,true,{"d":1.5}],"e":{}}}"#, #"{"list":[1,[2,[3]],{}]}"#,
        #"{"value":{"x":[]}}"#, #"{"values":[null,1,"a"]}"#, #"{"moments":["1970-01-01T00:00:00Z"]}"#,
        #"{"times":{"-1":"1970-01-01T00:00:00Z"}}"#,
    ])
    func readsBackWhatItPrints(json: String) throws {
        #expect(try transcodings.roundTrip(json) == json)
    }

    @Test(arguments: [
        #"{"mask":"a_b"}"#, #"{"mask":"a,,b"}"#, #"{"mask":","}"#, #"{"mask":5}"#, #"{"empty":[]}"#,
        #"{"empty":{"a":1}}"#, #"{"structure":[]}"#,
        #"{"list":{}}"#,
        #"{"structure":{"a":1,"a":2}}"#, #"{"boxedInt64":"x"}"#, #"{"value":1e999}"#, #"{"boxedBool":"true"}"#,
    ])
    func refusesOtherForms(json: String) {
        #expect(throws: TranscodingError.self) { try transcodings.wire(json) }
    }

    @Test(arguments: ["", "foo__bar", "Foo", "foo_", "foo_1", "foo_*", "a,b", "a b"])
    func refusesToPrintPathsThatWouldNotReadBack(path: String) {
        let wire = WireBuilder().message(65, WireBuilder().string(1, path)).bytes
        #expect(throws: TranscodingError.self) { try transcodings.json(wire) }
    }

    @Test(arguments: [
        #"{"any":{}}"#,
        #"{"any":{"@type":"type.googleapis.com/sample.v1.Inner","label":"x","inner":{"number":1}}}"#,
        #"{"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1.500s"}}"#,
        #"{"any":{"@type":"type.googleapis.com/google.protobuf.Value","value":null}}"#,
        #"{"any":{"@type":"type.googleapis.com/google.protobuf.Empty"}}"#,
        #"{"any":{"@type":"type.googleapis.com/google.protobuf.Any","value":{"@type":"x/google.protobuf.Int64Value","value":"7"}}}"#,
        #"{"status":{"code":5,"message":"no","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"2s"}]}}"#,
    ])
    func expandsAny(json: String) throws {
        #expect(try transcodings.roundTrip(json) == json)
    }

    /// Anys in Anys, each with its type last, first or somewhere between, are one message.
    @Test(arguments: [1, 2, 3, 60, 90])
    func findsTheTypesOfNestedAnys(depth: Int) throws {
        let transcodings = try Transcodings()
        func nested(_ order: (Int) -> Bool) -> String {
            var json = #"{"@type":"a/sample.v1.Inner","label":"\u0040type"}"#
            for level in 0..<depth {
                let type = (order(level) ? #""@type""# : #""\u0040typ\u0065""#) + #":"a/google.protobuf.Any""#
                json = order(level) ? "{\(type),\"value\":\(json)}" : "{ \"value\" : \(json) , \(type) }"
            }
            return #"{"any":\#(json),"anys":[\#(json),{},\#(json)]}"#
        }
        let expected = try transcodings.wire(nested { _ in true })
        #expect(expected.count > depth * 3 * 20)
        #expect(try transcodings.wire(nested { _ in false }) == expected)
        #expect(try transcodings.wire(nested { $0 % 2 == 0 }) == expected)
        #expect(try transcodings.wire(nested { $0 % 7 == 0 }) == expected)
    }

    /// The first one is looked for, whatever is in other objects.
    @Test(arguments: [
        (#"{"any":{"value":{"@type":"a/sample.v1.Inner"}}}"#, "any", "an Any needs an \"@type\""),
        (
            #"{"any":{"value":{"value":"1s"},"@type":"a/google.protobuf.Any"}}"#, "any.value",
            "an Any needs an \"@type\""
        ),
        (
            #"{"any":{"label":"","@type":"a/sample.v1.Inner","@type":"a/sample.v1.Everything"}}"#, "any.@type",
            "the field is there twice"
        ),
        (
            #"{"any":{"value":"1s","@type":"a/google.protobuf.Duration","@type":"a/sample.v1.Inner"}}"#, "any",
            "a field of an Any is there twice"
        ),
    ])
    func findsNoTypeOfAnotherObject(json: String, field: String, description: String) throws {
        let transcodings = try Transcodings()
        let error = #expect(throws: TranscodingError.self) { _ = try transcodings.wire(json) }
        #expect(error?.violations == [TranscodingError.FieldViolation(field: field, description: description)])
    }

    @Test
    func takesTheTypeOfAnAnyAnywhere() throws {
        let late = #"{"any":{"label":"x","@type":"a/sample.v1.Inner"}}"#
        #expect(try transcodings.roundTrip(late) == #"{"any":{"@type":"a/sample.v1.Inner","label":"x"}}"#)
        let value = #"{"any":{"value":"1s","@type":"a/google.protobuf.Duration"}}"#
        #expect(try transcodings.roundTrip(value) == #"{"any":{"@type":"a/google.protobuf.Duration","value":"1s"}}"#)
    }

    @Test(arguments: [
        (#"{"any":{"label":"x"}}"#, "any", "an Any needs an \"@type\""),
        (#"{"any":{"@type":"a/no.Such"}}"#, "any.@type", "unknown type \"a/no.Such\""),
        (
            #"{"any":{"@type":"a/sample.v1.Inner","labell":1}}"#, "any.labell",
            "unknown field \"labell\"; did you mean \"label\"?"
        ),
        (#"{"any":{"@type":"a/google.protobuf.Duration"}}"#, "any", "the \"value\" is missing"),
        (
            #"{"any":{"@type":"a/google.protobuf.Duration","value":1}}"#, "any.value",
            "expected a string, found a number"
        ),
        (
            #"{"any":{"@type":"a/sample.v1.Inner","@type":"a/sample.v1.Inner"}}"#, "any.@type",
            "the field is there twice"
        ),
    ])
    func refusesWhatIsNotAnAny(json: String, field: String, description: String) throws {
        let error = try #require(throws: TranscodingError.self) { try transcodings.wire(json) }
        #expect(error.violations == [.init(field: field, description: description)])
    }

    @Test(
        arguments: [
            ("a/no.Such", [1, 2, 3], #"{"@type":"a/no.Such","value":"AQID"}"#),
            ("a/sample.v1.Inner", [0x0A, 0xFF], #"{"@type":"a/sample.v1.Inner","value":"Cv8="}"#),
            (
                "a/google.protobuf.Timestamp", WireBuilder().varint(1, 1 << 60).bytes,
                #"{"@type":"a/google.protobuf.Timestamp","value":"CICAgICAgICAEA=="}"#
            ),
            ("noslash", [], #"{"@type":"noslash","value":""}"#),
            (
                "a/sample.v1.Inner", WireBuilder().varint(2, 1).string(1, "late").bytes,
                #"{"@type":"a/sample.v1.Inner","label":"late","number":1}"#
            ),
        ] as [(String, [UInt8], String)]
    )
    func losesNothingOfAnAnyThatItCannotRead(url: String, value: [UInt8], json: String) throws {
        let wire = WireBuilder().message(63, WireBuilder().string(1, url).bytes(2, value)).bytes
        #expect(try transcodings.json(wire) == "{\"any\":\(json)}")
    }

    @Test
    func convertsEveryDayOfFourHundredYears() {
        var previous = CivilTime(seconds: -12_622_780_800)
        #expect((previous.year, previous.month, previous.day) == (1570, 1, 1))
        for day in Int64(-146_096)...0 {
            let time = CivilTime(seconds: day * 86_400)
            #expect(time.isValid)
            #expect(time.secondsSince1970 == day * 86_400)
            #expect(time.day == previous.day + 1 || time.day == 1)
            previous = time
        }
    }
}
