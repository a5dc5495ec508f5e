internal import Bytes
internal import Glibc
internal import RPCCore

/// How a client says who it is where it may have an API key of its own.
enum ClientCredential {
    /// A token that it has from elsewhere, and that goes along as it is.
    case bearer
    /// An API key; both parts are lent by the exchange or by ``init(_:scratch:)``'s scratch.
    case key(id: UnsafeRawBufferPointer, secret: UnsafeRawBufferPointer)

    /// Reads what a request has of `Authorization: Basic base64(id:key)` (RFC 7617), `X-Viam-Api-Key-Id` with
    /// `X-Viam-Api-Key`, and `Authorization: Bearer`.
    ///
    /// - Parameters:
    ///   - fields: what the request has.
    ///   - scratch: where the decoded key of `Basic` is put; wipe it when done, see ``ByteBuffer/wipe()``.
    /// - Throws: 401 where a credential is missing or malformed, 400 where two contradict each other.
    init(_ fields: CredentialFields, scratch: inout ByteBuffer) throws(RequestFailure) {
        let own = try ClientCredential.ownFields(fields)
        guard fields.authorization != nil else {
            guard let own else { throw .apiKeyMissing }
            self = .key(id: own.id, secret: own.secret)
            return
        }
        guard let encoded = fields.authorization(of: "basic") else {
            guard let token = fields.authorization(of: "bearer") else { throw .authorizationSchemeUnknown }
            guard !token.isEmpty else { throw .apiKeyMalformed("no token follows Bearer in Authorization") }
            guard own == nil else { throw .credentialsContradict }
            self = .bearer
            return
        }
        let basic = try ClientCredential.decode(encoded, into: &scratch)
        if let own {
            guard own.id.elementsEqual(basic.id), own.secret.elementsEqual(basic.secret) else {
                throw .credentialsContradict
            }
        }
        self = .key(id: basic.id, secret: basic.secret)
    }

    private typealias Pair = (id: UnsafeRawBufferPointer, secret: UnsafeRawBufferPointer)

    private static func ownFields(_ fields: CredentialFields) throws(RequestFailure) -> Pair? {
        switch (fields.keyID, fields.key) {
        case (nil, nil): return nil
        case (nil, .some): throw .apiKeyMalformed("X-Viam-Api-Key came without X-Viam-Api-Key-Id")
        case (.some, nil): throw .apiKeyMalformed("X-Viam-Api-Key-Id came without X-Viam-Api-Key")
        case (let id?, let secret?):
            guard isKey(id, secret) else {
                throw .apiKeyMalformed("X-Viam-Api-Key-Id and X-Viam-Api-Key are not an API key: \(limits)")
            }
            return (id, secret)
        }
    }

    /// Reads `base64(user-id ":" password)`; the id ends at the first colon (RFC 7617, section 2).
    private static func decode(
        _ encoded: UnsafeRawBufferPointer,
        into scratch: inout ByteBuffer
    ) throws(RequestFailure) -> Pair {
        guard var decoded = BinaryMetadata.decode(encoded) else {
            throw .apiKeyMalformed("what follows Basic in Authorization is not base64")
        }
        scratch.append(contentsOf: decoded)
        decoded.withUnsafeMutableBytes { bytes in
            if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) }
        }
        let text = scratch.bytes
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else {
            throw .apiKeyMalformed("what follows Basic in Authorization has no colon between the key's id and the key")
        }
        let id = UnsafeRawBufferPointer(rebasing: text[..<colon])
        let secret = UnsafeRawBufferPointer(rebasing: text[(colon + 1)...])
        guard isKey(id, secret) else {
            throw .apiKeyMalformed("what follows Basic in Authorization is not an API key: \(limits)")
        }
        return (id, secret)
    }

    private static func isKey(_ id: UnsafeRawBufferPointer, _ secret: UnsafeRawBufferPointer) -> Bool {
        APIKey.isText(id, limit: APIKey.maximumIDSize) && APIKey.isText(secret, limit: APIKey.maximumSecretSize)
    }

    private static var limits: String {
        "its id is 1 to \(APIKey.maximumIDSize) bytes of UTF-8, the key 1 to \(APIKey.maximumSecretSize)"
    }
}
