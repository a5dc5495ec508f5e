/// The features of an edition that matter to transcoding (descriptor.proto, `FeatureSet`).
///
/// proto2 and proto3 are read as the features they stand for, so that nothing after this asks for the syntax.
struct FeatureSet {
    var fieldPresence: Presence
    var enumType: EnumType
    var repeatedEncoding: RepeatedEncoding
    var messageEncoding: MessageEncoding
    var jsonFormat: JSONFormat

    enum Presence: UInt64 {
        case explicit = 1
        case implicit = 2
        case legacyRequired = 3
    }

    enum EnumType: UInt64 {
        case open = 1
        case closed = 2
    }

    enum RepeatedEncoding: UInt64 {
        case packed = 1
        case expanded = 2
    }

    enum MessageEncoding: UInt64 {
        case lengthPrefixed = 1
        case delimited = 2
    }

    enum JSONFormat: UInt64 {
        case allow = 1
        case legacyBestEffort = 2
    }

    static let proto2 = FeatureSet(
        fieldPresence: .explicit,
        enumType: .closed,
        repeatedEncoding: .expanded,
        messageEncoding: .lengthPrefixed,
        jsonFormat: .legacyBestEffort
    )

    static let proto3 = FeatureSet(
        fieldPresence: .implicit,
        enumType: .open,
        repeatedEncoding: .packed,
        messageEncoding: .lengthPrefixed,
        jsonFormat: .allow
    )

    /// Defaults of editions 2023 and 2024.
    static let edition2023 = FeatureSet(
        fieldPresence: .explicit,
        enumType: .open,
        repeatedEncoding: .packed,
        messageEncoding: .lengthPrefixed,
        jsonFormat: .allow
    )

    /// These features with what a serialized `FeatureSet` overrides.
    func overridden(by overrides: [UInt8]) throws(WireError) -> FeatureSet {
        if overrides.isEmpty { return self }
        var result = self
        try overrides.withWireReader { reader throws(WireError) in
            while let tag = try reader.nextTag() {
                guard tag.wireType == .varint, tag.number <= 6 else {
                    try reader.skip(tag)
                    continue
                }
                let value = try reader.readVarint()
                switch tag.number {
                case 1: result.fieldPresence = Presence(rawValue: value) ?? result.fieldPresence
                case 2: result.enumType = EnumType(rawValue: value) ?? result.enumType
                case 3: result.repeatedEncoding = RepeatedEncoding(rawValue: value) ?? result.repeatedEncoding
                // Strings are always checked: JSON has no others.
                case 4: break
                case 5: result.messageEncoding = MessageEncoding(rawValue: value) ?? result.messageEncoding
                default: result.jsonFormat = JSONFormat(rawValue: value) ?? result.jsonFormat
                }
            }
        }
        return result
    }
}

extension [UInt8] {
    /// Runs `body` with a reader over these bytes.
    func withWireReader(_ body: (inout WireReader) throws(WireError) -> Void) throws(WireError) {
        let result = withUnsafeBytes { bytes -> Result<Void, WireError> in
            var reader = WireReader(bytes)
            do throws(WireError) {
                try body(&reader)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}
