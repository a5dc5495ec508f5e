import MLTrainingMessages
import SwiftProtobuf
import Testing

private typealias Descriptor = Google_Protobuf_DescriptorProto
private typealias Field = Google_Protobuf_FieldDescriptorProto

/// Whether the generated Swift and the descriptor set are of one mind about every message.
///
/// A message with every field set is written as JSON from its descriptor alone. The generated type has to take it,
/// to write each field under the descriptor's number and wire type, and to give the same back.
@Suite struct GeneratedMessagesTests {
    private static let types: [any Message.Type] = [
        Viam_App_Mltraining_V1_SubmitTrainingJobRequest.self,
        Viam_App_Mltraining_V1_SubmitTrainingJobResponse.self,
        Viam_App_Mltraining_V1_SubmitCustomTrainingJobRequest.self,
        Viam_App_Mltraining_V1_SubmitCustomTrainingJobResponse.self,
        Viam_App_Mltraining_V1_GetTrainingJobRequest.self,
        Viam_App_Mltraining_V1_GetTrainingJobResponse.self,
        Viam_App_Mltraining_V1_ListTrainingJobsRequest.self,
        Viam_App_Mltraining_V1_ListTrainingJobsResponse.self,
        Viam_App_Mltraining_V1_TrainingJobMetadata.self,
        Viam_App_Mltraining_V1_CancelTrainingJobRequest.self,
        Viam_App_Mltraining_V1_CancelTrainingJobResponse.self,
        Viam_App_Mltraining_V1_DeleteCompletedTrainingJobRequest.self,
        Viam_App_Mltraining_V1_DeleteCompletedTrainingJobResponse.self,
        Viam_App_Mltraining_V1_GetTrainingJobLogsRequest.self,
        Viam_App_Mltraining_V1_GetTrainingJobLogsResponse.self,
        Viam_App_Mltraining_V1_TrainingJobLogEntry.self,
        Viam_App_Mltraining_V1_ListSupportedContainersRequest.self,
        Viam_App_Mltraining_V1_ListSupportedContainersResponse.self,
        Viam_App_Mltraining_V1_Container.self,
        Viam_App_Mltraining_V1_ListContainersRequest.self,
        Viam_App_Mltraining_V1_ListContainersResponse.self,
        Viam_App_Mltraining_V1_GetContainerRequest.self,
        Viam_App_Mltraining_V1_GetContainerResponse.self,
        Viam_App_Mltraining_V1_RegisterCustomTrainingContainerRequest.self,
        Viam_App_Mltraining_V1_RegisterCustomTrainingContainerResponse.self,
        Viam_App_Mltraining_V1_DeleteCustomTrainingContainerRequest.self,
        Viam_App_Mltraining_V1_DeleteCustomTrainingContainerResponse.self,
    ]

    private let set: DescriptorSet

    init() throws {
        set = try DescriptorSet()
    }

    @Test func thereIsATypeForEveryMessage() {
        #expect(Self.types.map { $0.protoMessageName } == set.api.messageType.map { "\(set.api.package).\($0.name)" })
    }

    @Test(arguments: types.indices)
    func messageAgrees(index: Int) throws {
        try expectAgreement(of: Self.types[index], with: set.api.messageType[index])
    }

    private func expectAgreement<Generated: Message>(of type: Generated.Type, with message: Descriptor) throws {
        let json = "{" + message.field.map { "\"\($0.jsonName)\":\(value(of: $0))" }.joined(separator: ",") + "}"
        let generated = try Generated(jsonString: json)
        let bytes: [UInt8] = try generated.serializedBytes()
        var expected: [UInt64: UInt64] = [:]
        for field in message.field {
            expected[UInt64(field.number)] = wireType(of: field)
        }
        #expect(try Wire.fields(of: bytes) == expected)
        #expect(try Generated(serializedBytes: bytes).isEqualTo(message: generated))
        #expect(try Generated(jsonString: generated.jsonString()).isEqualTo(message: generated))

        // Fields that only the generated type knows would not stay unknown.
        for number in UInt64(1)...60 where expected[number] == nil {
            for stranger in [Wire.varint(number << 3) + [1], Wire.varint(number << 3 | 2) + [0]] {
                #expect(try Generated(serializedBytes: stranger).unknownFields.data.count == stranger.count)
            }
        }
    }

