/// The gateway's own API key, kept for as long as it runs.
package struct APIKey: Hashable, Sendable {
    /// Most bytes of a key's id, which is a UUID at Viam.
    package static let maximumIDSize = 256
    /// Most bytes of the key itself.
    package static let maximumSecretSize = 1024

    let id: [UInt8]
    let secret: [UInt8]

    /// - Throws: ``GatewayError`` that names what is wrong, but shows neither.
    package init(id: [UInt8], secret: [UInt8]) throws(GatewayError) {
        guard id.withUnsafeBytes({ APIKey.isText($0, limit: APIKey.maximumIDSize) }) else {
            throw GatewayError("the id of the API key must be 1 to \(APIKey.maximumIDSize) bytes of text")
        }
        guard secret.withUnsafeBytes({ APIKey.isText($0, limit: APIKey.maximumSecretSize) }) else {
            throw GatewayError("the API key must be 1 to \(APIKey.maximumSecretSize) bytes of text")
        }
        self.id = id
        self.secret = secret
    }

    /// Whether `bytes` are 1 to `limit` of UTF-8 without control characters, as RFC 7617 (section 2) has it.
    static func isText(_ bytes: UnsafeRawBufferPointer, limit: Int) -> Bool {
        guard (1...limit).contains(bytes.count), bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return false }
        return bytes.allSatisfy { $0 < 0x80 } || String(validating: bytes, as: UTF8.self) != nil
    }
}

extension APIKey: CustomReflectable, CustomStringConvertible {
    package var description: String { "an API key" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
