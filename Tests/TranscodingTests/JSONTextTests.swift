import Bytes
import Testing

@testable import Transcoding

@Suite
struct JSONTextTests {
    private func text(_ body: (inout ByteBuffer) -> Void) -> String {
        var buffer = ByteBuffer()
        body(&buffer)
        return String(decoding: buffer.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        (Array("a\"b".utf8), #""a\"b""#), ([0x61, 0xFF, 0x62], "\"a\u{FFFD}b\""), ([0xC3], "\"\u{FFFD}\""),
        ([], "\"\""),
        ([0xFF, 0x0A], "\"\u{FFFD}\\n\""),
    ])
    func bytesThatAreNoTextAreRepaired(bytes: [UInt8], json: String) {
        let printed = text { buffer in
            buffer.append("before ")
            bytes.withUnsafeBytes { buffer.appendJSONString(repairing: $0) }
        }
        #expect(printed == "before " + json)
    }

    private func quoted(_ bytes: [UInt8]) -> String? {
        var buffer = ByteBuffer()
        let isValid = bytes.withUnsafeBytes { buffer.appendJSONString($0) }
        return isValid ? String(decoding: buffer.bytes, as: UTF8.self) : nil
    }

    @Test(arguments: [
        ("", "\"\""), ("a", "\"a\""), ("12345678", "\"12345678\""), ("a\"b", #""a\"b""#), ("\\", #""\\""#),
        ("\u{8}\u{9}\u{A}\u{C}\u{D}", #""\b\t\n\f\r""#), ("\u{0}\u{1F}\u{7F}", "\"\\u0000\\u001f\u{7F}\""),
        ("é日😀", "\"é日😀\""),
        (
            "a long text with é in the middle and \" at the end\"",
            #""a long text with é in the middle and \" at the end\"""#
        ),
    ])
    func escapesStrings(input: String, expected: String) {
        #expect(quoted(Array(input.utf8)) == expected)
    }

    @Test
    func escapesAtEveryOffset() {
        for offset in 0..<24 {
            let plain = String(repeating: "x", count: offset)
            #expect(quoted(Array("\(plain)\"\(plain)".utf8)) == "\"\(plain)\\\"\(plain)\"")
            #expect(quoted(Array("\(plain)é\(plain)".utf8)) == "\"\(plain)é\(plain)\"")
            #expect(quoted(Array(plain.utf8) + [0xC3]) == nil)
        }
        let controls = String(repeating: "\u{1}", count: 1000)
        #expect(quoted(Array(controls.utf8)) == "\"" + String(repeating: "\\u0001", count: 1000) + "\"")
    }

    @Test(arguments: [
        0, 1, 9, 10, 99, 100, 101, 999, 1000, 9999, 10_000, 99_999, 123_456_789, 4_294_967_295, 999_999_999_999,
        UInt64.max - 1, UInt64.max,
    ])
    func printsIntegers(value: UInt64) {
        #expect(text { $0.appendDecimal(value) } == "\(value)")
        let signed = Int64(truncatingIfNeeded: value)
        #expect(text { $0.appendDecimal(signed) } == "\(signed)")
    }

    @Test(arguments: [
        (0.0, "0"), (-0.0, "-0.0"), (1, "1"), (-1.5, "-1.5"), (0.1, "0.1"), (1e15, "1000000000000000"), (1e22, "1e+22"),
        (123456.789, "123456.789"), (.leastNonzeroMagnitude, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (.nan, "\"NaN\""), (.infinity, "\"Infinity\""), (-.infinity, "\"-Infinity\""),
    ])
    func printsDoubles(value: Double, expected: String) {
        #expect(text { $0.appendJSON(value) } == expected)
    }

    @Test(arguments: [
        (Float(0.1), "0.1"), (16_777_216, "16777216"), (3.4028235e38, "3.4028235e+38"),
        (.leastNonzeroMagnitude, "1e-45"), (-2, "-2"),
    ])
    func printsFloats(value: Float, expected: String) {
        #expect(text { $0.appendJSON(value) } == expected)
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"), ("\u{FB}\u{FF}", "w7vDvw=="), (">>>???", "Pj4+Pz8/"),
    ])
    func codesBase64(plain: String, coded: String) {
        let bytes = Array(plain.utf8)
        #expect(text { buffer in bytes.withUnsafeBytes { buffer.appendBase64($0) } } == "\"\(coded)\"")
        let unpadded = coded.replacing("=", with: "")
        let urlSafe = unpadded.replacing("+", with: "-").replacing("/", with: "_")
        for form in [coded, unpadded, urlSafe] {
            var decoded = ByteBuffer()
            let isValid = Array(form.utf8).withUnsafeBytes { Base64.decode($0, into: &decoded) }
            #expect(isValid)
            #expect(Array(decoded.bytes) == bytes)
            #expect(Array(form.utf8).withUnsafeBytes { Base64.decodedCount($0) } == bytes.count)
        }
    }

    @Test(arguments: ["a", "Zg=", "Zg===", "=", "====", "Zm9v=", "Zm 9v", "Zm9vé", "Z=9v", "Zm9vYg=a"])
    func refusesWhatIsNotBase64(coded: String) {
        var decoded = ByteBuffer()
        let isValid = Array(coded.utf8).withUnsafeBytes { Base64.decode($0, into: &decoded) }
        #expect(!isValid)
    }

    @Test(arguments: [
        ("0", 0, false), ("-0", 0, true), ("10", 10, false), ("1e3", 1000, false), ("1.50e1", 15, false),
        ("100e-2", 1, false), ("18446744073709551615", UInt64.max, false), ("0e999999999999", 0, false),
        ("-7", 7, true),
    ])
    func readsWholeNumbers(token: String, magnitude: UInt64, isNegative: Bool) throws {
        let number = try #require(Array(token.utf8).withUnsafeBytes { JSONNumber.integer($0) })
        #expect(number.magnitude == magnitude)
        #expect(number.isNegative == isNegative)
    }

    @Test(arguments: ["0.5", "1e-1", "18446744073709551616", "1e20", "1e999999999999", "1.0000000000000000000001"])
    func readsNoOtherNumbersAsWhole(token: String) {
        #expect(Array(token.utf8).withUnsafeBytes { JSONNumber.integer($0) } == nil)
    }

    @Test(arguments: [
        "0", "-0", "1", "0.1", "1e22", "1e23", "123456789012345678901234567890", "2.2250738585072011e-308",
        "9007199254740993", "1.7976931348623157e308", "4.9e-324", "0.30000000000000004", "1e-400",
    ])
    func readsDoublesCorrectlyRounded(token: String) throws {
        let expected = try #require(Double(token))
        #expect(Array(token.utf8).withUnsafeBytes { JSONNumber.double($0) }.bitPattern == expected.bitPattern)
    }
}
