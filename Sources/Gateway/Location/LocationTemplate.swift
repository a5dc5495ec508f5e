internal import Bytes
internal import HTTPRules
internal import ProtobufSchema

/// Where a new resource is: a path with fields of the response in it.
struct LocationTemplate: Hashable, Sendable {
    /// Most bytes of a path; a resource with a longer one has no `Location`.
    static let maximumCount = 512

    private enum Part: Hashable, Sendable {
        /// Percent-encoded.
        case text([UInt8])
        case field(LocationField, isMultiSegment: Bool)
    }

    private let parts: [Part]

    /// Checks `template` against the message that a method answers.
    init(_ template: String, in message: MessageIndex, _ schema: Schema) throws(GatewayError) {
        let path: PathTemplate
        do {
            path = try PathTemplate(template)
        } catch {
            throw GatewayError("\(error)")
        }
        var parts: [Part] = []
        var text = ByteBuffer()
        var index = 0
        while index < path.segments.count {
            text.append(UInt8(ascii: "/"))
            if let variable = path.variables.first(where: { $0.segments.lowerBound == index }) {
                let field = try LocationField(variable.fieldPath.map(\.name), in: message, schema)
                parts.append(.text(Array(text.bytes)))
                text.truncate(to: 0)
                parts.append(.field(field, isMultiSegment: variable.isMultiSegment))
                index = variable.segments.upperBound
                continue
            }
            guard case .literal(let bytes) = path.segments[index] else {
                throw GatewayError("\"\(template)\" has a wildcard that is not a field's")
            }
            bytes.withUnsafeBytes { PathEncoding.append($0, keepsSlashes: false, to: &text) }
            index += 1
        }
        if let verb = path.verb {
            text.append(UInt8(ascii: ":"))
            Array(verb.utf8).withUnsafeBytes { PathEncoding.append($0, keepsSlashes: false, to: &text) }
        }
        if !text.isEmpty { parts.append(.text(Array(text.bytes))) }
        self.parts = parts
    }

    /// Appends the path of what `response`, a serialized message, tells of.
    ///
    /// - Returns: false, with `output` as it was, where a field is not there or is no path segment, or the path too long.
    func append(pathOf response: UnsafeRawBufferPointer, to output: inout ByteBuffer) -> Bool {
        let start = output.count
        for part in parts {
            let isWritten: Bool
            switch part {
            case .text(let text):
                output.append(contentsOf: text)
                isWritten = true
            case .field(let field, let isMultiSegment):
                isWritten = append(field.value(in: response), isMultiSegment, to: &output)
            }
            guard isWritten, output.count - start <= LocationTemplate.maximumCount else {
                output.truncate(to: start)
                return false
            }
        }
        return true
    }

    private func append(_ value: LocationField.Value?, _ isMultiSegment: Bool, to output: inout ByteBuffer) -> Bool {
        switch value {
        case nil: return false
        case .signed(let number): output.append(utf8: String(number))
        case .unsigned(let number): output.append(utf8: String(number))
        case .text(let text):
            // What does not fit anyway is not encoded.
            guard !text.isEmpty, text.count <= LocationTemplate.maximumCount else { return false }
            let hasDots =
                isMultiSegment
                ? text.split(separator: UInt8(ascii: "/")).contains(where: LocationTemplate.isDots)
                : LocationTemplate.isDots(text[...])
            guard !hasDots else { return false }
            PathEncoding.append(text, keepsSlashes: isMultiSegment, to: &output)
        }
        return true
    }

    /// Clients take "." and ".." out of a path, percent-encoded or not (RFC 3986, section 5.2.4).
    private static func isDots(_ segment: Slice<UnsafeRawBufferPointer>) -> Bool {
        (1...2).contains(segment.count) && segment.allSatisfy { $0 == UInt8(ascii: ".") }
    }
}
