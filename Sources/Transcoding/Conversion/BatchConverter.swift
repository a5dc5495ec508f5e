package import Bytes

/// Answers the lines of `convert --batch`, each a JSON object.
///
///     Request = { "id", "from", "to", "type", "input": base64, "ignore_unknown": bool }
///     Answer  = { "id", "output": base64 } | { "id", "error": text }
///
/// `id` is a string, a number, a boolean or null, and comes back byte for byte. Members that are left out have the
/// values of ``Defaults``. A line that cannot be read is answered too, with the id null if that was not reached.
package struct BatchConverter: ~Copyable {
    /// What lines need not say.
    package struct Defaults: Sendable {
        package var from: MessageConverter.Format?
        package var to: MessageConverter.Format?
        package var type: String?
        package var ignoresUnknownFields = false

        package init() {}
    }

    private var converter: MessageConverter
    private let defaults: Defaults
    private var input = ByteBuffer()
    private var output = ByteBuffer()

    package init(_ converter: consuming MessageConverter, defaults: Defaults) {
        self.converter = converter
        self.defaults = defaults
    }

    /// Appends the answer to `line`, which comes without its newline, and a newline.
    package mutating func answer(_ line: UnsafeRawBufferPointer, into answers: inout ByteBuffer) {
        input.reset()
        output.reset()
        var request = BatchRequest(defaults: defaults)
        do throws(TranscodingError) {
            try request.read(line, input: &input)
            guard let from = request.from else { throw TranscodingError("\"from\" is missing") }
            guard let to = request.to else { throw TranscodingError("\"to\" is missing") }
            guard let type = request.type else { throw TranscodingError("\"type\" is missing") }
            try converter.convert(
                input.bytes,
                of: try converter.type(named: type),
                from: from,
                to: to,
                ignoringUnknownFields: request.ignoresUnknownFields,
                into: &output
            )
        } catch {
            appendError(error.message, id: request.id, into: &answers)
            return
        }
        appendStart(request.id, into: &answers)
        answers.append("\"output\":")
        answers.appendBase64(output.bytes)
        answers.append("}\n")
    }

    /// Appends an answer that says what is wrong, and a newline.
    package func appendError(_ message: String, id: UnsafeRawBufferPointer? = nil, into answers: inout ByteBuffer) {
        appendStart(id, into: &answers)
        answers.append("\"error\":")
        answers.appendJSONString(message)
        answers.append("}\n")
    }

    private func appendStart(_ id: UnsafeRawBufferPointer?, into answers: inout ByteBuffer) {
        answers.append("{\"id\":")
        if let id { answers.append(contentsOf: id) } else { answers.append("null") }
        answers.append(",")
    }
}
