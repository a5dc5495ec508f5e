package import RPCCore

/// How a call ended, and what is known about its fate.
package struct CallOutcome: Sendable {
    /// Who ended it.
    package enum Origin: Hashable, Sendable {
        /// The server: the status is its own.
        case upstream
        /// The server, or a proxy before it, refused the request by HTTP alone (4xx but 408).
        case httpRefusal
        /// The server, or a proxy before it, reset the stream (RST_STREAM) and did not say what became of the call.
        case reset
        /// An answer of HTTP without gRPC's status, such as a proxy's 502, which does not say it either.
        case httpAnswer
        /// No connection, or it was lost.
        case network
        /// The answer was larger than `maxResponseBytes`.
        case limit
        /// Too many calls wait already.
        case overload
        /// The deadline passed.
        case deadline(Phase)
        /// ``ClientCall/cancel()``, or the channel was closed.
        case cancelled
        /// The answer broke gRPC's or HTTP/2's rules.
        case malformedAnswer
        /// The request cannot be sent as it is: metadata that HTTP/2 forbids, or too much of it.
        case unsendable
    }

    /// What a call was waiting for when its time was up.
    package enum Phase: Hashable, Sendable, CaseIterable {
        /// A connection, in vain: no server can have seen the call.
        case connect
        /// Room on a connection, in vain: no server's application can have seen the call.
        case queue
        /// The answer.
        case upstream
        /// Its next attempt, or a connection for that, after one that may have run and has failed.
        ///
        /// Not ``connect`` or ``queue``, which promise that the call has had no effect.
        case retry
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
    /// Nanoseconds until the channel next tries to connect, 0 where it is doing so; or a guess at when the queue has room.
    ///
    /// Only where the call failed for want of a connection (``Origin/network``), before which no call will do better, or
    /// since too many calls wait (``Origin/overload``).
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

extension CallOutcome.Phase {
    /// Completes "the deadline passed while ...".
    var activity: StaticString {
        switch self {
        case .connect: "connecting to the upstream"
        case .queue: "waiting for a free stream to the upstream"
        case .upstream: "waiting for the upstream's answer"
        case .retry: "waiting to try again"
        }
    }
}
