import Testing

@testable import OpenAPI

struct OperationBuilderTests {
    @Test
    func wordsOfTheMethod() throws {
        let get = try Documents.library().operation("get", "/v1/books/{name}")
        #expect(get["summary"] == "Answers one book, wherever it stands")
        #expect(get["description"]?.string?.contains("\n\n- `NOT_FOUND` if there is none\n  of this name") == true)
        #expect(get["deprecated"] == nil)
        #expect(try Documents.library().operation("delete", "/v1/books/{name}")["deprecated"] == true)
        // Its service is.
        #expect(try Documents.library().operation("get", "/v1/archive/{name}")["deprecated"] == true)
    }

    @Test
    func queryParameters() throws {
        let get = try Documents.library().operation("get", "/v1/books/{name}")
        let names = get["parameters"]?.array?.filter { $0["in"] == "query" }.compactMap { $0["name"]?.string }
        #expect(
            names == ["view.depth", "view.language", "readAt", "title", "languages", "labels", "tree.label"]
        )
        #expect(try get.parameter("title")["deprecated"] == true)
        #expect(try get.parameter("labels")["style"] == "deepObject")
        #expect(try get.parameter("labels")["example"] == ["colour": "red", "size": "a=b"])
        #expect(try get.parameter("languages").at("schema", "type") == "array")

        let jobs = try Documents.mlTraining().operation("get", "/v1/jobs")
        #expect(try jobs.parameter("organizationId")["required"] == true)
        #expect(try jobs.parameter("status")["required"] == nil)
        #expect(try jobs.parameter("status")["schema"] == ["$ref": "#/components/schemas/TrainingStatusInput"])
    }

    /// Of a message with hundreds of leaves, some of them recursive, there are so many as there is room for.
    @Test
    func manyQueryParameters() throws {
        let rich = try Documents.library().operation("get", "/v1/rich")
        let query = rich["parameters"]?.array?.filter { $0["in"] == "query" } ?? []
        #expect((150...ParameterFields.maximumCount).contains(query.count))
        #expect(rich["description"]?.string?.contains("Fields further down") == true)
    }

    @Test
    func bodies() throws {
        let document = try Documents.library()
        func body(_ method: String, _ path: String) throws -> JSONValue? {
            try document.operation(method, path).at("requestBody", "content", "application/json", "schema")
        }
        #expect(try body("post", "/v1/books") == ["$ref": "#/components/schemas/library.v1beta1.BookInput"])
        // The name is in the path, so that the body is what is left of the book.
        let patch = try body("patch", "/v1/books/{bookName}:change")
        #expect(patch?.at("properties", "name") == nil)
        #expect(patch?.at("properties", "title") != nil)
        #expect(try body("post", "/v1/books:tag") == ["type": "array", "items": ["type": "string"]])
        #expect(try body("post", "/v1/rich/value") == ["description": "Any JSON value."])
        #expect(try document.operation("get", "/v1/books/{name}")["requestBody"] == nil)
        let page = try document.operation("put", "/v1/pages/{name}")
        #expect(page.at("requestBody", "content", "*/*") != nil)
        #expect(try page.parameter("zoom")["schema"] != nil)

        let cancel = try Documents.mlTraining().operation("post", "/v1/jobs/{id}:cancel")
        #expect(cancel.at("requestBody", "required") == nil)
        #expect(cancel.at("requestBody", "content", "application/json", "schema", "properties") == nil)
        let submit = try Documents.mlTraining().operation("post", "/v1/jobs")
        #expect(submit.at("requestBody", "required") == true)
    }

    @Test
    func answers() throws {
        let document = try Documents.library()
        func answer(_ path: String, _ method: String = "get", _ status: String = "200") throws -> JSONValue? {
            try document.operation(method, path).at("responses", status, "content", "application/json", "schema")
        }
        let nullable: (JSONValue) -> JSONValue = { ["anyOf": [$0, ["type": "null"]]] }
        #expect(try answer("/v1/rich/leaf") == ["$ref": "#/components/schemas/Leaf"])
        #expect(try answer("/v1/rich/time") == ["type": ["string", "null"], "format": "date-time"])
        #expect(try answer("/v1/rich/legacy") == nullable(["$ref": "#/components/schemas/Legacy"]))
        #expect(try answer("/v1/rich/kinds") == ["type": "array", "items": ["$ref": "#/components/schemas/Kind"]])
        #expect(try answer("/v1/rich/maybe")?["type"] == ["string", "null"])
        #expect(try answer("/v1/value", "post") == ["type": "object", "additionalProperties": true])
        #expect(try answer("/v1/pages/{name}", "put") == ["type": "string", "format": "date-time"])
        #expect(try answer("/v1/books/{name}", "delete") == ["$ref": "#/components/schemas/Empty"])
        #expect(
            try document.operation("get", "/v1/pages/{name}").at("responses", "200", "content")
                == ["*/*": ["schema": [:]]]
        )
    }

    @Test
    func whatIsMadeHasAPlace() throws {
        let document = try Documents.mlTraining()
        let submit = try document.operation("post", "/v1/jobs")
        #expect(submit.at("responses", "200", "headers", "Location") == nil)
        #expect(submit.at("responses", "201", "headers", "Location") != nil)
        let rpc = try document.operation("post", "/viam.app.mltraining.v1.MLTrainingService/SubmitTrainingJob")
        #expect(rpc.at("responses", "201") == nil)
        #expect(rpc.at("responses", "200", "headers", "Location") == nil)
        let get = try document.operation("get", "/v1/jobs/{id}")
        #expect(get.at("responses", "200", "headers", "ETag") != nil)
        #expect(get.at("responses", "304") != nil)
        #expect(submit.at("responses", "304") == nil)
    }

    @Test
    func streams() throws {
        let watch = try Documents.library().operation("get", "/v1/books:watch")
        let content = try #require(watch.at("responses", "200", "content")?.object)
        #expect(content.keys == ["application/x-ndjson", "application/json", "text/event-stream"])
        let book: JSONValue = ["$ref": "#/components/schemas/library.v1beta1.Book"]
        #expect(
            content["application/json"]?.at("schema", "items") == [
                "anyOf": [book, ["$ref": "#/components/schemas/Error"]]
            ]
        )
        #expect(content["application/x-ndjson"]?["x-item-schema"] == book)
        #expect(content["text/event-stream"]?["example"]?.string?.hasSuffix("\n\nevent: end\ndata: {}\n\n") == true)
        #expect(watch.at("responses", "304") == nil)
    }

    @Test
    func errors() throws {
        let document = try Documents.mlTraining()
        let responses = try document.operation("get", "/v1/jobs")["responses"]
        for status in ErrorAnswers.all {
            #expect(responses?["\(status.code)"] == ["$ref": .string("#/components/responses/\(status.name)")])
            let response = try #require(document.root.at("components", "responses", status.name))
            let types = response["content"]?.object?.keys
            #expect(types == ["application/json", "application/problem+json"])
            for header in status.headers { #expect(response.at("headers", header) != nil) }
        }
        let names = ErrorAnswers.all.flatMap(\.headers)
        let accepts = ["Accept", "Accept-Post", "Accept-Patch", "Accept-Encoding"]
        #expect(Set(names) == Set(accepts + ["WWW-Authenticate", "Allow", "Retry-After"]))
    }
}
