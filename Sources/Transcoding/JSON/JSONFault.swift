/// Why reading JSON stopped; what exactly is wrong is where the reader stands, or with the transcoder.
enum JSONFault: UInt8, Error {
    case unexpectedEnd
    case unexpectedByte
    case invalidEscape
    case invalidUTF8
    case controlCharacter
    case invalidNumber
    case tooDeep
    case trailingBytes
    /// Valid JSON that does not fit the schema; the transcoder has recorded a violation.
    case rejected
    /// An enum name that the schema does not know, where unknown things are to be ignored.
    case ignored
    /// Too many violations to go on.
    case gaveUp

    /// Whether the text is not JSON at all.
    var isSyntax: Bool { rawValue < JSONFault.rejected.rawValue }

    var description: String {
        switch self {
        case .unexpectedEnd: "the JSON text ends too early"
        case .unexpectedByte: "unexpected character"
        case .invalidEscape: "invalid escape sequence in a string"
        case .invalidUTF8: "a string is not valid UTF-8"
        case .controlCharacter: "unescaped control character in a string"
        case .invalidNumber: "not a JSON number"
        case .tooDeep: "nested more than \(JSONReader.maximumDepth) deep"
        case .trailingBytes: "unexpected text after the JSON value"
        case .rejected, .ignored, .gaveUp: "does not fit the schema"
        }
    }
}
