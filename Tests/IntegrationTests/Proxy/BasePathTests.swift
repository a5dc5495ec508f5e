import GatewayTesting
import Testing

/// The gateway below a path.
@Suite(.sharedScriptedStack("--base-path", "/training", "--trusted-proxy", "127.0.0.1"))
struct BasePathTests {
    private let stack: ScriptedStack

    init() throws {
        stack = try SharedScriptedStack.current
    }

    @Test
    func routesAreBelow() throws {
        #expect(try stack.gateway.get("/training/v1/jobs/a").status == 200)
        #expect(try stack.gateway.get("http://localhost/training/v1/jobs/a?").status == 200)
        let path = "/training/viam.app.mltraining.v1.MLTrainingService/GetTrainingJob"
        #expect(try stack.gateway.post(path, json: #"{"id": "a"}"#).status == 200)
        #expect(stack.upstream.requests.allSatisfy { $0.path.hasPrefix("/viam.") })
    }

    @Test(arguments: [
        "/v1/jobs/a", "/", "/trainingx/v1/jobs/a", "/Training/v1/jobs/a", "/train%69ng/v1/jobs/a",
        "/x/training/v1/jobs/a",
        "/training:x", "//training/v1/jobs/a", "/training%2Fv1/jobs/a",
    ])
    func othersAre404(target: String) throws {
        for method in ["GET", "POST", "OPTIONS"] {
            let answer = try Answer(stack.gateway.client().request(method, target))
            #expect(answer.status == 404)
            #expect(answer.error["message"].text?.hasSuffix("all routes are below /training") == true)
            #expect(answer.detail("ErrorInfo")["reason"] == "ROUTE_NOT_FOUND")
        }
    }

    @Test
    func wrongRoutesBelowAreOrdinaryOnes() throws {
        for target in ["/training", "/training/", "/training/v2/jobs"] {
            let answer = try stack.gateway.get(target)
            #expect(answer.status == 404)
            #expect(answer.detail("ErrorInfo")["reason"] == "ROUTE_NOT_FOUND")
            #expect(answer.error["message"].text?.contains("all routes") == false)
        }
        let answer = try Answer(stack.gateway.client().request("PUT", "/training/v1/jobs/a"))
        #expect(answer.status == 405)
        #expect(answer.headers["allow"] == "DELETE, GET, HEAD, OPTIONS")
    }

    @Test
    func options() throws {
        let below = try stack.gateway.client().request("OPTIONS", "/training/v1/jobs/a")
        #expect(below.status == 204)
        #expect(below.headers["allow"] == "DELETE, GET, HEAD, OPTIONS")
        #expect(try stack.gateway.client().request("OPTIONS", "*").status == 204)
    }

    @Test(arguments: [
        ("", "/training"), ("/edge", "/edge/training"), ("/edge/", "/edge/training"), ("/", "/training"),
        // What would lead elsewhere, or nowhere.
        ("//evil.example", "/training"), ("https://evil.example", "/training"), ("/a/../b", "/training"),
        ("/a, /b", "/training"), ("/a\"b", "/training"),
    ])
    func locations(prefix: String, start: String) throws {
        // A string, id 1.
        stack.upstream.on(
            "/viam.app.mltraining.v1.MLTrainingService/SubmitTrainingJob",
            .answer([0x0A, 2, 0x6A, 0x31])
        )
        let headers: HeaderList = prefix.isEmpty ? [:] : ["X-Forwarded-Prefix": prefix]
        let answer = try stack.gateway.post("/training/v1/jobs", headers: headers)
        #expect(answer.status == 201)
        #expect(answer.headers["location"] == "\(start)/v1/jobs/j1")
    }
}
