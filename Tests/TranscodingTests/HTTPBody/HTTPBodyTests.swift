import Bytes
import HTTPRules
import ProtobufSchema
import Testing

@testable import Transcoding

/// `google.api.HttpBody` both ways, over the service of `IntegrationTests/Resources`.
@Suite
struct HTTPBodyTests {
    private let schema: Schema
    private let routes: RouteTable

    init() throws {
        let path = #filePath.replacing(
            "TranscodingTests/HTTPBody/HTTPBodyTests.swift",
            with: "IntegrationTests/Resources/feed.binpb"
        )
        schema = try Schema(descriptorSet: try #require(TestSchema.readFile(path)))
        routes = try RouteTable(schema)
    }

    private func route(_ template: String) throws -> Route {
        try #require(routes.routes.first { $0.template.text == template })
    }

    @Test(arguments: [
        ("/v1/events", false, false), ("/v1/notes", false, false), ("/v1/files/{name}", false, true),
        ("/v1/attachments/{name}", false, true), ("/v1/attachments/{name}:describe", false, false),
        ("/v1/files/{name}:download", false, true), ("/v1/render", true, true),
    ])
    func tellsRoutesWithRawContent(template: String, takes: Bool, answers: Bool) throws {
        let route = try route(template)
        #expect(route.takesHTTPBody(schema) == takes)
        #expect(route.answersHTTPBody(schema) == answers)
    }

    @Test
    func tellsABodyFieldOfRawContent() throws {
        let put = try #require(routes.routes.first { $0.httpMethodName == "PUT" })
        #expect(put.takesHTTPBody(schema))
        #expect(!put.answersHTTPBody(schema))
    }

    // MARK: Answers

    private func read(_ wire: [UInt8], in field: FieldInfo? = nil) throws -> (type: String, data: [UInt8]) {
        try wire.withUnsafeBytes { bytes in
            let body = try HTTPBody(bytes, in: field)
            return (body.contentTypeText, Array(body.data))
        }
    }

    @Test(
        arguments: [
            ([], "application/octet-stream", []),
            ([0x0A, 3, 0x61, 0x2F, 0x62, 0x12, 2, 0, 255], "a/b", [0, 255]),
            ([0x12, 1, 7, 0x0A, 3, 0x78, 0x2F, 0x79], "x/y", [7]),
            // No media types.
            ([0x0A, 1, 0x78], "application/octet-stream", []), ([0x0A, 2, 0x78, 0x2F], "application/octet-stream", []),
            ([0x0A, 2, 0x20, 0x20], "application/octet-stream", []),
            // The last one stands, and what has no place in HTTP is passed over.
            ([0x12, 1, 7, 0x1A, 2, 0x0A, 0, 0x12, 1, 8], "application/octet-stream", [8]),
            // What no header can hold.
            ([0x0A, 3, 0x61, 0x0D, 0x0A], "application/octet-stream", []),
            ([0x0A, 2, 0xC3, 0xA4], "application/octet-stream", []),
        ] as [([UInt8], String, [UInt8])]
    )
    func findsTypeAndData(wire: [UInt8], contentType: String, data: [UInt8]) throws {
        let found = try read(wire)
        #expect(found == (contentType, data))
    }

    @Test(
        arguments: [
            ([0x12, 7, 0x0A, 3, 0x78, 0x2F, 0x79, 0x12, 0], "x/y", []),
            // Pieces of one message are merged.
            ([0x12, 5, 0x0A, 3, 0x78, 0x2F, 0x79, 0x0A, 1, 0x74, 0x12, 3, 0x12, 1, 9], "x/y", [9]),
            ([0x0A, 1, 0x74], "application/octet-stream", []),
        ] as [([UInt8], String, [UInt8])]
    )
    func findsThemInAField(wire: [UInt8], contentType: String, data: [UInt8]) throws {
        let field = try route("/v1/attachments/{name}").responseBody.map { schema[$0] }
        let found = try read(wire, in: field)
        #expect(found == (contentType, data))
    }

