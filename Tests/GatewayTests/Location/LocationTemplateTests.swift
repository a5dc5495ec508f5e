import Bytes
import MLTraining
import ProtobufSchema
import Testing

@testable import Gateway

@Suite
struct LocationTemplateTests {
    private let schema: Schema

    init() throws {
        schema = try Schema(descriptorSet: MLTrainingAPI.descriptorSet)
    }

    private func template(_ text: String, of message: String) throws -> LocationTemplate {
        let index = try #require(schema.message(named: "viam.app.mltraining.v1.\(message)"))
        return try LocationTemplate(text, in: index, schema)
    }

    private func path(_ template: LocationTemplate, _ response: [UInt8]) -> String? {
        var path = ByteBuffer()
        path.append("before")
        let isThere = response.withUnsafeBytes { template.append(pathOf: $0, to: &path) }
        let text = String(decoding: path.bytes, as: UTF8.self)
        #expect(text.hasPrefix("before") && (isThere || text == "before"))
        return isThere ? String(text.dropFirst(6)) : nil
    }

    /// Field 1, a string.
    private func id(_ value: String) -> [UInt8] { [0x0A, UInt8(value.utf8.count)] + Array(value.utf8) }

    @Test(arguments: [
        ("abc", "/v1/jobs/abc"), ("a-b._~", "/v1/jobs/a-b._~"), ("a/b", "/v1/jobs/a%2Fb"),
        ("a:cancel", "/v1/jobs/a%3Acancel"),
        ("a b?c#d%", "/v1/jobs/a%20b%3Fc%23d%25"), ("\u{FC}\r\n", "/v1/jobs/%C3%BC%0D%0A"), ("", nil), (".", nil),
        ("..", nil), ("...", "/v1/jobs/..."),
    ])
    func oneSegment(value: String, expected: String?) throws {
        let template = try template("/v1/jobs/{id}", of: "SubmitTrainingJobResponse")
        #expect(path(template, id(value)) == expected)
    }

    @Test(arguments: [
        ("{id=jobs/*}:view", "jobs/a b", "/v1/jobs/a%20b:view"), ("{id=**}", "a/../b", nil),
        ("{id=**}", "a//b", "/v1/a//b"), ("{id=**}", "../\u{301}a", nil),
        ("a%20b/{id}/x", "1", "/v1/a%20b/1/x"), ("fixed", "", "/v1/fixed"),
    ])
    func otherShapes(template text: String, value: String, expected: String?) throws {
        let template = try template("/v1/\(text)", of: "SubmitTrainingJobResponse")
        #expect(path(template, id(value)) == expected)
    }

    @Test
    func theLastValueCountsAndDamageIsNothing() throws {
        let template = try template("/v1/jobs/{id}", of: "SubmitTrainingJobResponse")
        #expect(path(template, id("a") + [0x10, 5] + id("b")) == "/v1/jobs/b")
        #expect(path(template, []) == nil)
        #expect(path(template, [0x0A, 9, 0x61]) == nil)
        #expect(path(template, [0x08, 9]) == nil)
        #expect(path(template, id("ab").dropLast()) == nil)
    }

    @Test
    func aPathThatIsTooLongIsNone() throws {
        let template = try template("/v1/jobs/{id}", of: "SubmitTrainingJobResponse")
        #expect(path(template, id(String(repeating: "\u{1}", count: 120))) != nil)
        // 512 bytes with "/v1/jobs/", and one more.
        #expect(path(template, [0x0A, 0xF7, 0x03] + [UInt8](repeating: 0x78, count: 503))?.utf8.count == 512)
        #expect(path(template, [0x0A, 0xF8, 0x03] + [UInt8](repeating: 0x78, count: 504)) == nil)
    }

    @Test
    func whatIsNotUTF8IsNothing() throws {
        let template = try template("/v1/jobs/{id}", of: "SubmitTrainingJobResponse")
        #expect(path(template, [0x0A, 2, 0x61, 0xFF]) == nil)
        #expect(path(template, [0x0A, 1, 0xC3] + id("b")) == nil)
    }

    @Test
    func integersAreDecimal() throws {
        // metadata.created_on.seconds is field 1 of field 3 of field 1.
        let template = try template("/v1/jobs/{metadata.created_on.seconds}", of: "GetTrainingJobResponse")
        func response(_ seconds: [UInt8]) -> [UInt8] {
            let stamp = [0x08] + seconds
            let metadata = [0x1A, UInt8(stamp.count)] + stamp
            return [0x0A, UInt8(metadata.count)] + metadata
        }
        #expect(path(template, response([0xAC, 0x02])) == "/v1/jobs/300")
        #expect(path(template, response([0])) == "/v1/jobs/0")
        let minusOne = [UInt8](repeating: 0xFF, count: 9) + [1]
        #expect(path(template, response(minusOne)) == "/v1/jobs/-1")
    }

    @Test
    func nothingButUnreservedCharactersStaysAsItIs() {
        let unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
        for byte in UInt8.min...UInt8.max {
            for keepsSlashes in [false, true] {
                var path = ByteBuffer()
                withUnsafeBytes(of: byte) { PathEncoding.append($0, keepsSlashes: keepsSlashes, to: &path) }
                let isKept = unreserved.utf8.contains(byte) || keepsSlashes && byte == UInt8(ascii: "/")
                let hexadecimal = (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
                let expected = isKept ? [byte] : Array(hexadecimal.utf8)
                #expect(Array(path.bytes) == expected, "\(byte)")
            }
        }
    }

    @Test
    func fieldsWithinMessagesAndIntegers() throws {
        // metadata.id is field 7 of field 1.
        let nested = try template("/v1/jobs/{metadata.id}", of: "GetTrainingJobResponse")
        #expect(path(nested, [0x0A, 3, 0x3A, 1, 0x61]) == "/v1/jobs/a")
        #expect(path(nested, [0x0A, 0]) == nil)
        // The messages of one field are merged.
        #expect(path(nested, [0x0A, 3, 0x3A, 1, 0x61, 0x0A, 0]) == "/v1/jobs/a")
    }

    @Test(arguments: [
        ("SubmitTrainingJobResponse", ""), ("SubmitTrainingJobResponse", "v1"),
        ("SubmitTrainingJobResponse", "/v1/{nope}"),
        ("SubmitTrainingJobResponse", "/v1/*"), ("SubmitTrainingJobResponse", "/v1/{id.x}"),
        ("SubmitTrainingJobResponse", "/v1/{id"), ("GetTrainingJobResponse", "/v1/{metadata}"),
        ("GetTrainingJobResponse", "/v1/{metadata.tags}"), ("GetTrainingJobResponse", "/v1/{metadata.created_on}"),
        ("GetTrainingJobResponse", "/v1/{metadata.status}"), ("ListTrainingJobsResponse", "/v1/{jobs}"),
    ])
    func refusesAtTheStart(message: String, template text: String) throws {
        #expect(throws: GatewayError.self) { try template(text, of: message) }
    }
}
