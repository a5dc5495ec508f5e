import Bytes
import MLTrainingMessages
import ProtobufSchema
import SwiftProtobuf
import Transcoding

/// A message in both forms, and swift-protobuf's ways between them.
struct Sample {
    let name: String
    let type: MessageIndex
    let wire: [UInt8]
    /// As swift-protobuf prints it, without defaults.
    let json: [UInt8]
    /// Prints `wire` as JSON by way of a message object.
    let printJSON: () throws -> Void
    /// Serializes `json` by way of a message object.
    let readJSON: () throws -> Void

    /// Throws ``WrongOutput`` unless the gateway's transcoder and swift-protobuf make the same of the message.
    init<M: Message & Equatable>(_ name: String, _ message: M, _ schema: Schema) throws {
        guard let type = schema.message(named: M.protoMessageName) else {
            throw WrongOutput(message: "the schema has no \(M.protoMessageName)")
        }
        var binary = BinaryEncodingOptions()
        binary.useDeterministicOrdering = true
        var text = JSONEncodingOptions()
        text.useDeterministicOrdering = true
        let wire: [UInt8] = try message.serializedBytes(options: binary)
        let json: [UInt8] = try message.jsonUTF8Bytes(options: text)
        self.name = name
        self.type = type
        self.wire = wire
        self.json = json
        printJSON = {
            let bytes: [UInt8] = try M(serializedBytes: wire).jsonUTF8Bytes()
            precondition(bytes.count == json.count)
        }
        readJSON = {
            let bytes: [UInt8] = try M(jsonUTF8Bytes: json).serializedBytes()
            precondition(bytes.count == wire.count)
        }
        try check(message, schema)
    }

    private func check<M: Message & Equatable>(_ message: M, _ schema: Schema) throws {
        for omitsDefaults in [true, false] {
            let codec = GatewayCodec(schema, options: JSONOptions(omitsDefaults: omitsDefaults))
            try wire.withUnsafeBytes { try codec.printJSON($0, type) }
            let printed = codec.outputBytes
            guard try M(jsonUTF8Bytes: printed) == message else { throw WrongOutput(message: "\(name): JSON differs") }
            if omitsDefaults, printed != json { throw WrongOutput(message: "\(name): JSON is not the same text") }
            for text in [printed, json] {
                try text.withUnsafeBytes { try codec.readJSON($0, type) }
                guard try M(serializedBytes: codec.outputBytes) == message, codec.outputCount == wire.count else {
                    throw WrongOutput(message: "\(name): the message differs")
                }
            }
        }
    }
}

/// The transcoder and swift-protobuf do not agree, so there is nothing to compare.
struct WrongOutput: Error, CustomStringConvertible {
    let message: String
    var description: String { "wrong output: \(message)" }
}
