import Bytes
import Glibc
import HTTPRules
import ProtobufSchema
import Testing

@testable import Transcoding

/// The schema of `ProtobufSchemaTests/Resources`, compiled once.
enum TestSchema {
    static let sample: Result<Schema, any Error> = Result {
        let path = #filePath.replacing(
            "TranscodingTests/TestSupport.swift",
            with: "ProtobufSchemaTests/Resources/sample.binpb"
        )
        return try Schema(descriptorSet: try #require(readFile(path)))
    }

    /// The content of a file, nil if there is none.
    static func readFile(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }
}

/// Both directions over arrays and strings, for tables.
struct Transcodings {
    let schema: Schema

    init() throws {
        schema = try TestSchema.sample.get()
    }

    init(schema: Schema) {
        self.schema = schema
    }

    func message(_ name: String) throws -> MessageIndex {
        try #require(schema.message(named: name))
    }

    func field(_ path: String, of message: String) throws -> [FieldIndex] {
        var index = try self.message(message)
        var fields: [FieldIndex] = []
        for component in path.split(separator: ".") {
            let field = try #require(schema.field(named: String(component), in: index))
            fields.append(field)
            if let child = schema[field].childMessage { index = child }
        }
        return fields
    }

    func json(
        _ wire: [UInt8],
        type: String = "sample.v1.Everything",
        body: String? = nil,
        options: JSONOptions = JSONOptions(omitsDefaults: true)
    ) throws -> String {
        var transcoder = ResponseTranscoder(schema: schema, options: options)
        var output = ByteBuffer()
        let index = try message(type)
        let bodyField = try body.map { try #require(schema.field(named: $0, in: index)) }
        // The exact size on the heap, so that a sanitizer sees any read past the end.
        let input = UnsafeMutableRawBufferPointer.allocate(byteCount: wire.count, alignment: 1)
        defer { input.deallocate() }
        input.copyBytes(from: wire)
        try transcoder.transcode(UnsafeRawBufferPointer(input), type: index, responseBody: bodyField, into: &output)
        return String(decoding: output.bytes, as: UTF8.self)
    }

    func wire(
        _ json: String,
        type: String = "sample.v1.Everything",
        binding: BodyBinding = .message,
        path: [(String, String)] = [],
        isMultiSegment: Bool = false,
        query: String = "",
        ignoresUnknownFields: Bool = false
    ) throws -> [UInt8] {
        try wire(
            bytes: Array(json.utf8),
            type: type,
            binding: binding,
            path: path,
            isMultiSegment: isMultiSegment,
            query: query,
            ignoresUnknownFields: ignoresUnknownFields
        )
    }

    func wire(
        bytes json: [UInt8],
        type: String = "sample.v1.Everything",
        binding: BodyBinding = .message,
        path: [(String, String)] = [],
        isMultiSegment: Bool = false,
        query: String = "",
        ignoresUnknownFields: Bool = false
    ) throws -> [UInt8] {
        var transcoder = RequestTranscoder(schema: schema, ignoresUnknownFields: ignoresUnknownFields)
        var output = ByteBuffer()
        transcoder.begin(try message(type))
        for (name, value) in path {
            let fields = try field(name, of: type)
            let bytes = Array(value.utf8)
            try bytes.withUnsafeBytes { (raw) throws -> Void in
                try transcoder.addPathParameter(fields, value: raw, isMultiSegment: isMultiSegment)
            }
        }
        let queryBytes = Array(query.utf8)
        try queryBytes.withUnsafeBytes { (raw) throws -> Void in try transcoder.addQuery(raw) }
        let input = UnsafeMutableRawBufferPointer.allocate(byteCount: json.count, alignment: 1)
        defer { input.deallocate() }
        input.copyBytes(from: json)
        try transcoder.transcode(body: UnsafeRawBufferPointer(input), binding: binding, into: &output)
        return Array(output.bytes)
    }

    /// What a request comes to, printed again.
    func roundTrip(
        _ json: String,
        type: String = "sample.v1.Everything",
        options: JSONOptions = JSONOptions(omitsDefaults: true)
    ) throws -> String {
        try self.json(wire(json, type: type), type: type, options: options)
    }
}
