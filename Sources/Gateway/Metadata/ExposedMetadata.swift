internal import HTTPServer
internal import RPCCore

/// Names of upstream's metadata that come back to clients as headers of the same name.
package struct ExposedMetadata: Hashable, Sendable {
    /// Most bytes of header lines that one answer gets by this; a value that does not fit is left out.
    ///
    /// libmicrohttpd puts an answer's header into what the request's has left of ``HTTPServer``'s memory for a
    /// connection, 2 KiB at least.
    static let maximumSize = 1024

    /// In lower case, each once.
    package let names: [String]

    /// Nothing comes back.
    package init() {
        names = []
    }

    /// What comes back under `names`, whose case is of no matter.
    ///
    /// - Throws: ``GatewayError`` for a name that is malformed, or that the transport or the gateway sets itself.
    package init(names given: [String]) throws(GatewayError) {
        var names: [String] = []
        for name in given {
            let name = name.lowercased()
            guard MetadataName.isWellFormed(name) else { throw GatewayError("\"\(name)\" is not a metadata name") }
            guard !MetadataName.isReservedInAnswers(name) else {
                throw GatewayError("\"\(name)\" cannot be exposed: HTTP or the gateway sets that header itself")
            }
            if !names.contains(name) { names.append(name) }
        }
        self.names = names
    }

    package var isEmpty: Bool { names.isEmpty }

    /// Calls `body` with each value of `metadata` that comes back, in order, as long as there is `room`, in bytes.
    ///
    /// Bytes come in padded base64, each value of a list by itself; what is malformed is left out, and
    /// what repeats `secret`.
    func forEach(
        in metadata: Metadata,
        without secret: AccessToken? = nil,
        room: inout Int,
        _ body: (_ name: String, _ value: String) -> Void
    ) {
        metadata.withFields { fields in
            for field in fields {
                guard let name = names.first(where: { field.isNamed($0) }) else { continue }
                for value in ExposedMetadata.values(of: field, isBinary: MetadataName.isBinary(name), without: secret)
                where !value.isEmpty {
                    // A line is the name, a colon, a space, the value and its end.
                    let length = name.utf8.count + value.utf8.count + 4
                    guard length <= room else { continue }
                    room -= length
                    body(name, value)
                }
            }
        }
    }

    private static func values(of field: Metadata.Field, isBinary: Bool, without secret: AccessToken?) -> [String] {
        guard isBinary else {
            guard MetadataName.isValue(field.value) else { return [] }
            let value = String(decoding: field.value, as: UTF8.self)
            return secret?.occurs(in: value) == true ? [] : [value]
        }
        var values: [String] = []
        BinaryMetadata.forEachValue(in: field.value) { value in
            if let bytes = BinaryMetadata.decode(value), secret.map({ bytes.withUnsafeBytes($0.occurs) }) != true {
                values.append(BinaryMetadata.encode(bytes, isPadded: true))
            }
        }
        return values
    }
}
