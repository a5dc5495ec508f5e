import ProtobufSchema

/// What messages and enums are called under `components/schemas`.
///
/// The last part of the full name; the full name where two would have the same one, or where the document needs the
/// name itself. What clients send has the suffix `Input` where it has another form than what they get.
struct ComponentNames {
    private enum Key: Hashable {
        case message(MessageIndex, Direction)
        case enumeration(EnumIndex, Direction)
    }

    /// Names of the document's own schemas.
    static let reserved: Set<String> = ["Error", "ErrorDetail", "Problem"]

    private var names: [Key: String] = [:]

    init(_ schema: Schema, _ reach: TypeReach) {
        let (messages, enums) = (reach.allMessages, reach.allEnums)
        let fullNames = messages.map(schema.name) + enums.map { schema[$0].fullName }
        var counts: [String: Int] = [:]
        for name in fullNames { counts[ComponentNames.short(name), default: 0] += 1 }
        var taken = NameSet(reserved: ComponentNames.reserved)
        func base(_ fullName: String) -> String {
            let short = ComponentNames.short(fullName)
            return counts[short] == 1 && !ComponentNames.reserved.contains(short)
                ? short : ComponentNames.sanitized(fullName)
        }
        // Names as they are first, so that a suffix never takes one of them.
        var inputs: [(key: Key, base: String)] = []
        for index in messages {
            let isSent = reach.messages[.request]?.contains(index) == true
            let isAnswered = reach.messages[.answer]?.contains(index) == true
            let name = taken.take(base(schema.name(of: index)))
            names[.message(index, isAnswered ? .answer : .request)] = name
            if isSent, isAnswered { inputs.append((.message(index, .request), name)) }
        }
        for index in enums {
            let name = taken.take(base(schema[index].fullName))
            names[.enumeration(index, .answer)] = name
            if reach.enums[.request]?.contains(index) == true {
                inputs.append((.enumeration(index, .request), name))
            }
        }
        for (key, base) in inputs { names[key] = taken.take("\(base)Input") }
    }

    /// Of a message that has a component in this direction.
    subscript(_ message: MessageIndex, _ direction: Direction) -> String? { names[.message(message, direction)] }

    /// Of an enum; every one has the form of answers, which that of requests refers to.
    subscript(_ enumeration: EnumIndex, _ direction: Direction) -> String? {
        names[.enumeration(enumeration, direction)]
    }

    /// The last part of a full name, as far as component names may have it.
    static func short(_ fullName: String) -> String {
        sanitized(fullName.split(separator: ".").last.map(String.init) ?? fullName)
    }

    /// `text` in the characters of component names (OpenAPI 3.1, section 4.8.7.1).
    static func sanitized(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { scalar -> Character in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", ".", "_", "-": Character(scalar)
            default: "_"
            }
        }
        return scalars.isEmpty ? "_" : String(scalars)
    }
}