    @Test(arguments: [[0x12], [0x12, 5, 0], [0xFF, 0xFF], [0x12, 1, 0, 0x0A, 9]] as [[UInt8]])
    func refusesMalformedAnswers(wire: [UInt8]) {
        #expect(throws: TranscodingError.self) {
            _ = try read(wire)
        }
    }

    // MARK: Requests

    private func wire(
        _ template: String,
        content: [UInt8],
        contentType: String,
        path: String? = nil,
        query: String = ""
    ) throws -> [UInt8] {
        let route = try #require(routes.routes.first { $0.template.text == template && $0.takesHTTPBody(schema) })
        var transcoder = RequestTranscoder(schema: schema)
        var output = ByteBuffer()
        output.append(0xEE)
        transcoder.begin(route.input)
        if let path {
            try Array(path.utf8).withUnsafeBytes { (bytes) throws -> Void in
                try transcoder.addPathParameter(route.variables[0].fieldPath, value: bytes, isMultiSegment: false)
            }
        }
        try Array(query.utf8).withUnsafeBytes { (bytes) throws -> Void in try transcoder.addQuery(bytes) }
        do {
            try transcode(content, Array(contentType.utf8), route.body, &transcoder, &output)
        } catch {
            let count = output.count
            #expect(count == 1)
            throw error
        }
        return Array(output.bytes.dropFirst())
    }

    private func transcode(
        _ content: [UInt8],
        _ contentType: [UInt8],
        _ binding: BodyBinding,
        _ transcoder: inout RequestTranscoder,
        _ output: inout ByteBuffer
    ) throws {
        try content.withUnsafeBytes { (content) throws -> Void in
            try contentType.withUnsafeBytes { (type) throws -> Void in
                try transcoder.transcode(httpBody: content, contentType: type, binding: binding, into: &output)
            }
        }
    }

    @Test(
        arguments: [
            ([1, 2, 3], "a/b", [0x0A, 3, 0x61, 0x2F, 0x62, 0x12, 3, 1, 2, 3]), ([], "", []),
            ([], "x", [0x0A, 1, 0x78]),
            ([0], "", [0x12, 1, 0]),
        ] as [([UInt8], String, [UInt8])]
    )
    func writesAWholeMessage(content: [UInt8], contentType: String, expected: [UInt8]) throws {
        #expect(try wire("/v1/render", content: content, contentType: contentType) == expected)
    }

    @Test
    func writesAFieldBesideParameters() throws {
        let written = try wire(
            "/v1/files/{name}",
            content: [9],
            contentType: "x",
            path: "n",
            query: "overwrite=true"
        )
        #expect(written.count == 13)
        let transcodings = Transcodings(schema: schema)
        let json = try transcodings.json(written, type: "feed.v1.PutFileRequest")
        #expect(json == #"{"name":"n","content":{"contentType":"x","data":"CQ=="},"overwrite":true}"#)
        let empty = try wire("/v1/files/{name}", content: [], contentType: "", path: "n")
        #expect(empty == [0x0A, 1, 0x6E])
    }

    @Test
    func writesLongContent() throws {
        let content = [UInt8](repeating: 7, count: 100_000)
        let written = try wire("/v1/files/{name}", content: content, contentType: "x/y", path: "n")
        let field = schema[try #require(schema.field(named: "content", in: try message("feed.v1.PutFileRequest")))]
        #expect(try read(written, in: field) == ("x/y", content))
    }

    private func message(_ name: String) throws -> MessageIndex {
        try #require(schema.message(named: name))
    }

    @Test(arguments: ["content.contentType=y", "content.content_type=x"])
    func refusesParametersThatArePartOfTheBody(query: String) {
        #expect(throws: TranscodingError.self) {
            _ = try wire("/v1/files/{name}", content: [1], contentType: "x", path: "n", query: query)
        }
        #expect(throws: TranscodingError.self) {
            _ = try wire("/v1/render", content: [1], contentType: "x", query: "contentType=y")
        }
    }

    @Test
    func refusesAContentTypeThatIsNotText() throws {
        var transcoder = RequestTranscoder(schema: schema)
        var output = ByteBuffer()
        transcoder.begin(try message("google.api.HttpBody"))
        var message = ""
        do {
            try transcode([], [0x61, 0xFF], .message, &transcoder, &output)
        } catch {
            message = "\(error)"
        }
        #expect(message == "the content type is not valid UTF-8")
    }
}
