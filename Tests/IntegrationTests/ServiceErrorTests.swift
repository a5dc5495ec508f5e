import GatewayTesting
import Testing

/// Errors of the local training service, with their details, and what a job says of its own failure.
@Suite(.sharedStack())
struct ServiceErrorTests {
    private let gateway: GatewayProcess

    init() throws {
        gateway = try SharedStack.current.gateway
    }

    @Test
    func aJobThatDoesNotExist() throws {
        let id = "0123456789abcdef01234567"
        for answer in [
            try gateway.get("/v1/jobs/\(id)"), try gateway.get("/v1/jobs/\(id)/logs"),
            try gateway.delete("/v1/jobs/\(id)"),
            try gateway.post("/v1/jobs/\(id):cancel"), try gateway.post(MLTraining.getJob, json: #"{"id": "\#(id)"}"#),
        ] {
            #expect(answer.status == 404)
            #expect(answer.error["code"] == 404)
            #expect(answer.error["status"] == "NOT_FOUND")
            #expect(answer.error["message"] == .string("no training job \(id)"))
            #expect(answer.detail("ResourceInfo")["resourceType"] == "training job")
            #expect(answer.detail("ResourceInfo")["resourceName"] == .string(id))
        }
    }

    /// An error that repeated it would not fit a header block, and the whole connection to the gateway would go.
    @Test
    func anIDThatIsTooLongIsRefused() throws {
        for id in [String(repeating: "a", count: 1025), String(repeating: "é", count: 1300)] {
            let answer = try gateway.get("/v1/jobs/\(id.replacing("é", with: "%C3%A9"))")
            #expect(answer.status == 400)
            #expect(answer.violatedFields == ["id"])
        }
        #expect(try gateway.get("/v1/jobs/" + String(repeating: "a", count: 1024)).status == 404)
    }

    @Test
    func allMissingFieldsAreNamed() throws {
        let answer = try gateway.post("/v1/jobs", json: "{}")
        #expect(answer.status == 400)
        #expect(answer.error["status"] == "INVALID_ARGUMENT")
        #expect(answer.violatedFields == ["dataset_id", "organization_id", "model_name", "model_type"])
        let first = answer.detail("BadRequest")["fieldViolations"][0]
        #expect(first["description"] == "is required")
        #expect(first["reason"] == "REQUIRED")

        let custom = try gateway.post("/v1/jobs:submitCustom", json: #"{"registryItemId": "nocolon"}"#)
        #expect(custom.violatedFields == ["dataset_id", "registry_item_id", "organization_id", "model_name"])
        #expect(try gateway.get("/v1/jobs").violatedFields == ["organization_id"])
    }

    @Test
    func aRunningJobIsNotDeleted() async throws {
        let id = try gateway.submitJob(organization: "busy")
        let refused = try gateway.delete("/v1/jobs/\(id)")
        #expect(refused.status == 400)
        #expect(refused.error["status"] == "FAILED_PRECONDITION")
        let violation = refused.detail("PreconditionFailure")["violations"][0]
        #expect(violation["type"] == "STATUS")
        #expect(violation["subject"] == .string("training job \(id)"))
        _ = try await gateway.waitForJob(id, status: "COMPLETED")
        #expect(try gateway.delete("/v1/jobs/\(id)").json == [:])
    }

    @Test
    func aJobGoesThroughItsStatuses() async throws {
        let id = try gateway.submitJob(organization: "life")
        let early = try #require(try gateway.get("/v1/jobs/\(id)").json["status"].text)
        #expect(["TRAINING_STATUS_PENDING", "TRAINING_STATUS_IN_PROGRESS"].contains(early))
        let job = try await gateway.waitForJob(id, status: "COMPLETED")
        let times = ["createdOn", "trainingStarted", "trainingEnded", "lastModified"].map { job[$0].text ?? "" }
        #expect(times.allSatisfy { $0.hasPrefix("20") && $0.hasSuffix("Z") })
        #expect(job["syncedModelId"] == "life:model")
    }

    @Test
    func aFailedJobSaysWhy() async throws {
        let body = """
            {"datasetId": "d", "registryItemId": "a:b", "organizationId": "fail", "modelName": "m",
             "arguments": {"simulate_failure": "out of luck"}}
            """
        let id = try #require(try gateway.post("/v1/jobs:submitCustom", json: body).json["id"].text)
        let job = try await gateway.waitForJob(id, status: "FAILED")
        #expect(job["errorStatus"]["code"] == 9)
        #expect(job["errorStatus"]["message"].text?.contains("out of luck") == true)
        #expect(job["errorStatus"]["details"][0]["@type"] == "type.googleapis.com/google.rpc.ErrorInfo")
        #expect(job["errorStatus"]["details"][0]["reason"] == "SIMULATED_FAILURE")
        #expect(job["errorStatus"]["details"][0]["metadata"] == ["argument": "simulate_failure"])
    }

    @Test
    func textsArriveAsTheyWereSent() throws {
        let name = "quote \" backslash \\ tab \t newline \n slash / é 漢 😀 \u{7F} <&>"
        let escaped = #"quote \" backslash \\ tab \t newline \n slash \/ \u00e9 漢 \ud83d\ude00 \#u{7F} <&>"#
        let body = Requests.submit(organization: "texts", model: escaped)
        let id = try #require(try gateway.post("/v1/jobs", json: body).json["id"].text)
        #expect(try gateway.get("/v1/jobs/\(id)").json["modelName"] == .string(name))
    }
}
