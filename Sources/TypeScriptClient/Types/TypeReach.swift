import HTTPRules
import ProtobufSchema

/// The messages and enums that requests or answers of a client can hold.
struct TypeReach {
    private let schema: Schema
    private(set) var messages: [Direction: Set<MessageIndex>] = [:]
    private(set) var enums: [Direction: Set<EnumIndex>] = [:]

    init(_ schema: Schema, _ routes: [Route]) {
        self.schema = schema
        for route in routes {
            if !(route.takesHTTPBody(schema) && route.body == .message) { add(route.input, .request) }
            guard !route.answersHTTPBody(schema) else { continue }
            if let field = route.responseBody {
                add(schema[field], .answer)
            } else {
                add(route.output, .answer)
            }
        }
    }

    func contains(_ message: MessageIndex, _ direction: Direction) -> Bool {
        messages[direction]?.contains(message) == true
    }

    func contains(_ enumeration: EnumIndex, _ direction: Direction) -> Bool {
        enums[direction]?.contains(enumeration) == true
    }

    private mutating func add(_ field: FieldInfo, _ direction: Direction) {
        if let child = field.childMessage { add(child, direction) }
        if let child = field.childEnum { enums[direction, default: []].insert(child) }
    }

    /// With everything below it; a list of what is left takes the place of recursion, which input could make deep.
    private mutating func add(_ message: MessageIndex, _ direction: Direction) {
        var pending = [message]
        while let next = pending.popLast() {
            guard !schema.wellKnownType(of: next).hasOwnForm else { continue }
            guard messages[direction, default: []].insert(next).inserted else { continue }
            for index in schema.fields(of: next) {
                let field = schema[index]
                if let child = field.childMessage { pending.append(child) }
                if let child = field.childEnum { enums[direction, default: []].insert(child) }
            }
        }
    }
}
