import Testing

@testable import Gateway

@Suite
struct AcceptHeaderTests {
    private static let offers: [StaticString] = ["application/x-ndjson", "application/json", "text/event-stream"]

    /// The place of the best offer.
    @Test(arguments: [
        ("application/json", 1), ("text/event-stream", 2), ("Text/Event-Stream", 2), ("*/*", 0), ("application/*", 0),
        ("text/*", 2), ("text/*, */*", 2), ("application/json, */*", 1), ("*/*, application/json", 1),
        ("text/event-stream, application/json", 2), ("application/json, text/event-stream", 1),
        ("application/json;q=0.5, text/event-stream;q=0.6", 2), ("application/json;q=0.5, */*;q=0.1", 1),
        ("application/json;q=0, */*", 0), ("application/x-ndjson;q=0, */*", 1), ("*/*;q=0.001", 0),
        ("application/json;charset=utf-8", 1), (" application/json ; q=1.000 ", 1), ("image/png, text/event-stream", 2),
        ("text/*;q=0.3, text/event-stream;q=0, application/json;q=0.1", 1),
    ])
    func picksTheBestOffer(accept: String, expected: Int) {
        #expect(best(accept) == expected)
    }

    @Test(arguments: [
        "", ",", "image/png", "application/json;q=0", "*/*;q=0", "application", "/", "*", "json", "text/",
    ])
    func findsNothingAcceptable(accept: String) {
        #expect(best(accept) == nil)
    }

    /// A weight that is none counts as 1.
    @Test(arguments: ["q=", "q=x", "q=1.5", "q=0.0000", "q=-1", "q=00", "q"])
    func ignoresMalformedWeights(weight: String) {
        #expect(best("application/json;\(weight), */*;q=0.9") == 1)
    }

    private func best(_ accept: String) -> Int? {
        Array(accept.utf8).withUnsafeBytes { AcceptHeader($0).best(of: AcceptHeaderTests.offers) }
    }
}
