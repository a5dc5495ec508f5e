import ProtobufSchema
import Testing

@testable import OpenAPI

struct ExampleTextTests {
    static let scalars: [(text: String, kind: FieldKind, value: JSONValue?)] = [
        ("a b", .string, "a b"),
        ("true", .bool, true), ("1", .bool, nil),
        ("-7", .int32, -7), ("2147483648", .int32, nil), ("x", .int32, nil), ("-1", .uint32, nil),
        ("-7", .sint64, "-7"), ("18446744073709551615", .uint64, "18446744073709551615"), ("", .fixed64, nil),
        ("0.5", .double, .number(0.5)), ("NaN", .float, "NaN"), ("inf", .double, nil), ("1e999", .double, nil),
        ("aGVsbG8=", .bytes, "aGVsbG8="), ("aGVsbG8", .bytes, nil), ("====", .bytes, nil), ("=a==", .bytes, nil),
        ("A", .enumeration, nil), ("{}", .message, nil),
    ]

    @Test(arguments: scalars)
    func scalar(_ sample: (text: String, kind: FieldKind, value: JSONValue?)) {
        #expect(ExampleText.value(sample.text, sample.kind, .answer) == sample.value)
    }

    static let wellKnown: [(text: String, type: WellKnownType, isValid: Bool)] = [
        ("2026-01-31T23:59:59Z", .timestamp, true),
        ("2026-01-31T23:59:59.123456789Z", .timestamp, true),
        ("2026-01-31T23:59:59", .timestamp, false),
        ("2026-01-31 23:59:59Z", .timestamp, false),
        ("2026-13-31T23:59:59Z", .timestamp, false),
        ("2026-01-32T23:59:59Z", .timestamp, false),
        ("2026-01-31T24:59:59Z", .timestamp, false),
        ("2026-01-31T23:59:59.Z", .timestamp, false),
        ("", .timestamp, false),
        ("Z", .timestamp, false),
        ("1.5s", .duration, true), ("-3s", .duration, true), ("1.5", .duration, false), ("s", .duration, false),
        ("--3s", .duration, false), ("1.5.5s", .duration, false), ("3-s", .duration, false),
        ("a.b,cD", .fieldMask, true), ("A", .fieldMask, false), ("a,,b", .fieldMask, false), ("", .fieldMask, false),
        ("7", .int32Value, true), ("x", .int32Value, false), ("x", .any, false), ("x", .structure, false),
    ]

    @Test(arguments: wellKnown)
    func wellKnownType(_ sample: (text: String, type: WellKnownType, isValid: Bool)) {
        #expect((ExampleText.value(sample.text, sample.type, .answer) != nil) == sample.isValid)
    }
}
