import HTTPRules
import OpenAPI
import ProtobufSchema

/// The TypeScript types of fields.
struct TypeExpressions {
    let schema: Schema
    let names: TypeNames
    let options: OpenAPIOptions

    /// The type of a field's value, whatever is said when it is absent.
    func type(of field: FieldInfo, _ direction: Direction) -> String {
        if let value = schema.mapValue(of: field) { return "Record<string, \(elementType(of: value, direction))>" }
        let element = elementType(of: field, direction)
        if field.cardinality.isSingular { return element }
        let list = element.contains(" ") ? "(\(element))[]" : "\(element)[]"
        return direction == .request ? "readonly \(list)" : list
    }

    /// The type of what is answered for a field that is the whole answer (`response_body`).
    func bodyType(of field: FieldInfo) -> String {
        let type = type(of: field, .answer)
        guard field.cardinality.isSingular, type != "null", type != "JsonValue" else { return type }
        if let child = field.childMessage {
            let isNullable =
                schema.wellKnownType(of: child).hasOwnForm || schema.tables[child].pointee.requiredCount > 0
            return isNullable ? "\(type) | null" : type
        }
        return field.cardinality == .implicit ? type : "\(type) | null"
    }

    /// The type of a message, as a whole or as a field's value.
    func type(of message: MessageIndex, _ direction: Direction) -> String {
        switch schema.wellKnownType(of: message) {
        case .none, .empty: names.name(of: message, direction)
        case .any: "Any"
        case .timestamp: direction == .request ? "TimestampInput" : "Timestamp"
        case .duration: "Duration"
        case .fieldMask: "FieldMask"
        case .structure: "JsonObject"
        case .value: "JsonValue"
        case .listValue: "JsonValue[]"
        case .doubleValue: scalarType(.double, direction)
        case .floatValue: scalarType(.float, direction)
        case .int64Value: scalarType(.int64, direction)
        case .uint64Value: scalarType(.uint64, direction)
        case .int32Value: scalarType(.int32, direction)
        case .uint32Value: scalarType(.uint32, direction)
        case .boolValue: scalarType(.bool, direction)
        case .stringValue: scalarType(.string, direction)
        case .bytesValue: scalarType(.bytes, direction)
        }
    }

    private func elementType(of field: FieldInfo, _ direction: Direction) -> String {
        if let child = field.childMessage { return type(of: child, direction) }
        if let child = field.childEnum { return type(of: child, direction) }
        return scalarType(field.kind, direction)
    }

    /// A number that an open enum has no name for is printed as one.
    private func type(of enumeration: EnumIndex, _ direction: Direction) -> String {
        if schema.isNullValue(enumeration) { return "null" }
        let name = names.name(of: enumeration, direction)
        if direction == .request { return "\(name) | number" }
        if options.printsEnumsAsNumbers { return "number" }
        return schema[enumeration].isClosed ? name : "\(name) | NewerValue"
    }

    private func scalarType(_ kind: FieldKind, _ direction: Direction) -> String {
        let isRequest = direction == .request
        return switch kind {
        case .double, .float: isRequest ? "DoubleInput" : "Double"
        case .int64, .uint64, .fixed64, .sfixed64, .sint64: isRequest ? "Int64Input" : "Int64"
        case .int32, .uint32, .fixed32, .sfixed32, .sint32: isRequest ? "Int32Input" : "number"
        case .bool: "boolean"
        case .string: "string"
        case .bytes: "Bytes"
        case .message, .group, .enumeration: "unknown"
        }
    }
}
