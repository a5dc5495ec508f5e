import Testing

@testable import OpenAPI

struct OpenAPIDocumentTests {
    @Test
    func information() throws {
        let root = try Documents.mlTraining().root
        #expect(root["openapi"] == "3.1.0")
        #expect(root.at("info", "title") == "ML Training Service")
        #expect(root.at("info", "version") == "v1")
        #expect(root.at("info", "summary") == "Trains machine learning models from an organization's datasets")
        let library = try Documents.library().root
        #expect(library.at("info", "title") == "Library, Archive")
        #expect(library.at("info", "version") == "v1beta1")
        var options = OpenAPIOptions()
        options.title = "Books"
        #expect(try Documents.library(options).root.at("info", "title") == "Books")
    }

    @Test(arguments: [
        ("", "", "/"), ("", "/training", "/training"), ("https://ml.example.com", "", "https://ml.example.com"),
        ("https://ml.example.com/", "/a/b", "https://ml.example.com/a/b"),
        ("https://ml.example.com/a", "/a", "https://ml.example.com/a"), ("http://a", "/a", "http://a/a"),
    ])
    func servers(publicURL: String, basePath: String, url: String) throws {
        var options = OpenAPIOptions()
        options.publicURL = publicURL
        options.basePath = basePath
        #expect(try Documents.mlTraining(options).root["servers"] == [["url": .string(url)]])
    }

    static let waysToSignIn: [(mode: OpenAPIOptions.SignIn, security: JSONValue?, schemes: [String]?)] = [
        (.passthrough, [["bearer": []], [:]], ["bearer"]),
        (
            .clientKey, [["apiKey": []], ["apiKeyId": [], "apiKeySecret": []], ["bearer": []]],
            ["apiKey", "apiKeyId", "apiKeySecret", "bearer"]
        ),
        (.serviceKey, nil, nil),
        (.clientTokens, [["bearer": []]], ["bearer"]),
    ]

    @Test(arguments: waysToSignIn)
    func signingIn(_ sample: (mode: OpenAPIOptions.SignIn, security: JSONValue?, schemes: [String]?)) throws {
        var options = OpenAPIOptions()
        options.signIn = sample.mode
        let root = try Documents.mlTraining(options).root
        #expect(root["security"] == sample.security)
        #expect(root.at("components", "securitySchemes")?.object?.keys == sample.schemes)
    }

    /// Every reference leads somewhere, and every schema is led to.
    @Test
    func references() throws {
        for document in [try Documents.mlTraining(), try Documents.library()] {
            var found: Set<String> = []
            func collect(_ value: JSONValue) {
                if let reference = value["$ref"]?.string { found.insert(reference) }
                for member in value.object?.members ?? [] { collect(member.value) }
                for element in value.array ?? [] { collect(element) }
            }
            collect(document.root)
            for reference in found {
                let parts = reference.split(separator: "/").map(String.init)
                #expect(parts.count == 4 && parts[0] == "#", "\(reference)")
                #expect(document.root.at(parts[1], parts[2], parts[3]) != nil, "\(reference)")
            }
            let schemas = document.root.at("components", "schemas")?.object?.keys ?? []
            for name in schemas where !name.hasSuffix("Request") {
                #expect(found.contains("#/components/schemas/\(name)"), "\(name)")
            }
        }
    }

    /// What is committed for people and tools is what the code makes.
    @Test
    func committedDocuments() throws {
        let document = try Documents.mlTraining()
        let folder = #filePath.replacing("Tests/OpenAPITests/OpenAPIDocumentTests.swift", with: "openapi")
        let json = try Documents.file("\(folder)/mltraining.v1.json")
        let yaml = try Documents.file("\(folder)/mltraining.v1.yaml")
        #expect(String(decoding: json, as: UTF8.self) == document.json(), "run make openapi")
        #expect(try String(decoding: yaml, as: UTF8.self) == document.yaml(), "run make openapi")
    }

    @Test
    func theSameEachTime() throws {
        #expect(try Documents.library().json() == Documents.library().json())
    }
}
