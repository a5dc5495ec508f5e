/// The request fields that an answer depends on (RFC 9110, section 12.5.5).
struct VaryFields: OptionSet, Hashable {
    let rawValue: UInt8

    static let accept = VaryFields(rawValue: 1)
    static let acceptEncoding = VaryFields(rawValue: 2)
    static let origin = VaryFields(rawValue: 4)
    /// What a CORS preflight asks for.
    static let preflight = VaryFields(rawValue: 8 | 16)

    /// In the order of the bits.
    fileprivate static let names = [
        "Accept", "Accept-Encoding", "Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers",
    ]
}

/// The values of `Vary`, put together once.
struct VaryTexts {
    private let texts: [String]

    init() {
        texts = (0..<1 << VaryFields.names.count).map { bits in
            VaryFields.names.indices.filter { bits >> $0 & 1 == 1 }.map { VaryFields.names[$0] }.joined(separator: ", ")
        }
    }

    /// The value for `fields`, empty where there is nothing to say.
    subscript(fields: VaryFields) -> String { texts[Int(fields.rawValue)] }
}
