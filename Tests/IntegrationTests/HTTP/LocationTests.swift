import GatewayTesting
import Testing

/// 201 and `Location` of what a call has made.
@Suite(.sharedScriptedStack("--cors-origin", "*"))
struct LocationTests {
    private let stack: ScriptedStack

    init() throws {
        stack = try SharedScriptedStack.current
    }

    @Test(arguments: [
        ("/v1/jobs", "SubmitTrainingJob", "/v1/jobs/"),
        ("/v1/jobs:submitCustom", "SubmitCustomTrainingJob", "/v1/jobs/"),
        ("/v1/containers", "RegisterCustomTrainingContainer", "/v1/containers/"),
    ])
    func whatIsMadeHasAPlace(target: String, method: String, place: String) throws {
        stack.upstream.on("\(MLTraining.service)/\(method)", .answer(ProtobufFixture.message { $0.string(1, "a/b c") }))
        let client = try stack.gateway.client()
        let made = try client.post(target, json: "{}")
        #expect(made.status == 201)
        #expect(made.reason == "Created")
        #expect(made.headers.values("location") == ["\(place)a%2Fb%20c"])
        #expect(made.text == #"{"id":"a/b c"}"#)
        #expect(made["etag"] == nil)
        #expect(made["access-control-expose-headers"]?.contains("Location") == true)
        // Whoever calls by the gRPC path speaks RPC.
        let called = try client.post("\(MLTraining.service)/\(method)", json: "{}")
        #expect(called.status == 200)
        #expect(called["location"] == nil)
        // Nothing can be said of what has no id.
        stack.upstream.on("\(MLTraining.service)/\(method)", .answer([]))
        let nameless = try client.post(target, json: "{}")
        #expect(nameless.status == 200 && nameless["location"] == nil)
        stack.upstream.on("\(MLTraining.service)/\(method)", .status(6, "there is one"))
        let refused = try client.post(target, json: "{}")
        #expect(refused.status == 409 && refused["location"] == nil)
    }

    @Test
    func thePlaceLeadsToTheResource() throws {
        stack.upstream.on(MLTraining.submit, .answer(ProtobufFixture.message { $0.string(1, "\u{FC}/:cancel") }))
        let place = try #require(try stack.gateway.post("/v1/jobs").headers["location"])
        let job = try stack.gateway.get(place)
        #expect(job.json["id"] == "\u{FC}/:cancel")
    }
}
