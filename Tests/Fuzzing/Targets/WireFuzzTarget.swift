import HTTPRules
import ProtobufSchema
import Transcoding

/// Serialized messages: what is taken prints as JSON that reads and prints again as the same, with all options.
final class WireFuzzTarget: FuzzTarget {
    private let types: [FuzzSchema.MessageType]

    init() throws {
        types = try FuzzSchema.messageTypes()
    }

    func run(_ input: UnsafeRawBufferPointer) throws(BrokenInvariant) {
        guard let input = FuzzInput(input) else { return }
        let type = types[input.type % types.count]
        if input.flags.contains(.isScript) {
            let wire = MessageScript.message(input.content, type.index, type.owner.schema)
            try withExactCopy(wire) { wire throws(BrokenInvariant) in try check(wire, type, input) }
        } else {
            try check(input.content, type, input)
        }
    }

    private func check(
        _ wire: UnsafeRawBufferPointer,
        _ type: FuzzSchema.MessageType,
        _ input: FuzzInput
    ) throws(BrokenInvariant) {
        // Details of errors are read by hand, and must come out of anything.
        _ = StatusDetails(wire)
        let field = input.flags.contains(.isOneField) ? type.field(input.field) : nil
        let printer = input.flags.printer
        let outcome = try type.owner.print(wire, type.index, field: field, printer: printer)
        let plain = try type.owner.print(wire, type.index, field: field, printer: 0)
        guard case .success(let json) = outcome, case .success(let plainJSON) = plain else {
            // The errors name the field as the options would, so only that there is one can be compared.
            guard case (.failure, .failure) = (outcome, plain) else {
                throw BrokenInvariant("options do not decide what can be printed", Array(wire))
            }
            return
        }
        let binding = field.map { BodyBinding.field($0) } ?? .message
        let message: [UInt8]
        switch try type.owner.read(json, type.index, binding) {
        case .success(let bytes): message = bytes
        case .failure(let error):
            if isKnownToBeOneWay(json, error) { return }
            throw BrokenInvariant("what was printed can be read: \(error)", json)
        }
        guard case .success(message) = try type.owner.read(plainJSON, type.index, binding) else {
            throw BrokenInvariant("options do not change the message", json, plainJSON)
        }
        guard case .success(let again) = try type.owner.print(message, type.index, field: field, printer: printer)
        else {
            throw BrokenInvariant("what was read can be printed", message)
        }
        if again == json { return }
        // The base64 of an `Any` reads as a value where its type has a field "value" that takes a string; but only once.
        guard holdsAny(json), case .success(let message) = try type.owner.read(again, type.index, binding),
            case .success(again) = try type.owner.print(message, type.index, field: field, printer: printer)
        else { throw BrokenInvariant("JSON that is read and printed again stays the same", json, again) }
    }

    /// Whether an answer may hold what a request may not.
    ///
    /// Required fields may be missing from an answer. An `Any` that the schema cannot expand is printed with its value
    /// in base64, so that nothing is lost, and ProtoJSON has no way to read that; so is one that is nested too deep.
    private func isKnownToBeOneWay(_ json: [UInt8], _ error: TranscodingError) -> Bool {
        if error.message.hasPrefix("nested more than 100 deep"), holdsAny(json) { return true }
        return !error.violations.isEmpty
            && error.violations.allSatisfy { violation in
                violation.description == "the field is required"
                    // Long paths are cut.
                    || holdsAny(json) && ["@type", "value", "…"].contains { violation.field.hasSuffix($0) }
            }
    }

    private func holdsAny(_ json: [UInt8]) -> Bool {
        String(decoding: json, as: UTF8.self).contains("\"@type\":")
    }
}
