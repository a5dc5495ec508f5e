import ProtobufSchema

/// What messages and enums are called in TypeScript.
///
/// The last part of the full name; the full name, with `_` for its dots, where two would have the same one, or where the
/// name means something in the file already. What clients send has the suffix `Input` where it has another form than what
/// they get. So they are the names of the OpenAPI document, but for those that TypeScript cannot have.
struct TypeNames {
    private enum Key: Hashable {
        case message(MessageIndex, Direction)
        case enumeration(EnumIndex, Direction)
    }

    /// In the order of the schema, those of requests after those of answers.
    private(set) var messages: [(index: MessageIndex, direction: Direction)] = []
    let enums: [EnumIndex]
    private var allocator = NameAllocator(reserved: ReservedNames.all)
    private var names: [Key: String] = [:]

    init(_ schema: Schema, _ reach: TypeReach) {
        let entries = schema.mapEntries
        let reached = schema.messages.filter { message in
            !entries.contains(message) && Direction.allCases.contains { reach.contains(message, $0) }
        }
        let reachedEnums = Direction.allCases.reduce(into: Set<EnumIndex>()) { $0.formUnion(reach.enums[$1] ?? []) }
            .sorted { $0.rawValue < $1.rawValue }
        enums = reachedEnums.filter { !schema.isNullValue($0) }
        let fullNames = reached.map(schema.name(of:)) + enums.map { schema[$0].fullName }
        var counts: [String: Int] = [:]
        for name in fullNames { counts[TypeNames.short(name), default: 0] += 1 }
        func allocate(_ fullName: String) -> String {
            let (short, long) = (TypeNames.short(fullName), Identifier.made(from: fullName))
            return counts[short] == 1 ? allocator.name(short, long) : allocator.name(long)
        }
        // Names as they are first, so that a suffix never takes one of them.
        var inputs: [(key: Key, base: String)] = []
        for message in reached {
            let isAnswered = reach.contains(message, .answer)
            let name = allocate(schema.name(of: message))
            names[.message(message, isAnswered ? .answer : .request)] = name
            messages.append((message, isAnswered ? .answer : .request))
            // Without fields there is but one form.
            if isAnswered, reach.contains(message, .request), !schema.fields(of: message).isEmpty {
                inputs.append((.message(message, .request), name))
                messages.append((message, .request))
            }
        }
        for enumeration in enums {
            let name = allocate(schema[enumeration].fullName)
            names[.enumeration(enumeration, .answer)] = name
            names[.enumeration(enumeration, .request)] = name
            let hasAliases = !schema.aliases(of: enumeration).isEmpty
            if hasAliases, reach.contains(enumeration, .request) {
                inputs.append((.enumeration(enumeration, .request), name))
            }
        }
        for (key, base) in inputs { names[key] = allocator.name("\(base)Input") }
    }

    /// Of a message that JSON shows as an object of its fields.
    func name(of message: MessageIndex, _ direction: Direction) -> String {
        names[.message(message, direction)] ?? names[.message(message, .answer)] ?? "unknown"
    }

    func name(of enumeration: EnumIndex, _ direction: Direction) -> String {
        names[.enumeration(enumeration, direction)] ?? "string"
    }

    /// A name for something else that is declared in the file.
    mutating func allocate(_ name: String) -> String { allocator.name(name) }

    private static func short(_ fullName: String) -> String {
        Identifier.made(from: fullName.split(separator: ".").last.map(String.init) ?? fullName)
    }
}
