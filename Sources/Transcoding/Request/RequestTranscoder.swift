package import Bytes
package import HTTPRules
package import ProtobufSchema

/// Reads JSON bodies, path captures and query strings into one wire-format message, without message objects.
///
/// JSON is read once and written as it is read; ``NestedLengths`` takes care of lengths. Parameters are kept in a
/// ``ParameterTree`` and written where the body does not have their field, so that each nested message is written once
/// whatever its fields came from. A field that comes from two places must have the same value in both.
///
/// One per worker; scratch memory is kept between calls. For each request ``begin(_:)``, then the parameters, then
/// ``transcode(body:binding:into:)``.
package struct RequestTranscoder: ~Copyable {
    /// Violations that one answer lists at most.
    static let maximumViolations = 16
    static let pathDisagrees = "the path says otherwise"
    static let queryDisagrees = "the query says otherwise"

    let schema: Schema
    let tables: SchemaTables
    let ignoresUnknownFields: Bool

    var reader = JSONReader(UnsafeRawBufferPointer(start: nil, count: 0))
    var lengths = NestedLengths()
    var keys = KeyLog()
    var types = TypeIndex()
    /// A bit for each field and each oneof of the messages being read, innermost last.
    var seen = ScratchStack<UInt64>(capacity: 64)
    var parameters = ParameterTree()
    /// Unescaped or percent-decoded text, until the next token.
    var text = ByteBuffer()
    var depth = 0
    var violations: [TranscodingError.FieldViolation] = []
    var hasQuery = false
    /// The first query parameter's name as it was written, for bindings that allow none.
    var firstQueryName = ByteBuffer()
    private var type = MessageIndex(rawValue: 0)

    package init(schema: Schema, ignoresUnknownFields: Bool = false) {
        self.schema = schema
        self.ignoresUnknownFields = ignoresUnknownFields
        tables = schema.tables
        parameters.reset()
    }

    /// Starts a request of message type `type`, without parameters.
    package mutating func begin(_ type: MessageIndex) {
        self.type = type
        releaseScratch()
        hasQuery = false
        if !violations.isEmpty { violations = [] }
    }

    var requestType: UnsafePointer<MessageEntry> { tables[type] }

    /// Appends the request message to `output`.
    ///
    /// Throws, and leaves `output` as it was, if `body` is not JSON, does not fit the schema or contradicts a
    /// parameter. An empty body is the empty message, or an absent field; white space alone is neither empty nor JSON.
    package mutating func transcode(
        body: UnsafeRawBufferPointer,
        binding: BodyBinding,
        into output: inout ByteBuffer
    ) throws(TranscodingError) {
        if binding == .message, hasQuery {
            throw TranscodingError(
                field: writtenName(firstQueryName.bytes),
                "unknown query parameter: this method takes everything but its path from the body"
            )
        }
        if binding == .none, !body.isEmpty {
            throw TranscodingError(field: "", "this method takes no body")
        }
        let start = output.count
        reader = JSONReader(body)
        depth = 0
        defer { releaseScratch() }
        do throws(JSONFault) {
            try append(hasBody: !body.isEmpty, binding, into: &output)
            lengths.resolve(&output)
        } catch {
            output.truncate(to: start)
            throw describe(error)
        }
    }

    /// Empties all scratch memory and gives back what is large; the worker waits for its next request without it.
    mutating func releaseScratch() {
        lengths.reset()
        keys.reset()
        types.reset()
        seen.reset()
        parameters.reset()
        text.reset()
        firstQueryName.reset()
    }

    private mutating func append(
        hasBody: Bool,
        _ binding: BodyBinding,
        into output: inout ByteBuffer
    ) throws(JSONFault) {
        switch binding {
        case .message where hasBody:
            try appendMessage(requestType, node: parameters.isEmpty ? -1 : 0, into: &output)
            try reader.finish()
        case .none, .message:
            try appendParameters(of: requestType, node: 0, into: &output)
        case .field(let index):
            let frame = openFrame(requestType)
            if hasBody {
                let field = tables[index]
                _ = mark(field.pointee.localIndex, from: frame.fields)
                let start = output.count
                do throws(JSONFault) {
                    // Paths in errors are those of the body as it was sent: `label`, not `inner.label`.
                    try appendField(field, frame, node: 0, into: &output)
                } catch {
                    nameDisagreement(about: field)
                    guard error == .ignored else { throw error }
                    takeBack(field, frame, to: start, &output)
                }
                try reader.finish()
            }
            try closeFrame(frame, requestType, node: 0, into: &output)
        }
    }

    /// Names the field that is the body, of which a parameter says something else: no path in the body leads to it.
    private mutating func nameDisagreement(about field: UnsafePointer<FieldEntry>) {
        guard violations.count == 1, violations[0].field.isEmpty,
            [RequestTranscoder.pathDisagrees, RequestTranscoder.queryDisagrees].contains(violations[0].description)
        else { return }
        violations[0].field = tables.string(field.pointee.jsonName)
    }

    func describe(_ fault: JSONFault) -> TranscodingError {
        if fault.isSyntax {
            let place = reader.place
            let description = "\(fault.description) at line \(place.line), column \(place.column)"
            return TranscodingError(
                description,
                violations: [TranscodingError.FieldViolation(field: "", description: description)],
                place: place
            )
        }
        guard let first = violations.first else { return TranscodingError(fault.description) }
        let summary = first.field.isEmpty ? first.description : "\(first.field): \(first.description)"
        return TranscodingError(
            violations.count == 1 ? summary : "\(summary) (and \(violations.count - 1) more)",
            violations: violations
        )
    }
}

// MARK: - Violations

extension RequestTranscoder {
    /// Records that the value at hand does not fit.
    @inline(never)
    mutating func reject(_ description: String, field: String = "") -> JSONFault {
        violations.append(TranscodingError.FieldViolation(field: field, description: description))
        return .rejected
    }

    /// Records that the token at the cursor is of the wrong kind.
    @inline(never)
    mutating func rejectToken(expected: StaticString) -> JSONFault {
        switch reader.peek() {
        case UInt8(ascii: "{"): reject("expected \(expected), found an object")
        case UInt8(ascii: "["): reject("expected \(expected), found an array")
        case UInt8(ascii: "\""): reject("expected \(expected), found a string")
        case UInt8(ascii: "t"), UInt8(ascii: "f"): reject("expected \(expected), found a boolean")
        case UInt8(ascii: "n"): reject("expected \(expected), found null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            reject("expected \(expected), found a number")
        default: reader.unexpected
        }
    }

    /// Puts `component` before the paths of all violations since `mark`.
    @inline(never)
    mutating func prefixViolations(since mark: Int, with component: String) {
        for index in mark..<violations.count {
            let inner = violations[index].field
            violations[index].field = Excerpt.path(
                inner.isEmpty || inner.hasPrefix("[") ? component + inner : "\(component).\(inner)"
            )
        }
    }
}
