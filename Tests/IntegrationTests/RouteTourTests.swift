import GatewayTesting
import Testing

/// Every route of the design, as a user would call it: with curl.
@Suite(.sharedStack(workers: 2))
struct RouteTourTests {
    private let gateway: GatewayProcess

    init() throws {
        gateway = try SharedStack.current.gateway
    }

    @Test
    func submitAndGet() throws {
        let submitted = try gateway.curl(
            "/v1/jobs",
            "--json",
            Requests.submit(organization: "tour", model: "tour-model")
        )
        #expect(submitted.status == 201)
        #expect(submitted.json.names == ["id"])
        let id = try #require(submitted.json["id"].text)
        #expect(id.utf8.count == 24)

        let job = try gateway.curl("/v1/jobs/\(id)")
        #expect(job.status == 200)
        #expect(job.headers["content-type"] == "application/json")
        #expect(job.headers["x-content-type-options"] == "nosniff")
        #expect(job.headers["x-request-id"] != nil)
        #expect(job.json["id"] == .string(id))
        #expect(job.json["organizationId"] == "tour")
        #expect(job.json["datasetId"] == "data-1")
        #expect(job.json["modelName"] == "tour-model")
        #expect(job.json["modelVersion"].text?.isEmpty == false)
        #expect(job.json["modelType"] == "MODEL_TYPE_OBJECT_DETECTION")
        #expect(job.json["modelFramework"] == "MODEL_FRAMEWORK_TFLITE")
        #expect(job.json["tags"] == ["a", "ü"])
        #expect(job.json["arguments"] == [:])
        #expect(job.json["isCustomJob"] == false)
        #expect(job.json["createdOn"].text?.hasSuffix("Z") == true)
        #expect(!job.json.names.contains("errorStatus"))
    }

    @Test
    func submitCustom() throws {
        let body = """
            {"dataset_id": "d", "registry_item_id": "acme:trainer", "organization_id": "custom-org", "model_name": "m",
             "registry_item_version": "v3", "model_version": "v9", "container_version": "tf:2.15",
             "arguments": {"epochs": "3", "rate": "0.1"}}
            """
        let submitted = try gateway.curl("/v1/jobs:submitCustom", "--json", body)
        #expect(submitted.status == 201)
        let id = try #require(submitted.json["id"].text)
        let job = try gateway.curl("/v1/jobs/\(id)").json
        #expect(job["isCustomJob"] == true)
        #expect(job["registryItemId"] == "acme:trainer")
        #expect(job["registryItemVersion"] == "v3")
        #expect(job["modelVersion"] == "v9")
        #expect(job["containerVersion"] == "tf:2.15")
        #expect(job["modelFramework"] == "MODEL_FRAMEWORK_REGISTRY")
        #expect(job["arguments"] == ["epochs": "3", "rate": "0.1"])
        #expect(job["tags"] == [])
    }

    @Test
    func list() throws {
        let first = try gateway.submitJob(organization: "list-org", model: "one")
        let second = try gateway.submitJob(organization: "list-org", model: "two")
        for target in [
            "/v1/jobs?organization_id=list-org", "/v1/jobs?organizationId=list-org",
            "/v1/jobs?organization_id=list-org&status=TRAINING_STATUS_UNSPECIFIED", "/v1/organizations/list-org/jobs",
            "/v1/organizations/list%2Dorg/jobs?organization_id=list-org",
        ] {
            let answer = try gateway.curl(target)
            #expect(answer.status == 200, "\(target): \(answer)")
            #expect(answer.json.names == ["jobs"])
            #expect(answer.json["jobs"].elements.map { $0["id"] } == [.string(second), .string(first)])
        }
        #expect(try gateway.curl("/v1/organizations/nobody/jobs").json == ["jobs": []])
    }

