import HTTPRules
import ProtobufSchema
import Transcoding

/// JSON bodies and query strings: what is taken is JSON, prints again, and reads again as the same message.
final class JSONFuzzTarget: FuzzTarget {
    private let types: [FuzzSchema.MessageType]

    init() throws {
        types = try FuzzSchema.messageTypes()
    }

    func run(_ input: UnsafeRawBufferPointer) throws(BrokenInvariant) {
        guard let input = FuzzInput(input) else { return }
        let type = types[input.type % types.count]
        let request = request(input, type)
        // No body is the empty message, which of a type with a form of its own may have none.
        if type.hasOwnForm, isBlank(request.body) { return }
        let strict = try type.owner.read(request)
        if case .success = strict, !isBlankOrJSON(request.body) {
            throw BrokenInvariant("what is taken is JSON", Array(request.body))
        }
        if input.flags.contains(.ignoresUnknownFields) {
            let lenient = try type.owner.read(request, lenient: true)
            if case .success = strict, strict != lenient {
                throw BrokenInvariant("ignoring what is not there changes nothing", Array(request.body))
            }
            if case .success(let wire) = lenient {
                guard isBlankOrJSON(request.body) else {
                    throw BrokenInvariant("what is taken is JSON", Array(request.body))
                }
                try check(wire, type, input.flags)
            }
        } else if case .success(let wire) = strict {
            try check(wire, type, input.flags)
        }
    }

    private func request(_ input: FuzzInput, _ type: FuzzSchema.MessageType) -> FuzzSchema.Request {
        var request = FuzzSchema.Request(type: type.index, body: input.content)
        if input.flags.contains(.hasQuery), !type.hasOwnForm {
            let end = input.content.firstIndex(of: 0) ?? input.content.endIndex
            request.query = UnsafeRawBufferPointer(rebasing: input.content[..<end])
            request.body = UnsafeRawBufferPointer(rebasing: input.content[min(end + 1, input.content.endIndex)...])
            request.binding = .none
        }
        if input.flags.contains(.isOneField), let field = type.field(input.field) { request.binding = .field(field) }
        return request
    }

    /// A message that was made of JSON has a JSON form, which stands for the same message.
    private func check(
        _ wire: [UInt8],
        _ type: FuzzSchema.MessageType,
        _ flags: FuzzInput.Flags
    ) throws(BrokenInvariant) {
        guard case .success(let json) = try type.owner.print(wire, type.index, printer: flags.printer) else {
            throw BrokenInvariant("what was read can be printed", wire)
        }
        guard case .success(let again) = try type.owner.read(json, type.index) else {
            throw BrokenInvariant("what was printed can be read", json)
        }
        guard case .success(json) = try type.owner.print(again, type.index, printer: flags.printer) else {
            throw BrokenInvariant("JSON that is read and printed again stays the same", json, again)
        }
    }

    private func isBlankOrJSON(_ body: UnsafeRawBufferPointer) -> Bool {
        isBlank(body) || JSONGrammar.accepts(Array(body))
    }

    private func isBlank(_ body: UnsafeRawBufferPointer) -> Bool {
        body.allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
    }
}
