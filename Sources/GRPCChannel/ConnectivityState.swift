package import RPCCore

/// Whether calls can be made now (grpc/doc/connectivity-semantics-and-api.md).
package enum ConnectivityState: Hashable, Sendable {
    /// No call has asked for a connection yet.
    case idle
    /// Calls wait for the connection that is being made.
    case connecting
    case ready
    /// Connecting failed; calls fail at once until an attempt succeeds.
    ///
    /// The next attempt is at `retryAt`, or under way if that has passed.
    case transientFailure(retryAt: Deadline)
    case shutdown
}
