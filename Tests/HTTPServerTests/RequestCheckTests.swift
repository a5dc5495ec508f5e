import Bytes
import Testing

@testable import HTTPServer

/// The rules of HTTP, one request at a time.
@Suite
struct RequestCheckTests {
    /// What is wrong with a request; each field is `name: value`.
    private func fault(
        _ line: String = "GET / HTTP/1.1",
        _ fields: [String] = ["Host: example.com"]
    ) -> RequestFault? {
        let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(bytes)
        var check = parts[0].withUnsafeBytes { method in
            parts[1].withUnsafeBytes { target in
                parts[2].withUnsafeBytes { RequestCheck(method: method, target: target, version: $0) }
            }
        }
        for field in fields {
            let halves = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(bytes)
            halves[0].withUnsafeBytes { name in
                halves[1].drop { $0 == 0x20 }.withUnsafeBytes { check.add(name: name, value: $0) }
            }
        }
        return check.finish()
    }

    /// The bytes of text in ISO 8859-1.
    private func bytes(_ text: Substring) -> [UInt8] {
        text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }

    @Test(arguments: [
        "GET / HTTP/1.1", "get /a?b=c&d=[1]|{x} HTTP/1.1", "M-SEARCH /%zz HTTP/1.0", "OPTIONS * HTTP/1.1",
        "GET http://example.com HTTP/1.1", "GET HTTP://a.b:80/c HTTP/1.1", "GET https://[::1]:8443?x HTTP/1.1",
        "!#$%&'*+-.^_`|~09azAZ // HTTP/1.1",
    ])
    func requestLinesThatAreTaken(line: String) {
        #expect(fault(line) == nil)
    }

    @Test(arguments: [
        ("G@T / HTTP/1.1", RequestFault.method), (" / HTTP/1.1", .method), ("G\u{1}T / HTTP/1.1", .method),
        ("G\u{E9}T / HTTP/1.1", .method), ("GET( / HTTP/1.1", .method), ("CONNECT a:443 HTTP/1.1", .connect),
        ("CONNECT / HTTP/1.1", .connect), ("GET  HTTP/1.1", .target), ("GET /\u{7F} HTTP/1.1", .target),
        ("GET /\u{E9} HTTP/1.1", .target), ("GET /a\tb HTTP/1.1", .target), ("GET /a#b HTTP/1.1", .target),
        ("GET * HTTP/1.1", .targetForm), ("OPTIONS ** HTTP/1.1", .targetForm), ("GET a HTTP/1.1", .targetForm),
        ("GET ?a HTTP/1.1", .targetForm), ("GET ftp://a/ HTTP/1.1", .targetForm), ("GET a:80 HTTP/1.1", .targetForm),
        ("GET http:/ HTTP/1.1", .targetForm), ("GET https:// HTTP/1.1", .targetAuthority),
        ("GET http:///a HTTP/1.1", .targetAuthority), ("GET http://u@a/ HTTP/1.1", .targetAuthority),
        ("GET http://a:x/ HTTP/1.1", .targetAuthority), ("GET / HTTP/1.2", .version), ("GET / HTTP/2.0", .version),
        ("GET / http/1.1", .version), ("GET / HTTP/1.1 ", .version), ("GET / ", .version),
    ])
    func requestLinesThatAreNot(line: String, expected: RequestFault) {
        #expect(fault(line) == expected)
    }

    @Test(arguments: [
        "Host: a", "Host:", "Host: a:", "Host: a:80", "Host: 127.0.0.1:65535", "Host: [::1]", "Host: [::1]:80",
        "Host: [::ffff:1.2.3.4]", "Host: [v1.a:b]", "Host: a%20b", "Host: a_b-c.d~e!$&'()*+,;=", "HOST: a ",
    ])
    func hostsThatAreTaken(field: String) {
        #expect(fault("GET / HTTP/1.1", [field]) == nil)
    }

    @Test(arguments: [
        "Host: a b", "Host: a/b", "Host: a@b", "Host: a:b", "Host: a:80:80", "Host: a:65536", "Host: a:-1",
        "Host: :80", "Host: [::1", "Host: ::1", "Host: []", "Host: [a]", "Host: [::1]80", "Host: [::g]", "Host: a%2",
        "Host: a%zz", "Host: a\"b", "Host: \u{E9}", "Host: a?b", "Host: a#b", "Host: a\\b", "Host: a, b ,c",
    ])
    func hostsThatAreNot(field: String) {
        #expect(fault("GET / HTTP/1.1", [field]) == .invalidHost)
        #expect(fault("GET / HTTP/1.0", [field]) == .invalidHost)
    }

    @Test
    func howManyHosts() {
        #expect(fault("GET / HTTP/1.1", []) == .missingHost)
        #expect(fault("GET / HTTP/1.0", []) == nil)
        #expect(fault("GET http://a/ HTTP/1.1", []) == .missingHost)
        #expect(fault("GET / HTTP/1.1", ["Host: a", "host: a"]) == .repeatedHost)
        #expect(fault("GET / HTTP/1.0", ["Host: a", "Host:"]) == .repeatedHost)
    }

