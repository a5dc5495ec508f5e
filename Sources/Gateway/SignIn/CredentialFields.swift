/// The header fields of a request that say who calls, lent by its exchange.
struct CredentialFields {
    /// The value of `Authorization`.
    var authorization: UnsafeRawBufferPointer?
    /// The value of `X-Viam-Api-Key-Id`.
    var keyID: UnsafeRawBufferPointer?
    /// The value of `X-Viam-Api-Key`.
    var key: UnsafeRawBufferPointer?

    /// What follows the scheme in `Authorization`, nil if that names another one.
    ///
    ///     credentials = auth-scheme [ 1*SP ( token68 / #auth-param ) ]    (RFC 9110, section 11.4)
    func authorization(of scheme: StaticString) -> UnsafeRawBufferPointer? {
        guard let authorization else { return nil }
        let name = authorization.prefix { $0 != UInt8(ascii: " ") }
        guard MediaType.equals(name, scheme) else { return nil }
        return UnsafeRawBufferPointer(rebasing: authorization[name.endIndex...].drop { $0 == UInt8(ascii: " ") })
    }
}
