import Crypto
import Foundation

/// Issues the access tokens of one run of the server, and tells them from all others.
///
/// JSON Web Tokens (RFC 7519), signed by HMAC with SHA-256 (RFC 7518, section 3.2) under a secret of the value's own:
/// another value, as a restart makes one, accepts none of them.
package struct AccessTokens: Sendable {
    /// The claims of RFC 7519, section 4.1; times in seconds since 1970.
    private struct Claims: Codable {
        /// The key id that signed in.
        var sub: String
        var iat: Int64
        /// Nil if it never expires.
        var exp: Int64?
        /// Random, so that no two tokens are the same.
        var jti: String
    }

    /// The header that every token has.
    ///
    /// One that says anything else, `"alg": "none"` above all, is never looked into.
    private static let header = Base64URL.encode(#"{"alg":"HS256","typ":"JWT"}"#.utf8)

    private let secret = SymmetricKey(size: .bits256)
    private let lifetime: Int
    private let now: @Sendable () -> UnixTime

    /// Makes a secret, for tokens that are good for `lifetime` seconds and up to one more; 0 is for ever.
    package init(lifetime: Int, now: @escaping @Sendable () -> UnixTime) {
        self.lifetime = lifetime
        self.now = now
    }

    /// Makes a token.
    package func issue(to keyID: String) throws -> String {
        let now = now().milliseconds
        let claims = Claims(
            sub: keyID,
            iat: now / 1000,
            // Rounded up, so that a token lives its whole life.
            exp: lifetime == 0 ? nil : (now + 999) / 1000 + Int64(lifetime),
            jti: UUID().uuidString
        )
        let signed = Self.header + "." + Base64URL.encode(try JSONEncoder().encode(claims))
        return signed + "." + Base64URL.encode(HMAC<SHA256>.authenticationCode(for: Array(signed.utf8), using: secret))
    }

    /// Checks the values of a call's `authorization` metadata, and answers the key id that the token was issued to.
    @discardableResult
    package func check(authorization values: some Sequence<String>) throws(TokenRefusal) -> String {
        var iterator = values.makeIterator()
        guard let value = iterator.next() else {
            throw .missing
        }
        let words = value.split(separator: " ")
        // Names of schemes know no case (RFC 9110, section 11.1).
        guard iterator.next() == nil, words.count == 2, words[0].lowercased() == "bearer" else {
            throw .malformed
        }
        return try check(String(words[1]))
    }

    /// Checks a token, and answers the key id that it was issued to.
    package func check(_ token: String) throws(TokenRefusal) -> String {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, Base64URL.decode(parts[0]) != nil, let payload = Base64URL.decode(parts[1]),
            let code = Base64URL.decode(parts[2])
        else {
            throw .malformed
        }
        let signed = Array((parts[0] + "." + parts[1]).utf8)
        guard parts[0] == Self.header,
            HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: signed, using: secret)
        else {
            throw .foreign
        }
        guard let claims = try? JSONDecoder().decode(Claims.self, from: Data(payload)) else {
            throw .malformed
        }
        if let expiry = claims.exp, now().milliseconds / 1000 >= expiry {
            throw .expired
        }
        return claims.sub
    }
}
