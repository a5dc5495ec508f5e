/// What a channel knows of one of its targets, for those who look at it from outside.
package struct UpstreamState: Hashable, Sendable {
    package struct Address: Hashable, Sendable {
        package let address: String
        package let state: ConnectivityState

        package init(address: String, state: ConnectivityState) {
            self.address = address
            self.state = state
        }
    }

    package let target: String
    package let state: ConnectivityState
    package let addresses: [Address]
    package let lastError: String?

    package init(target: String, state: ConnectivityState, addresses: [Address], lastError: String?) {
        self.target = target
        self.state = state
        self.addresses = addresses
        self.lastError = lastError
    }
}
