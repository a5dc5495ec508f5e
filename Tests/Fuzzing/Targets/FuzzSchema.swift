import Bytes
import HTTPRules
import MLTraining
import ProtobufSchema
import Transcoding

/// A schema, its transcoders with every combination of options, and their results as plain values.
final class FuzzSchema {
    typealias Outcome = Result<[UInt8], TranscodingError>

    let schema: Schema
    private var strictReader: RequestTranscoder
    private var lenientReader: RequestTranscoder
    /// By ``FuzzInput/Flags/printer``.
    private let printers: [Printer]

    private init(_ schema: Schema) {
        self.schema = schema
        strictReader = RequestTranscoder(schema: schema)
        lenientReader = RequestTranscoder(schema: schema, ignoresUnknownFields: true)
        printers = (UInt8(0)..<8).map { Printer(schema, FuzzInput.Flags(rawValue: $0)) }
    }

    /// A transcoder is not copyable, so an array holds it in an object.
    private final class Printer {
        let options: JSONOptions
        var transcoder: ResponseTranscoder

        init(_ schema: Schema, _ flags: FuzzInput.Flags) {
            options = JSONOptions(
                omitsDefaults: flags.contains(.omitsDefaults),
                usesOriginalNames: flags.contains(.usesOriginalNames),
                printsEnumsAsNumbers: flags.contains(.printsEnumsAsNumbers)
            )
            transcoder = ResponseTranscoder(schema: schema, options: options)
        }
    }

    /// A message type of one of the schemas.
    struct MessageType {
        let owner: FuzzSchema
        let index: MessageIndex

        /// The field that `number` chooses, nil where the type has none that could be told apart in JSON.
        func field(_ number: Int) -> FieldIndex? {
            let fields = owner.schema.fields(of: index)
            return fields.isEmpty || hasOwnForm ? nil : fields[number % fields.count]
        }

        /// Whether the JSON form is something else than an object of the fields.
        var hasOwnForm: Bool { owner.schema.wellKnownType(of: index) != .none }
    }

    /// The types that inputs choose from; add new ones at the end and minimise the corpus again.
    static func messageTypes() throws -> [MessageType] {
        let sample = FuzzSchema(try Schema(descriptorSet: sampleDescriptorSet()))
        let training = FuzzSchema(try Schema(descriptorSet: MLTrainingAPI.descriptorSet))
        let sampleNames = [
            "sample.v1.Everything", "sample.v1.Inner", "sample.legacy.Legacy", "sample.edition.Modern",
            "google.rpc.Status", "google.protobuf.Any", "google.protobuf.Struct", "google.protobuf.Value",
            "google.protobuf.ListValue", "google.protobuf.Timestamp", "google.protobuf.Duration",
            "google.protobuf.FieldMask", "google.protobuf.DoubleValue", "google.protobuf.FloatValue",
            "google.protobuf.Int64Value", "google.protobuf.UInt32Value", "google.protobuf.StringValue",
            "google.protobuf.BytesValue", "google.protobuf.Empty",
        ]
        let package = "viam.app.mltraining.v1"
        let trainingNames = [
            "\(package).ListTrainingJobsResponse", "\(package).TrainingJobMetadata",
            "\(package).SubmitCustomTrainingJobRequest", "\(package).GetTrainingJobLogsResponse",
            "\(package).ListSupportedContainersResponse",
        ]
        return try sampleNames.map { try sample.type($0) } + trainingNames.map { try training.type($0) }
    }

    private func type(_ name: String) throws -> MessageType {
        guard let index = schema.message(named: name) else { throw BrokenInvariant("the schema has no \(name)") }
        return MessageType(owner: self, index: index)
    }

    private static func sampleDescriptorSet() throws -> [UInt8] {
        let path = #filePath.replacing(
            "Fuzzing/Targets/FuzzSchema.swift",
            with: "ProtobufSchemaTests/Resources/sample.binpb"
        )
        guard let bytes = FileContent.read(path) else { throw BrokenInvariant("there is no \(path)") }
        return bytes
    }
}

