import HTTPRules
import ProtobufSchema

/// The messages and enums that requests or answers of some routes can hold.
struct TypeReach {
    private let schema: Schema
    private(set) var messages: [Direction: Set<MessageIndex>] = [.request: [], .answer: []]
    private(set) var enums: [Direction: Set<EnumIndex>] = [.request: [], .answer: []]

    init(_ schema: Schema, _ routes: [Route]) {
        self.schema = schema
        for route in routes { add(route) }
    }

    /// Those of either direction, in order of declaration, what is Google's last.
    var allMessages: [MessageIndex] {
        let all = messages.values.reduce(into: Set()) { $0.formUnion($1) }.sorted { $0.rawValue < $1.rawValue }
        let isCommon = all.map { schema.name(of: $0).hasPrefix("google.") }
        return zip(all, isCommon).filter { !$1 }.map(\.0) + zip(all, isCommon).filter { $1 }.map(\.0)
    }

    /// Those of either direction, in order of declaration.
    var allEnums: [EnumIndex] {
        enums.values.reduce(into: Set()) { $0.formUnion($1) }.sorted { $0.rawValue < $1.rawValue }
    }

    private mutating func add(_ route: Route) {
        if !route.takesHTTPBody(schema) {
            switch route.body {
            case .none: break
            case .message: add(message: route.input, .request)
            case .field(let field): add(schema[field], .request)
            }
        }
        for parameter in ParameterFields(schema, route).fields {
            if let last = parameter.last { add(schema[last], .request) }
        }
        for variable in route.variables {
            if let last = variable.fieldPath.last { add(schema[last], .request) }
        }
        guard !route.answersHTTPBody(schema) else { return }
        if let field = route.responseBody {
            add(schema[field], .answer)
        } else {
            add(message: route.output, .answer)
        }
    }

    private mutating func add(_ field: FieldInfo, _ direction: Direction) {
        if field.cardinality == .map {
            if let value = schema.mapValue(of: field) { add(value, direction) }
        } else if let child = field.childMessage {
            add(message: child, direction)
        } else {
            add(enumeration: field.childEnum, direction)
        }
    }

    /// JSON null needs no component.
    private mutating func add(enumeration index: EnumIndex?, _ direction: Direction) {
        guard let index, !schema[index].isNullValue else { return }
        enums[direction, default: []].insert(index)
    }

    /// With everything below it; a list of what is left takes the place of recursion, which input could make deep.
    private mutating func add(message: MessageIndex, _ direction: Direction) {
        var pending = [message]
        while let next = pending.popLast() {
            guard !schema.wellKnownType(of: next).hasOwnForm else { continue }
            guard messages[direction, default: []].insert(next).inserted else { continue }
            for index in schema.fields(of: next) {
                var field = schema[index]
                if field.cardinality == .map { field = schema.mapValue(of: field) ?? field }
                if let child = field.childMessage { pending.append(child) }
                add(enumeration: field.childEnum, direction)
            }
        }
    }
}

extension Schema {
    /// Key and value of a map's entries.
    func mapKey(of field: FieldInfo) -> FieldInfo? {
        field.childMessage.flatMap { fields(of: $0).first.map { self[$0] } }
    }

    /// The value of a map's entries.
    func mapValue(of field: FieldInfo) -> FieldInfo? {
        field.childMessage.flatMap { fields(of: $0).last.map { self[$0] } }
    }
}

extension EnumInfo {
    /// Whether JSON has `null` for its only value.
    var isNullValue: Bool { fullName == "google.protobuf.NullValue" }
}
