import GatewayTesting
import Testing

/// The same conversation through `POST /package.Service/Method`, which answers whole response messages.
@Suite(.sharedStack())
struct PlainMethodTests {
    private let gateway: GatewayProcess

    init() throws {
        gateway = try SharedStack.current.gateway
    }

    /// Posts `json` to a method with curl.
    private func call(_ method: String, _ json: String) throws -> Answer {
        try gateway.curl("\(MLTraining.service)/\(method)", "--json", json)
    }

    @Test
    func aJobsLife() async throws {
        let id = try #require(try call("SubmitTrainingJob", Requests.submit(organization: "plain")).json["id"].text)
        let job = try call("GetTrainingJob", #"{"id": "\#(id)"}"#).json
        #expect(job.names == ["metadata"])
        #expect(job["metadata"]["id"] == .string(id))
        #expect(job["metadata"]["organizationId"] == "plain")
        _ = try await gateway.waitForJob(id, status: "COMPLETED")

        let list = try call("ListTrainingJobs", #"{"organizationId": "plain", "status": "TRAINING_STATUS_COMPLETED"}"#)
        #expect(list.json["jobs"].elements.map { $0["id"] } == [.string(id)])
        #expect(try call("ListTrainingJobs", #"{"organization_id": "plain", "status": 4}"#).json == ["jobs": []])

        let logs = try call("GetTrainingJobLogs", #"{"id": "\#(id)"}"#).json
        #expect(logs["logs"].elements.count == 100)
        let token = try #require(logs["nextPageToken"].text)
        let rest = try call("GetTrainingJobLogs", #"{"id": "\#(id)", "pageToken": "\#(token)"}"#).json
        #expect(rest["nextPageToken"] == "")

        let late = try call("CancelTrainingJob", #"{"id": "\#(id)"}"#)
        #expect(late.status == 400)
        #expect(late.error["status"] == "FAILED_PRECONDITION")
        #expect(try call("DeleteCompletedTrainingJob", #"{"id": "\#(id)"}"#).json == [:])
        #expect(try call("GetTrainingJob", #"{"id": "\#(id)"}"#).status == 404)
    }

    @Test
    func aCustomJobIsCancelled() async throws {
        let body = #"{"datasetId": "d", "registryItemId": "a:b", "organizationId": "plain-custom", "modelName": "m"}"#
        let id = try #require(try call("SubmitCustomTrainingJob", body).json["id"].text)
        #expect(try call("CancelTrainingJob", #"{"id": "\#(id)"}"#).json == [:])
        _ = try await gateway.waitForJob(id, status: "CANCELED")
    }

    @Test
    func containers() throws {
        let supported = try gateway.post("\(MLTraining.service)/ListSupportedContainers")
        #expect(supported.json["containerMap"].names == ["tf:2.15", "tf:2.16"])
        let body = #"{"organizationId": "plain-box", "imageUri": "example.com/x"}"#
        let id = try #require(try call("RegisterCustomTrainingContainer", body).json["id"].text)
        let got = try call("GetContainer", #"{"id": "\#(id)"}"#).json
        #expect(got.names == ["container"])
        #expect(got["container"]["uri"] == "example.com/x")
        let list = try call("ListContainers", #"{"organizationId": "plain-box"}"#).json
        #expect(list["containers"].elements.contains { $0["id"] == .string(id) })
        #expect(try call("DeleteCustomTrainingContainer", #"{"id": "\#(id)"}"#).json == [:])
        #expect(try call("GetContainer", #"{"id": "\#(id)"}"#).status == 404)
    }

    @Test
    func anEmptyBodyIsTheEmptyMessage() throws {
        let answer = try gateway.curl("\(MLTraining.service)/ListSupportedContainers", "-X", "POST")
        #expect(answer.status == 200)
        #expect(answer.json.names == ["containerMap"])
    }
}
