/// How many values a field has and whether none can be told from the default.
@usableFromInline
package enum Cardinality: UInt8, BitwiseCopyable, Sendable {
    /// One value; the default is not sent and means absent.
    case implicit
    /// One value or none: `optional`, proto2, a message, a member of a oneof.
    case explicit
    /// One value, and a message without it is incomplete (proto2, `LEGACY_REQUIRED`).
    case required
    case repeated
    /// Repeated and sent as one length-delimited run.
    case packed
    /// Repeated entries of key (1) and value (2), each key once.
    case map

    @inlinable
    package var isSingular: Bool { rawValue <= Cardinality.required.rawValue }
}
