/// The secrets that the environment had when the gateway was started, where nobody else can see them any more.
///
/// They are kept as long as the gateway runs, since a reload may ask for them, and wiped afterwards.
final class EnvironmentSecrets {
    private(set) var apiKeyID: [UInt8]?
    private(set) var apiKey: [UInt8]?

    /// Takes them out of the environment, to be called before there are other threads.
    init() {
        apiKeyID = SecretInput.takeVariable("VIAM_API_KEY_ID")
        apiKey = SecretInput.takeVariable("VIAM_API_KEY")
    }

    deinit {
        SecretInput.wipe(&apiKeyID)
        SecretInput.wipe(&apiKey)
    }
}

extension EnvironmentSecrets: CustomReflectable, CustomStringConvertible {
    var description: String { "secrets" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
