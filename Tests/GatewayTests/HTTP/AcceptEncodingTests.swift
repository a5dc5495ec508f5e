import Testing

@testable import Gateway

@Suite
struct AcceptEncodingTests {
    @Test(arguments: [
        ("gzip", AcceptEncoding.gzip), ("GZIP", .gzip), ("x-gzip", .gzip), ("gzip, deflate, br", .gzip), ("*", .gzip),
        ("br;q=1, gzip;q=0.1", .gzip), ("gzip;q=0.001", .gzip), (" gzip ; q=1.000 ", .gzip),
        ("deflate, *;q=0.5", .gzip),
        ("gzip;q=1, identity;q=0.5", .gzip), ("gzip;q=0.5, identity;q=0.5", .gzip), ("gzip;q=0, x-gzip", .gzip),
        ("gzip;q=0.4, identity;q=0.5", .identity), ("", .identity), (" ", .identity), ("identity", .identity),
        ("gzip;q=0", .identity), ("gzip;q=0, *", .identity), ("*;q=0", .identity), ("deflate, br", .identity),
        ("identity;q=0", .identity), ("gzipped", .identity), ("gzip;q=0, identity;q=0", .identity),
        ("gzip, identity;q=0", .onlyGzip), ("gzip, *;q=0", .onlyGzip), ("*, identity;q=0", .onlyGzip),
        ("gzip, gzip;q=0", .identity), ("gzip;q=0, gzip", .identity), ("gzip;q=0.5, x-gzip;q=0", .gzip),
        ("gzip, *;q=0, identity;q=0.5", .gzip),
    ])
    func readsTheHeader(value: String, expected: AcceptEncoding) {
        #expect(Array(value.utf8).withUnsafeBytes { AcceptEncoding($0) } == expected)
    }

    @Test
    func withoutTheHeaderNothingIsCompressed() {
        #expect(AcceptEncoding(nil) == .identity)
    }

    @Test
    func smallAndHugeAnswersAreLeftAlone() {
        #expect(
            [0, 1023, 1024, 4 << 20, 4 << 20 + 1].map(AcceptEncoding.gzip.compresses) == [
                false, false, true, true, false,
            ]
        )
        #expect([0, 4 << 20, 4 << 20 + 1].map(AcceptEncoding.onlyGzip.compresses) == [true, true, false])
        #expect(!AcceptEncoding.identity.compresses(5000))
    }
}
