import Bytes
import Compression
import Testing

@testable import Gateway

@Suite
struct StaticPageTests {
    private func isAt(_ page: StaticPage, _ path: String) -> Bool {
        Array(path.utf8).withUnsafeBytes { page.isAt($0) }
    }

    @Test(arguments: [
        ("/docs", true), ("/docs/", true), ("/docs//", false), ("/doc", false), ("/docsx", false), ("/docs/x", false),
        ("docs", false), ("/", false), ("", false), ("/DOCS", false), ("/docs?", false), ("/%64ocs", false),
    ])
    func isAtItsPathAlone(path: String, expected: Bool) {
        #expect(isAt(StaticPage(path: "/docs", mediaType: "text/html", content: []), path) == expected)
    }

    @Test
    func hasAGzipFormWhereThatIsSmaller() throws {
        let text = Array(String(repeating: "all the same ", count: 400).utf8)
        let page = StaticPage(path: "/a", mediaType: "text/plain", content: text)
        let gzip = try #require(page.gzip)
        #expect(gzip.count < text.count / 10)
        let decoder = try #require(GzipDecoder())
        var output = ByteBuffer()
        try gzip.withUnsafeBytes { try decoder.decode($0, limit: 1 << 20, into: &output) }
        let decoded = Array(output.bytes)
        #expect(decoded == text)
        for isGzip in [false, true] {
            let body = page.body(gzip: isGzip)
            let bytes = Array(body.bytes)
            #expect(bytes == (isGzip ? gzip : text))
        }
    }

    /// Of 1,023 bytes, and of noise.
    @Test
    func hasNoneWhereThatIsNotWorthIt() {
        let small = StaticPage(path: "/a", mediaType: "text/plain", content: Array(repeating: 65, count: 1023))
        #expect(small.gzip == nil)
        var state: UInt32 = 1
        let noise = (0..<2048).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: state >> 24)
        }
        let page = StaticPage(path: "/a", mediaType: "text/plain", content: noise)
        #expect(page.gzip == nil)
        let body = page.body(gzip: true)
        let bytes = Array(body.bytes)
        #expect(bytes == noise)
    }

    @Test
    func anotherContentHasAnotherTag() {
        let pages = ["a", "b", "a"].map { StaticPage(path: "/", mediaType: "text/plain", content: Array($0.utf8)) }
        #expect(pages[0].tag != pages[1].tag)
        #expect(pages[0].tag == pages[2].tag)
    }
}
