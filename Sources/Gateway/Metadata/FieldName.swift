internal import Bytes
internal import HTTPServer

/// The header fields of a request that have a part in its call's metadata.
enum FieldName {
    case authorization
    /// `X-Viam-Api-Key-Id` and `X-Viam-Api-Key`.
    case apiKeyID, apiKey
    case connection
    /// `Grpc-Metadata-` and a name.
    case custom
    /// `traceparent` and `tracestate` (W3C Trace Context) and `baggage` (W3C Baggage), in lower case.
    case tracing(StaticString)
    case host

    static let customPrefix: StaticString = "grpc-metadata-"

    /// Nil for all the others, most of which their length tells.
    init?(_ name: UnsafeRawBufferPointer) {
        switch name.count {
        case 4 where FieldName.equal(name, "host"): self = .host
        case 7 where FieldName.equal(name, "baggage"): self = .tracing("baggage")
        case 10 where FieldName.equal(name, "connection"): self = .connection
        case 10 where FieldName.equal(name, "tracestate"): self = .tracing("tracestate")
        case 11 where FieldName.equal(name, "traceparent"): self = .tracing("traceparent")
        case 13 where FieldName.equal(name, "authorization"): self = .authorization
        default:
            // As long as the prefix is, and X-Viam-Api-Key.
            guard name.count >= FieldName.customPrefix.utf8CodeUnitCount, let rare = FieldName.rare(name) else {
                return nil
            }
            self = rare
        }
    }

    /// A call of its own, so that what most requests do not have does not weigh on the others.
    @inline(never)
    private static func rare(_ name: UnsafeRawBufferPointer) -> FieldName? {
        if name.count == 14, equal(name, "x-viam-api-key") { return .apiKey }
        if name.count == 17, equal(name, "x-viam-api-key-id") { return .apiKeyID }
        let start = UnsafeRawBufferPointer(rebasing: name[..<customPrefix.utf8CodeUnitCount])
        return equal(start, customPrefix) ? .custom : nil
    }

    /// Whether the field belongs to the connection it came on, since a `Connection` among `fields` names it or what it
    /// would become (RFC 9110, section 7.6.1).
    static func isConnectionOption(_ name: UnsafeRawBufferPointer, in fields: [RequestField]) -> Bool {
        for field in fields where field.name.count == 10 && equal(field.name, "connection") {
            if isNamed(name, by: field.value) { return true }
        }
        return false
    }

    /// Whether `connection`, a value of that header, names the field `name`.
    static func isNamed(_ name: StaticString, by connection: UnsafeRawBufferPointer) -> Bool {
        isNamed(bytes(of: name), by: connection)
    }

    private static func isNamed(_ name: UnsafeRawBufferPointer, by connection: UnsafeRawBufferPointer) -> Bool {
        connection.split(separator: UInt8(ascii: ",")).contains { option in
            let option = UnsafeRawBufferPointer(rebasing: FieldSyntax.trimmed(option))
            return option.count == name.count && equal(option, name)
        }
    }

    private static func bytes(of literal: StaticString) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
    }

    private static func equal(_ name: UnsafeRawBufferPointer, _ lowercase: StaticString) -> Bool {
        equal(name, bytes(of: lowercase))
    }

    private static func equal(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        zip(left, right).allSatisfy { lowercased($0) == lowercased($1) }
    }

    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}
