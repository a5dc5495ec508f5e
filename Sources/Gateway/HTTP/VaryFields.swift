/// The request fields that an answer depends on (RFC 9110, section 12.5.5).
struct VaryFields: OptionSet, Hashable {
    let rawValue: UInt8

    static let accept = VaryFields(rawValue: 1)
    static let acceptEncoding = VaryFields(rawValue: 2)
    static let origin = VaryFields(rawValue: 4)

    /// The value of `Vary`, nil where there is nothing to say.
    var text: StaticString? {
        switch rawValue {
        case 1: "Accept"
        case 2: "Accept-Encoding"
        case 3: "Accept, Accept-Encoding"
        case 4: "Origin"
        case 5: "Accept, Origin"
        case 6: "Accept-Encoding, Origin"
        case 7: "Accept, Accept-Encoding, Origin"
        default: nil
        }
    }
}
