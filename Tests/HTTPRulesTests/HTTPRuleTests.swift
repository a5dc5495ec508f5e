import HTTPRules
import ProtobufSchema
import Testing

@Suite struct HTTPRuleTests {
    /// A length-delimited field; the lengths here fit one byte.
    private static func field(_ number: Int, _ content: [UInt8]) -> [UInt8] {
        var tag = UInt64(number) << 3 | 2
        var bytes: [UInt8] = []
        while tag >= 0x80 {
            bytes.append(UInt8(tag & 0x7F) | 0x80)
            tag >>= 7
        }
        return bytes + [UInt8(tag), UInt8(content.count)] + content
    }

    private static func field(_ number: Int, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

    private static func options(_ rule: [UInt8]) -> [UInt8] { field(72_295_728, rule) }

    @Test(arguments: [
        (2, "GET"), (3, "PUT"), (4, "POST"), (5, "DELETE"), (6, "PATCH"),
    ])
    func readsPatterns(_ number: Int, _ method: String) throws {
        // Before the rule, an option of another number and a varint.
        let options = Self.field(1000, "x") + [0x88, 0x02, 0x01] + Self.options(Self.field(number, "/v1"))
        #expect(try HTTPRule(methodOptions: options) == HTTPRule(method, "/v1"))
    }

    @Test func readsEveryField() throws {
        let custom = Self.field(8, Self.field(1, "PURGE") + Self.field(2, "/c"))
        let bytes =
            Self.field(1, "p.S.M") + custom + Self.field(7, "*") + Self.field(12, "out") + Self.field(99, "?")
            + Self.field(11, Self.field(2, "/g") + Self.field(11, Self.field(2, "/h"))) + Self.field(11, [])
        var expected = HTTPRule("PURGE", "/c", body: "*", responseBody: "out")
        expected.selector = "p.S.M"
        var binding = HTTPRule("GET", "/g")
        binding.hasNestedBindings = true
        expected.additionalBindings = [binding, HTTPRule()]
        #expect(try HTTPRule(methodOptions: Self.options(bytes)) == expected)
    }

    @Test func mergesOccurrences() throws {
        let options =
            Self.options(Self.field(2, "/a") + Self.field(7, "x")) + Self.options(Self.field(4, "/b"))
            + Self.options(Self.field(11, Self.field(2, "/c")))
        var expected = HTTPRule("POST", "/b", body: "x")
        expected.additionalBindings = [HTTPRule("GET", "/c")]
        #expect(try HTTPRule(methodOptions: options) == expected)
        let custom = Self.field(2, "/a") + Self.field(8, Self.field(1, "K")) + Self.field(8, Self.field(2, "/k"))
        #expect(try HTTPRule(methodOptions: Self.options(custom)) == HTTPRule("K", "/k"))
    }

    @Test func isNilWithoutARule() throws {
        #expect(try HTTPRule(methodOptions: []) == nil)
        #expect(try HTTPRule(methodOptions: Self.field(1000, "x")) == nil)
        #expect(try HTTPRule(methodOptions: Self.options([])) == HTTPRule())
    }

    @Test(arguments: [
        (options([0x12, 0x05, 0x2F]), WireError.truncated),
        (options([0x12, 0x01, 0xFF]), .invalidUTF8),
        (options([0x42, 0x02, 0x0A, 0x01]), .truncated),
        (options([0x5A, 0x01, 0x12]), .truncated),
        (options([0x07]), .malformedTag),
        ([0x82], .truncated),
    ])
    func refusesWhatIsMalformed(_ options: [UInt8], _ error: WireError) {
        #expect(throws: error) { try HTTPRule(methodOptions: options) }
    }
}