// MARK: - JSON to wire

extension FuzzSchema {
    /// A request, all but its path.
    struct Request {
        let type: MessageIndex
        var query: UnsafeRawBufferPointer?
        var body: UnsafeRawBufferPointer
        var binding = BodyBinding.message
    }

    /// What the transcoder that has seen all inputs before makes of `request`, checked against one that has seen none.
    func read(_ request: Request, lenient: Bool = false) throws(BrokenInvariant) -> Outcome {
        var fresh = RequestTranscoder(schema: schema, ignoresUnknownFields: lenient)
        let outcome = try FuzzSchema.read(request, with: &fresh)
        let again =
            lenient
            ? try FuzzSchema.read(request, with: &lenientReader) : try FuzzSchema.read(request, with: &strictReader)
        guard outcome == again else {
            throw BrokenInvariant("a request leaves something behind for the next", Array(request.body))
        }
        return outcome
    }

    /// The message of a JSON text, which is to have no unknown fields.
    func read(
        _ json: [UInt8],
        _ type: MessageIndex,
        _ binding: BodyBinding = .message
    ) throws(BrokenInvariant) -> Outcome {
        try withExactCopy(json) { body throws(BrokenInvariant) in
            try read(Request(type: type, body: body, binding: binding))
        }
    }

    private static func read(
        _ request: Request,
        with transcoder: inout RequestTranscoder
    ) throws(BrokenInvariant) -> Outcome {
        var output = ByteBuffer()
        output.append("before")
        let mark = output.count
        transcoder.begin(request.type)
        do throws(TranscodingError) {
            if let query = request.query { try transcoder.addQuery(query) }
            try transcoder.transcode(body: request.body, binding: request.binding, into: &output)
        } catch {
            guard output.count == mark else { throw BrokenInvariant("an error leaves output behind") }
            return .failure(error)
        }
        return .success(Array(output.bytes[mark...]))
    }
}

// MARK: - Wire to JSON

extension FuzzSchema {
    /// What the transcoder that has seen all inputs before makes of `wire`, checked against one that has seen none.
    func print(
        _ wire: UnsafeRawBufferPointer,
        _ type: MessageIndex,
        field: FieldIndex? = nil,
        printer index: Int
    ) throws(BrokenInvariant) -> Outcome {
        let printer = printers[index]
        var fresh = ResponseTranscoder(schema: schema, options: printer.options)
        let outcome = try FuzzSchema.print(wire, type, field, with: &fresh)
        guard try outcome == FuzzSchema.print(wire, type, field, with: &printer.transcoder) else {
            throw BrokenInvariant("an answer leaves something behind for the next", Array(wire))
        }
        if case .success(let json) = outcome, !JSONGrammar.accepts(json) {
            throw BrokenInvariant("what is printed is JSON", json)
        }
        return outcome
    }

    func print(
        _ wire: [UInt8],
        _ type: MessageIndex,
        field: FieldIndex? = nil,
        printer: Int
    ) throws(BrokenInvariant) -> Outcome {
        try withExactCopy(wire) { bytes throws(BrokenInvariant) in
            try print(bytes, type, field: field, printer: printer)
        }
    }

    private static func print(
        _ wire: UnsafeRawBufferPointer,
        _ type: MessageIndex,
        _ field: FieldIndex?,
        with transcoder: inout ResponseTranscoder
    ) throws(BrokenInvariant) -> Outcome {
        var output = ByteBuffer()
        output.append("before")
        let mark = output.count
        do throws(TranscodingError) {
            try transcoder.transcode(wire, type: type, responseBody: field, into: &output)
        } catch {
            guard output.count == mark else { throw BrokenInvariant("an error leaves output behind") }
            return .failure(error)
        }
        return .success(Array(output.bytes[mark...]))
    }
}
