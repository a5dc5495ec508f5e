package import RPCCore

/// How a call ended, and what is known about its fate.
package struct CallOutcome: Sendable {
    /// Who ended it.
    package enum Origin: Sendable {
        /// The server: the status is its own, or stands for an answer that was not gRPC's.
        case upstream
        /// No connection, or it was lost.
        case network
        /// The answer was larger than `maxResponseBytes`.
        case limit
        /// Too many calls wait already.
        case overload
        /// The deadline passed.
        case deadline
        /// ``ClientCall/cancel()``, or the channel was closed.
        case cancelled
        /// The answer broke gRPC's or HTTP/2's rules.
        case malformedAnswer
        /// The request cannot be sent as it is: metadata that HTTP/2 forbids, or too much of it.
        case unsendable
    }

    /// How far the call can have come; decides whether it may be sent again (gRFC A6).
    package enum Reach: Sendable {
        /// Not a byte of it left this process.
        case neverSent
        /// It reached the server, which said that its application has not seen it.
        case notProcessed
        /// The server's application may have acted on it.
        case mayHaveRun
    }

    package let status: Status
    /// Custom metadata of the trailers.
    package let trailers: Metadata
    package let origin: Origin
    package let reach: Reach
    /// Nanoseconds until the channel next tries to connect, 0 where it is doing so.
    ///
    /// Only where the call failed for want of a connection (``Origin/network``); before that no call will do better.
    package let retryAfter: UInt64?

    package init(
        status: Status,
        trailers: Metadata = Metadata(),
        origin: Origin,
        reach: Reach,
        retryAfter: UInt64? = nil
    ) {
        self.status = status
        self.trailers = trailers
        self.origin = origin
        self.reach = reach
        self.retryAfter = retryAfter
    }
}
