import HTTPRules
import ProtobufSchema

/// The fields of a request that the query can set, each as its path from the request message down.
///
/// A field that the path or the body sets is none of them, nor is a repeated message. Messages are expanded to their
/// leaves, each type once on the way down, and only so far: some types have more leaves than any document has room for.
struct ParameterFields {
    /// Parameters of one operation.
    static let maximumCount = 200
    /// Names in one dotted path.
    static let maximumDepth = 8
    /// Fields that are looked at.
    private static let maximumSteps = 10_000

    private(set) var fields: [[FieldIndex]] = []
    /// Whether there are more.
    private(set) var isCutShort = false
    private let schema: Schema
    private var steps = 0

    init(_ schema: Schema, _ route: Route) {
        self.schema = schema
        if case .message = route.body { return }
        let bound = Set(route.variables.map(\.fieldPath))
        var body: FieldIndex?
        if case .field(let field) = route.body { body = field }
        expand(route.input, [], bound, body, [route.input])
    }

    private mutating func expand(
        _ message: MessageIndex,
        _ path: [FieldIndex],
        _ bound: Set<[FieldIndex]>,
        _ body: FieldIndex?,
        _ open: Set<MessageIndex>
    ) {
        for index in schema.fields(of: message) where index != body {
            steps += 1
            guard fields.count < ParameterFields.maximumCount, steps < ParameterFields.maximumSteps else {
                isCutShort = true
                return
            }
            let field = schema[index]
            // Brackets are for the keys of maps.
            if field.name.hasPrefix("[") { continue }
            let next = path + [index]
            if bound.contains(next) { continue }
            let leaf = field.cardinality == .map ? schema.mapValue(of: field) ?? field : field
            guard let child = leaf.childMessage else {
                fields.append(next)
                continue
            }
            let type = schema.wellKnownType(of: child)
            if type.hasOwnForm {
                if type.isText { fields.append(next) }
            } else if field.cardinality.isSingular {
                guard next.count < ParameterFields.maximumDepth, !open.contains(child) else {
                    isCutShort = true
                    continue
                }
                expand(child, next, bound, nil, open.union([child]))
            }
        }
    }
}

extension WellKnownType {
    /// Whether one piece of text can be the whole value.
    var isText: Bool {
        switch self {
        case .timestamp, .duration, .fieldMask: true
        default: isWrapper
        }
    }
}
