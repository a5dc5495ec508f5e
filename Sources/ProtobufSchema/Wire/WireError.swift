/// Why bytes are not the wire format of any message.
@usableFromInline
package enum WireError: UInt8, Error, BitwiseCopyable, Sendable {
    /// A field ends past the end of its message.
    case truncated
    /// A varint of more than ten bytes.
    case malformedVarint
    /// Field number 0 or too large, or a wire type that does not exist.
    case malformedTag
    /// An end-group tag without its start, or a start without its end.
    case unbalancedGroup
    /// Groups or messages nested deeper than ``WireReader/maximumDepth``.
    case tooDeep
    /// A `string` that is not UTF-8.
    case invalidUTF8
    /// A value that is on the wire but has no JSON form: a timestamp past the year 9999, a `Value` without a kind.
    case unrepresentable
    /// A message without a field that its schema requires (proto2, `LEGACY_REQUIRED`).
    case missingRequired
    /// Fields out of order at so many levels of a large message that putting them in order would take too much memory.
    case tooDisordered
    /// The JSON of a message grows past what its printer was allowed.
    case outputTooLarge
    /// Fields that are not in ascending order or in several pieces; only a signal between passes of a transcoder.
    case unordered
}

extension WireError: CustomStringConvertible {
    @usableFromInline
    package var description: String {
        switch self {
        case .truncated: "a field is cut short"
        case .malformedVarint: "a varint has more than ten bytes"
        case .malformedTag: "a tag has no valid field number and wire type"
        case .unbalancedGroup: "a group has no matching start or end"
        case .tooDeep: "messages are nested more than \(WireReader.maximumDepth) deep"
        case .invalidUTF8: "a string is not valid UTF-8"
        case .unrepresentable: "a value has no JSON form"
        case .missingRequired: "a required field is missing"
        case .tooDisordered: "fields are out of order at too many levels"
        case .outputTooLarge: "the JSON is too large"
        case .unordered: "fields are not in order"
        }
    }
}
