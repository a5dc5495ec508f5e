package import ProtobufSchema

/// A `google.api.HttpRule` as it is written, not yet checked against anything.
package struct HTTPRule: Hashable, Sendable {
    /// Full name of the method, where the rule does not stand at the method itself.
    package var selector = ""
    /// `GET` and so on, or the kind of a custom pattern; nil where the rule has no pattern.
    package var method: String?
    /// The template of the pattern.
    package var path = ""
    /// `*`, a field of the request, or empty for no body.
    package var body = ""
    /// A field of the response, empty for all of it.
    package var responseBody = ""
    package var additionalBindings: [HTTPRule] = []
    /// Whether this is an additional binding that has additional bindings itself, which is not allowed.
    package var hasNestedBindings = false
    /// Where its parts are written; nil for an annotation, of which no more is known than its method's line.
    package var places: Places?

    /// The places of a rule's parts.
    package struct Places: Hashable, Sendable {
        package var rule: SourcePlace
        /// The template.
        package var pattern: SourcePlace
        package var body: SourcePlace
        package var responseBody: SourcePlace

        /// All at the rule's own place.
        package init(_ rule: SourcePlace) {
            self.rule = rule
            pattern = rule
            body = rule
            responseBody = rule
        }
    }

    package init() {}

    package init(_ method: String, _ path: String, body: String = "", responseBody: String = "") {
        self.method = method
        self.path = path
        self.body = body
        self.responseBody = responseBody
    }
}

extension HTTPRule {
    /// The field `google.api.http` of `google.protobuf.MethodOptions`.
    private static let extensionNumber: Int32 = 72_295_728

    /// The rule in a serialized `google.protobuf.MethodOptions`, nil if there is none.
    package init?(methodOptions options: [UInt8]) throws(WireError) {
        let result = options.withUnsafeBytes { bytes -> Result<HTTPRule?, WireError> in
            do throws(WireError) {
                return .success(try Self.read(methodOptions: bytes))
            } catch {
                return .failure(error)
            }
        }
        guard let rule = try result.get() else { return nil }
        self = rule
    }

    private static func read(methodOptions bytes: UnsafeRawBufferPointer) throws(WireError) -> HTTPRule? {
        var rule: HTTPRule?
        var reader = WireReader(bytes)
        while let tag = try reader.nextTag() {
            guard tag.number == extensionNumber, tag.wireType == .lengthDelimited else {
                try reader.skip(tag)
                continue
            }
            // Several occurrences of one message are merged, as everywhere in protobuf.
            var merged = rule ?? HTTPRule()
            try merged.merge(try reader.readBytes(), isAdditional: false)
            rule = merged
        }
        return rule
    }

    private mutating func merge(_ bytes: UnsafeRawBufferPointer, isAdditional: Bool) throws(WireError) {
        var reader = WireReader(bytes)
        var isCustom = false
        while let tag = try reader.nextTag() {
            guard tag.wireType == .lengthDelimited else {
                try reader.skip(tag)
                continue
            }
            switch tag.number {
            case 1: selector = try reader.readString()
            case 2: try setPattern("GET", &reader, &isCustom)
            case 3: try setPattern("PUT", &reader, &isCustom)
            case 4: try setPattern("POST", &reader, &isCustom)
            case 5: try setPattern("DELETE", &reader, &isCustom)
            case 6: try setPattern("PATCH", &reader, &isCustom)
            case 7: body = try reader.readString()
            case 8:
                if !isCustom { (method, path) = ("", "") }
                isCustom = true
                try mergeCustom(try reader.readBytes())
            case 11:
                let content = try reader.readBytes()
                guard !isAdditional else {
                    hasNestedBindings = true
                    continue
                }
                var binding = HTTPRule()
                try binding.merge(content, isAdditional: true)
                additionalBindings.append(binding)
            case 12: responseBody = try reader.readString()
            default: try reader.skip(tag)
            }
        }
    }

    /// The patterns are a oneof: the last one stands.
    private mutating func setPattern(
        _ name: String,
        _ reader: inout WireReader,
        _ isCustom: inout Bool
    ) throws(WireError) {
        method = name
        path = try reader.readString()
        isCustom = false
    }

    /// `google.api.CustomHttpPattern`.
    private mutating func mergeCustom(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(bytes)
        while let tag = try reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1, .lengthDelimited): method = try reader.readString()
            case (2, .lengthDelimited): path = try reader.readString()
            default: try reader.skip(tag)
            }
        }
    }
}
