import HTTPRules
import ProtobufSchema

/// A path template as OpenAPI can say it: each variable is one whole segment (OpenAPI 3.1, section 4.8.8.2).
///
/// A variable of several segments becomes its literals with a parameter for each wildcard among them; one that ends in
/// `**` becomes a parameter that may hold slashes.
struct PathForm {
    /// One `{name}` of the path.
    struct Parameter {
        var name: String
        /// What it sets; nil for a wildcard outside of variables.
        let variable: Route.Variable?
        /// The template of the variable where the parameter is only a part of it, `shelves/{shelf}/books/{book}`.
        let whole: String?
        /// Whether slashes in it stand for themselves.
        let holdsSlashes: Bool
    }

    private enum Piece {
        case text(String)
        case parameter(Int)
    }

    private(set) var parameters: [Parameter] = []
    private var pieces: [Piece] = []
    private let verb: String
    private var names = NameSet()

    init(_ route: Route, _ catalog: Catalog) {
        let template = route.template
        verb = template.verb.map { ":" + PathForm.encoded($0.utf8) } ?? ""
        var index = 0
        while index < template.segments.count {
            guard let place = template.variables.firstIndex(where: { $0.segments.lowerBound == index }),
                route.variables.indices.contains(place)
            else {
                add(template.segments[index], in: nil, after: index > 0 ? template.segments[index - 1] : nil)
                index += 1
                continue
            }
            let range = template.variables[place].segments
            let words = route.variables[place].fieldPath.map { catalog.name(of: catalog.schema[$0]) }
            let name = PathForm.identifier(words)
            add(Array(template.segments[range]), route.variables[place], name)
            index = range.upperBound
        }
    }

    /// The path, its parameters named by `names` in their order.
    func path(naming names: [String]? = nil) -> String {
        let names = names ?? parameters.map(\.name)
        let segments = pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .parameter(let place): "{\(names[place])}"
            }
        }
        return "/" + segments.joined(separator: "/") + verb
    }

    /// What two paths have in common that OpenAPI takes for one.
    var hierarchy: String { path(naming: parameters.map { _ in "" }) }

    private mutating func add(_ segments: [PathTemplate.Segment], _ variable: Route.Variable, _ name: String) {
        if segments.count == 1, case .literal = segments[0] {
        } else if segments.count == 1 {
            add(Parameter(name: names.take(name), variable: variable, whole: nil, holdsSlashes: segments[0] == .rest))
            return
        }
        let first = parameters.count
        let start = pieces.count
        for (place, segment) in segments.enumerated() {
            add(segment, in: variable, after: place > 0 ? segments[place - 1] : nil)
        }
        let whole = pieces[start...].map { piece in
            switch piece {
            case .text(let text): text
            case .parameter(let place): "{\(parameters[place].name)}"
            }
        }.joined(separator: "/")
        for place in first..<parameters.count {
            let part = parameters[place]
            parameters[place] = Parameter(
                name: part.name,
                variable: variable,
                whole: whole,
                holdsSlashes: part.holdsSlashes
            )
        }
    }

    private mutating func add(
        _ segment: PathTemplate.Segment,
        in variable: Route.Variable?,
        after previous: PathTemplate.Segment?
    ) {
        switch segment {
        case .literal(let bytes): pieces.append(.text(PathForm.encoded(bytes)))
        case .wildcard, .rest:
            let name = names.take(PathForm.name(after: previous))
            add(Parameter(name: name, variable: variable, whole: nil, holdsSlashes: segment == .rest))
        }
    }

    private mutating func add(_ parameter: Parameter) {
        pieces.append(.parameter(parameters.count))
        parameters.append(parameter)
    }

    /// `view.depth` as `viewDepth`: tools make names of their own of those in a path, and stumble over dots.
    private static func identifier(_ words: [String]) -> String {
        let joined = (words.first ?? "") + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        let name = String(ComponentNames.sanitized(joined).map { $0 == "." || $0 == "-" ? "_" : $0 })
        return name.isEmpty ? "_" : name
    }

    /// What the wildcard behind `shelves` is called: `shelve`, one of them.
    private static func name(after previous: PathTemplate.Segment?) -> String {
        guard case .literal(let bytes) = previous else { return "segment" }
        let word = identifier([String(decoding: bytes, as: UTF8.self)])
        if word.hasSuffix("ies") { return word.dropLast(3) + "y" }
        if word.hasSuffix("s"), !word.hasSuffix("ss"), word.utf8.count > 2 { return String(word.dropLast()) }
        return word
    }

    /// Everything that is not literally itself in a path (RFC 3986, section 3.3), and braces, percent-encoded.
    private static func encoded(_ text: some Sequence<UInt8>) -> String {
        var encoded = ""
        for byte in text {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "!"), UInt8(ascii: "$"),
                UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "*"),
                UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "="):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                encoded += "%"
                for nibble in [byte >> 4, byte & 15] { encoded += String(nibble, radix: 16, uppercase: true) }
            }
        }
        return encoded
    }
}
