/// What channels of one thread have done so far, for whoever wants to watch them.
///
/// An object of its own, so that the counts go on where one channel takes the place of another. What serves a channel's
/// own ends, as watching health does, is not counted among the calls. Each access lasts for one store, so that those of
/// each call need no check at run time.
package final class ChannelStatistics {
    /// Streams opened for calls: more than calls, where some were made anew.
    package internal(set) var attempts: UInt64 = 0
    /// Calls made anew after a wait (``RetryPolicy``).
    package internal(set) var retries: UInt64 = 0
    /// Calls sent once more since no application can have seen them.
    package internal(set) var transparentRetries: UInt64 = 0
    /// Calls given up by ``ClientCall/cancel()``.
    package internal(set) var cancellations: UInt64 = 0
    /// Connections that came to HTTP/2's SETTINGS.
    package internal(set) var connections: UInt64 = 0
    /// Attempts to connect that failed.
    package internal(set) var failedConnections: UInt64 = 0
    /// Bytes of HTTP/2, before TLS.
    package internal(set) var sentBytes: UInt64 = 0
    package internal(set) var receivedBytes: UInt64 = 0

    package init() {}
}
