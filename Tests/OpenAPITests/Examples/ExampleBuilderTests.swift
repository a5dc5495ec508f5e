import Bytes
import HTTPRules
import MLTraining
import ProtobufSchema
import Testing
import Transcoding

@testable import OpenAPI

struct ExampleBuilderTests {
    private static func catalog(_ set: [UInt8], _ options: OpenAPIOptions = OpenAPIOptions()) throws -> Catalog {
        let schema = try Schema(descriptorSet: set)
        let routes = try RouteTable(schema).routes
        return Catalog(schema, routes, DescriptorNotes(descriptorSet: set), options)
    }

    /// The JSON of `value`, as the gateway prints what it has read.
    private static func reprint(
        _ value: JSONValue,
        of message: MessageIndex,
        _ schema: Schema,
        _ options: JSONOptions
    ) throws -> String {
        var converter = MessageConverter(schema: schema, printing: options)
        var output = ByteBuffer()
        let text = Array(JSONWriter.text(of: value, isIndented: false).utf8)
        try text.withUnsafeBytes { bytes throws in
            try converter.convert(
                bytes,
                of: message,
                from: .json,
                to: .json,
                ignoringUnknownFields: false,
                into: &output
            )
        }
        return String(decoding: output.bytes, as: UTF8.self)
    }

    static let sets = ["ML training", "library"]

    private static func set(_ name: String) throws -> [UInt8] {
        name == "library" ? try Documents.librarySet() : MLTrainingAPI.descriptorSet
    }

    /// The transcoder takes every example of a request.
    @Test(arguments: sets)
    func requestsAreTaken(name: String) throws {
        let catalog = try ExampleBuilderTests.catalog(ExampleBuilderTests.set(name))
        for message in catalog.reach.messages[.request] ?? [] where !catalog.endless.contains(message) {
            var builder = ExampleBuilder(catalog, .request)
            let example = builder.message(message)
            #expect(throws: Never.self, "\(catalog.schema.name(of: message))") {
                _ = try ExampleBuilderTests.reprint(example, of: message, catalog.schema, JSONOptions())
            }
        }
    }

    /// Every example of an answer is one that the transcoder would print: nothing that it prints is missing.
    @Test(arguments: sets, [JSONOptions(), JSONOptions(usesOriginalNames: true, printsEnumsAsNumbers: true)])
    func answersArePrintedSo(name: String, printing: JSONOptions) throws {
        var options = OpenAPIOptions()
        options.usesOriginalNames = printing.usesOriginalNames
        options.printsEnumsAsNumbers = printing.printsEnumsAsNumbers
        let catalog = try ExampleBuilderTests.catalog(ExampleBuilderTests.set(name), options)
        for message in catalog.reach.messages[.answer] ?? [] where !catalog.endless.contains(message) {
            var builder = ExampleBuilder(catalog, .answer)
            let example = builder.message(message)
            let text = try ExampleBuilderTests.reprint(example, of: message, catalog.schema, printing)
            let printed = ExampleBuilderTests.keys(text)
            let written = ExampleBuilderTests.keys(JSONWriter.text(of: example, isIndented: false))
            #expect(printed == written, "\(catalog.schema.name(of: message))")
        }
    }

    /// All member names of a JSON text, sorted; the order is not that of declaration.
    private static func keys(_ text: String) -> [String] {
        text.split(separator: ",").flatMap { $0.split(separator: "{") }.filter { $0.contains("\":") }
            .map { String($0.prefix { $0 != ":" }.filter { $0 != "[" }) }.sorted()
    }

    @Test
    func examplesOfTheProto() throws {
        let document = try Documents.mlTraining()
        let submit = try document.operation("post", "/v1/jobs")
        let example = submit.at("requestBody", "content", "application/json", "example")
        #expect(example?["modelType"] == "MODEL_TYPE_OBJECT_DETECTION")
        #expect(example?["tags"] == ["scratch", "dent"])
        let job = try document.operation("get", "/v1/jobs/{id}")
            .at("responses", "200", "content", "application/json", "example")
        #expect(job?["status"] == "TRAINING_STATUS_COMPLETED")
        #expect(job?["request"] == nil)
        #expect(job?["errorStatus"] == nil)
        #expect(job?["arguments"] == [:])
        #expect(job?["isCustomJob"] == false)
        #expect(
            try document.operation("get", "/v1/jobs/{id}").parameter("id", in: "path")["example"]
                == "66d5f2a0b4c5d6e7f8091a2b"
        )
    }

    /// An example that is none of its type is passed over.
    @Test
    func examplesThatDoNotFit() throws {
        let book = try Documents.library().schema("library.v1beta1.Book")
        #expect(book.at("properties", "printedAt", "examples") == nil)
        #expect(book.at("properties", "pages", "examples") == ["171"])
    }

    @Test
    func whatRequiresItselfHasNone() throws {
        let catalog = try ExampleBuilderTests.catalog(Documents.librarySet())
        let node = try #require(catalog.schema.message(named: "library.v1beta1.Node"))
        #expect(catalog.endless.contains(node))
        let request = try #require(catalog.schema.message(named: "library.v1beta1.GetBookRequest"))
        #expect(!catalog.endless.contains(request))
        var builder = ExampleBuilder(catalog, .request)
        #expect(builder.message(request)["tree"] == nil)
    }
}
