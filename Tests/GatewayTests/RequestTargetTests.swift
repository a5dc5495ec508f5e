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
        ("http://gateway", "/", ""),
        ("http://gateway?x=1", "/", "x=1"),
        ("http://gateway/?x=1", "/", "x=1"),
        ("http://gateway?", "/", ""),
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

    /// The server as a whole is named by a target without path and query.
    @Test(arguments: [
        ("http://gateway", "*"), ("http://gateway/", "/"), ("http://gateway?x", "/"), ("http://gateway/a", "/a"),
        ("*", "*"), ("/", "/"),
    ])
    func whatOptionsIsAbout(target: String, path: String) {
        Array(target.utf8).withUnsafeBytes { bytes in
            #expect(String(decoding: RequestTarget(bytes, isOptions: true).path, as: UTF8.self) == path)
        }
    }

    @Test(arguments: [
        ("/training/v1/jobs?x", "/v1/jobs"), ("/training/", "/"), ("/training", ""), ("/training?x", ""),
        ("http://h/training/a", "/a"), ("/training//a", "//a"), ("*", "*"), ("/trainingx/v1", nil),
        ("/Training/v1", nil),
        ("/train%69ng/v1", nil), ("/v1/jobs", nil), ("/", nil), ("", nil), ("//training/v1", nil),
        ("http://h", nil), ("/x/../training/v1", nil), ("/training:verb", nil), ("/training;x/v1", nil),
    ])
    func takesTheBaseOff(target: String, path: String?) throws {
        let base = try BasePath("/training")
        Array(target.utf8).withUnsafeBytes { bytes in
            var cut = RequestTarget(bytes)
            let isBelow = cut.remove(base)
            #expect(isBelow == (path != nil))
            if let path { #expect(String(decoding: cut.path, as: UTF8.self) == path) }
        }
    }
}
