import HTTPRules
import ProtobufSchema

/// The path of a route as the elements of the runtime's `Operation.path`.
struct PathParts {
    /// TypeScript expressions.
    private(set) var expressions: [String] = []
    private var text = ""

    init(_ route: Route, _ schema: Schema, _ messages: MessageEmitter) {
        let template = route.template
        var index = 0
        while index < template.segments.count {
            text += "/"
            let place = template.variables.firstIndex { $0.segments.lowerBound == index }
            if let place, place < route.variables.count {
                let variable = template.variables[place]
                let fields = route.variables[place].fieldPath.map { schema[$0] }
                append(
                    field: fields.map(messages.parameterName).joined(separator: "."),
                    fields.map(messages.jsonName),
                    template.segments[variable.segments]
                )
                index = variable.segments.upperBound
                continue
            }
            switch template.segments[index] {
            case .literal(let bytes): text += PathParts.encoded(bytes)
            // What it matches goes nowhere, so anything does; "-" is what Google's APIs take for "any".
            case .wildcard, .rest: text += "-"
            }
            index += 1
        }
        if let verb = template.verb { text += ":" + PathParts.encoded(Array(verb.utf8)) }
        flush()
    }

    private mutating func append(field: String, _ members: [String], _ segments: ArraySlice<PathTemplate.Segment>) {
        flush()
        let pattern = segments.map { segment in
            switch segment {
            case .literal(let bytes): String(decoding: bytes, as: UTF8.self)
            case .wildcard: "*"
            case .rest: "**"
            }
        }.joined(separator: "/")
        var suffix = ""
        if members.joined(separator: ".") != field {
            suffix += ", members: [\(members.map(TypeScriptText.quoted).joined(separator: ", "))]"
        }
        if pattern != "*" { suffix += ", pattern: \(TypeScriptText.quoted(pattern))" }
        expressions.append("{ field: \(TypeScriptText.quoted(field))\(suffix) }")
    }

    private mutating func flush() {
        if !text.isEmpty { expressions.append(TypeScriptText.quoted(text)) }
        text = ""
    }

    /// Percent-encoded but for what is unreserved or common in paths (RFC 3986, section 3.3).
    private static func encoded(_ bytes: [UInt8]) -> String {
        var result = ""
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "@"), UInt8(ascii: "$"), UInt8(ascii: "+"), UInt8(ascii: ","):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }
}