    @Test
    func listByStatus() async throws {
        let done = try gateway.submitJob(organization: "status-org")
        _ = try await gateway.waitForJob(done, status: "COMPLETED")
        for status in ["TRAINING_STATUS_COMPLETED", "3"] {
            for path in ["/v1/jobs?organization_id=status-org&", "/v1/organizations/status-org/jobs?"] {
                let answer = try gateway.curl("\(path)status=\(status)")
                #expect(answer.json["jobs"].elements.map { $0["id"] } == [.string(done)])
            }
        }
        #expect(
            try gateway.curl("/v1/jobs?organization_id=status-org&status=TRAINING_STATUS_FAILED").json == ["jobs": []]
        )
        #expect(try gateway.curl("/v1/jobs?organization_id=status-org&status=4").json == ["jobs": []])
    }

    @Test
    func cancelAndDelete() async throws {
        for arguments in [["-X", "POST"], ["--json", "{}"], ["-X", "POST", "-H", "Content-Type: application/json"]] {
            let id = try gateway.submitJob(organization: "cancel-org")
            let target = "http://\(gateway.address)/v1/jobs/\(id):cancel"
            let cancelled = try Curl.run(arguments + [target])
            #expect(cancelled.status == 200, "\(arguments): \(cancelled)")
            #expect(cancelled.json == [:])
            let job = try await gateway.waitForJob(id, status: "CANCELED")
            #expect(job["id"] == .string(id))

            let deleted = try gateway.curl("/v1/jobs/\(id)", "-X", "DELETE")
            #expect(deleted.status == 200, "\(deleted)")
            #expect(deleted.json == [:])
            #expect(try gateway.curl("/v1/jobs/\(id)").status == 404)
        }
    }

    @Test
    func logs() async throws {
        let id = try gateway.submitJob(organization: "log-org")
        _ = try await gateway.waitForJob(id, status: "COMPLETED")
        let first = try gateway.curl("/v1/jobs/\(id)/logs").json
        #expect(first["logs"].elements.count == 100)
        #expect(first["logs"][0]["level"] == "INFO")
        #expect(first["logs"][0]["message"].text?.contains("sample training of model") == true)
        #expect(first["logs"][0]["time"].text?.hasSuffix("Z") == true)
        let token = try #require(first["nextPageToken"].text)
        #expect(!token.isEmpty)
        for name in ["page_token", "pageToken"] {
            let second = try gateway.curl("/v1/jobs/\(id)/logs?\(name)=\(token)").json
            #expect((1..<100).contains(second["logs"].elements.count))
            #expect(second["nextPageToken"] == "")
            #expect(second["logs"].elements.last?["message"] == "training of model ended")
        }
        let wrong = try gateway.curl("/v1/jobs/\(id)/logs?page_token=made-up")
        #expect(wrong.status == 400)
        #expect(wrong.violatedFields == ["page_token"])
    }

    @Test
    func supportedContainers() throws {
        let answer = try gateway.curl("/v1/containers")
        #expect(answer.status == 200)
        let map = answer.json["containerMap"]
        #expect(map.names == ["tf:2.15", "tf:2.16"])
        #expect(map["tf:2.15"]["key"] == "tf:2.15")
        #expect(map["tf:2.15"]["uri"] == "us-docker.pkg.dev/vertex-ai/training/tf-gpu.2-15.py310:latest")
        #expect(map["tf:2.15"]["description"] == "Tensorflow 2.15")
        #expect(map["tf:2.15"]["eol"] == "2026-03-03T00:00:00Z")
        #expect(map["tf:2.15"]["visibility"] == "VISIBILITY_PUBLIC")
    }

    @Test
    func registerGetListAndDeleteAContainer() throws {
        let registered = try gateway.curl(
            "/v1/containers",
            "--json",
            #"{"organizationId": "box-org", "imageUri": "example.com/trainer:1", "description": "ours"}"#
        )
        #expect(registered.status == 201)
        let id = try #require(registered.json["id"].text)

        let container = try gateway.curl("/v1/containers/\(id)").json
        #expect(container["id"] == .string(id))
        #expect(container["uri"] == "example.com/trainer:1")
        #expect(container["description"] == "ours")
        #expect(container["organizationId"] == "box-org")
        #expect(container["visibility"] == "VISIBILITY_PRIVATE")
        #expect(!container.names.contains("eol"))

        let own = try gateway.curl("/v1/organizations/box-org/containers").json["containers"].elements
        #expect(own.contains { $0["id"] == .string(id) })
        #expect(own.count == 3)
        #expect(try gateway.curl("/v1/organizations/other/containers").json["containers"].elements.count == 2)

        #expect(try gateway.curl("/v1/containers/\(id)", "-X", "DELETE").json == [:])
        let gone = try gateway.curl("/v1/containers/\(id)")
        #expect(gone.status == 404)
        #expect(gone.detail("ResourceInfo")["resourceType"] == "container")
        #expect(gone.detail("ResourceInfo")["resourceName"] == .string(id))
        let refused = try gateway.curl("/v1/containers/000000000000000000000215", "-X", "DELETE")
        #expect(refused.status == 400)
        #expect(refused.error["status"] == "FAILED_PRECONDITION")
    }
}
