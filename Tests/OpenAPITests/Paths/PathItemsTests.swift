import Testing

@testable import OpenAPI

struct PathItemsTests {
    /// Variables of many segments become parameters of one each.
    @Test
    func pathsOfManySegments() throws {
        let document = try Documents.library()
        let operation = try document.operation("get", "/v1/shelves/{shelve}/books/{book}")
        let shelf = try operation.parameter("shelve", in: "path")
        #expect(shelf["schema"] == ["type": "string", "minLength": 1])
        #expect(shelf["x-grpc-field"] == "name")
        #expect(shelf["description"]?.string?.contains("`shelves/{shelve}/books/{book}`") == true)

        let files = try document.operation("get", "/v1/files/{name}")
        let name = try files.parameter("name", in: "path")
        #expect(name["x-multi-segment"] == true)
        #expect(name["schema"] == ["type": "string"])

        let wildcard = try document.operation("get", "/v1/any/{any}/{name}")
        #expect(try wildcard.parameter("any", in: "path")["x-grpc-field"] == nil)
        #expect(try wildcard.parameter("name", in: "path")["x-grpc-field"] == "name")
    }

    @Test
    func typesOfPathParameters() throws {
        let at = try Documents.library().operation("get", "/v1/at/{readAt}/{viewDepth}/{viewLanguage}")
        #expect(try at.parameter("readAt", in: "path")["schema"] == ["type": "string", "format": "date-time"])
        #expect(try at.parameter("viewDepth", in: "path").at("schema", "type") == "integer")
        #expect(
            try at.parameter("viewLanguage", in: "path")["schema"] == ["$ref": "#/components/schemas/LanguageInput"]
        )
    }

    /// Templates that differ in names alone are one path.
    @Test
    func pathsThatAreOne() throws {
        let document = try Documents.library()
        #expect(document.root.at("paths", "/v1/books/{title}") == nil)
        let delete = try document.operation("delete", "/v1/books/{name}")
        #expect(try delete.parameter("name", in: "path")["x-grpc-field"] == "title")
        let put = try document.operation("put", "/v1/books/{name}")
        #expect(try put.parameter("name", in: "path")["x-grpc-field"] == "book.name")
    }

    /// Methods that OpenAPI has no member for, and a second operation of one method.
    @Test
    func operationsWithoutAMember() throws {
        let document = try Documents.library()
        let purge = document.root.at("paths", "/v1/books/{name}", "x-additional-operations", "PURGE")
        #expect(purge?["x-grpc-method"] == "library.v1beta1.Library/DeleteBook")
        #expect(document.root.at("paths", "/any/{name}", "x-additional-operations", "*") != nil)
        #expect(document.root.at("paths", "/v1/heads/{name}", "head") != nil)
        let files = document.root.at("paths", "/v1/files/{name}", "x-additional-operations", "GET /v1/files/{name}")
        #expect(files?["x-grpc-method"] == "library.v1beta1.Library/DeleteBook")
    }

    @Test
    func everyRouteIsThereOnce() throws {
        for document in [try Documents.library(), try Documents.mlTraining()] {
            let ids = document.operations.compactMap { $0["operationId"]?.string }
            #expect(Set(ids).count == ids.count)
        }
        #expect(try Documents.mlTraining().operations.count == 25)
        #expect(try Documents.library().operations.count == 34)
    }

    @Test
    func namesOfOperations() throws {
        let document = try Documents.mlTraining()
        func id(_ method: String, _ path: String) throws -> String? {
            try document.operation(method, path)["operationId"]?.string
        }
        #expect(try id("get", "/v1/jobs") == "listTrainingJobs")
        #expect(try id("get", "/v1/organizations/{organizationId}/jobs") == "listTrainingJobsByOrganizationId")
        #expect(
            try id("post", "/viam.app.mltraining.v1.MLTrainingService/ListTrainingJobs") == "listTrainingJobsRpc"
        )
        let library = try Documents.library()
        #expect(
            try library.operation("get", "/v1/archive/{name}")["operationId"] == "archiveGetBook"
        )
    }

    /// What people use comes before the gRPC paths, and in the order of declaration.
    @Test
    func order() throws {
        let paths = try #require(try Documents.mlTraining().root["paths"]?.object?.keys)
        #expect(paths.first == "/v1/jobs")
        #expect(paths.prefix(3) == ["/v1/jobs", "/v1/jobs:submitCustom", "/v1/jobs/{id}"])
        let first = try #require(paths.firstIndex { $0.hasPrefix("/viam.") })
        #expect(paths[first...].allSatisfy { $0.hasPrefix("/viam.") })
        let tags = try Documents.mlTraining().root["tags"]?.array?.compactMap { $0["name"]?.string }
        #expect(tags == ["MLTrainingService", "MLTrainingService (gRPC paths)"])
    }
}