    @Test(
        arguments: [
            (["Content-Length: 0"], nil), (["content-length: 00042"], nil),
            (["CONTENT-LENGTH: 99999999999999999999"], nil),
            (["Content-Length:"], RequestFault.invalidLength), (["Content-Length: +1"], .invalidLength),
            (["Content-Length: -1"], .invalidLength), (["Content-Length: 0x1"], .invalidLength),
            (["Content-Length: 1, 1"], .invalidLength), (["Content-Length: 1 1"], .invalidLength),
            (["Content-Length: 1 "], .invalidLength), (["Content-Length: 1.0"], .invalidLength),
            (["Content-Length: 1e1"], .invalidLength), (["Content-Length: \u{B2}"], .invalidLength),
            (["Content-Length: 1", "Content-Length: 1"], .repeatedLength),
            (["Content-Length: 1", "content-length: 2"], .repeatedLength),
            (["Content-Length: 1", "Transfer-Encoding: chunked"], .lengthAndCoding),
            (["Transfer-Encoding: chunked", "Content-Length: 1"], .lengthAndCoding),
            (["Transfer-Encoding: chunked"], nil), (["transfer-encoding: CHUNKED"], nil),
            (["Transfer-Encoding: chunked "], .unknownCoding), (["Transfer-Encoding:"], .unknownCoding),
            (["Transfer-Encoding: gzip"], .unknownCoding), (["Transfer-Encoding: gzip, chunked"], .unknownCoding),
            (["Transfer-Encoding: chunked, chunked"], .unknownCoding),
            (["Transfer-Encoding: xchunked"], .unknownCoding),
            (["Transfer-Encoding: \"chunked\""], .unknownCoding), (["Transfer-Encoding: identity"], .unknownCoding),
            (["Transfer-Encoding: chunked;q=1"], .unknownCoding),
            (["Transfer-Encoding: chun\u{212A}ed"], .unknownCoding),
            (["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], .repeatedCoding),
            (["Transfer-Encoding: chunked", "Transfer-Encoding: identity"], .repeatedCoding),
        ] as [([String], RequestFault?)]
    )
    func lengthsAndCodings(fields: [String], expected: RequestFault?) {
        #expect(fault("POST / HTTP/1.1", ["Host: a"] + fields) == expected)
    }

    @Test
    func codingsOfOldClients() {
        #expect(fault("POST / HTTP/1.0", ["Transfer-Encoding: chunked"]) == .codingInOldVersion)
    }

    @Test(arguments: [
        "X-A : b", "X-A\t: b", " X-A: b", ": b", "X A: b", "X\u{1}: b", "X\u{E9}: b", "X(: b", "\"X\": b", "X/Y: b",
    ])
    func fieldNamesThatAreNot(field: String) {
        #expect(fault("GET / HTTP/1.1", ["Host: a", field]) == .fieldName)
    }

    /// At every place of a value, since it is looked at eight bytes at a time.
    @Test(arguments: Array(0..<20))
    func controlCharactersInValues(place: Int) {
        for byte in UInt8.min...UInt8.max {
            var value = [UInt8](repeating: 0x61, count: 20)
            value[place] = byte
            // A neighbour that borrows must not hide it, nor make one up.
            if place > 0 { value[place - 1] = 0x20 }
            if place > 1 { value[place - 2] = 0x80 }
            let isAllowed = byte == 0x09 || (byte >= 0x20 && byte != 0x7F)
            #expect(value.withUnsafeBytes(RequestSyntax.isFieldValue) == isAllowed, "\(byte) at \(place)")
            let isControl = byte < 0x20 || byte == 0x7F
            #expect(value.withUnsafeBytes(RequestSyntax.holdsControl) == isControl, "\(byte) at \(place)")
        }
    }

    @Test
    func theSetsOfCharacters() {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        let expected: [(ASCIISet, String)] = [
            (RequestSyntax.name, "-._~!$&'()*+,;=0123456789" + letters),
            (RequestSyntax.hexDigits, "0123456789ABCDEFabcdef"),
        ]
        for (set, characters) in expected {
            for byte in UInt8.min...UInt8.max {
                #expect(set.contains(byte) == characters.utf8.contains(byte), "\(byte)")
            }
        }
    }

    @Test
    func theFirstFaultCounts() {
        #expect(fault("G@T \u{7F} HTTP/3.0", ["X : y"]) == .method)
        #expect(fault("GET / HTTP/1.1", ["X : y", "Host: a", "Host: b"]) == .fieldName)
    }

    @Test(arguments: RequestFault.allCases)
    func whatTheAnswerSays(fault: RequestFault) {
        #expect([400, 408, 413, 505].contains(fault.status))
        let message = fault.message.withUTF8Buffer { Array($0) }
        #expect(message.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
    }
}
