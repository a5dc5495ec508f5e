import Testing

@testable import Gateway

@Suite
struct RequestTargetTests {
    @Test(arguments: [
        ("/v1/jobs", "/v1/jobs", ""),
        ("/v1/jobs?status=3", "/v1/jobs", "status=3"),
        ("/v1/jobs?a=b?c", "/v1/jobs", "a=b?c"),
        ("/a%2Fb?x=%3F", "/a%2Fb", "x=%3F"),
        ("/?", "/", ""),
        ("http://gateway:8080/v1/jobs?x", "/v1/jobs", "x"),
        ("http://gateway", "", ""),
        ("http://gateway?x=1", "", "x=1"),
        ("*", "*", ""),
        ("gateway:443", "gateway:443", ""),
        ("", "", ""),
    ])
    func cutsPathAndQuery(target: String, path: String, query: String) {
        Array(target.utf8).withUnsafeBytes { bytes in
            let cut = RequestTarget(bytes)
            #expect(String(decoding: cut.path, as: UTF8.self) == path)
            #expect(String(decoding: cut.query, as: UTF8.self) == query)
        }
    }
}
