import Gateway
import Testing

@Suite
struct MediaTypeTests {
    @Test(arguments: [
        ("application/json", true),
        ("Application/JSON", true),
        ("application/json; charset=utf-8", true),
        ("application/json;charset=utf-8;x=\"a,b\"", true),
        (" application/json ", true),
        ("application/vnd.viam.job+json", true),
        ("application/x-www-form-urlencoded", false),
        ("application/jsonp", false),
        ("application/+json", false),
        ("text/json", false),
        ("json", false),
        ("", false),
    ])
    func recognizesJSON(contentType: String, isJSON: Bool) {
        #expect(Array(contentType.utf8).withUnsafeBytes(MediaType.isJSON) == isJSON)
    }

    @Test(arguments: [
        ("application/problem+json", true),
        ("application/json, application/problem+json;q=0.5", true),
        ("text/html , Application/Problem+JSON ; q=1", true),
        ("application/problem+json;q=0", false),
        ("application/problem+json; q=0.000", false),
        ("application/json", false),
        ("*/*", false),
        ("", false),
    ])
    func recognizesProblemDocuments(accept: String, isAccepted: Bool) {
        #expect(Array(accept.utf8).withUnsafeBytes(MediaType.acceptsProblem) == isAccepted)
    }
}
