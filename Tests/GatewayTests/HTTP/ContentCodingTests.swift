import Testing

@testable import Gateway

@Suite
struct ContentCodingTests {
    @Test(
        arguments: [
            ("gzip", .gzip), ("GZIP", .gzip), ("x-gzip", .gzip), (" gzip\t", .gzip), ("gzip,", .gzip),
            (", gzip", .gzip),
            ("identity, gzip", .gzip), ("gzip, identity", .gzip), ("identity", .identity), ("", .identity),
            (" , ", .identity), ("identity, identity", .identity), ("gzip, gzip", nil), ("x-gzip, gzip", nil),
            ("gzip, br", nil), ("br, gzip", nil), ("identity, br", nil), ("br", nil), ("deflate", nil),
            ("gzip;q=1", nil),
            ("gzipped", nil), ("*", nil),
        ] as [(String, ContentCoding?)]
    )
    func readsTheHeader(value: String, expected: ContentCoding?) {
        #expect(Array(value.utf8).withUnsafeBytes { ContentCoding($0) } == expected)
    }
}