    @Test func enumsAgree() throws {
        try expectAgreement(of: Viam_App_Mltraining_V1_ModelType.self, with: "ModelType")
        try expectAgreement(of: Viam_App_Mltraining_V1_ModelFramework.self, with: "ModelFramework")
        try expectAgreement(of: Viam_App_Mltraining_V1_TrainingStatus.self, with: "TrainingStatus")
        try expectAgreement(of: Viam_App_Mltraining_V1_Visibility.self, with: "Visibility")
        #expect(set.api.enumType.count == 4)
    }

    private func expectAgreement<Generated: Enum & CaseIterable>(of type: Generated.Type, with name: String) throws {
        let values = try #require(set.api.enumType.first { $0.name == name }).value
        #expect(Generated.allCases.map(\.rawValue) == values.map { Int($0.number) })
        // The names of the values: some field of this type takes each, and keeps its number.
        let owner = try #require(
            set.api.messageType.firstIndex { $0.field.contains { $0.typeName.hasSuffix(".\(name)") } }
        )
        let field = try #require(set.api.messageType[owner].field.first { $0.typeName.hasSuffix(".\(name)") })
        for value in values where value.number != 0 {
            let message = try Self.types[owner].init(jsonString: "{\"\(field.jsonName)\":\"\(value.name)\"}")
            let bytes: [UInt8] = try message.serializedBytes()
            #expect(bytes == Wire.varint(UInt64(field.number) << 3) + Wire.varint(UInt64(value.number)))
        }
    }

    /// A JSON value of a field's type that is not its default.
    private func value(of field: Field) -> String {
        if let entry = entryType(of: field) {
            return "{\"key\":\(entry.field.last.map(singularValue) ?? "")}"
        }
        return field.label == .repeated ? "[\(singularValue(of: field))]" : singularValue(of: field)
    }

    private func singularValue(of field: Field) -> String {
        switch field.type {
        case .string: "\"text\""
        case .bool: "true"
        case .enum: "1"
        case .message where field.typeName == ".google.protobuf.Timestamp": "\"2026-03-03T00:00:00.123Z\""
        case .message: "{}"
        default: "the API has no such field"
        }
    }

    private func wireType(of field: Field) -> UInt64 {
        field.type == .bool || field.type == .enum ? 0 : 2
    }

    private func entryType(of field: Field) -> Descriptor? {
        set.api.messageType.flatMap(\.nestedType).first { nested in
            nested.options.mapEntry && field.typeName.hasSuffix(".\(nested.name)")
        }
    }
}

/// As much of the wire format as the tests need.
private enum Wire {
    struct Malformed: Error {}

    static func varint(_ number: UInt64) -> [UInt8] {
        var rest = number
        var bytes: [UInt8] = []
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    /// The wire types of a message's fields by field number.
    static func fields(of message: [UInt8]) throws -> [UInt64: UInt64] {
        var fields: [UInt64: UInt64] = [:]
        var rest = message[...]
        while !rest.isEmpty {
            let tag = try readVarint(&rest)
            fields[tag >> 3] = tag & 7
            let number = try readVarint(&rest)
            if tag & 7 == 2 {
                rest = rest.dropFirst(Int(number))
            } else if tag & 7 != 0 {
                throw Malformed()
            }
        }
        return fields
    }

    private static func readVarint(_ rest: inout ArraySlice<UInt8>) throws -> UInt64 {
        var number: UInt64 = 0
        for shift in stride(from: 0, to: 63, by: 7) {
            guard let byte = rest.popFirst() else {
                throw Malformed()
            }
            number |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte < 0x80 {
                return number
            }
        }
        throw Malformed()
    }
}
