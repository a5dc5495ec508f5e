internal import RPCCore

/// How one of a channel's targets is doing, for people and for what depends on it.
package struct UpstreamState: Hashable, Sendable {
    /// One address of a target.
    package struct Address: Hashable, Sendable {
        /// HOST:PORT or a path.
        package let address: String
        package let state: ConnectivityState
        /// Why it gets no calls, or what is to be known although it does; nil where there is nothing to say.
        package let note: String?

        package init(address: String, state: ConnectivityState, note: String? = nil) {
            self.address = address
            self.state = state
            self.note = note
        }
    }

    /// The target as `--upstream` was given.
    package let target: String
    /// The best of its addresses' states; without addresses, that of the lookup.
    package let state: ConnectivityState
    package let addresses: [Address]
    /// Why the name could not be looked up, where there is no address.
    package let lookupError: String?

    package init(target: String, state: ConnectivityState, addresses: [Address], lookupError: String? = nil) {
        self.target = target
        self.state = state
        self.addresses = addresses
        self.lookupError = lookupError
    }
}

extension ConnectivityState {
    /// The state of a whole whose parts have `states` (grpc/doc/load-balancing.md, `round_robin`); failed without any.
    init(of states: some Sequence<ConnectivityState>) {
        var retryAt: Deadline?
        var isIdle = false
        var isConnecting = false
        for state in states {
            switch state {
            case .ready:
                self = .ready
                return
            case .connecting: isConnecting = true
            case .idle: isIdle = true
            case .transientFailure(let time): retryAt = min(retryAt ?? .never, time)
            case .shutdown: break
            }
        }
        if isConnecting {
            self = .connecting
        } else {
            self = isIdle ? .idle : .transientFailure(retryAt: retryAt ?? .never)
        }
    }
}
