import GatewayTesting
import Testing

/// `ETag`, `If-None-Match` and `Cache-Control`.
@Suite(.sharedScriptedStack())
struct ConditionalReadTests {
    private let stack: ScriptedStack

    init() throws {
        stack = try SharedScriptedStack.current
    }

    @Test
    func aReadHasATag() throws {
        let client = try stack.gateway.client()
        let first = try client.get("/v1/jobs/a")
        let tag = try #require(first["etag"])
        #expect(first.headers.values("etag").count == 1)
        #expect(tag.utf8.count == 34 && tag.hasPrefix("\""))
        #expect(first["cache-control"] == "private, no-cache")
        #expect(try client.get("/v1/jobs/a")["etag"] == tag)
        let other = try client.get("/v1/jobs/b")["etag"]
        #expect(other != nil && other != tag)
        let head = try client.request("HEAD", "/v1/jobs/a")
        #expect(head["etag"] == tag)
        #expect(head["content-length"] == first["content-length"])
    }

    @Test(arguments: ["T", "W/T", "\"x\", T", "*", "W/\"x\",\"a,b\" , W/T"])
    func whatIsKnownIsNotSentAgain(condition: String) throws {
        let client = try stack.gateway.client()
        let first = try client.get("/v1/jobs/a")
        let tag = try #require(first["etag"])
        for method in ["GET", "HEAD"] {
            let value = condition.replacing("T", with: tag)
            let answer = try client.request(method, "/v1/jobs/a", headers: ["If-None-Match": value])
            #expect(answer.status == 304)
            #expect(answer.body.isEmpty)
            #expect(answer["etag"] == tag)
            #expect(answer["cache-control"] == "private, no-cache")
            #expect(answer["vary"] == first["vary"])
            #expect(answer["content-length"] == nil || answer["content-length"] == first["content-length"])
        }
        #expect(try client.get("/v1/jobs/a").status == 200)
    }

    @Test(arguments: ["\"x\"", "", "T", "x, \"T\""])
    func whatIsNotIsSent(condition: String) throws {
        let client = try stack.gateway.client()
        let first = try client.get("/v1/jobs/a")
        let bare = try #require(first["etag"]).filter { $0 != "\"" }
        let answer = try client.get("/v1/jobs/a", headers: ["If-None-Match": condition.replacing("T", with: bare)])
        #expect(answer.status == 200)
        #expect(answer.body == first.body)
    }

    @Test
    func errorsAndOtherMethodsHaveNone() throws {
        let client = try stack.gateway.client()
        let missing = try client.get(
            stack.target(for: .status(5, "none")),
            headers: ["If-None-Match": "*"]
        )
        #expect(missing.status == 404)
        #expect(missing["etag"] == nil && missing["cache-control"] == nil)
        let posted = try client.post(MLTraining.getJob, json: #"{"id": "a"}"#)
        #expect(posted.status == 200)
        #expect(posted["etag"] == nil && posted["cache-control"] == nil)
    }

    @Test
    func bytesHaveOneToo() throws {
        let stack = try FeedStack()
        stack.on("GetFile", .answer(FeedStack.httpBody("image/png", [1, 2, 3])))
        let first = try stack.get("/v1/files/a")
        let tag = try #require(first["etag"])
        #expect(first["cache-control"] == "private, no-cache")
        let again = try stack.get("/v1/files/a", headers: ["If-None-Match": tag])
        #expect(again.status == 304)
        #expect(again["etag"] == tag)
        stack.on("Watch", .answer(FeedStack.event("1")))
        #expect(try stack.get("/v1/events?topic=t")["etag"] == nil)
        try stack.stop()
    }
}
