/// Who may sign in, and for how long.
package struct SignIn: Sendable {
    package var keys: APIKeys
    /// For how many seconds an access token is good; 0 for ever.
    package var tokenLifetime: Int

    package init(keys: APIKeys, tokenLifetime: Int = SignIn.defaultTokenLifetime) {
        self.keys = keys
        self.tokenLifetime = tokenLifetime
    }

    /// An hour, in seconds.
    package static let defaultTokenLifetime = 3600
}
