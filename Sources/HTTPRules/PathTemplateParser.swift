/// Reads a path template of google/api/http.proto.
///
///     Template  = "/" Segments [ Verb ] ;
///     Segments  = Segment { "/" Segment } ;
///     Segment   = "*" | "**" | LITERAL | Variable ;
///     Variable  = "{" FieldPath [ "=" Segments ] "}" ;
///     FieldPath = IDENT { "." IDENT } ;
///     Verb      = ":" LITERAL ;
///     IDENT     = ( ALPHA | "_" ) { ALPHA | DIGIT | "_" } ;
///     LITERAL   = 1*( RFC 3986 pchar without ":" and "*", or any byte of non-ASCII UTF-8 ) ;
///
/// Beyond the grammar: `{v}` is `{v=*}`; variables do not nest; only literals follow `**`; a variable occurs once.
/// A literal is percent-decoded, but `%3A` is refused (a path's `:` would be read as a verb) and so is `%00`. A verb
/// is never percent-encoded.
package struct PathTemplateParser {
    private let text: String
    private let bytes: [UInt8]
    private var position = 0
    private var segments: [PathTemplate.Segment] = []
    private var variables: [PathTemplate.Variable] = []
    private var hasRest = false

    package init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    package mutating func parse() throws(PathTemplateError) -> PathTemplate {
        guard bytes.first == UInt8(ascii: "/") else { throw failure("a template starts with \"/\"") }
        var verb: String?
        repeat {
            position += 1
            try parseSegment(inVariable: false)
        } while peek == UInt8(ascii: "/")
        if peek == UInt8(ascii: ":") {
            position += 1
            verb = try parseVerb()
        }
        return PathTemplate(text: text, segments: segments, verb: verb, variables: variables)
    }

    // MARK: Segments

    /// Reads one segment and leaves the position at what ends it: `/`, `:`, the end, or `}` in a variable.
    private mutating func parseSegment(inVariable: Bool) throws(PathTemplateError) {
        switch peek {
        case nil:
            if inVariable { throw failure("the variable is not closed, expected a segment") }
            if segments.isEmpty { throw failure("a template has at least one segment") }
            throw failure("a template does not end with \"/\"")
        case UInt8(ascii: "/"):
            throw failure("a segment is empty")
        case UInt8(ascii: ":"):
            throw failure("a verb follows a segment, not \"/\"")
        case UInt8(ascii: "*"):
            try parseWildcard()
        case UInt8(ascii: "{"):
            if inVariable { throw failure("variables do not nest") }
            try parseVariable()
        case UInt8(ascii: "}"):
            throw failure(inVariable ? "a segment is empty" : "\"}\" without \"{\"")
        default:
            try parseLiteral()
        }
        try expectSegmentEnd(inVariable: inVariable)
    }

    private func expectSegmentEnd(inVariable: Bool) throws(PathTemplateError) {
        switch peek {
        case nil, UInt8(ascii: "/"):
            return
        case UInt8(ascii: ":"):
            if inVariable { throw failure("a verb stands outside of variables, after the last segment") }
        case UInt8(ascii: "}"):
            if !inVariable { throw failure("\"}\" without \"{\"") }
        case UInt8(ascii: "{"):
            throw failure("a variable is a whole segment, expected \"/\" before \"{\"")
        case UInt8(ascii: "*"):
            throw failure("\"*\" and \"**\" are whole segments, expected \"/\" before \"*\"")
        default:
            // Literals run on over everything else, so this follows a wildcard or a variable.
            let what = bytes[position - 1] == UInt8(ascii: "*") ? "a wildcard" : "a variable"
            throw failure("\(what) is a whole segment, expected \"/\", \":\" or the end after it")
        }
    }

    private mutating func parseWildcard() throws(PathTemplateError) {
        if hasRest { throw failure("only literals may follow \"**\"") }
        position += 1
        if peek == UInt8(ascii: "*") {
            position += 1
            hasRest = true
            segments.append(.rest)
        } else {
            segments.append(.wildcard)
        }
    }

    private mutating func parseLiteral() throws(PathTemplateError) {
        var literal: [UInt8] = []
        while let byte = peek {
            if byte == UInt8(ascii: "%") {
                literal.append(try parseEscape())
            } else if Self.isLiteral(byte) {
                literal.append(byte)
                position += 1
            } else if Self.endsLiteral(byte) {
                break
            } else {
                throw failure("\(Self.name(of: byte)) must be percent-encoded in a template")
            }
        }
        segments.append(.literal(literal))
    }

    private mutating func parseEscape() throws(PathTemplateError) -> UInt8 {
        guard position + 2 < bytes.count,
            let high = PercentDecoding.hexValue(bytes[position + 1]),
            let low = PercentDecoding.hexValue(bytes[position + 2])
        else { throw failure("\"%\" is not followed by two hexadecimal digits") }
        let byte = high << 4 | low
        if byte == 0 { throw failure("a path never holds \"%00\"") }
        if byte == UInt8(ascii: ":") { throw failure("a literal never holds a colon, which begins the verb") }
        position += 3
        return byte
    }

    // MARK: Variables

    private mutating func parseVariable() throws(PathTemplateError) {
        if hasRest { throw failure("only literals may follow \"**\"") }
        if variables.count == PathTemplate.maximumVariables {
            throw failure("a template has at most \(PathTemplate.maximumVariables) variables")
        }
        position += 1
        let start = position
        let fieldPath = try parseFieldPath()
        let names = fieldPath.map(\.name)
        if variables.contains(where: { $0.fieldPath.map(\.name) == names }) {
            throw failure("the variable \"\(names.joined(separator: "."))\" occurs twice", at: start)
        }
        let first = segments.count
        switch peek {
        case UInt8(ascii: "="):
            repeat {
                position += 1
                try parseSegment(inVariable: true)
            } while peek == UInt8(ascii: "/")
            guard peek == UInt8(ascii: "}") else {
                throw failure("the variable is not closed, expected \"/\" or \"}\"")
            }
        case UInt8(ascii: "}"):
            segments.append(.wildcard)
        case nil:
            throw failure("the variable is not closed, expected \".\", \"=\" or \"}\"")
        default:
            throw failure("expected \".\", \"=\" or \"}\" after the field name")
        }
        position += 1
        let range = first..<segments.count
        variables.append(
            PathTemplate.Variable(
                fieldPath: fieldPath,
                segments: range,
                isMultiSegment: range.count > 1 || segments[first] == .rest
            )
        )
    }

    private mutating func parseFieldPath() throws(PathTemplateError) -> [PathTemplate.FieldName] {
        var names: [PathTemplate.FieldName] = []
        while true {
            let start = position
            while let byte = peek, Self.isIdentifier(byte, first: position == start) { position += 1 }
            if position == start { throw failure("expected a field name") }
            let name = String(decoding: bytes[start..<position], as: UTF8.self)
            names.append(PathTemplate.FieldName(name: name, offset: start))
            guard peek == UInt8(ascii: ".") else { return names }
            position += 1
        }
    }

    // MARK: Verb

    private mutating func parseVerb() throws(PathTemplateError) -> String {
        let start = position
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "/"): throw failure("nothing follows the verb")
            case UInt8(ascii: ":"): throw failure("a template has only one verb")
            case UInt8(ascii: "%"): throw failure("a verb is never percent-encoded")
            default:
                guard Self.isLiteral(byte) else { throw failure("a verb never holds \(Self.name(of: byte))") }
                position += 1
            }
        }
        if position == start { throw failure("the verb is empty") }
        return String(decoding: bytes[start...], as: UTF8.self)
    }

    // MARK: Bytes

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func failure(_ message: String, at offset: Int? = nil) -> PathTemplateError {
        PathTemplateError(template: text, offset: offset ?? position, message: message)
    }

    private static func isIdentifier(_ byte: UInt8, first: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): !first
        default: false
        }
    }

    /// RFC 3986, section 3.3: pchar without `:` (the verb) and `*` (a wildcard); escapes are read apart.
    private static func isLiteral(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
            true
        default:
            "-._~!$&'()+,;=@".utf8.contains(byte)
        }
    }

    private static func endsLiteral(_ byte: UInt8) -> Bool { "/:{}*".utf8.contains(byte) }

    private static func name(of byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "\""): "a double quote"
        case UInt8(ascii: " "): "a space"
        case 0x21...0x7E: "\"\(Character(UnicodeScalar(byte)))\""
        default: "a control character"
        }
    }
}
